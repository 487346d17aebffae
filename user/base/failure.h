/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Why an operation failed, as the one sentence that the user will read. A
 * function that takes a struct failure returns a negative errno after fail();
 * it prints nothing, and its caller passes the pair up unchanged.
 */
#ifndef SRCPIN_FAILURE_H
#define SRCPIN_FAILURE_H

struct failure {
	char text[2048]; /* operation, object, reason, remedy; no newline */
};

/* Formats the sentence; returns CODE, which is a negative errno. */
int fail(struct failure *f, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
