// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/run.h"
#include "unit/systemctl.h"

#define ASK_SECONDS 30     /* a bit longer than systemctl itself waits for D-Bus */
#define RELOAD_SECONDS 180 /* as long as systemctl gives systemd for it */

static const char *const paths[] = { "/usr/bin/systemctl", "/bin/systemctl", NULL };

bool systemctl_answers(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

/*
 * Without D-Bus only root may ask, but needs no capability for it. systemd
 * does nothing for a caller without capabilities.
 */
int systemctl(const char *const *arguments, char **ret, struct failure *f)
{
	bool acts = strcmp(arguments[0], "show") != 0 && strncmp(arguments[0], "list-", 5) != 0;
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
