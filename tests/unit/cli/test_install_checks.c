// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which commands of a unit would leave the cgroup that is pinned, so that install refuses them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/install_checks.h"

#include <cmocka.h> /* has a macro fail(): after ours */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

#define PODMAN "podman run would move the container to a cgroup of its own"
#define CREATED "has the container where it was created for"
#define DOCKER "docker only asks its daemon"

static const struct row {
	const char *command;
	const char *says; /* a part of the sentence; NULL: it is taken */
} rows[] = {
	{ "/usr/bin/podman run mail", PODMAN },
	{ "/usr/bin/podman run --cgroups=split mail", NULL },
	{ "/usr/bin/podman run --cgroups disabled mail", NULL },
	{ "/usr/bin/podman run --cgroups=enabled --cgroups=split mail", NULL },
	{ "/usr/bin/podman run --cgroups=split --cgroups=enabled mail", PODMAN },
	{ "/usr/bin/podman run --cgroups=split --cgroups no-conmon mail", PODMAN },
	{ "/usr/bin/podman run --cgroups=split --cgroups-x=enabled mail", NULL },
	{ "/usr/bin/podman run mail --cgroups", PODMAN },
	{ "/usr/bin/podman run --cgroups=split mail start", NULL },
	{ "/usr/bin/podman start -a mail", "podman start " CREATED },
	{ "/usr/bin/podman restart mail", "podman restart " CREATED },
	{ "/usr/bin/podman exec mail exim", "podman exec " CREATED },
	{ "/usr/bin/podman pod start mail", "podman start " CREATED },
	{ "/usr/bin/podman kube play mail.yml", "podman play " CREATED },
	{ "/usr/bin/podman play kube mail.yml", "podman play " CREATED },
	{ "/usr/bin/podman compose up", "podman up " CREATED },
	{ "/usr/bin/podman pull mail", NULL },
	{ "/usr/bin/docker run --cgroup-parent=a.slice --cgroup-parent b.slice mail",
	  "(srcpin install --unit b.slice)" },
	{ "/usr/bin/docker run mail", DOCKER },
	{ "/usr/bin/docker run --cgroup-parent /mail mail", "(srcpin load --cgroup /mail)" },
	{ "/usr/bin/docker exec mail exim", DOCKER },
	{ "/usr/bin/docker compose up", DOCKER },
	{ "/usr/bin/docker-compose up", "docker-compose only asks" },
	{ "/usr/bin/nerdctl run mail", "nerdctl only asks" },
	{ "/usr/bin/docker pull mail", NULL },
};

/* The second command of its unit. */
static void judges(void **state)
{
	const struct row *row = *state;
	struct failure f = { 0 };
	struct unit u = { 0 };
	int err;

	for (size_t i = 0; i < N_UNIT_PROPERTIES; i++)
		u.is[i] = xstrdup("");
	free(u.is[UNIT_ID]);
	free(u.is[UNIT_EXEC_START]);
	u.is[UNIT_ID] = xstrdup("tiny.service");
	u.is[UNIT_EXEC_START] = xasprintf("{ path=/bin/true ; argv[]=/bin/true ; ignore_errors=no ; pid=0 }\n"
					  "{ path=x ; argv[]=%s ; ignore_errors=no ; pid=0 }",
					  row->command);
	err = install_check_place(&u, &f);
	assert_int_equal(err, row->says ? -EINVAL : 0);
	if (row->says)
		assert_non_null(strstr(f.text, row->says));
	unit_free(&u);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows)];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		tests[i] = (struct CMUnitTest){ rows[i].command, judges, NULL, NULL, (void *)&rows[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
