// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "host/devices.h"
#include "host/tunnels.h"

static const char *const kinds[] = {
	"wireguard", "vxlan",     "geneve", "gre",  "gretap",   "ip6gre", "ip6gretap",
	"erspan",    "ip6erspan", "ipip",   "sit",  "ip6tnl",   "vti",    "vti6",
	"l2tp",      "fou",       "gtp",    "ovpn", "ovpn-dco", "amt",    "bareudp",
};

static bool is_tunnel(const struct device *d)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(d->kind, kinds[i]) == 0)
			return true;
	return false;
}

int tunnels_list(struct tunnels *ret, struct failure *f)
{
	_cleanup_(devices_free) struct devices all = { 0 };
	int err = devices_list(&all);

	*ret = (struct tunnels){ 0 };
	for (size_t i = 0; i < all.n; i++) {
		struct tunnel one;

		if (!all.item[i].is_up || !is_tunnel(&all.item[i]))
			continue;
		memcpy(one.device, all.item[i].name, sizeof(one.device));
		memcpy(one.kind, all.item[i].kind, sizeof(one.kind));
		ADD_ELEMENT(ret->item, ret->n, one);
	}
	return err ? fail(f, err, "cannot ask the kernel for its devices (rtnetlink): %s", strerror(-err)) : 0;
}

void tunnels_free(struct tunnels *t)
{
	free(t->item);
	*t = (struct tunnels){ 0 };
}
