/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/data.h"

#include <string.h>

#include "common/buf.h"
#include "common/counters.h"
#include "common/err.h"
#include "server/forwarder/channel.h"
#include "server/forwarder/dgram.h"
#include "server/forwarder/forwarder.h"
#include "server/forwarder/record.h"
#include "server/forwarder/siblings.h"
#include "server/forwarder/split.h"
#include "server/forwarder/steering.h"
#include "server/forwarder/udp_out.h"

#define CANDIDATES_MAX 8     /* sessions that a stray datagram may belong to (protocol.md 3.6) */
#define STRAYS_PER_S   4000  /* of all: an office whose NAT is started again is followed within a second */
#define OLD_KEYS_MS    5000  /* for records that are still on their way when new keys come */
#define DPD_SMALL      64    /* bytes of a DPD request that fit any path */
#define HANDSHAKE_MS   30000 /* after a hello, records that we cannot open may be those of a new handshake */

enum { CONTENT_PACKET = 0, CONTENT_DPD = 3, CONTENT_DPD_ANSWER = 4, CONTENT_KEEPALIVE = 7 }; /* protocol.md 2.2 */

/* ---- records of our own ---- */

/* To the peer that is up. False: the session has no keys here, or none that may go on. */
static bool
record_send(struct fwd_session *s, const uint8_t *content, size_t len)
{
	size_t n;

	if (s->record == NULL || s->up == NULL)
		return false;
	n = record_seal(s->record, content, len, udp_out_room(record_size(s->record, len)));
	if (n == 0)
		return false;
	udp_out_put(&s->up->path, n);
	return true;
}

void
data_seal(struct fwd_session *s, const uint8_t *content, size_t len)
{
	record_send(s, content, len);
}

static void
old_keys_forget(struct fwd_session *s)
{
	record_free(s->record_old);
	s->record_old = NULL;
}

void
data_keys_forget(struct fwd_session *s)
{
	old_keys_forget(s);
	record_free(s->record);
	s->record = NULL;
}

void
data_keys_retire(struct fwd_session *s)
{
	if (s->record == NULL)
		return;
	old_keys_forget(s);
	s->record_old = s->record;
	s->record = NULL;
	s->old_until_ms = forwarder_now_ms() + OLD_KEYS_MS;
}

int
data_keys(struct fwd_session *s, const struct batch_item *item)
{
	struct rd r = rd_init(item->data, item->len);
	struct record_keys keys;
	struct record *fresh;

	if (record_keys_get(&r, &keys) != 0)
		return ERR_BAD_MESSAGE;
	fresh = record_new(&keys);
	explicit_bzero(&keys, sizeof(keys));
	if (fresh == NULL)
		return ERR_BAD_MESSAGE;
	if (s->up == NULL || s->up->tag != item->tag) { /* its socket is gone, say; the client's next hello finds another */
		record_free(fresh);
		return 0;
	}
	data_keys_retire(s);
	s->record = fresh;
	s->on_dtls = true;
	s->hello_ms = 0;
	s->heard_ms = s->data_ms = 0;
	s->keys_ms = forwarder_now_ms();
	s->watch_ms = 0;
	return 0;
}

static uint32_t
age_ms(uint64_t then_ms, uint64_t now_ms)
{
	return then_ms == 0 || now_ms - then_ms > INT32_MAX ? UINT32_MAX : (uint32_t)(now_ms - then_ms);
}

void
data_heard_tell(struct fwd_session *s)
{
	uint64_t now = forwarder_now_ms();
	uint8_t bytes[8];
	struct wr w = wr_init(bytes, sizeof(bytes));

	wr_u32(&w, age_ms(s->heard_ms, now));
	wr_u32(&w, age_ms(s->data_ms, now));
	channel_put(s, BATCH_HEARD, 0, bytes, sizeof(bytes));
}

void
data_watch(struct fwd_session *s, const struct batch_item *item)
{
	struct rd r = rd_init(item->data, item->len);

	s->watch_ms = rd_u32(&r);
	s->watch_said = false;
}

