/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The TCP and UDP sockets of some cgroups that have another end or listen, as
 * sock_diag(7) tells them; in the network namespace of the caller.
 *
 * A socket's cgroup is that of the process that made it, an accepted one's
 * that of its listener.
 */
#ifndef SRCPIN_SOCKETS_H
#define SRCPIN_SOCKETS_H

#include <linux/inet_diag.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "host/cgroup_ids.h"

struct open_socket {
	uint8_t protocol;    /* IPPROTO_TCP, IPPROTO_UDP */
	bool listening;      /* TCP; it has no remote end then */
	uint8_t local[16];   /* network order, IPv4 as v4-mapped */
	uint8_t remote[16];  /* likewise */
	uint16_t local_port; /* host order */
	uint16_t remote_port;
	uint32_t inode; /* if its cgroup is gone: a process that has it open is elsewhere by now; else 0 */
	uint8_t family; /* the next two are the kernel's own words for it */
	struct inet_diag_sockid id;
};

struct open_sockets {
	struct open_socket *item;
	size_t n;
};

/*
 * Those of the cgroups in OF, and of cgroups that are gone: TCP in any state from SYN-SENT on, but without
 * what has no owner to end (TIME-WAIT, half-open), and connected UDP. 0, or a
 * negative errno with the sentence in F. Aborts if memory is out.
 */
int sockets_list(const struct cgroup_ids *of, struct open_sockets *ret, struct failure *f);
void sockets_free(struct open_sockets *l);

/*
 * Ends a connection (CAP_NET_ADMIN): the program gets ECONNABORTED, the other
 * end of TCP a reset. 0, -ENOENT or -ESTALE (gone meanwhile), -EPERM,
 * -EOPNOTSUPP (no CONFIG_INET_DIAG_DESTROY, or it is in TIME-WAIT by now).
 */
int socket_end(const struct open_socket *s);

/* What is listed, and into what. */
struct sockets_query {
	const struct cgroup_ids *of;
	struct open_sockets *list;
	uint8_t protocol;
	uint64_t last; /* the id of a cgroup that was looked for: most have the same as the one before */
	bool last_is_gone;
};

/*
 * A datagram of the kernel's answer. PORTID is that of the request; 0: any. 1: more is to come, 0: that was the last
 * one, or a negative errno.
 */
int sockets_read(const void *messages, size_t length, uint32_t portid, struct sockets_query *q);

#endif
