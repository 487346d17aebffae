// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/quote.h"
#include "host/cgroup.h"
#include "unit/systemctl.h"
#include "unit/unit.h"
#include "unit/unit_start.h"

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

/* Not one of a user: user@1000.service has slices, too. */
bool unit_start_is_slice(const char *cgroup)
{
	return ends_with(cgroup_name(cgroup), ".slice") && !strstr(cgroup, ".service/");
}

bool unit_start_installs(const char *cgroup)
{
	_cleanup_(unit_free) struct unit u = { 0 };
	const char *name = cgroup_name(cgroup);
	struct failure ignored = { "" };

	if (unit_start_is_slice(cgroup))
		return strcmp(name, "system.slice") != 0;
	/* below a service there are no units of the system: user@1000.service has those of the user */
	if (!ends_with(name, ".service") || strstr(cgroup, ".service/"))
		return false;
	if (unit_refuse_name(name, &ignored))
		return false;
	return !systemctl_answers() || !unit_find(name, &u, &ignored);
}

/* Do others run in that cgroup, which are not of the service? Then it is not to be pinned for one of them. */
static bool is_shared(const char *cgroup)
{
	static const char *const of_all[] = { "", "/system.slice", "/machine.slice", "/user.slice", "/docker" };

	for (size_t i = 0; i < sizeof(of_all) / sizeof(*of_all); i++)
		if (strcmp(cgroup, of_all[i]) == 0)
			return true;
	return strncmp(cgroup, "/user.slice/", strlen("/user.slice/")) == 0;
}

char *unit_start_advice(const char *cgroup)
{
	_cleanup_free_ char *above = xstrdup(cgroup), *word = NULL;
	char *slash = strrchr(above, '/');

	if (unit_start_installs(cgroup)) {
		word = quote_word(cgroup_name(cgroup));
		return xasprintf("srcpin install --unit %s", word);
	}
	if (slash)
		*slash = '\0';
	if (slash && !is_shared(above)) {
		bool slice = unit_start_is_slice(above);

		word = quote_word(slice ? cgroup_name(above) : above);
		return xasprintf("pin the cgroup above it, which stays, with all that runs in there: a section [%s], "
				 "and srcpin %s %s",
				 cgroup_name(above), slice ? "install --unit" : "load --cgroup", word);
	}
	if (ends_with(cgroup, ".scope"))
		return xstrdup(
			"start it in a slice of its own, which stays (docker run --cgroup-parent NAME.slice), and "
			"pin that: a section [NAME.slice], and srcpin install --unit NAME.slice");
	word = quote_word(cgroup);
	return xasprintf("srcpin load --cgroup %s, by what starts it", word);
}
