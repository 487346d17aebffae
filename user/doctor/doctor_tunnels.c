// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tunnels of the kernel, whose packets no policy holds. Nobody can tell which service has made one. */
#include <string.h>

#include "base/cleanup.h"
#include "doctor/doctor.h"
#include "host/cgroup_procs.h"
#include "host/tunnels.h"

/* Is it a service that makes tunnels, by its unit's name or by a process of it? */
static bool makes_tunnels(const struct patient *p)
{
	static const char *const units[] = { "wg-quick@", "openvpn" };
	_cleanup_(process_names_free) struct process_names names = { 0 };
	_cleanup_(cgroup_ids_free) struct cgroup_ids of = { 0 };
	const struct cgroup_ids none = { 0 };
	struct failure ignored = { "" };

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strncmp(p->name, units[i], strlen(units[i])) == 0)
			return true;
	if (p->cgroup_id && !cgroup_ids_below(p->cgroup_id, &none, &of, &ignored))
		cgroup_process_names(&of, &names);
	for (size_t i = 0; i < names.n; i++)
		if (strcmp(names.item[i].comm, "openvpn") == 0)
			return true;
	return false;
}

static void examine(struct doctor *d, const struct tunnel *t, bool makes)
{
	const char *fixed = strcmp(t->kind, "wireguard") == 0 ? "" : "the tunnel's own local SOURCE, or ";

	if (makes)
		doctor_finding(d, CHECK_NETWORK,
			       "device %s is a tunnel of the kernel (%s), whose packets no policy holds", t->device,
			       t->kind);
	else
		doctor_note_once(d, CHECK_NETWORK,
				 "device %s is a tunnel of the kernel (%s), whose packets no policy holds: if the "
				 "service has made it, they leave from where the kernel chooses",
				 t->device, t->kind);
	doctor_advise(d, "the kernel sends them by a socket of its own, which is in no service",
		      "%sip route replace OTHER-END via ROUTER dev DEVICE src SOURCE", fixed);
}

void doctor_examine_tunnels(struct doctor *d, const struct patient *p, const struct networks *n)
{
	bool makes = makes_tunnels(p);

	for (size_t i = 0; i < n->n; i++) {
		_cleanup_(tunnels_free) struct tunnels t = { 0 };
		struct failure f = { "" };
		int back;

		if (network_enter(&n->item[i], &back, &f))
			continue; /* said of the sources already */
		if (tunnels_list(&t, &f))
			doctor_unknown(d, CHECK_NETWORK, "%s", f.text);
		for (size_t k = 0; k < t.n; k++)
			examine(d, &t.item[k], makes);
		network_leave(back);
	}
}