void
data_watch_all(void)
{
	uint64_t now = forwarder_now_ms();

	for (struct fwd_session *s = table_first(&fwd.table); s != NULL; s = s->all_next) {
		uint64_t last = s->heard_ms > s->keys_ms ? s->heard_ms : s->keys_ms;

		if (s->record == NULL || s->watch_ms == 0 || s->watch_said || now - last < s->watch_ms)
			continue;
		s->watch_said = true;
		data_heard_tell(s);
	}
	channel_flush_all();
}

/* ---- towards a client ---- */

/* One byte in front of the packet is overwritten. */
static void
client_packet(void *ctx, uint8_t *packet, size_t len)
{
	struct fwd_session *s = ctx;
	struct counters *n = s->counters;

	n->active_ms = forwarder_now_ms();
	n->tx_packets++;
	n->tx_bytes += len;
	packet[-1] = CONTENT_PACKET;
	if (!s->on_dtls || len > s->path_mtu_bytes || !record_send(s, packet - 1, 1 + len)) {
		channel_put(s, BATCH_PACKET, 0, packet, len);
		return;
	}
	n->dtls_tx_packets++;
	n->dtls_tx_bytes += len;
}

void
data_dropped(struct fwd_session *s, unsigned packets, bool too_big)
{
	struct counters *n = s->counters;

	n->tx_drops += packets;
	n->dtls_tx_drops += packets;
	if (too_big) {
		n->tx_drops_big += packets;
		n->dtls_tx_drops_big += packets;
	} else {
		n->tx_drops_queue += packets;
		n->dtls_tx_drops_queue += packets;
	}
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
	bool dtls = s->up != NULL && (s->record == NULL || s->on_dtls);
	static uint8_t icmp[INNER_MTU6_MIN];
	size_t len;

	s->counters->tx_drops++;
	s->counters->tx_drops_big++;
	s->counters->dtls_tx_drops += dtls;
	s->counters->dtls_tx_drops_big += dtls;
	if (in->version == 6)
		len = inner_too_big6(packet, in, s->ip6, mtu, icmp);
	else
		len = inner_frag_needed(packet, in, s->ip, mtu, icmp);
	if (len > 0)
		fwd.backend.send_own(&fwd.backend, icmp, len);
}

static struct fwd_session *
session_inside(const struct inner *in)
{
	return in->version == 6 ? table_by_ip6(&fwd.table, in->dst6) : table_by_ip(&fwd.table, in->dst);
}

/* Other forwarders that may have the session which a packet is for. */
static unsigned
others_inside(const struct inner *in)
{
	struct addr ip = addr_from_ip4((struct in_addr){ htonl(in->dst) }, 0);

	if (in->version == 6) {
		ip.family = 6;
		memcpy(ip.ip, in->dst6, sizeof(ip.ip));
	}
	return steering_inside(&ip);
}

static void
packet_in(struct fwd_session *s, uint8_t *packet, const struct inner *in)
{
	unsigned mtu = mtu_of(s, in);

	if (inner_keeps_session(in))
		s->data_ms = forwarder_now_ms();
	if (in->len <= mtu)
		client_packet(s, packet, in->len);
	else if (!in->dont_fragment)
		inner_fragment(packet, in, mtu, client_packet, s);
	else
		too_big_answer(s, packet, in, mtu);
}

static void
large_in(struct fwd_session *s, uint8_t *packet, const struct inner *in, const struct virtio_net_hdr *head)
{
	struct split split;
	size_t len, mtu = mtu_of(s, in);

	if (!split_start(&split, packet, in->len, head, mtu))
		return;
	s->data_ms = forwarder_now_ms();
	while ((packet = split_next(&split, &len)) != NULL) {
		struct inner one;

		if (len <= mtu)
			client_packet(s, packet, len);
		else if (inner_parse(packet, len, &one)) /* a UDP datagram of its own */
			packet_in(s, packet, &one);
	}
}

void
data_inside(uint8_t *packet, const struct inner *in)
{
	struct fwd_session *s = session_inside(in);

	if (s != NULL)
		packet_in(s, packet, in);
	else
		siblings_packet(others_inside(in), packet, in->len);
}

