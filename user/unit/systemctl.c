// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/run.h"
#include "unit/systemctl.h"

#define ASK_SECONDS 30     /* a bit more than what systemctl itself waits for D-Bus */
#define RELOAD_SECONDS 180 /* as much as systemctl gives systemd for it */

static const char *const paths[] = { "/usr/bin/systemctl", "/bin/systemctl", NULL };

bool systemctl_answers(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

/* To ask, it takes to be root where there is no D-Bus, but no capability; systemd does nothing for one who has none. */
int systemctl(const char *const *arguments, char **ret, struct failure *f)
{
	bool acts = strcmp(arguments[0], "daemon-reload") == 0;
	const struct program p = {
		.paths = paths,
		.argv = arguments,
		.keep = acts ? ALL_CAPABILITIES : 0,
		.seconds = acts ? RELOAD_SECONDS : ASK_SECONDS,
		.errors = true,
	};
	_cleanup_free_ char *said = NULL;
	int status;

	if (!systemctl_answers())
		return fail(f, -EIO, "cannot ask systemd: it does not run this host");
	if (run_program(&p, &said, &status, f))
		return -EIO;
	if (status) {
		said[strcspn(said, "\n")] = '\0';
		return fail(f, -EIO, "systemctl %s failed: %s", arguments[0], *said ? said : "it does not say why");
	}
	*ret = steal_string(&said);
	return 0;
}
