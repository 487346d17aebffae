// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whose socket it is, and where its process is. */
#include <errno.h>

#include "out/out.h"
#include "ways/rows.h"

#define OTHERS                                                                                                 \
	.outcome = OUTSIDE, .why = "a socket is of the cgroup in which it was made, for as long as it lives; " \
				   "of systemd's, if a socket unit made it"
#define SETUID .set_up = "install -m 4755 \"$HELPERS/dial\" \"$WORLD_DIR/setuid\" && chmod 711 \"$WORLD_DIR\""

static const struct out_row rows[] = {
	{ "Any program", "in C", program_tcp, .family = BOTH },
	{ "Any program", "in C", program_udp, .over = "UDP", .family = BOTH },
	{ "Any program", "static", static_tcp, .family = BOTH },
	{ "Any program", "static", static_udp, .over = "UDP", .family = BOTH },
	{ "Any program", "Go", go_tcp, .family = BOTH },
	{ "Any program", "Go", go_udp, .over = "UDP", .family = BOTH },
	{ "Any program", "setuid", setuid_tcp, SETUID, .family = BOTH },
	{ "Any program", "setuid", setuid_udp, .over = "UDP", SETUID, .family = BOTH },
	{ "Any program", "chrooted", chroot_tcp, .family = BOTH },

	{ "A process of the service", "moved in", moved_in_new_tcp, .family = BOTH },
	{ "A process of the service", "moved in", moved_in_new_udp, .over = "UDP", .family = BOTH },
	{ "A process of the service", "in a cgroup below", tcp, .below = "below", .family = BOTH },
	{ "A process of the service", "in a cgroup below", udp_sendto, .over = "UDP", .below = "below",
	  .family = BOTH },
	{ "A process of the service", "in a network namespace of its own", netns_tcp, .family = BOTH },
	{ "A process of the service", "in a network namespace of its own", netns_udp, .over = "UDP", .family = BOTH },
	{ "A process elsewhere", "moved out, with its old socket", moved_out_old_tcp, .family = BOTH },
	{ "A process elsewhere", "moved out, with its old socket", moved_out_old_udp, .over = "UDP", .family = BOTH },
	{ "A process elsewhere", "given a socket of the service", passed_out_tcp, .family = BOTH },
	{ "A process elsewhere", "given a socket of the service", passed_out_udp, .over = "UDP", .family = BOTH },
	{ "A process of the service", "in a network namespace without the source", netns_without_tcp,
	  .outcome = REFUSED, .error = EADDRNOTAVAIL, .family = BOTH },
	{ "A process of the service", "in a network namespace without the source", netns_without_udp, .over = "UDP",
	  .outcome = REFUSED, .error = EADDRNOTAVAIL },
	{ "A process of the service", "in a network namespace without the source, IPv4", netns_without_udp,
	  .over = "UDP", .outcome = REFUSED, .error = ENETUNREACH, .family = V4_ONLY },

	{ "A socket made outside", "inherited", tcp, .over = "TCP", .options = MADE_OUTSIDE, OTHERS, .family = BOTH },
	{ "A socket made outside", "inherited", udp_sendto, .over = "UDP", .options = MADE_OUTSIDE, OTHERS,
	  .family = BOTH },
	{ "A socket made outside", "its process moved in", moved_in_old_tcp, .over = "TCP", OTHERS, .family = BOTH },
	{ "A socket made outside", "its process moved in", moved_in_old_udp, .over = "UDP", OTHERS, .family = BOTH },
	{ "A socket made outside", "passed in (`SCM_RIGHTS`)", passed_in_tcp, .over = "TCP", OTHERS, .family = BOTH },
	{ "A socket made outside", "passed in (`SCM_RIGHTS`)", passed_in_udp, .over = "UDP", OTHERS, .family = BOTH },
	{ "A process that moved out", "with a new socket", moved_out_new_tcp, .over = "TCP", OTHERS, .family = BOTH },
	{ "A process that moved out", "with a new socket", moved_out_new_udp, .over = "UDP", OTHERS, .family = BOTH },
};

const struct out_part process_rows = OUT_PART(rows);