void
data_inside_large(uint8_t *packet, const struct inner *in, const struct virtio_net_hdr *head)
{
	struct fwd_session *s = session_inside(in);

	if (s != NULL)
		large_in(s, packet, in, head);
	else
		siblings_large(others_inside(in), packet, in->len, head);
}

void
data_inside_passed(uint8_t *packet, const struct inner *in, const struct virtio_net_hdr *head)
{
	struct fwd_session *s = session_inside(in);

	if (s != NULL && head != NULL && split_wanted(head))
		large_in(s, packet, in, head);
	else if (s != NULL)
		packet_in(s, packet, in);
}

/* ---- from a client ---- */

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

static void
packet_bad(struct counters *n, bool source, bool empty, bool dtls)
{
	n->rx_drops++;
	n->rx_drops_source += source;
	n->rx_drops_worker += empty;
	n->dtls_rx_drops += dtls;
	n->dtls_rx_drops_source += dtls && source;
	n->dtls_rx_drops_worker += dtls && empty;
}

void
data_worker_packet(struct fwd_session *s, uint8_t *packet, size_t size, bool dtls)
{
	struct inner in;
	bool parsed = inner_parse(packet, size, &in);

	if (!parsed || !source_ok(s, &in)) {
		packet_bad(s->counters, parsed, size == 0, dtls);
		return;
	}
	s->counters->active_ms = forwarder_now_ms();
	if (inner_keeps_session(&in))
		s->data_ms = forwarder_now_ms();
	s->on_dtls = dtls && s->record != NULL;
	s->counters->rx_packets++;
	s->counters->rx_bytes += in.len;
	phone_traffic(s->counters, inner_port(packet, &in));
	s->counters->dtls_rx_packets += dtls;
	s->counters->dtls_rx_bytes += dtls ? in.len : 0;
	fwd.backend.send(&fwd.backend, packet, &in);
}

/* ---- outer datagrams ---- */

static void
peer_put(struct peer *p, const uint8_t *data, size_t len)
{
	channel_put(p->session, BATCH_DGRAM, p->tag, data, len);
}

/* What a record of the client has in it: packets are ours, the rest is its worker's. */
static void
content_take(struct fwd_session *s, const struct record_content *c)
{
	uint8_t *data = (uint8_t *)(uintptr_t)c->data; /* it was opened into bytes that may be written */

	s->heard_ms = forwarder_now_ms();
	s->watch_said = false;
	switch (data[0]) {
	case CONTENT_PACKET:
		if (c->len - 1 <= s->mtu_bytes) {
			data_worker_packet(s, data + 1, c->len - 1, true);
			return;
		}
		break; /* the worker wonders at it, then it comes back */
	case CONTENT_KEEPALIVE:
		return;
	case CONTENT_DPD:
		s->on_dtls = true;
		if (c->len <= DPD_SMALL) { /* the same payload, protocol.md 2.2; what measures the path is the worker's */
			data[0] = CONTENT_DPD_ANSWER;
			record_send(s, data, c->len);
			return;
		}
		break;
	default:
		break;
	}
	channel_put(s, BATCH_RECORD, 0, data, c->len);
}

/*
 * Open a record with the session's keys, or those it had a moment ago. In
 * place where no other keys could be tried afterwards; else its content is
 * in a place that the next record takes, and is dealt with at once.
 */
static bool
record_take(struct fwd_session *s, uint8_t *data, size_t len, bool in_place, bool *newest)
{
	static uint8_t scratch[RECORD_EXTRA + RECORD_CONTENT_MAX];
	struct record_content c;
	uint8_t *out;

	if (s->record_old != NULL && forwarder_now_ms() >= s->old_until_ms)
		old_keys_forget(s); /* while they are there, nothing is opened in place and joined with others */
	out = in_place && s->record_old == NULL ? data : scratch;
	if (out == scratch && len > sizeof(scratch))
		return false;
	if (record_open(s->record, data, len, out, &c) != 0) {
		if (s->record_old == NULL || record_open(s->record_old, data, len, out, &c) != 0)
			return false;
		c.newest = false; /* it moves nobody */
	}
	*newest = c.newest;
	content_take(s, &c);
	if (out == scratch)
		fwd.backend.flush(&fwd.backend);
	return true;
}

