/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Messages for people, on stderr: one line each. If stderr is the journal, the
 * line carries its severity (sd-daemon(3)). Only commands call this, and the
 * code that waits for a lock.
 */
#ifndef SRCPIN_LOG_H
#define SRCPIN_LOG_H

#include <stdbool.h>

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* An error at a place in a file: without our name in front, as compilers print it. */
void log_diagnostic(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Is FD connected to the journal? */
bool log_is_journal(int fd);

#endif
