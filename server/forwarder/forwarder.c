/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forwarder: outer UDP, inner packets, and the rules between them that no
 * worker can break: a packet from a session carries that session's address, a
 * datagram goes only to a peer that sent one with the session's secret id.
 */
#include <ev.h>
#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/ipc.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/sandbox.h"
#include "server/forwarder/backend.h"
#include "server/forwarder/table.h"

#define DGRAMS_PER_CALL  32
#define DGRAM_BYTES      16512 /* a DTLS record at its longest, and some */
#define DTLS_HEAD_BYTES  13
#define BATCHES_PER_CALL 8
#define ITEMS_PER_CALL   512   /* of one worker, then others have their turn */

struct udp_socket {
	struct udp_socket *next;
	uint32_t id;
	struct addr local;
	ev_io rd;
};

struct batch_spare {
	struct batch_spare *next;
};

static struct {
	struct ev_loop *loop;
	struct ipc_chan main;
	struct table table;
	struct backend backend;
	struct udp_socket *sockets;
	struct counters *counters;
	uint32_t slots;
	struct fwd_session *dirty;
	struct batch_spare *spare;
} fwd;

/* ---- towards a worker: batches, sent at the end of each run ---- */

static struct batch *
batch_take(void)
{
	struct batch *b = (struct batch *)fwd.spare;

	_Static_assert(sizeof(struct batch) >= sizeof(struct batch_spare), "a spare batch holds its link");
	if (b != NULL)
		fwd.spare = fwd.spare->next;
	else
		b = xmalloc(sizeof(*b));
	b->len = 0;
	return b;
}

static void
batch_give(struct batch *b)
{
	struct batch_spare *s = (struct batch_spare *)b;

	s->next = fwd.spare;
	fwd.spare = s;
}

static void
session_flush(struct fwd_session *s)
{
	if (s->out == NULL)
		return;
	/* a full queue drops, as a link does; to a worker that is gone nothing is lost that had a way */
	if (send(s->rd.fd, s->out->bytes, s->out->len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
	    (errno == EAGAIN || errno == ENOBUFS))
		s->counters->tx_drops += s->out_packets;
	batch_give(s->out);
	s->out = NULL;
	s->out_packets = 0;
}

static void
session_put(struct fwd_session *s, enum batch_type type, uint8_t tag, const void *data, size_t len)
{
	if (len > BATCH_ITEM_MAX)
		return;
	if (s->out != NULL && !batch_fits(s->out, len))
		session_flush(s);
	if (s->out == NULL)
		s->out = batch_take();
	memcpy(batch_add(s->out, type, tag, len), data, len);
	s->out_packets += type == BATCH_PACKET;
	if (!s->dirty) {
		s->dirty = true;
		s->dirty_next = fwd.dirty;
		fwd.dirty = s;
	}
}

static void
flush_all(void)
{
	struct fwd_session *s;

	while ((s = fwd.dirty) != NULL) {
		fwd.dirty = s->dirty_next;
		s->dirty = false;
		session_flush(s);
	}
}

/* ---- inner packets towards a client ---- */

static void
client_packet(void *ctx, const uint8_t *packet, size_t len)
{
	struct fwd_session *s = ctx;

	s->counters->tx_packets++;
	s->counters->tx_bytes += len;
	session_put(s, BATCH_PACKET, 0, packet, len);
}

static void
inside_receive(uint8_t *packet, const struct inner *in)
{
	struct fwd_session *s = table_by_ip(&fwd.table, in->dst);
	uint8_t icmp[INNER_ICMP_MAX];
	size_t len;

	if (s == NULL)
		return;
	if (in->len <= s->mtu_bytes) {
		client_packet(s, packet, in->len);
		return;
	}
	if (!in->dont_fragment) {
		inner_fragment(packet, in, s->mtu_bytes, client_packet, s);
		return;
	}
	s->counters->tx_drops++;
	/* in the client's name: the kernel takes no packet from the device that names an address of this host */
	len = inner_frag_needed(packet, in, s->ip, s->mtu_bytes, icmp);
	if (len > 0)
		fwd.backend.send_own(&fwd.backend, icmp, len);
}

/* ---- from a worker ---- */

static void
worker_packet(struct fwd_session *s, uint8_t *packet, size_t size)
{
	struct inner in;

	if (!inner_parse(packet, size, &in) || in.src != s->ip) {
		s->counters->rx_drops++;
		return;
	}
	s->counters->rx_packets++;
	s->counters->rx_bytes += in.len;
	fwd.backend.send(&fwd.backend, packet, &in);
}

/* Datagrams of one batch to one peer leave with one system call; they stay in the batch's bytes until then. */
static struct {
	struct peer *peer;
	unsigned count;
	struct iovec iov[DGRAMS_PER_CALL];
} outer;

static void
outer_flush(void)
{
	struct mmsghdr msgs[DGRAMS_PER_CALL];
	struct sockaddr_storage ss;
	socklen_t len;

	if (outer.count == 0)
		return;
	len = addr_to_sockaddr(&outer.peer->addr, &ss);
	for (unsigned i = 0; i < outer.count; i++) {
		msgs[i].msg_hdr = (struct msghdr){
			.msg_name = &ss, .msg_namelen = len, .msg_iov = &outer.iov[i], .msg_iovlen = 1,
		};
	}
	/* what one refuses (EMSGSIZE, a full buffer) must not hold up those behind it */
	for (unsigned sent = 0; sent < outer.count;) {
		int n = sendmmsg(outer.peer->socket->rd.fd, msgs + sent, outer.count - sent, MSG_DONTWAIT);

		sent += n > 0 ? (unsigned)n : 1;
	}
	outer.count = 0;
}

static void
worker_dgram(struct fwd_session *s, const struct batch_item *item)
{
	struct peer *p = table_peer_tag(s, item->tag);

	if (p == NULL)
		return;
	if (outer.count == DGRAMS_PER_CALL || outer.peer != p)
		outer_flush();
	outer.peer = p;
	outer.iov[outer.count++] = (struct iovec){ (void *)(uintptr_t)item->data, item->len };
}

/* 0, or ERR_BAD_MESSAGE. */
static int
worker_item(struct fwd_session *s, uint8_t *bytes, const struct batch_item *item)
{
	struct peer *p;

	switch (item->type) {
	case BATCH_PACKET:
		worker_packet(s, bytes + (item->data - bytes), item->len);
		return 0;
	case BATCH_DGRAM:
		if (item->len < DTLS_HEAD_BYTES)
			return ERR_BAD_MESSAGE; /* a batch could hold thousands of them */
		worker_dgram(s, item);
		return 0;
	case BATCH_PEER_UP:
		outer_flush(); /* it may forget peers */
		if ((p = table_peer_tag(s, item->tag)) != NULL)
			table_peer_up(&fwd.table, p);
		return 0;
	default:
		return ERR_BAD_MESSAGE;
	}
}

/* 0, or ERR_BAD_MESSAGE. Counts in *items. Nothing of the batch is pointed to afterwards. */
static int
worker_batch(struct fwd_session *s, uint8_t *bytes, size_t len, unsigned *items)
{
	struct batch_item item;
	size_t pos = 0;
	int r, bad = 0;

	while (bad == 0 && (r = batch_next(bytes, len, &pos, &item)) != 0) {
		++*items;
		bad = r < 0 ? r : worker_item(s, bytes, &item);
	}
	outer_flush();
	return bad;
}

static void
worker_readable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	static uint8_t bytes[BATCH_MAX];
	struct fwd_session *s = w->data;
	struct ipc_fwd_bad bad = { .slot = s->slot };
	unsigned items = 0;

	(void)revents;
	for (int i = 0; i < BATCHES_PER_CALL && items < ITEMS_PER_CALL; i++) {
		/* no control buffer: descriptors of a worker are not taken */
		ssize_t n = recv(w->fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0)
			break;
		if (n == 0) { /* the worker is gone; main will say what becomes of the session */
			ev_io_stop(loop, w);
			break;
		}
		if ((size_t)n > sizeof(bytes) || worker_batch(s, bytes, (size_t)n, &items) != 0) {
			ev_io_stop(loop, w);
			ipc_send(&fwd.main, MSG_fwd_bad, &bad);
			break;
		}
	}
	flush_all(); /* echoes */
}