static bool
handshake_goes_on(const struct fwd_session *s)
{
	return s->hello_ms != 0 && forwarder_now_ms() - s->hello_ms < HANDSHAKE_MS;
}

/*
 * A datagram that begins with a record of data, from a peer that has keys here, or an attempt
 * of its session; record by record. What cannot be opened may be that of a handshake which the
 * worker has not finished yet, if it was not there already. Returns whether any could be opened.
 */
static bool
records_take(struct peer *p, uint8_t *data, size_t len, bool alone, bool from_worker)
{
	struct fwd_session *s = p->session;
	bool handshake = handshake_goes_on(s) && !from_worker, newest = false, opened = false;

	while (len >= RECORD_HEAD) {
		size_t n = RECORD_HEAD + ((size_t)data[11] << 8 | data[12]);

		if (n > len)
			return opened;
		if (data[0] != RECORD_DATA) {
			if (!from_worker)
				peer_put(p, data, n);
		} else if (!record_take(s, data, n, alone && p == s->up && !handshake, &newest)) {
			if (handshake)
				peer_put(p, data, n);
		} else if (newest && p != s->up) {
			table_peer_move(&fwd.table, s, &p->path);
			return true; /* p is not what it was */
		} else {
			opened = true;
		}
		data += n;
		len -= n;
	}
	return opened;
}

void
data_back(struct fwd_session *s, uint8_t tag, uint8_t *data, size_t len)
{
	struct peer *p = table_peer_tag(s, tag);

	if (p != NULL && s->record != NULL)
		records_take(p, data, len, true, true);
}

/*
 * Looking for whose a stray is costs more the more sessions are behind its IP address, which
 * anybody can forge: all together get no more than this.
 */
static bool
strays_allowed(void)
{
	static uint64_t second;
	static unsigned left;
	uint64_t now = forwarder_now_ms() / 1000;

	if (now != second) {
		second = now;
		left = STRAYS_PER_S;
	}
	if (left == 0)
		return false;
	left--;
	return true;
}

/*
 * From an address that is nobody's: a NAT may have moved a client of this IP address (protocol.md 3.6). False: there is
 * none. *opened: it is one's that has keys here.
 */
static bool
stray_take(const struct path *path, uint8_t *data, size_t len, bool *opened)
{
	struct peer *candidates[CANDIDATES_MAX];
	unsigned n;

	if (!strays_allowed())
		return false;
	n = table_by_peer_ip(&fwd.table, &path->peer, candidates, CANDIDATES_MAX);
	for (unsigned i = 0; i < n; i++) {
		struct fwd_session *s = candidates[i]->session;
		uint8_t tag = table_stray_add(s, path, ev_now(fwd.loop));
		bool newest;

		if (tag == 0)
			continue;
		if (s->record == NULL) {
			channel_put(s, BATCH_STRAY, tag, data, len);
		} else if (record_take(s, data, len, false, &newest)) {
			if (newest)
				table_peer_move(&fwd.table, s, path);
			*opened = true;
			return true;
		}
	}
	return n > 0;
}

/* Where a datagram comes from: the network, or a sibling, which has a peer there that is up, or has none. */
enum origin { FROM_NETWORK, FROM_SIBLING, FROM_SIBLING_TAKEN };

/* Those of the peers here that data is for: attempts get nothing that another's live peer may have sent. */
static unsigned
data_count(const struct path *path, unsigned up, unsigned n, enum origin from)
{
	if (up > 0 || from == FROM_SIBLING_TAKEN)
		return up;
	return from == FROM_NETWORK && steering_up_at_path(&path->peer) != 0 ? 0 : n;
}

/* Other forwarders that may have the peer. */
static unsigned
data_others(const struct path *path, unsigned up, enum origin from)
{
	if (from != FROM_NETWORK)
		return 0;
	return steering_at_path(&path->peer) | (up == 0 ? steering_at_ip(&path->peer) : 0);
}

