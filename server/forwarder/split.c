/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/split.h"

#include <string.h>

#include "server/forwarder/bytes.h"
#include "server/forwarder/checksum.h"

enum { PROTO_TCP = 6, PROTO_UDP = 17, UDP_HEAD = 8, TCP_HEAD = 20 };
enum { TCP_FIN = 0x01, TCP_PSH = 0x08, TCP_CWR = 0x80 };
enum { TCP_SEQ = 4, TCP_OFFSET = 12, TCP_FLAGS = 13, TCP_SUM = 16, UDP_LEN = 4, UDP_SUM = 6 };

bool
split_start(struct split *s, uint8_t *packet, size_t len, const struct virtio_net_hdr *h, size_t mtu)
{
	unsigned kind = h->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;

	s->udp = kind == VIRTIO_NET_HDR_GSO_UDP_L4;
	if (!s->udp && kind != VIRTIO_NET_HDR_GSO_TCPV4 && kind != VIRTIO_NET_HDR_GSO_TCPV6)
		return false;
	s->transport = h->csum_start;
	if (s->transport < 20 || s->transport + TCP_HEAD > len || s->transport + UDP_HEAD > len || h->gso_size == 0)
		return false;
	s->head_len = s->transport + (s->udp ? UDP_HEAD : (size_t)(packet[s->transport + TCP_OFFSET] >> 4) * 4);
	if (s->head_len > len || s->head_len > sizeof(s->head) || s->head_len < s->transport + (s->udp ? UDP_HEAD : TCP_HEAD))
		return false;
	if (packet[0] >> 4 == 6 ? s->transport < 40 : (size_t)(packet[0] & 15) * 4 > s->transport)
		return false;
	memcpy(s->head, packet, s->head_len);
	s->next = packet + s->head_len;
	s->left = len - s->head_len;
	s->size = h->gso_size;
	if (!s->udp && s->head_len + s->size > mtu)
		s->size = mtu > s->head_len + UDP_HEAD ? mtu - s->head_len : UDP_HEAD;
	s->count = 0;
	return true;
}

static void
ip_put(const struct split *s, uint8_t *packet, size_t len)
{
	if (packet[0] >> 4 == 6) {
		put16(packet + 4, len - 40);
		return;
	}
	put16(packet + 2, len);
	put16(packet + 4, (uint16_t)((s->head[4] << 8 | s->head[5]) + s->count));
	checksum_ip4_put(packet, (size_t)(packet[0] & 15) * 4);
}

static void
transport_put(const struct split *s, uint8_t *packet, size_t len, bool last)
{
	uint8_t *head = packet + s->transport, *sum = head + (s->udp ? UDP_SUM : TCP_SUM);
	size_t n = len - s->transport;
	uint16_t value;

	if (s->udp) {
		put16(head + UDP_LEN, n);
	} else {
		put32(head + TCP_SEQ, get32(s->head + s->transport + TCP_SEQ) + (uint32_t)(s->count * s->size));
		if (!last)
			head[TCP_FLAGS] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
		if (s->count > 0)
			head[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
	}
	checksum_put(sum, 0);
	value = (uint16_t)~checksum_fold(checksum_add(checksum_pseudo(packet, s->udp ? PROTO_UDP : PROTO_TCP, n), head, n));
	checksum_put(sum, s->udp && value == 0 ? 0xffff : value); /* RFC 768: 0 would mean that there is none */
}

uint8_t *
split_next(struct split *s, size_t *len)
{
	size_t n = s->left < s->size ? s->left : s->size;
	uint8_t *packet = s->next - s->head_len;

	if (n == 0)
		return NULL;
	*len = s->head_len + n;
	s->next += n;
	s->left -= n;
	memcpy(packet, s->head, s->head_len);
	ip_put(s, packet, *len);
	transport_put(s, packet, *len, s->left == 0);
	s->count++;
	return packet;
}

bool
split_checksum(uint8_t *packet, size_t len, const struct virtio_net_hdr *h)
{
	size_t at = (size_t)h->csum_start + h->csum_offset;
	uint16_t value;

	if ((h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) == 0)
		return true;
	if (at + 2 > len)
		return false;
	value = (uint16_t)~checksum_fold(checksum_add(0, packet + h->csum_start, len - h->csum_start));
	checksum_put(packet + at, value == 0 ? 0xffff : value); /* the same number in TCP, and never "none" in UDP */
	return true;
}
