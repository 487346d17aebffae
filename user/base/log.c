// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <syslog.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"

/* $JOURNAL_STREAM names the device and inode of the stream that systemd connected (systemd.exec(5)). */
bool log_is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(fd, &st) == 0 &&
	       st.st_dev == device && st.st_ino == inode;
}

static void say(int severity, const char *prefix, const char *format, va_list args)
{
	_cleanup_free_ char *text = NULL;

	text = xvasprintf(format, args);
	if (log_is_journal(STDERR_FILENO))
		fprintf(stderr, "<%d>%s\n", severity, text_clean(text));
	else
		fprintf(stderr, "%s%s\n", prefix, text_clean(text));
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_ERR, "srcpin: ", format, args);
	va_end(args);
}

void log_diagnostic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_ERR, "", format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_INFO, "srcpin: ", format, args);
	va_end(args);
}

void log_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_WARNING, "srcpin: warning: ", format, args);
	va_end(args);
}
