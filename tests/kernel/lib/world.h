/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The world that world.sh made, seen from C: its names, sockets in the
 * peer's network namespace, the pinned cgroup, and the command under test.
 *
 * What fails here is the test's own failure: the message goes out as a TAP
 * "Bail out!" and the process ends.
 */
#ifndef WORLD_H
#define WORLD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#define SHARED "2001:db8:1::5"  /* what the kernel prefers */
#define SOURCE "2001:db8:2::25" /* the VPS's own */
#define SECOND "2001:db8:2::26"
#define THIRD "2001:db8:2::27"
#define OWN_ULA "fd00:1::5"
#define OWN_LINK "fe80::5"
#define OWN_V4 "192.0.2.5"
#define SOURCE_V4 "192.0.2.25"
#define SECOND_V4 "192.0.2.26"
#define OWN_PRIVATE "10.0.0.5"
#define ABSENT "2001:db8:66::9" /* on no host */
#define ABSENT_V4 "198.51.100.9"

#define PEER "2001:db8:9::1"
#define PEER_OTHER "2001:db8:77::1" /* in the peer's 2001:db8:77::/48 */
#define PEER_THIRD "2001:db8:78::1"
#define PEER_ULA "fd00:1::1"
#define PEER_LINK "fe80::1"
#define PEER_V4 "192.0.2.1"
#define PEER_OTHER_V4 "203.0.113.1" /* on the peer's lo */
#define PEER_PRIVATE "10.0.0.1"
#define PEER_MAPPED "::ffff:192.0.2.1"

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_storage storage;
};

/* Ends the test: FORMAT, then errno's text. */
void bail_out(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* An environment variable that world.sh sets. */
const char *world_name(const char *variable);

/* Has the kernel such sockets? 5.10 can be without MPTCP, 7.1 and later are without UDP-Lite. */
bool world_has(int type, int protocol);

/* The errno of a call that a hook refuses with ERROR: before Linux 5.18 hooks have none but EPERM. */
int world_refusal(int error);

/* A shell command for the kernels that have MPTCP */
#define WITH_MPTCP(command) "[ ! -e /proc/sys/net/mptcp ] || { " command "; }"

/* A socket in the peer's network namespace, made by this process and thus of its cgroup. */
int world_peer_socket(int family, int type, int protocol);

/* The cgroup, opened; BELOW is "" or a path below it, which is made. */
int world_cgroup(const char *below);

/* Moves the calling process into it. */
void world_join(const char *below);

/* Moves it into any cgroup, by its whole path. */
void world_join_at(const char *cgroup);

/* Moves it out again, into the root of the hierarchy. */
void world_leave(void);

/* TEXT is an IPv6 or IPv4 address; link-local ones get the scope of this side's veth. */
union address address_of(const char *text, in_port_t port);
socklen_t address_length(const union address *a);

/* The address without its port, v4-mapped ones as IPv4; in a static buffer of which there are eight. */
const char *text_of(const union address *a);
in_port_t port_of(const union address *a);

/* "EPERM"; "0" for none */
const char *errno_text(int error);

/* Writes a config with the test's section, whose lines are BODY; returns its path. */
const char *world_config(const char *body);

/* Runs a shell command; its exit status. What it printed is in *RET, to be freed. */
int output_of(const char *command, char **ret);

/* Puts BODY in force for the test's cgroup. */
void srcpin_load(const char *body);

/* Takes out what is in force for it, if anything is. */
void srcpin_unload(void);

/* A shell command: the kernel makes an IPv6 address usable a moment after it was added. */
#define UNTIL_USABLE(address) "until ip -6 route show table local | grep -q '^local " address " '; do sleep 0.01; done"

/* Runs a shell command that must succeed. */
void shell(const char *command);

/* Waits until TCP has sent a segment of FD again, as nobody answers it. 0. */
ssize_t sends_again(int fd);

#endif