/* ---- outer datagrams ---- */

/*
 * Whose is it: a ClientHello by the session id in it (protocol.md 3.1,
 * offsets), anything else by the peer's address. Nobody's is dropped in silence.
 */
static struct peer *
dgram_peer(struct udp_socket *u, const struct addr *from, const uint8_t *data, size_t len)
{
	enum { TYPE = 0, HANDSHAKE = 22, MESSAGE = 13, CLIENT_HELLO = 1, ID_LEN = 59, ID = 60 };
	struct fwd_session *s;

	if (len < DTLS_HEAD_BYTES)
		return NULL;
	if (data[TYPE] != HANDSHAKE || len < ID + DTLS_ID_BYTES || data[MESSAGE] != CLIENT_HELLO)
		return table_by_peer(&fwd.table, u, from);
	if (data[ID_LEN] != DTLS_ID_BYTES)
		return NULL;
	s = table_by_id(&fwd.table, data + ID);
	return s == NULL ? NULL : table_peer_add(&fwd.table, s, u, from);
}

static void
udp_readable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	static uint8_t bytes[DGRAMS_PER_CALL][DGRAM_BYTES];
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
		};
	}
	n = recvmmsg(w->fd, msgs, DGRAMS_PER_CALL, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		struct addr addr = addr_from_sockaddr(&from[i]);
		struct peer *p = dgram_peer(u, &addr, bytes[i], msgs[i].msg_len);

		if (p != NULL)
			session_put(p->session, BATCH_DGRAM, p->tag, bytes[i], msgs[i].msg_len);
	}
	flush_all();
}

/* ---- messages of main ---- */

