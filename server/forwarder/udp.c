/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/udp.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/mem.h"

#define MESSAGES_PER_CALL 32
#define CALLS_PER_RUN     4     /* then the inside has its turn */
#define MESSAGE_BYTES     65536 /* a run of joined datagrams; one for each that comes alone */
#define ERRORS_PER_CALL 64
#define IP4_UDP_BYTES   28
#define IP6_UDP_BYTES   48

/* Room for what a datagram came to, and for the size of segments. */
union control {
	struct cmsghdr head; /* for its alignment */
	char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
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

void
udp_dropped(const struct udp_socket *u, const struct addr *peer, unsigned datagrams, bool too_big)
{
	udp.owner->dropped(u, peer, datagrams, too_big);
}

void
udp_too_big(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room)
{
	udp.owner->too_big(u, peer, len, room);
}

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
			udp_too_big(u, &peer, 0, e.ee_info - head);
	}
	return room;
}

unsigned
udp_errors_read(struct udp_socket *u)
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

/* The size that a run of datagrams was joined from (UDP_GRO); 0: it is one. */
static size_t
segment_get(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		int size;

		if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_GRO)
			continue;
		memcpy(&size, CMSG_DATA(c), sizeof(size));
		return size > 0 ? (size_t)size : 0;
	}
	return 0;
}

static void
message_take(struct udp_socket *u, struct msghdr *msg, const struct sockaddr_storage *from, uint8_t *bytes, size_t len)
{
	struct path path = { .socket = u, .peer = addr_from_sockaddr(from) };
	size_t segment = 0;

	if (u->any)
		destination_get(msg, &path.local);
	if (msg->msg_controllen > 0)
		segment = segment_get(msg);
	if (segment == 0)
		segment = len;
	for (size_t at = 0; at < len; at += segment)
		udp.owner->datagram(&path, bytes + at, len - at < segment ? len - at : segment);
}

static void
readable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	static uint8_t bytes[MESSAGES_PER_CALL][MESSAGE_BYTES];
	static union control control[MESSAGES_PER_CALL];
	static struct sockaddr_storage from[MESSAGES_PER_CALL];
	static struct mmsghdr msgs[MESSAGES_PER_CALL];
	static struct iovec iov[MESSAGES_PER_CALL];
	static int ready; /* of msgs */
	struct udp_socket *u = w->data;

	(void)loop;
	(void)revents;
	for (int calls = 0, n = MESSAGES_PER_CALL; calls < CALLS_PER_RUN && n == MESSAGES_PER_CALL; calls++) {
		for (int i = ready - 1; i >= 0; i--) /* what the last call has used */
			msgs[i].msg_hdr = (struct msghdr){ 0 };
		for (int i = 0; i < MESSAGES_PER_CALL && msgs[i].msg_hdr.msg_iov == NULL; i++) {
			iov[i] = (struct iovec){ bytes[i], MESSAGE_BYTES };
			msgs[i].msg_hdr = (struct msghdr){
				.msg_name = &from[i], .msg_namelen = sizeof(from[i]), .msg_iov = &iov[i], .msg_iovlen = 1,
				.msg_control = &control[i], .msg_controllen = sizeof(control[i]),
			};
		}
		n = recvmmsg(w->fd, msgs, MESSAGES_PER_CALL, MSG_DONTWAIT, NULL);
		ready = n > 0 ? n : 0;
		if (n < 0)
			udp_errors_read(u);
		for (int i = 0; i < n; i++)
			message_take(u, &msgs[i].msg_hdr, &from[i], bytes[i], msgs[i].msg_len);
		udp.owner->done();
	}
}

/* ---- sockets ---- */

void
udp_add(int fd, uint32_t id, const struct addr *local, bool cuts)
{
	static const uint8_t zero[16];
	struct udp_socket *u = xcalloc(1, sizeof(*u));

	u->id = id;
	u->local = *local;
	u->cuts = cuts;
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
