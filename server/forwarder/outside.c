/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/outside.h"

#include "common/buf.h"
#include "common/counters.h"
#include "server/forwarder/channel.h"
#include "server/forwarder/data.h"
#include "server/forwarder/dgram.h"
#include "server/forwarder/fastpath.h"
#include "server/forwarder/forwarder.h"
#include "server/forwarder/siblings.h"
#include "server/forwarder/steering.h"

#define CANDIDATES_MAX 8     /* sessions that a stray datagram may belong to (protocol.md 3.6) */
#define STRAYS_PER_S   4000  /* of all: an office whose NAT is started again is followed within a second */
#define DPD_SMALL      64    /* bytes of a DPD request that fit any path */
#define HANDSHAKE_MS   30000 /* after a hello, records that we cannot open may be those of a new handshake */

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
			fast_send(s, data, c->len);
			return;
		}
		break;
	default:
		break;
	}
	channel_put(s, BATCH_RECORD, 0, data, c->len);
}

/* Open a record, and deal with what is in it. */
static bool
record_take(struct fwd_session *s, uint8_t *data, size_t len, bool in_place, bool *newest)
{
	struct record_content c;
	bool stays;

	if (!fast_open(s, data, len, in_place, &c, &stays))
		return false;
	*newest = c.newest;
	content_take(s, &c);
	if (!stays)
		fwd.backend.flush(&fwd.backend);
	return true;
}

/* A record that is newer than all before came from there. */
static void
peer_moves(struct fwd_session *s, const struct path *path)
{
	if (table_peer_move(&fwd.table, s, path))
		fast_path_note(s, &s->up->path);
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
			peer_moves(s, &p->path);
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
outside_back(struct fwd_session *s, uint8_t tag, uint8_t *data, size_t len)
{
	struct peer *p = table_peer_tag(s, tag);

	if (p != NULL && s->record != NULL)
		records_take(p, data, len, true, true);
}

/* A stray is tried with the keys of several sessions, and anybody can forge its address: all together get no more than this. */
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
				peer_moves(s, path);
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
outside_datagram(const struct path *path, uint8_t *data, size_t len)
{
	outside_take(path, data, len, FROM_NETWORK);
}

void
outside_passed(const struct path *path, uint8_t *data, size_t len, bool taken)
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
outside_too_big(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room)
{
	if (!too_big_take(u, peer, len, room))
		siblings_too_big(steering_at_path(peer), u, peer, len, room);
}

void
outside_too_big_passed(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room)
{
	too_big_take(u, peer, len, room);
}
