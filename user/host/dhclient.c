// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host/dhclient.h"
#include "host/processes.h"

static bool is_roots_and_here(long pid)
{
	struct stat its, ours;
	char network[64];

	snprintf(network, sizeof(network), "/proc/%ld/ns/net", pid);
	return process_is_roots(pid) && !stat(network, &its) && !stat("/proc/self/ns/net", &ours) &&
	       its.st_ino == ours.st_ino && its.st_dev == ours.st_dev;
}

/* dhclient names its devices last. */
static bool has_words(long pid, const char *device)
{
	char words[4096];
	size_t n = process_file(pid, "cmdline", words, sizeof(words));
	bool ipv6 = false, named = false;

	for (const char *w = words; w < words + n; w += strlen(w) + 1) {
		ipv6 |= !strcmp(w, "-6");
		named |= !strcmp(w, device);
	}
	return ipv6 && named;
}

long dhclient_on(const char *device)
{
	_cleanup_closedir_ DIR *all = opendir("/proc");
	const struct dirent *e;

	while (all && (e = readdir(all))) {
		long pid = strtol(e->d_name, NULL, 10);
		char name[64];

		if (pid > 0 && process_file(pid, "comm", name, sizeof(name)) && !strcmp(name, "dhclient\n") &&
		    is_roots_and_here(pid) && has_words(pid, device))
			return pid;
	}
	return 0;
}
