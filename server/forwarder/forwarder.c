/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forwarder: outer UDP (udp.c), inner packets, and the rules between them
 * that no worker can break: a packet from a session carries that session's
 * address, a datagram goes only to an address that a datagram came from which
 * named the session's secret id, or which the worker found to be its peer's.
 */
#include <ev.h>
#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/err.h"
#include "common/ipc.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/sandbox.h"
#include "server/forwarder/backend.h"
#include "server/forwarder/dgram.h"
#include "server/forwarder/table.h"
#include "server/forwarder/udp.h"

#define CANDIDATES_MAX   8   /* sessions that a stray datagram may belong to (protocol.md 3.6) */
#define MTU_MIN          576 /* RFC 791: what every host takes */
#define BATCHES_PER_CALL 8
#define ITEMS_PER_CALL   512   /* of one worker, then others have their turn */

struct batch_spare {
	struct batch_spare *next;
};

static struct {
	struct ev_loop *loop;
	struct ipc_chan main;
	struct table table;
	struct backend backend;
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
	    (errno == EAGAIN || errno == ENOBUFS)) {
		s->counters->tx_drops += s->out_packets;
		s->counters->tx_drops_queue += s->out_packets;
	}
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

static uint64_t
now_ms(void)
{
	return (uint64_t)(ev_now(fwd.loop) * 1000);
}

static void
client_packet(void *ctx, const uint8_t *packet, size_t len)
{
	struct fwd_session *s = ctx;

	s->counters->active_ms = now_ms();
	s->counters->tx_packets++;
	s->counters->tx_bytes += len;
	session_put(s, BATCH_PACKET, 0, packet, len);
}

/* What the path of this session takes; no less than every IPv6 link does (a worker sends it by CSTP then). */
static unsigned
mtu_of(const struct fwd_session *s, const struct inner *in)
{
	if (in->version == 6 && s->path_mtu_bytes < INNER_MTU6_MIN)
		return INNER_MTU6_MIN;
	return s->path_mtu_bytes;
}

/* In the client's name: the kernel takes no packet from the device that names an address of this host. */
static void
too_big_answer(struct fwd_session *s, const uint8_t *packet, const struct inner *in, unsigned mtu)
{
	static uint8_t icmp[INNER_MTU6_MIN];
	size_t len;

	s->counters->tx_drops++;
	s->counters->tx_drops_big++;
	if (in->version == 6)
		len = inner_too_big6(packet, in, s->ip6, mtu, icmp);
	else
		len = inner_frag_needed(packet, in, s->ip, mtu, icmp);
	if (len > 0)
		fwd.backend.send_own(&fwd.backend, icmp, len);
}

static void
inside_receive(uint8_t *packet, const struct inner *in)
{
	struct fwd_session *s = in->version == 6 ? table_by_ip6(&fwd.table, in->dst6) : table_by_ip(&fwd.table, in->dst);
	unsigned mtu;

	if (s == NULL)
		return;
	mtu = mtu_of(s, in);
	if (in->len <= mtu)
		client_packet(s, packet, in->len);
	else if (!in->dont_fragment)
		inner_fragment(packet, in, mtu, client_packet, s);
	else
		too_big_answer(s, packet, in, mtu);
}

/* ---- from a worker ---- */

static bool
source_ok(const struct fwd_session *s, const struct inner *in)
{
	if (in->version == 6)
		return s->has_ip6 && memcmp(in->src6, s->ip6, sizeof(s->ip6)) == 0;
	return in->src == s->ip;
}

/* Where phones get their configuration (TFTP, HTTP of the call manager), and where they register (SCCP, SIP). */
static void
phone_traffic(struct counters *n, uint16_t port)
{
	switch (port) {
	case 69:
	case 6970:
	case 6972:
		n->config_ms = n->active_ms;
		break;
	case 2000:
	case 2443:
	case 5060:
	case 5061:
		n->registration_ms = n->active_ms;
		break;
	default:
		break;
	}
}

/* An empty one is a worker's way to say that it had to drop a packet. */
static void
worker_packet(struct fwd_session *s, uint8_t *packet, size_t size, bool dtls)
{
	struct inner in;
	bool parsed = inner_parse(packet, size, &in);

	if (!parsed || !source_ok(s, &in)) {
		s->counters->rx_drops++;
		s->counters->rx_drops_source += parsed;
		s->counters->rx_drops_worker += size == 0;
		return;
	}
	s->counters->active_ms = now_ms();
	s->counters->rx_packets++;
	s->counters->rx_bytes += in.len;
	phone_traffic(s->counters, inner_port(packet, &in));
	s->counters->dtls_rx_packets += dtls;
	s->counters->dtls_rx_bytes += dtls ? in.len : 0;
	fwd.backend.send(&fwd.backend, packet, &in);
}

static void
worker_dgram(struct fwd_session *s, const struct batch_item *item)
{
	struct peer *p = table_peer_tag(s, item->tag);

	if (p != NULL)
		udp_send(&p->path, item->data, item->len);
}

static void
worker_peer_up(struct fwd_session *s, uint8_t tag)
{
	struct peer *p = table_peer_tag(s, tag);

	if (p != NULL)
		table_peer_up(&fwd.table, p);
	else
		table_stray_up(&fwd.table, s, tag);
}

/* It matters for its own session only, and never above what main has granted. */
static void
worker_mtu(struct fwd_session *s, const struct batch_item *item)
{
	struct rd r = rd_init(item->data, item->len);
	unsigned mtu = rd_u16(&r);

	if (mtu < MTU_MIN)
		mtu = MTU_MIN;
	s->path_mtu_bytes = mtu < s->mtu_bytes ? mtu : s->mtu_bytes;
}

