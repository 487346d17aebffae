/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* More ways, beside those of ways.h. Only the wire tells their outcome (out.h). */
#ifndef WAYS_OUT_H
#define WAYS_OUT_H

#include <stddef.h>

#include "ways/ways.h"

/* What a way says where this kernel has no such thing; no errno */
#define NOT_HERE (-2)

/* Waits until whoever runs the row has done what it says about the middle of it. What left before does not count. */
void meet(struct call *c);

/* ways_stream.c */
int tcp_meet_connect(struct call *c); /* bind, meet, connect */
int tcp_connect_meet(struct call *c); /* connect, meet, send */
int tcp_retried(struct call *c);      /* connect, meet, wait until it has been tried again */
int tcp_repaired(struct call *c);     /* TCP_REPAIR: a connection that nobody opened */
int tcp_deferred(struct call *c);     /* TCP_FASTOPEN_CONNECT with a cookie: connect, meet, send, which opens */
int mptcp_later(struct call *c);      /* connect, then whatever subflows the kernel adds */
int mptcp_accepted(struct call *c);   /* the peer connects, meet, then likewise */

/* ways_datagram.c */
int udp_connect_meet(struct call *c); /* connect, meet, send */
int udp_connect_meet_sendto(struct call *c);
int udp_connect_meet_connect(struct call *c);
int udp_meet_send(struct call *c);    /* bind, meet, sendto */
int udp_more(struct call *c);         /* sendto with MSG_MORE, meet, sendto */
int udp_connect_more(struct call *c); /* connect first */
int udp_corked(struct call *c);       /* UDP_CORK, sendto, meet, UDP_CORK off */
int udp_gso(struct call *c);          /* UDP_SEGMENT, as a socket option */
int udp_gso_message(struct call *c);  /* in the message */
int udp_big(struct call *c);          /* more than one packet carries */
int udp_sendfile(struct call *c);
int udp_splice(struct call *c);
int udp_inet_sendto(struct call *c); /* an AF_INET address given to an AF_INET6 socket */
int udp_inet_connect(struct call *c);
int udp_addrform(struct call *c);         /* v4-mapped, made an AF_INET socket by IPV6_ADDRFORM */
int udp_no_family_sendto(struct call *c); /* an IPv4 address of family AF_UNSPEC */
int udp_no_family_connected(struct call *c);
int udp_broadcast(struct call *c);
int udp_routed_message(struct call *c); /* a source route through VIA, in the message */

/* ways_uring.c: io_uring */
int uring_connect(struct call *c);
int uring_socket_connect(struct call *c); /* the ring makes the socket too */
int uring_polled_connect(struct call *c); /* likewise, by a thread of the kernel's (SQPOLL) */
int uring_async_connect(struct call *c);  /* likewise, by a worker of the kernel's (IOSQE_ASYNC) */
int uring_sendmsg(struct call *c);
int uring_polled_sendmsg(struct call *c);

/* ways_raw.c: the kernel makes the IP header */
int raw_sendto(struct call *c);
int raw_connect(struct call *c);
int raw_sendmsg(struct call *c); /* with PKTINFO */
int raw_echo(struct call *c);
int raw_tunnel(struct call *c); /* IPv6 in the next header's place */
int ping_sendto(struct call *c);
int ping_connect(struct call *c);
int sctp_connect(struct call *c);
int sctp_send(struct call *c);
int dccp_connect(struct call *c);

/* ways_device.c: a UDP datagram made by hand, */
int packet_socket(struct call *c); /* given to the device (AF_PACKET) */
int tun_device(struct call *c);    /* forwarded by this host, which takes it for somebody else's */
int tunnel_device(struct call *c); /* a VXLAN from LOCAL to DEST, called "tunnel", and a datagram to its other end */

/* ways_hand.c: the program makes the IP header; its source is FROM */
#define HAND_MAX 256
size_t hand_made_udp(const struct call *c, unsigned char room[HAND_MAX]); /* its size */
int hand_syn(struct call *c);
int hand_syn_ecn(struct call *c);
int hand_ack(struct call *c);
int hand_syn_ack(struct call *c);
int hand_udp(struct call *c);
int hand_esp(struct call *c);
int hand_echo(struct call *c);
int hand_redirect(struct call *c);     /* of neighbour discovery, to far away */
int hand_solicitation(struct call *c); /* likewise */
int hand_other_family(struct call *c); /* IPv4 in IPv6's place */
int hand_short(struct call *c);        /* ends in the middle of the TCP header */
int hand_bare(struct call *c);         /* an IP header that promises TCP, and nothing behind it */
int hand_version(struct call *c);
int hand_fragment(struct call *c); /* the first of a TCP SYN */
int hand_later_fragment(struct call *c);
int hand_tiny_fragment(struct call *c); /* the first, too small for the TCP flags */
int hand_options_syn(struct call *c);   /* NOP; hop-by-hop options */
int hand_dest_options_syn(struct call *c);
int hand_many_headers_syn(struct call *c);
int hand_deep_syn(struct call *c);        /* more than anybody walks */
int hand_atomic_fragment(struct call *c); /* a fragment that is all there is */
int hand_ah_syn(struct call *c);
int hand_routed_syn(struct call *c); /* through VIA */
int hand_routed_udp(struct call *c);

/* ways_process.c: who the sender is */
int moved_out_old_tcp(struct call *c); /* a socket made inside, used after the process has left the cgroup */
int moved_out_old_udp(struct call *c);
int moved_out_new_tcp(struct call *c);
int moved_out_new_udp(struct call *c);
int moved_in_old_tcp(struct call *c); /* made before the process came into the cgroup */
int moved_in_old_udp(struct call *c);
int moved_in_new_tcp(struct call *c);
int moved_in_new_udp(struct call *c);
int passed_out_tcp(struct call *c); /* SCM_RIGHTS: made inside, used by a process outside */
int passed_out_udp(struct call *c);
int passed_in_tcp(struct call *c); /* made outside, used inside */
int passed_in_udp(struct call *c);
int program_tcp(struct call *c); /* programs that are not this one: dial.c, dial.go */
int program_udp(struct call *c);
int static_tcp(struct call *c);
int static_udp(struct call *c);
int go_tcp(struct call *c);
int go_udp(struct call *c);
int setuid_tcp(struct call *c);
int setuid_udp(struct call *c);
int chroot_tcp(struct call *c);
int netns_tcp(struct call *c); /* a network namespace of its own, where both addresses are */
int netns_udp(struct call *c);
int netns_without_tcp(struct call *c); /* and where only the shared one is */
int netns_without_udp(struct call *c);

#endif
