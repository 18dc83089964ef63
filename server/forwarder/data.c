/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/data.h"

#include <string.h>

#include "common/counters.h"
#include "server/forwarder/channel.h"
#include "server/forwarder/fastpath.h"
#include "server/forwarder/forwarder.h"
#include "server/forwarder/siblings.h"
#include "server/forwarder/split.h"
#include "server/forwarder/steering.h"
#include "server/forwarder/udp_out.h"

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
	if (!s->on_dtls || len > s->path_mtu_bytes || !fast_send(s, packet - 1, 1 + len)) {
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

void
data_done(void)
{
	fwd.backend.flush(&fwd.backend);
	udp_flush();
	channel_flush_all();
	siblings_flush();
}