/* Its own session's figures, which it may spoil as it likes: never more than there was. */
static void
worker_sent(struct fwd_session *s, const struct batch_item *item)
{
	struct rd r = rd_init(item->data, item->len);
	uint32_t packets = rd_u32(&r), bytes = rd_u32(&r), dropped = rd_u32(&r);
	struct counters *n = s->counters;

	if (r.bad || n->dtls_tx_packets + packets > n->tx_packets || n->dtls_tx_bytes + bytes > n->tx_bytes)
		return;
	n->dtls_tx_packets += packets;
	n->dtls_tx_bytes += bytes;
	n->tx_drops += dropped;
}

/* 0, or ERR_BAD_MESSAGE. */
static int
worker_item(struct fwd_session *s, uint8_t *bytes, const struct batch_item *item)
{
	struct peer *p;

	switch (item->type) {
	case BATCH_PACKET:
		worker_packet(s, bytes + (item->data - bytes), item->len, item->tag != 0);
		return 0;
	case BATCH_DGRAM:
		if (item->len < DTLS_HEAD_BYTES)
			return ERR_BAD_MESSAGE; /* a batch could hold thousands of them */
		worker_dgram(s, item);
		return 0;
	case BATCH_PEER_UP:
		worker_peer_up(s, item->tag);
		return 0;
	case BATCH_PEER_DOWN:
		if ((p = table_peer_tag(s, item->tag)) != NULL)
			table_peer_down(&fwd.table, p);
		return 0;
	case BATCH_MTU:
		worker_mtu(s, item);
		return 0;
	case BATCH_SENT:
		worker_sent(s, item);
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
	udp_flush();
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

static void
peer_put(struct peer *p, const uint8_t *data, size_t len)
{
	session_put(p->session, BATCH_DGRAM, p->tag, data, len);
}

/* From an address that is nobody's: a NAT may have moved a client of this IP address (protocol.md 3.6). */
static void
stray_take(const struct path *path, const uint8_t *data, size_t len)
{
	struct peer *candidates[CANDIDATES_MAX];
	unsigned n = table_by_peer_ip(&fwd.table, &path->peer, candidates, CANDIDATES_MAX);

	for (unsigned i = 0; i < n; i++) {
		struct fwd_session *s = candidates[i]->session;
		uint8_t tag = table_stray_add(s, path, ev_now(fwd.loop));

		if (tag != 0)
			session_put(s, BATCH_STRAY, tag, data, len);
	}
}

/*
 * Whose is it: a ClientHello by the session id in it, anything else by the
 * peer's address. Data goes to the peer that is up there (to each, if two sessions
 * have it: only one can read it); the rest to all that claim the address, since it
 * may belong to a handshake. Nobody's is dropped in silence.
 */
static void
dgram_take(const struct path *path, const uint8_t *data, size_t len)
{
	struct peer *there[CLAIMS_MAX], *p;
	struct fwd_session *s;
	const uint8_t *id;
	unsigned n, up;

	switch (dgram_parse(data, len, &id)) {
	case DGRAM_HELLO:
		s = table_by_id(&fwd.table, id);
		if (s != NULL && (p = table_peer_add(&fwd.table, s, path)) != NULL)
			peer_put(p, data, len);
		break;
	case DGRAM_DATA:
		n = table_by_path(&fwd.table, path, there, &up);
		for (unsigned i = 0; i < (up > 0 ? up : n); i++)
			peer_put(there[i], data, len);
		if (up == 0)
			stray_take(path, data, len);
		break;
	case DGRAM_OTHER:
		n = table_by_path(&fwd.table, path, there, &up);
		for (unsigned i = 0; i < n; i++)
			peer_put(there[i], data, len);
		break;
	case DGRAM_NONE:
		break;
	}
}

static void
too_big_take(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room)
{
	struct peer *p = table_up_at(&fwd.table, u, peer);
	uint8_t bytes[4];
	struct wr w = wr_init(bytes, sizeof(bytes));

	if (p == NULL)
		return;
	wr_u16(&w, (uint16_t)len);
	wr_u16(&w, (uint16_t)room);
	session_put(p->session, BATCH_TOO_BIG, p->tag, bytes, sizeof(bytes));
}

static const struct udp_owner udp_owner = { dgram_take, too_big_take, flush_all };

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

	(void)owner;
	if (nfds != 1)
		fatal("forwarder: fwd_udp without its socket");
	udp_add(fds[0], m->socket_id, &m->local);
}

static void
fwd_udp_del_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_fwd_udp_del *m = msg;
	struct udp_socket *u = udp_find(m->socket_id);

	(void)owner, (void)fds, (void)nfds;
	if (u == NULL)
		return;
	table_socket_gone(&fwd.table, u);
	udp_del(u);
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
	s->mtu_bytes = s->path_mtu_bytes = m->mtu_bytes;
	table_set(&fwd.table, s, addr_ip4(&m->address), m->address6.family == 6 ? m->address6.ip : NULL, m->dtls_id.data);
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
	udp_start(fwd.loop, &udp_owner);
	enter_sandbox(&args);
	ipc_chan_start(&fwd.main, fwd.loop, CHILD_CHANNEL_FD, IPC_FORWARDER, IPC_MAIN, handlers,
	    sizeof(handlers) / sizeof(handlers[0]), main_closed, NULL);
	ready.pid = (uint32_t)getpid();
	ipc_send(&fwd.main, MSG_fwd_ready, &ready);
	ev_run(fwd.loop, 0);
	return 0;
}
