/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/merge.h"

#include <string.h>

#include "server/forwarder/bytes.h"
#include "server/forwarder/checksum.h"
#include "server/forwarder/split.h" /* GSO_UDP_L4 */

enum { PROTO_TCP = 6, PROTO_UDP = 17, UDP_HEAD = 8, TCP_HEAD = 20, IP4_HEAD = 20, IP6_HEAD = 40 };
enum { TCP_PSH = 0x08, TCP_ACK = 0x10 };
enum { TCP_SEQ = 4, TCP_ACK_NUMBER = 8, TCP_OFFSET = 12, TCP_FLAGS = 13, TCP_SUM = 16, TCP_URGENT = 18 };
enum { UDP_LEN = 4, UDP_SUM = 6 };
enum { IP4_ID = 4, IP4_DF = 0x40 };
#define IP_MAX 65535

/* ---- what can be joined ---- */

struct candidate {
	const uint8_t *packet;
	size_t len, transport, head_len, payload;
	bool udp;
	bool joins; /* data and nothing special: else its flow ends before it */
};

/* A whole TCP or UDP packet behind a plain IP header? */
static bool
candidate_read(const uint8_t *packet, const struct inner *in, struct candidate *c)
{
	const uint8_t *t = packet + in->head;

	if ((in->protocol != PROTO_TCP && in->protocol != PROTO_UDP) || in->fragment ||
	    in->head != (in->version == 6 ? IP6_HEAD : IP4_HEAD))
		return false;
	*c = (struct candidate){ .packet = packet, .len = in->len, .transport = in->head, .udp = in->protocol == PROTO_UDP };
	if (in->len < in->head + (c->udp ? UDP_HEAD : TCP_HEAD))
		return false;
	c->head_len = in->head + (c->udp ? UDP_HEAD : (size_t)(t[TCP_OFFSET] >> 4) * 4);
	if (c->head_len > in->len || c->head_len < in->head + UDP_HEAD || c->head_len > MERGE_HEAD_MAX)
		return false;
	c->payload = in->len - c->head_len;
	if (c->udp)
		c->joins = c->payload > 0 && get16(t + UDP_LEN) == in->len - in->head && get16(t + UDP_SUM) != 0;
	else
		c->joins = c->payload > 0 && (t[TCP_FLAGS] & ~TCP_PSH) == TCP_ACK && c->head_len >= in->head + TCP_HEAD;
	return true;
}

/* The same addresses and ports? */
static bool
flow_is(const struct merge_flow *f, const struct candidate *c)
{
	const uint8_t *a = f->first, *b = c->packet;
	bool six = a[0] >> 4 == 6;

	if (f->count == 0 || a[0] != b[0] || f->transport != c->transport || memcmp(a + c->transport, b + c->transport, 4) != 0)
		return false;
	if (six)
		return a[6] == b[6] && memcmp(a + 8, b + 8, 32) == 0;
	return a[9] == b[9] && memcmp(a + 12, b + 12, 8) == 0;
}

/* Would the kernel, cutting the large packet, make the same headers again? */
static bool
ip_continues(const struct merge_flow *f, const uint8_t *p)
{
	const uint8_t *first = f->first;

	if (first[0] >> 4 == 6)
		return memcmp(first, p, 4) == 0 && first[7] == p[7]; /* class, flow label, hop limit */
	if (first[1] != p[1] || memcmp(first + 6, p + 6, 3) != 0) /* service, DF, TTL */
		return false;
	return (p[6] & IP4_DF) != 0 || get16(p + IP4_ID) == (uint16_t)(get16(first + IP4_ID) + f->count);
}

static bool
tcp_continues(const struct merge_flow *f, const uint8_t *p, size_t head_len)
{
	const uint8_t *a = f->first + f->transport, *b = p + f->transport;

	return get32(b + TCP_SEQ) == f->seq && memcmp(a + TCP_ACK_NUMBER, b + TCP_ACK_NUMBER, 5) == 0 &&
	    memcmp(a + TCP_FLAGS + 1, b + TCP_FLAGS + 1, 2) == 0 && /* window */
	    memcmp(a + TCP_URGENT, b + TCP_URGENT, head_len - f->transport - TCP_URGENT) == 0;
}

static bool
continues(const struct merge_flow *f, const struct candidate *c)
{
	if (!f->open || !c->joins || c->head_len != f->head_len || c->payload > f->size || f->count == MERGE_PACKETS ||
	    f->head_len + f->payload + c->payload > IP_MAX || !ip_continues(f, c->packet))
		return false;
	return c->udp || tcp_continues(f, c->packet, c->head_len);
}

/* The kernel will compute the sums anew: one that is wrong must not become right by that. */
static bool
sum_right(const uint8_t *packet, size_t len, size_t transport, bool udp)
{
	size_t n = len - transport;

	if (packet[0] >> 4 == 4 && checksum_fold(checksum_add(0, packet, IP4_HEAD)) != 0xffff)
		return false;
	return checksum_fold(checksum_add(checksum_pseudo(packet, udp ? PROTO_UDP : PROTO_TCP, n), packet + transport, n)) ==
	    0xffff;
}

/* ---- a flow ---- */

