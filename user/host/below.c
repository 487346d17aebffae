// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "host/below.h"
#include "host/devices.h"

static const struct device *find(const struct devices *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (!strcmp(all->item[i].name, name))
			return &all->item[i];
	return NULL;
}

static bool is_one_of(const char *kind, const char *const *kinds)
{
	for (; *kinds; kinds++)
		if (!strcmp(kind, *kinds))
			return true;
	return false;
}

/* A tunnel has a link, too, and a VRF members; but what it sends is another packet, or is not sent by these. */
static bool sends_by(const struct device *d, const struct device *other)
{
	static const char *const of_members[] = { "bridge", "bond", "team", NULL };
	static const char *const of_link[] = { "vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "dsa", NULL };

	return (other->master == d->index && is_one_of(d->kind, of_members)) ||
	       (other->index == d->link && !d->link_is_elsewhere && is_one_of(d->kind, of_link));
}

static bool is_known(const struct below *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->device[i], name))
			return true;
	return false;
}

static void add(struct below *b, const char *name)
{
	b->device = xreallocarray(b->device, b->n + 1, sizeof(*b->device));
	snprintf(b->device[b->n++], IFNAMSIZ, "%s", name);
}

void below_find(const char *device, struct below *ret)
{
	struct devices all;
	const struct device *d;

	*ret = (struct below){ 0 };
	devices_list(&all);
	d = find(&all, device);
	for (size_t next = 0; d; d = next < ret->n ? find(&all, ret->device[next++]) : NULL) {
		ret->has_bridge |= !strcmp(d->kind, "bridge");
		for (size_t i = 0; i < all.n; i++)
			if (sends_by(d, &all.item[i]) && strcmp(all.item[i].name, device) != 0 &&
			    !is_known(ret, all.item[i].name))
				add(ret, all.item[i].name);
	}
	devices_free(&all);
}
