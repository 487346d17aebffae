/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ways in which a program makes a packet. Each is a function that a child
 * process runs, once outside the pinned cgroup and once inside.
 */
#ifndef WAYS_H
#define WAYS_H

#include <netinet/in.h>
#include <stddef.h>

#define EXPLICIT 1 /* a local port of the program's own choosing */

/* What is done to the socket, or with it. */
#define V6ONLY (1U << 0)
#define NONBLOCK (1U << 1)
#define NO_PORT (1U << 2)        /* IP_BIND_ADDRESS_NO_PORT */
#define FREEBIND (1U << 3)       /* IPV6_FREEBIND */
#define TRANSPARENT (1U << 4)    /* IPV6_TRANSPARENT */
#define PKTINFO (1U << 5)        /* IPV6_PKTINFO with SHARED, in the message */
#define STICKY_PKTINFO (1U << 6) /* the same, as a socket option */
#define MADE_OUTSIDE (1U << 7)   /* the socket is older than the process's stay in the cgroup */
#define FASTOPEN_CONNECT (1U << 8)
#define MPTCP (1U << 9)
#define UDPLITE (1U << 10)
#define REUSEPORT (1U << 11)
#define TO_DEVICE (1U << 12) /* SO_BINDTODEVICE */
#define DSTOPTS (1U << 13)   /* IPV6_DSTOPTS, as a socket option */
#define HOPOPTS (1U << 14)   /* IPV6_HOPOPTS, likewise */
#define ROUTED (1U << 15)    /* a source route to DEST through VIA: IPV6_RTHDR, IP_OPTIONS */

/* older headers lack them */
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE 136
#endif

struct call {
	const char *dest;
	in_port_t port;
	const char *first;    /* an earlier destination of the same socket */
	in_port_t first_port; /* 0: PORT */
	const char *local;    /* bind to this; NULL: do not */
	in_port_t local_port;
	const char *loses; /* an address of ours that goes once the socket is bound */
	const char *via;   /* the first hop of a source route */
	const char *from;  /* what a hand-made packet says that it comes from */
	unsigned int options;
	unsigned int patience; /* ms in which a connection comes about, or is given up; 0: as many as it takes */

	/* made before the process joined the cgroup, so never pinned */
	int peer_tcp;
	int peer_udp;
	int peer_mptcp;
	int outside_tcp;
	int outside_udp;

	int runner; /* who asked: see meet() */

	char say[512]; /* what the child itself saw; empty: ask the peer */
};

/* A child's exit status: this kernel has no such sockets. */
#define EXIT_NOT_HERE 77

/* 0, or the errno of the call that failed */
typedef int (*way)(struct call *c);

/* ways.c: this side opens */
int tcp(struct call *c);       /* bind, connect */
int tcp_again(struct call *c); /* FIRST refuses, then connect to DEST with the same socket */
int tcp_fastopen(struct call *c);
int mptcp_second(struct call *c);    /* ways_mptcp.c: from where the first subflow leaves, and the second */
int udp_connect(struct call *c);     /* bind, connect, send */
int udp_again(struct call *c);       /* connect to FIRST, then to DEST, send */
int udp_bound_again(struct call *c); /* bind to LOCAL first */
int udp_unspec(struct call *c);      /* the same, with AF_UNSPEC between */
int udp_sendto(struct call *c);
int udp_sendmsg(struct call *c);
int udp_sendmmsg(struct call *c);
int udp_connect_sendto(struct call *c);  /* connect to FIRST, then sendto DEST */
int udp_sendto_connect(struct call *c);  /* sendto DEST, then connect there; only the connect counts */
int udp_connect_sendmsg(struct call *c); /* connect to DEST, then sendmsg without a destination */
int getaddrinfo_order(struct call *c);   /* DEST is a name */

/* ways_serve.c: this side serves, the peer opens */
int bound_at(struct call *c); /* bind and say to what */
int udp_bound_at(struct call *c);
int tcp_serve(struct call *c);   /* listen at LOCAL, accept from the peer, which connects to DEST */
int udp_serve(struct call *c);   /* bind to LOCAL, answer the peer, which sends to DEST, by sendto */
int tcp_to_self(struct call *c); /* a listener of our own at LOCAL, reached as DEST */
int udp_to_self(struct call *c);
int unix_socket(struct call *c);

/* ways_header.c: the socket options DSTOPTS, HOPOPTS, ROUTED, and a source route as the kernel takes it, of the size
 * that is returned */
#define ROUTE_MAX 40
size_t source_route(const char *via, unsigned char room[ROUTE_MAX]);
void set_headers(struct call *c, int fd, int family);

/* shared by all */
int make_socket(struct call *c, int type);
int bind_local(struct call *c, int fd);
int send_message(struct call *c, int fd, const char *dest, unsigned int n); /* DEST may be NULL: it is connected */
int connect_to(int fd, const char *dest, in_port_t port, unsigned int options);

#endif
