// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dial tcp|udp ADDRESS PORT [secure]
 *
 * A program as plain as can be: connects, or sends one datagram, and exits
 * with the errno. A connection is given up after a moment (ETIMEDOUT).
 * "secure": EPERM unless the kernel runs it as a setuid program.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	const struct timeval moment = { .tv_usec = 30000 };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	int is_udp = argc > 1 && !strcmp(argv[1], "udp"), is_six, fd;
	const struct sockaddr *to;
	socklen_t length;

	if (argc < 4)
		return EINVAL;
	if (argc > 4 && (!getauxval(AT_SECURE) || geteuid()))
		return EPERM;
	is_six = inet_pton(AF_INET6, argv[2], &six.sin6_addr) == 1;
	if (!is_six && inet_pton(AF_INET, argv[2], &four.sin_addr) != 1)
		return EINVAL;
	six.sin6_port = four.sin_port = htons((in_port_t)atoi(argv[3]));
	to = is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
	length = is_six ? sizeof(six) : sizeof(four);
	fd = socket(to->sa_family, is_udp ? SOCK_DGRAM : SOCK_STREAM, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &moment, sizeof(moment)))
		return errno;
	if (is_udp)
		return sendto(fd, "x", 1, 0, to, length) == 1 ? 0 : errno;
	if (connect(fd, to, length))
		return errno == EINPROGRESS ? ETIMEDOUT : errno;
	return 0;
}
