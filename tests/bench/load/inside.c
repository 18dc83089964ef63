/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <netinet/udp.h>

#include "load.h"

#define BUFFER_BYTES (8 << 20)

static int
socket_in(const char *ns)
{
	int own, there, fd = -1, saved;

	if (ns == NULL)
		return socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	there = open(ns, O_RDONLY | O_CLOEXEC);
	if (own >= 0 && there >= 0 && setns(there, CLONE_NEWNET) == 0) {
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		saved = errno;
		if (setns(own, CLONE_NEWNET) != 0)
			_exit(1);
		errno = saved;
	}
	saved = errno;
	close(own);
	close(there);
	errno = saved;
	return fd;
}

int
inside_open(const char *ns, struct in_addr addr)
{
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(TRAFFIC_PORT), .sin_addr = addr };
	int fd = socket_in(ns), one = 1, bytes = BUFFER_BYTES;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_UDP, UDP_GRO, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&local, sizeof(local)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int
inside_send(int fd, struct in_addr to, const void *payloads, unsigned n, size_t len)
{
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(TRAFFIC_PORT), .sin_addr = to };
	union {
		char space[CMSG_SPACE(sizeof(uint16_t))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { (void *)(uintptr_t)payloads, n * len };
	struct msghdr m = { .msg_name = &peer, .msg_namelen = sizeof(peer), .msg_iov = &iov, .msg_iovlen = 1 };
	uint16_t segment = (uint16_t)len;
	struct cmsghdr *c;

	if (n > 1) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_UDP;
		c->cmsg_type = UDP_SEGMENT;
		c->cmsg_len = CMSG_LEN(sizeof(segment));
		memcpy(CMSG_DATA(c), &segment, sizeof(segment));
	}
	return sendmsg(fd, &m, 0) > 0 ? 0 : -1;
}