static void
fwd_init_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_fwd_init *m = msg;

	(void)owner;
	if (nfds != (m->data_path == DATA_PATH_ECHO ? 1 : 2) || m->slots > SESSION_SLOTS)
		fatal("forwarder: fwd_init is not whole");
	fwd.slots = m->slots;
	fwd.counters = mmap(NULL, m->slots * sizeof(*fwd.counters), PROT_READ | PROT_WRITE, MAP_SHARED, fds[0], 0);
	if (fwd.counters == MAP_FAILED)
		fatal("forwarder: cannot map the counters: %s", strerror(errno));
	close(fds[0]);
	if (m->data_path == DATA_PATH_ECHO)
		backend_echo_start(&fwd.backend, inside_receive, flush_all);
	else
		backend_tun_start(&fwd.backend, fwd.loop, fds[1], inside_receive, flush_all);
}

static void
fwd_udp_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_fwd_udp *m = msg;
	struct udp_socket *u = xcalloc(1, sizeof(*u));

	(void)owner;
	if (nfds != 1)
		fatal("forwarder: fwd_udp without its socket");
	u->id = m->socket_id;
	u->local = m->local;
	ev_io_init(&u->rd, udp_readable_cb, fds[0], EV_READ);
	u->rd.data = u;
	ev_io_start(fwd.loop, &u->rd);
	u->next = fwd.sockets;
	fwd.sockets = u;
}

static void
fwd_udp_del_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_fwd_udp_del *m = msg;

	(void)owner, (void)fds, (void)nfds;
	for (struct udp_socket **at = &fwd.sockets; *at != NULL; at = &(*at)->next) {
		struct udp_socket *u = *at;

		if (u->id != m->socket_id)
			continue;
		*at = u->next;
		table_socket_gone(&fwd.table, u);
		ev_io_stop(fwd.loop, &u->rd);
		close(u->rd.fd);
		free(u);
		return;
	}
}

static void
session_channel_close(struct fwd_session *s)
{
	if (s->rd.fd <= 0)
		return;
	ev_io_stop(fwd.loop, &s->rd);
	close(s->rd.fd);
	s->rd.fd = 0;
}

static void
fwd_session_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_fwd_session *m = msg;
	struct fwd_session *s;

	(void)owner;
	if (nfds != 1 || fwd.counters == NULL || m->slot >= fwd.slots || m->dtls_id.len != DTLS_ID_BYTES)
		fatal("forwarder: fwd_session is not whole");
	s = table_slot(&fwd.table, m->slot);
	if (s == NULL)
		s = table_add(&fwd.table, m->slot);
	flush_all();
	session_channel_close(s);
	s->counters = &fwd.counters[m->slot];
	s->mtu_bytes = m->mtu_bytes;
	table_set(&fwd.table, s, addr_ip4(&m->address), m->dtls_id.data);
	ev_io_init(&s->rd, worker_readable_cb, fds[0], EV_READ);
	s->rd.data = s;
	ev_io_start(fwd.loop, &s->rd);
	session_put(s, BATCH_BOUND, 0, "", 0);
	flush_all();
}

static void
fwd_session_del_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_fwd_session_del *m = msg;
	struct fwd_session *s = table_slot(&fwd.table, m->slot);

	(void)owner, (void)fds, (void)nfds;
	if (s == NULL)
		return;
	flush_all();
	table_remove(&fwd.table, s);
	session_channel_close(s);
	free(s);
}

static const struct ipc_handler handlers[] = {
	{ MSG_fwd_init, fwd_init_handle },
	{ MSG_fwd_udp, fwd_udp_handle },
	{ MSG_fwd_udp_del, fwd_udp_del_handle },
	{ MSG_fwd_session, fwd_session_handle },
	{ MSG_fwd_session_del, fwd_session_del_handle },
};

static void
main_closed(void *owner, int err)
{
	(void)owner, (void)err;
	_exit(0);
}

static const int forwarder_calls[] = { SCMP_SYS(recvmmsg), SCMP_SYS(sendmmsg) };

static void
enter_sandbox(const struct child_args *args)
{
	const struct sandbox_filter own = { forwarder_calls, sizeof(forwarder_calls) / sizeof(forwarder_calls[0]) };

	if (sandbox_isolate(args) != 0 || sandbox_identity(args) != 0)
		fatal("forwarder: cannot give up privileges");
	if (args->sandbox && sandbox_filter((struct sandbox_filter[]){ sandbox_base, own }, 2) != 0)
		fatal("forwarder: no seccomp; offhookd.conf: sandbox = false runs without it");
}

int
main(int argc, char **argv)
{
	struct ipc_fwd_ready ready;
	struct child_args args;

	child_args_parse(argc, argv, &args);
	log_init("offhook-forwarder", args.debug ? LOG_LVL_DEBUG : LOG_LVL_INFO);
	fwd.loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV | EVFLAG_NOTIMERFD);
	table_init(&fwd.table);
	enter_sandbox(&args);
	ipc_chan_start(&fwd.main, fwd.loop, CHILD_CHANNEL_FD, IPC_FORWARDER, IPC_MAIN, handlers,
	    sizeof(handlers) / sizeof(handlers[0]), main_closed, NULL);
	ready.pid = (uint32_t)getpid();
	ipc_send(&fwd.main, MSG_fwd_ready, &ready);
	ev_run(fwd.loop, 0);
	return 0;
}
