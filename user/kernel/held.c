// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <sys/stat.h>

#include "kernel/bpffs.h"
#include "kernel/held.h"
#include "kernel/store.h"

enum { TRIES = 100 }; /* a try takes microseconds, an exchange of the maps milliseconds */

ino_t held_folder(void)
{
	struct stat st;

	return stat(MAPS_FOLDER, &st) ? 0 : st.st_ino;
}

bool held_is_current(const struct held *h)
{
	return h->folder == held_folder();
}

void held_close(struct held *h)
{
	objects_close(&h->objects);
}

/* As held_open(); or -EAGAIN if the maps were being exchanged. */
static int open_once(struct held *h, struct failure *f)
{
	int err, any;

	h->folder = held_folder();
	err = objects_open_held(&h->objects, f);
	if (!err)
		return held_is_current(h) ? 1 : -EAGAIN;
	if (err != -ENOENT)
		return err;
	/* not all maps are there: so there is no service, unless the maps have just come */
	any = service_any(f);
	return any > 0 ? -EAGAIN : any;
}

int held_open(struct held *ret, struct failure *f)
{
	int r;

	objects_init(&ret->objects);
	ret->folder = 0;
	r = bpffs_look(f);
	if (r)
		return r == -ENOENT ? 0 : r;
	for (int i = 0; i < TRIES; i++) {
		r = open_once(ret, f);
		if (r != -EAGAIN)
			return r;
		held_close(ret);
	}
	r = objects_open_held(&ret->objects, f); /* the maps are missing for good: F says so */
	return r ? r : 1;
}
