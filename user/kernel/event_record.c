// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "kernel/event_record.h"

/* The kernel pads records to align the next one. Its own records of losses are not counted. */
bool event_record_read(const struct perf_event_header *header, struct srcpin_event *ret)
{
	const struct {
		struct perf_event_header header;
		__u32 size;
		char data[];
	} *sample = (const void *)header;

	if (header->type != PERF_RECORD_SAMPLE || header->size < sizeof(*sample) + sizeof(*ret) ||
	    sample->size < sizeof(*ret) || sample->size >= sizeof(*ret) + sizeof(__u64))
		return false;
	memcpy(ret, sample->data, sizeof(*ret));
	return ret->reason < SRCPIN_N_REASONS && ret->hook <= SRCPIN_PACKET;
}
