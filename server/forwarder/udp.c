/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/udp.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/mem.h"

#define DGRAMS_PER_CALL 32
#define DGRAM_BYTES     16512 /* a DTLS record at its longest, and some */
#define ERRORS_PER_CALL 64
#define IP4_UDP_BYTES   28
#define IP6_UDP_BYTES   48

/* Room for one struct in_pktinfo or in6_pktinfo. */
union control {
	struct cmsghdr head; /* for its alignment */
	char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

static struct {
	struct ev_loop *loop;
	const struct udp_owner *owner;
	struct udp_socket *sockets;
} udp;

void
udp_start(struct ev_loop *loop, const struct udp_owner *owner)
{
	udp.loop = loop;
	udp.owner = owner;
}

/* ---- errors ---- */

/*
 * "Fragmentation needed": of a router it names the peer, and the owner hears of
 * it; of our own interface it does not, but comes with the datagram that is
 * being sent. Returns the payload that would fit then, else 0.
 */
static unsigned
error_take(struct udp_socket *u, struct msghdr *msg, const struct sockaddr_storage *to)
{
	struct addr peer = addr_from_sockaddr(to);
	unsigned head = u->local.family == 6 ? IP6_UDP_BYTES : IP4_UDP_BYTES, room = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		struct sock_extended_err e;

		if (!(c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) &&
		    !(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		if (e.ee_errno != EMSGSIZE || e.ee_info <= head || e.ee_info > UINT16_MAX)
			continue;
		if (e.ee_origin == SO_EE_ORIGIN_LOCAL)
			room = e.ee_info - head;
		else
			udp.owner->too_big(u, &peer, 0, e.ee_info - head);
	}
	return room;
}

/* The queue of errors must be emptied, or the socket stays readable. Returns as error_take(). */
static unsigned
errors_read(struct udp_socket *u)
{
	unsigned room = 0, last;

	for (int i = 0; i < ERRORS_PER_CALL; i++) {
		char control[512] __attribute__((aligned(8))), quoted[64];
		struct iovec iov = { quoted, sizeof(quoted) };
		struct sockaddr_storage to = { 0 };
		struct msghdr msg = {
			.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control, .msg_controllen = sizeof(control),
		};

		if (recvmsg(u->rd.fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			break;
		if ((last = error_take(u, &msg, &to)) != 0)
			room = last;
	}
	return room;
}

/* ---- out: datagrams of one batch to one peer leave with one system call ---- */

static struct {
	struct path path;
	unsigned count;
	struct iovec iov[DGRAMS_PER_CALL];
} outer;

/* The source address as a control message. Returns its length, 0 without one. */
static size_t
source_put(const struct addr *local, union control *c)
{
	struct in_pktinfo in = { 0 };
	struct in6_pktinfo in6 = { 0 };
	bool six = local->family == 6;
	size_t len = six ? sizeof(in6) : sizeof(in);

	if (local->family == 0)
		return 0;
	memcpy(&in.ipi_spec_dst, local->ip, sizeof(in.ipi_spec_dst));
	memcpy(&in6.ipi6_addr, local->ip, sizeof(in6.ipi6_addr));
	memset(c, 0, sizeof(*c));
	c->head.cmsg_len = CMSG_LEN(len);
	c->head.cmsg_level = six ? IPPROTO_IPV6 : IPPROTO_IP;
	c->head.cmsg_type = six ? IPV6_PKTINFO : IP_PKTINFO;
	memcpy(CMSG_DATA(&c->head), six ? (void *)&in6 : (void *)&in, len);
	return CMSG_SPACE(len);
}

/*
 * What one datagram meets must not hold up those behind it. An error may be
 * another's (an ICMP answer to some peer) and is gone once it was read: the same
 * datagram is tried again, and what it meets then is its own.
 */
static void
outer_send(struct mmsghdr *msgs)
{
	bool again = false;

	for (unsigned sent = 0; sent < outer.count;) {
		int n = sendmmsg(outer.path.socket->rd.fd, msgs + sent, outer.count - sent, MSG_DONTWAIT), err = errno;

		if (n <= 0 && err != EAGAIN && err != ENOBUFS) {
			unsigned room = errors_read(outer.path.socket);

			if (!again) {
				again = true;
				continue;
			}
			if (err == EMSGSIZE)
				udp.owner->too_big(outer.path.socket, &outer.path.peer, outer.iov[sent].iov_len, room);
		}
		sent += n > 0 ? (unsigned)n : 1;
		again = false;
	}
}

void
udp_flush(void)
{
	struct mmsghdr msgs[DGRAMS_PER_CALL];
	struct sockaddr_storage ss;
	union control source;
	size_t source_len;
	socklen_t len;

	if (outer.count == 0)
		return;
	len = addr_to_sockaddr(&outer.path.peer, &ss);
	source_len = source_put(&outer.path.local, &source);
	for (unsigned i = 0; i < outer.count; i++) {
		msgs[i].msg_hdr = (struct msghdr){
			.msg_name = &ss, .msg_namelen = len, .msg_iov = &outer.iov[i], .msg_iovlen = 1,
			.msg_control = source_len > 0 ? &source : NULL, .msg_controllen = source_len,
		};
	}
	outer_send(msgs);
	outer.count = 0;
}

void
udp_send(const struct path *path, const void *data, size_t len)
{
	if (outer.count == DGRAMS_PER_CALL || !path_equal(&outer.path, path))
		udp_flush();
	outer.path = *path;
	outer.iov[outer.count++] = (struct iovec){ (void *)(uintptr_t)data, len };
}

/* ---- in ---- */

static void
destination_get(struct msghdr *msg, struct addr *out)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		struct in6_pktinfo in6;
		struct in_pktinfo in;

		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&in, CMSG_DATA(c), sizeof(in));
			out->family = 4;
			memcpy(out->ip, &in.ipi_spec_dst, 4);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&in6, CMSG_DATA(c), sizeof(in6));
			out->family = 6;
			memcpy(out->ip, &in6.ipi6_addr, 16);
		}
	}
}