static void
flow_start(struct merge_flow *f, const struct candidate *c)
{
	const uint8_t *t = c->packet + c->transport;

	f->count = 1;
	f->first = c->packet;
	f->first_len = c->len;
	f->head_len = c->head_len;
	f->transport = c->transport;
	f->size = f->payload = c->payload;
	f->open = c->joins && (c->udp || (t[TCP_FLAGS] & TCP_PSH) == 0);
	f->sums_checked = false;
	f->last_flags = c->udp ? 0 : t[TCP_FLAGS];
	f->seq = c->udp ? 0 : get32(t + TCP_SEQ) + (uint32_t)c->payload;
	f->iov[2] = (struct iovec){ (void *)(uintptr_t)(c->packet + c->head_len), c->payload };
}

static void
flow_add(struct merge_flow *f, const struct candidate *c)
{
	f->iov[2 + f->count++] = (struct iovec){ (void *)(uintptr_t)(c->packet + c->head_len), c->payload };
	f->payload += c->payload;
	f->seq += (uint32_t)c->payload;
	f->open = c->payload == f->size;
	if (c->udp)
		return;
	f->last_flags = c->packet[c->transport + TCP_FLAGS];
	f->open = f->open && (f->last_flags & TCP_PSH) == 0;
}

/* The headers of the large packet, and what the kernel is told of it. */
static void
flow_heads(struct merge_flow *f, bool udp)
{
	size_t len = f->head_len + f->payload;
	uint8_t *t = f->head + f->transport;

	memcpy(f->head, f->first, f->head_len);
	if (f->head[0] >> 4 == 6) {
		put16(f->head + 4, len - IP6_HEAD);
	} else {
		put16(f->head + 2, len);
		checksum_ip4_put(f->head, IP4_HEAD);
	}
	if (udp)
		put16(t + UDP_LEN, len - f->transport);
	else
		t[TCP_FLAGS] = f->last_flags;
	checksum_put(t + (udp ? UDP_SUM : TCP_SUM),
	    checksum_fold(checksum_pseudo(f->head, udp ? PROTO_UDP : PROTO_TCP, len - f->transport)));
	f->vnet = (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = udp ? VIRTIO_NET_HDR_GSO_UDP_L4 :
		    f->head[0] >> 4 == 6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4,
		.hdr_len = (uint16_t)f->head_len,
		.gso_size = (uint16_t)f->size,
		.csum_start = (uint16_t)f->transport,
		.csum_offset = udp ? UDP_SUM : TCP_SUM,
	};
}

static void
packet_write(struct merge *m, const uint8_t *packet, size_t len)
{
	static struct virtio_net_hdr plain;
	struct iovec iov[2] = { { &plain, sizeof(plain) }, { (void *)(uintptr_t)packet, len } };

	m->write(m->ctx, iov, 2);
}

static bool
flow_udp(const struct merge_flow *f)
{
	return f->first[f->first[0] >> 4 == 6 ? 6 : 9] == PROTO_UDP;
}

static void
flow_end(struct merge *m, struct merge_flow *f)
{
	if (f->count == 1) {
		packet_write(m, f->first, f->first_len);
	} else {
		flow_heads(f, flow_udp(f));
		f->iov[0] = (struct iovec){ &f->vnet, sizeof(f->vnet) };
		f->iov[1] = (struct iovec){ f->head, f->head_len };
		m->write(m->ctx, f->iov, 2 + (int)f->count);
	}
	f->count = 0;
	m->used--;
}

/* ---- packets ---- */

void
merge_init(struct merge *m, bool tcp, bool udp, merge_write_fn write, void *ctx)
{
	memset(m, 0, sizeof(*m));
	m->tcp = tcp;
	m->udp = udp;
	m->write = write;
	m->ctx = ctx;
}

static struct merge_flow *
flow_find(struct merge *m, const struct candidate *c)
{
	for (unsigned i = 0, left = m->used; left > 0; i++) {
		if (m->flows[i].count == 0)
			continue;
		if (flow_is(&m->flows[i], c))
			return &m->flows[i];
		left--;
	}
	return NULL;
}

static struct merge_flow *
flow_room(struct merge *m)
{
	struct merge_flow *f;

	for (unsigned i = 0; i < MERGE_FLOWS; i++) {
		if (m->flows[i].count == 0)
			return &m->flows[i];
	}
	f = &m->flows[m->next];
	m->next = (m->next + 1) % MERGE_FLOWS;
	flow_end(m, f);
	return f;
}

/* Its checksums are right, those before it, too. */
static bool
sums_right(struct merge_flow *f, const struct candidate *c)
{
	if (!f->sums_checked) {
		if (!sum_right(f->first, f->first_len, f->transport, c->udp)) {
			f->open = false;
			return false;
		}
		f->sums_checked = true;
	}
	return sum_right(c->packet, c->len, c->transport, c->udp);
}

void
merge_packet(struct merge *m, const uint8_t *packet, const struct inner *in)
{
	struct merge_flow *f;
	struct candidate c;

	if (!candidate_read(packet, in, &c) || !(c.udp ? m->udp : m->tcp)) {
		packet_write(m, packet, in->len);
		return;
	}
	f = flow_find(m, &c);
	if (f != NULL && continues(f, &c) && sums_right(f, &c)) {
		flow_add(f, &c);
		return;
	}
	if (f != NULL)
		flow_end(m, f); /* packets of one flow stay in order */
	else if (c.joins)
		f = flow_room(m);
	if (!c.joins) {
		packet_write(m, packet, in->len);
		return;
	}
	flow_start(f, &c);
	m->used++;
}

void
merge_flush(struct merge *m)
{
	for (unsigned i = 0; m->used > 0; i++) {
		if (m->flows[i].count > 0)
			flow_end(m, &m->flows[i]);
	}
}