static void
data_take(const struct path *path, uint8_t *data, size_t len, enum origin from)
{
	struct peer *there[CLAIMS_MAX];
	unsigned up, n = table_by_path(&fwd.table, path, there, &up), count = data_count(path, up, n, from);
	unsigned others = data_others(path, up, from);
	bool opened = false, known = n > 0 || from == FROM_SIBLING_TAKEN;

	for (unsigned i = 0; i < count; i++) {
		if (there[i]->session->record != NULL)
			opened |= records_take(there[i], data, len, count == 1 && others == 0, false);
		else
			peer_put(there[i], data, len);
	}
	if (up == 0 && !opened && from != FROM_SIBLING_TAKEN)
		known |= stray_take(path, data, len, &opened);
	if (others != 0 && !opened)
		siblings_datagram(others, path, data, len, up > 0);
	fwd.strange->addresses += !known && others == 0;
}

/* The rest: it may belong to a handshake with any that claims the address. */
static void
other_take(const struct path *path, const uint8_t *data, size_t len, enum origin from)
{
	struct peer *there[CLAIMS_MAX];
	unsigned up, n = table_by_path(&fwd.table, path, there, &up);
	unsigned others = from == FROM_NETWORK ? steering_at_path(&path->peer) : 0;

	for (unsigned i = 0; i < n; i++)
		peer_put(there[i], data, len);
	siblings_datagram(others, path, data, len, up > 0);
	fwd.strange->addresses += n == 0 && others == 0 && from != FROM_SIBLING_TAKEN;
}

static void
hello_take(const struct path *path, const uint8_t *data, size_t len, const uint8_t *id, enum origin from)
{
	struct fwd_session *s = table_by_id(&fwd.table, id);
	unsigned others = s == NULL && from == FROM_NETWORK ? steering_of_id(id) : 0;
	struct peer *p;

	siblings_datagram(others, path, data, len, false);
	fwd.strange->sessions += s == NULL && others == 0;
	if (s == NULL || (p = table_peer_add(&fwd.table, s, path)) == NULL)
		return;
	s->hello_ms = forwarder_now_ms();
	peer_put(p, data, len);
}

/*
 * Whose is it: a ClientHello by the session id in it, anything else by the
 * peer's address. Data goes to the peer that is up there (to each, if two sessions
 * have it: only one can read it); the rest to all that claim the address, since it
 * may belong to a handshake. Another forwarder may have them, or one of them: it is passed on
 * to where such may be. Nobody's is counted and dropped.
 */
static void
outside_take(const struct path *path, uint8_t *data, size_t len, enum origin from)
{
	const uint8_t *id;

	switch (dgram_parse(data, len, &id)) {
	case DGRAM_HELLO:
		hello_take(path, data, len, id, from);
		break;
	case DGRAM_DATA:
		data_take(path, data, len, from);
		break;
	case DGRAM_OTHER:
		other_take(path, data, len, from);
		break;
	case DGRAM_NONE:
		fwd.strange->malformed++;
		break;
	}
}

void
data_outside(const struct path *path, uint8_t *data, size_t len)
{
	outside_take(path, data, len, FROM_NETWORK);
}

void
data_outside_passed(const struct path *path, uint8_t *data, size_t len, bool taken)
{
	outside_take(path, data, len, taken ? FROM_SIBLING_TAKEN : FROM_SIBLING);
}

/* False: the peer is none of ours. */
static bool
too_big_take(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room)
{
	struct peer *p = table_up_at(&fwd.table, u, peer);
	uint8_t bytes[4];
	struct wr w = wr_init(bytes, sizeof(bytes));

	if (p == NULL)
		return false;
	wr_u16(&w, (uint16_t)len);
	wr_u16(&w, (uint16_t)room);
	channel_put(p->session, BATCH_TOO_BIG, p->tag, bytes, sizeof(bytes));
	return true;
}

/* What a router says comes to any socket of an address, whoever sent what it did not like. */
void
data_too_big(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room)
{
	if (!too_big_take(u, peer, len, room))
		siblings_too_big(steering_at_path(peer), u, peer, len, room);
}

void
data_too_big_passed(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room)
{
	too_big_take(u, peer, len, room);
}

void
data_done(void)
{
	fwd.backend.flush(&fwd.backend);
	udp_flush();
	channel_flush_all();
	siblings_flush();
}
