/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads the decision out of a record in a perf buffer (perf_event_open(2)). */
#ifndef SRCPIN_EVENT_RECORD_H
#define SRCPIN_EVENT_RECORD_H

#include <linux/perf_event.h>
#include <stdbool.h>

#include "srcpin/event.h"

/* HEADER begins a record of HEADER->size bytes. False: there is no decision in it, or none that this build knows. */
bool event_record_read(const struct perf_event_header *header, struct srcpin_event *ret);

#endif
