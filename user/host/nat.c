// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Asks for the rules. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/privilege.h"
#include "base/run.h"
#include "host/nat.h"

enum { SECONDS = 10 };

static int list(const char *const *argv, char **ret, struct failure *f)
{
	static const char *const paths[] = { "/usr/sbin/nft", "/sbin/nft", NULL };
	int status, err = run_program(&(const struct program){ .paths = paths,
							       .argv = argv,
							       .keep = CAPABILITY(CAP_NET_ADMIN),
							       .seconds = SECONDS },
				      ret, &status, f);

	if (err)
		return err;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		free(*ret);
		*ret = NULL;
		return fail(f, -EIO, "nft -j list ruleset fails");
	}
	return 0;
}

int nat_list(char **ret, struct failure *f)
{
	static const char *const all[] = { "-j", "list", "ruleset", NULL };
	static const char *const terse[] = { "-j", "-t", "list", "ruleset", NULL };
	int err = list(all, ret, f);

	if (err == -EFBIG)
		err = list(terse, ret, f);
	if (err == -ENOENT || err == -ENOTDIR) {
		*ret = NULL;
		return 0;
	}
	return err;
}

bool nat_is_legacy(void)
{
	static const char *const names[] = { "/proc/self/net/ip_tables_names", "/proc/self/net/ip6_tables_names" };
	char line[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		_cleanup_fclose_ FILE *in = fopen(names[i], "re");

		while (in && fgets(line, sizeof(line), in))
			if (!strcmp(line, "nat\n"))
				return true;
	}
	return false;
}
