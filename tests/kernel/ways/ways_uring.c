// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <liburing.h>
#include <sched.h>
#include <unistd.h>

#include "lib/world.h"
#include "ways/ways_out.h"

static int start(struct io_uring *ring, unsigned int flags)
{
	struct io_uring_params params = {
		.flags = flags,
		.sq_thread_cpu = (unsigned int)sched_getcpu(), /* packets stay in order: wire.h */
		.sq_thread_idle = 1000,
	};

	return io_uring_queue_init_params(2, ring, &params) ? NOT_HERE : 0;
}

/* What the one request comes to; it is given up after PATIENCE ms, unless that is 0. */
static int finish(struct io_uring *ring, unsigned int patience)
{
	struct __kernel_timespec t = { .tv_sec = patience ? 0 : 10, .tv_nsec = patience * 1000000LL };
	struct io_uring_cqe *result;
	int error = -io_uring_submit(ring);

	if (error > 0)
		return error;
	error = -io_uring_wait_cqe_timeout(ring, &result, &t);
	if (error == ETIME)
		return ETIMEDOUT;
	return error ? error : result->res < 0 ? -result->res : 0;
}

static int ask_connect(struct call *c, struct io_uring *ring, int fd, unsigned int flags)
{
	union address a = address_of(c->dest, c->port);
	struct io_uring_sqe *request = io_uring_get_sqe(ring);

	io_uring_prep_connect(request, fd, &a.sa, address_length(&a));
	io_uring_sqe_set_flags(request, flags);
	return finish(ring, c->patience);
}

int uring_connect(struct call *c)
{
	int fd = make_socket(c, SOCK_STREAM);
	int error = bind_local(c, fd);
	struct io_uring ring;

	if (!error)
		error = start(&ring, 0);
	if (error)
		return error;
	return ask_connect(c, &ring, fd, 0);
}

/* With a socket of the ring's own; FLAGS of the ring, and of the requests */
static int socket_connect(struct call *c, unsigned int flags, unsigned int requests)
{
	union address a = address_of(c->dest, c->port);
	struct io_uring_cqe *result;
	struct io_uring_sqe *request;
	struct io_uring ring;
	int fd;

	if (start(&ring, flags))
		return NOT_HERE;
	request = io_uring_get_sqe(&ring);
	io_uring_prep_socket(request, a.sa.sa_family, SOCK_STREAM, 0, 0);
	io_uring_sqe_set_flags(request, requests);
	if (io_uring_submit(&ring) < 0 || io_uring_wait_cqe(&ring, &result))
		bail_out("io_uring does not answer");
	fd = result->res;
	io_uring_cqe_seen(&ring, result);
	if (fd < 0) /* since Linux 5.19 */
		return NOT_HERE;
	return ask_connect(c, &ring, fd, requests);
}

int uring_socket_connect(struct call *c)
{
	return socket_connect(c, 0, 0);
}

int uring_polled_connect(struct call *c)
{
	return socket_connect(c, IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF, 0);
}

int uring_async_connect(struct call *c)
{
	return socket_connect(c, 0, IOSQE_ASYNC);
}

static int ask_sendmsg(struct call *c, unsigned int flags)
{
	union address a = address_of(c->dest, c->port);
	struct iovec part = { "x", 1 };
	struct msghdr m = { .msg_name = &a, .msg_namelen = address_length(&a), .msg_iov = &part, .msg_iovlen = 1 };
	int fd = make_socket(c, SOCK_DGRAM);
	int error = bind_local(c, fd);
	struct io_uring ring;

	if (!error)
		error = start(&ring, flags);
	if (error)
		return error;
	io_uring_prep_sendmsg(io_uring_get_sqe(&ring), fd, &m, MSG_NOSIGNAL);
	return finish(&ring, 0);
}

int uring_sendmsg(struct call *c)
{
	return ask_sendmsg(c, 0);
}

int uring_polled_sendmsg(struct call *c)
{
	return ask_sendmsg(c, IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF);
}