static void
readable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	static uint8_t bytes[DGRAMS_PER_CALL][DGRAM_BYTES];
	static union control control[DGRAMS_PER_CALL];
	struct sockaddr_storage from[DGRAMS_PER_CALL];
	struct mmsghdr msgs[DGRAMS_PER_CALL];
	struct iovec iov[DGRAMS_PER_CALL];
	struct udp_socket *u = w->data;
	int n;

	(void)loop;
	(void)revents;
	memset(msgs, 0, sizeof(msgs));
	for (int i = 0; i < DGRAMS_PER_CALL; i++) {
		iov[i] = (struct iovec){ bytes[i], DGRAM_BYTES };
		msgs[i].msg_hdr = (struct msghdr){
			.msg_name = &from[i], .msg_namelen = sizeof(from[i]), .msg_iov = &iov[i], .msg_iovlen = 1,
			.msg_control = u->any ? &control[i] : NULL, .msg_controllen = u->any ? sizeof(control[i]) : 0,
		};
	}
	n = recvmmsg(w->fd, msgs, DGRAMS_PER_CALL, MSG_DONTWAIT, NULL);
	if (n < 0)
		errors_read(u);
	for (int i = 0; i < n; i++) {
		struct path path = { 0 };

		path.socket = u;
		path.peer = addr_from_sockaddr(&from[i]);
		if (u->any)
			destination_get(&msgs[i].msg_hdr, &path.local);
		udp.owner->datagram(&path, bytes[i], msgs[i].msg_len);
	}
	udp.owner->done();
}

/* ---- sockets ---- */

void
udp_add(int fd, uint32_t id, const struct addr *local)
{
	static const uint8_t zero[16];
	struct udp_socket *u = xcalloc(1, sizeof(*u));

	u->id = id;
	u->local = *local;
	u->any = memcmp(local->ip, zero, sizeof(zero)) == 0;
	ev_io_init(&u->rd, readable_cb, fd, EV_READ);
	u->rd.data = u;
	ev_io_start(udp.loop, &u->rd);
	u->next = udp.sockets;
	udp.sockets = u;
}

struct udp_socket *
udp_find(uint32_t id)
{
	struct udp_socket *u = udp.sockets;

	while (u != NULL && u->id != id)
		u = u->next;
	return u;
}

void
udp_del(struct udp_socket *u)
{
	struct udp_socket **at = &udp.sockets;

	while (*at != u)
		at = &(*at)->next;
	*at = u->next;
	ev_io_stop(udp.loop, &u->rd);
	close(u->rd.fd);
	free(u);
}
