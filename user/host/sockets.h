/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The TCP and UDP sockets of some cgroups that listen or have another end,
 * from sock_diag(7), in the caller's network namespace.
 *
 * A socket belongs to the cgroup of the process that made it. An accepted
 * socket belongs to its listener's cgroup.
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
	bool listening;      /* TCP; then it has no remote end */
	uint8_t local[16];   /* network order, IPv4 as v4-mapped */
	uint8_t remote[16];  /* network order, IPv4 as v4-mapped */
	uint16_t local_port; /* host order */
	uint16_t remote_port;
	uint32_t inode; /* 0, unless its cgroup is gone: then a process elsewhere has it open */
	uint8_t family; /* the next two are as the kernel gave them */
	struct inet_diag_sockid id;
};

struct open_sockets {
	struct open_socket *item;
	size_t n;
};

/*
 * Lists the sockets of the cgroups in OF, and of cgroups that are gone:
 * connected UDP, and TCP in any state from SYN-SENT on. Leaves out what has no
 * owner to end it (TIME-WAIT, half-open). 0, or a negative errno with the
 * sentence in F. Aborts if memory is out.
 */
int sockets_list(const struct cgroup_ids *of, struct open_sockets *ret, struct failure *f);
void sockets_free(struct open_sockets *l);

/*
 * Ends a connection (CAP_NET_ADMIN). The program gets ECONNABORTED; with TCP,
 * the other end gets a reset. 0, -ENOENT or -ESTALE (it is gone), -EPERM,
 * -EOPNOTSUPP (no CONFIG_INET_DIAG_DESTROY, or it is in TIME-WAIT by now).
 */
int socket_end(const struct open_socket *s);

/* Which sockets are listed, and where to. */
struct sockets_query {
	const struct cgroup_ids *of;
	struct open_sockets *list;
	uint8_t protocol;
	uint64_t last; /* the cgroup id that was looked up last: most sockets have the same as the one before */
	bool last_is_gone;
};

/*
 * Reads a datagram of the kernel's answer. PORTID is that of the request; 0:
 * any. 1: more is to come, 0: that was the last one, or a negative errno.
 */
int sockets_read(const void *messages, size_t length, uint32_t portid, struct sockets_query *q);

#endif
