/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/udp_out.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#define MESSAGES     64
#define ARENA        (256 * 1024)
#define SEGMENTS_MAX 64    /* UDP_MAX_SEGMENTS of the kernels before 6.10 */
#define MESSAGE_MAX  65000 /* of payload: a UDP packet is no longer, whoever cuts it */

/* Room for one struct in_pktinfo or in6_pktinfo, and the size of segments. */
union control {
	struct cmsghdr head; /* for its alignment */
	char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t))];
};

struct message {
	struct path path;
	struct iovec iov;
	size_t segment;    /* bytes of each but the last datagram in it */
	unsigned segments;
	bool closed;       /* its last one is shorter, or it is not in the arena */
};

static struct {
	struct message messages[MESSAGES];
	unsigned count;
	uint8_t arena[ARENA];
	size_t used;
} out;

/* ---- control messages ---- */

static struct cmsghdr *
control_put(struct msghdr *m, struct cmsghdr *at, int level, int type, const void *data, size_t len)
{
	at->cmsg_len = CMSG_LEN(len);
	at->cmsg_level = level;
	at->cmsg_type = type;
	memcpy(CMSG_DATA(at), data, len);
	m->msg_controllen += CMSG_SPACE(len);
	return (struct cmsghdr *)((char *)at + CMSG_SPACE(len));
}

/* The address it leaves from when the socket has several; where it is to be cut. */
static void
controls_put(struct msghdr *m, const struct message *message, union control *c)
{
	const struct addr *local = &message->path.local;
	struct cmsghdr *at = &c->head;
	struct in_pktinfo in = { 0 };
	struct in6_pktinfo in6 = { 0 };
	uint16_t segment = (uint16_t)message->segment;

	m->msg_control = c;
	m->msg_controllen = 0;
	if (local->family == 4) {
		memcpy(&in.ipi_spec_dst, local->ip, sizeof(in.ipi_spec_dst));
		at = control_put(m, at, IPPROTO_IP, IP_PKTINFO, &in, sizeof(in));
	} else if (local->family == 6) {
		memcpy(&in6.ipi6_addr, local->ip, sizeof(in6.ipi6_addr));
		at = control_put(m, at, IPPROTO_IPV6, IPV6_PKTINFO, &in6, sizeof(in6));
	}
	if (message->segments > 1)
		control_put(m, at, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment));
	if (m->msg_controllen == 0)
		m->msg_control = NULL;
}

/* ---- sending ---- */

/* One by one, since the device of this path cannot cut: an EIO of one without checksum offload, say. */
static void
segments_send(struct message *m)
{
	struct sockaddr_storage ss;
	struct message one = *m;
	struct msghdr h = { .msg_name = &ss, .msg_iov = &one.iov, .msg_iovlen = 1 };
	union control control;

	h.msg_namelen = addr_to_sockaddr(&m->path.peer, &ss);
	one.segments = 1;
	for (size_t at = 0; at < m->iov.iov_len; at += m->segment) {
		size_t left = m->iov.iov_len - at;

		one.iov = (struct iovec){ (uint8_t *)m->iov.iov_base + at, left < m->segment ? left : m->segment };
		controls_put(&h, &one, &control);
		(void)!sendmsg(m->path.socket->rd.fd, &h, MSG_DONTWAIT);
	}
}

/* As sendmmsg(); of one message alone the kernel has less to read. */
static int
messages_send(int fd, struct mmsghdr *msgs, unsigned count)
{
	const struct msghdr *m = &msgs->msg_hdr;

	if (count > 1)
		return sendmmsg(fd, msgs, count, MSG_DONTWAIT);
	if (m->msg_controllen > 0)
		return sendmsg(fd, m, MSG_DONTWAIT) < 0 ? -1 : 1;
	return sendto(fd, m->msg_iov->iov_base, m->msg_iov->iov_len, MSG_DONTWAIT, m->msg_name, m->msg_namelen) < 0 ? -1 : 1;
}

/* What became of a message that was not sent. room: payload that the own interface would take, 0 unknown. */
static void
unsent(struct message *m, int err, unsigned room)
{
	struct udp_socket *u = m->path.socket;

	if (m->segments > 1 && (err == EIO || err == EINVAL)) {
		u->cuts = false;
		segments_send(m);
		return;
	}
	if (err == EMSGSIZE)
		udp_too_big(u, &m->path.peer, m->segment, room);
	udp_dropped(u, &m->path.peer, m->segments, err == EMSGSIZE);
}

/*
 * What one message meets must not hold up those behind it. An error may be
 * another's (an ICMP answer to some peer) and is gone once it was read: the same
 * message is tried again, and what it meets then is its own.
 */
static void
run_send(struct message *run, struct mmsghdr *msgs, unsigned count)
{
	struct udp_socket *u = run->path.socket;
	bool again = false;
	unsigned room = 0;

	for (unsigned sent = 0; sent < count;) {
		int n = messages_send(u->rd.fd, msgs + sent, count - sent), err = errno;

		if (n > 0) {
			sent += (unsigned)n;
			again = false;
		} else if (err == EAGAIN || err == ENOBUFS || again) {
			unsent(&run[sent++], err, room);
			again = false;
		} else {
			room = udp_errors_read(u);
			again = true;
		}
	}
}

void
udp_flush(void)
{
	static struct mmsghdr msgs[MESSAGES];
	static struct sockaddr_storage to[MESSAGES];
	static union control control[MESSAGES];
	unsigned first = 0;

	for (unsigned i = 0; i < out.count; i++) {
		struct message *m = &out.messages[i];

		msgs[i].msg_hdr = (struct msghdr){ .msg_name = &to[i], .msg_iov = &m->iov, .msg_iovlen = 1 };
		msgs[i].msg_hdr.msg_namelen = addr_to_sockaddr(&m->path.peer, &to[i]);
		controls_put(&msgs[i].msg_hdr, m, &control[i]);
		if (i + 1 == out.count || m[1].path.socket != m->path.socket) {
			run_send(&out.messages[first], msgs + first, i + 1 - first);
			first = i + 1;
		}
	}
	out.count = 0;
	out.used = 0;
}

/* ---- queueing ---- */

static void
message_add(const struct path *path, void *data, size_t len, bool closed)
{
	if (out.count == MESSAGES)
		udp_flush();
	out.messages[out.count++] =
	    (struct message){ .path = *path, .iov = { data, len }, .segment = len, .segments = 1, .closed = closed };
}

void
udp_send(const struct path *path, const void *data, size_t len)
{
	message_add(path, (void *)(uintptr_t)data, len, true);
}

uint8_t *
udp_out_room(size_t n)
{
	if (out.used + n > ARENA || out.count == MESSAGES)
		udp_flush();
	return out.arena + out.used;
}

void
udp_out_put(const struct path *path, size_t len)
{
	struct message *m = out.count > 0 ? &out.messages[out.count - 1] : NULL;
	uint8_t *data = out.arena + out.used;

	out.used += len;
	if (m == NULL || m->closed || len > m->segment || m->segments == SEGMENTS_MAX ||
	    m->iov.iov_len + len > MESSAGE_MAX || !path->socket->cuts || !path_equal(&m->path, path)) {
		message_add(path, data, len, false);
		return;
	}
	m->iov.iov_len += len;
	m->segments++;
	m->closed = len < m->segment;
}
