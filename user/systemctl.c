// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "run.h"
#include "systemctl.h"

#define MAX_ARGUMENTS 16

bool systemctl_answers(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

int systemctl(const char *const *arguments, char **ret, struct failure *f)
{
	const char *argv[MAX_ARGUMENTS + 2] = { "systemctl" };
	_cleanup_free_ char *said = NULL;
	int status, err;

	for (size_t i = 0; i < MAX_ARGUMENTS && arguments[i]; i++)
		argv[i + 1] = arguments[i];
	if (!systemctl_answers())
		return fail(f, -EIO, "cannot ask systemd: it does not run this host");
	err = run_program(argv, true, &said, &status, f);
	if (err)
		return err;
	if (status) {
		said[strcspn(said, "\n")] = '\0';
		return fail(f, -EIO, "systemctl %s failed: %s", arguments[0], *said ? said : "it does not say why");
	}
	*ret = steal_string(&said);
	return 0;
}
