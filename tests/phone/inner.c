/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 inside the tunnel: ICMP echo and UDP, built and read in user space. */

#include "inner.h"

#include <string.h>

#include "bytes.h"

static uint32_t
sum_add(uint32_t sum, const uint8_t *p, size_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += get16(p);
	return len ? sum + (uint32_t)(p[0] << 8) : sum;
}

static uint16_t
sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Over addresses, protocol and length, then the UDP datagram. ip is the IPv4 header. */
static uint16_t
udp_sum(const uint8_t *ip, const uint8_t *udp, size_t len)
{
	return sum_fold(sum_add(sum_add((uint32_t)(IPPROTO_UDP + len), ip + 12, 8), udp, len));
}

static void
ip_put(uint8_t *out, const struct inner *p, size_t total, uint8_t protocol)
{
	static uint16_t id;

	memset(out, 0, 20);
	out[0] = 0x45;
	put16(out + 2, (uint16_t)total);
	put16(out + 4, ++id);
	out[8] = 64;
	out[9] = protocol;
	memcpy(out + 12, &p->src, 4);
	memcpy(out + 16, &p->dst, 4);
	put16(out + 10, sum_fold(sum_add(0, out, 20)));
}

size_t
inner_put(uint8_t *out, const struct inner *p)
{
	size_t total = INNER_HEADS + p->len;
	uint8_t *body = out + 20;
	uint16_t sum;

	memset(body, 0, 8);
	if (p->len > 0)
		memcpy(body + 8, p->payload, p->len);
	ip_put(out, p, total, p->kind == INNER_UDP ? IPPROTO_UDP : IPPROTO_ICMP);
	if (p->kind == INNER_UDP) {
		put16(body, p->src_port);
		put16(body + 2, p->dst_port);
		put16(body + 4, (uint16_t)(8 + p->len));
		sum = udp_sum(out, body, 8 + p->len);
		put16(body + 6, sum ? sum : 0xffff);
	} else {
		body[0] = p->kind == INNER_ECHO_REQUEST ? 8 : 0;
		put16(body + 4, p->src_port);
		put16(body + 6, p->dst_port);
		put16(body + 2, sum_fold(sum_add(0, body, 8 + p->len)));
	}
	return total;
}

static const char *
icmp_get(struct inner *p, const uint8_t *body, size_t len)
{
	if (len < 8)
		return "ICMP message is cut";
	if (sum_fold(sum_add(0, body, len)) != 0)
		return "ICMP checksum";
	if (body[0] == 8)
		p->kind = INNER_ECHO_REQUEST;
	else if (body[0] == 0)
		p->kind = INNER_ECHO_REPLY;
	p->src_port = get16(body + 4);
	p->dst_port = get16(body + 6);
	p->payload = body + 8;
	p->len = len - 8;
	return NULL;
}

static const char *
udp_get(struct inner *p, const uint8_t *ip, const uint8_t *body, size_t len)
{
	if (len < 8 || get16(body + 4) != len)
		return "UDP length";
	if (get16(body + 6) != 0 && udp_sum(ip, body, len) != 0)
		return "UDP checksum";
	p->kind = INNER_UDP;
	p->src_port = get16(body);
	p->dst_port = get16(body + 2);
	p->payload = body + 8;
	p->len = len - 8;
	return NULL;
}

const char *
inner_get(struct inner *p, const uint8_t *in, size_t len)
{
	size_t head, total;

	*p = (struct inner){ 0 };
	if (len < 20 || in[0] >> 4 != 4)
		return "no IPv4 packet";
	head = (size_t)(in[0] & 15) * 4;
	total = get16(in + 2);
	if (head < 20 || total < head)
		return "IPv4 header length";
	if (total != len)
		return total > len ? "IPv4 packet is cut" : "bytes after the IPv4 packet";
	if (sum_fold(sum_add(0, in, head)) != 0)
		return "IPv4 header checksum";
	memcpy(&p->src, in + 12, 4);
	memcpy(&p->dst, in + 16, 4);
	if ((get16(in + 6) & 0x3fff) != 0) {
		p->kind = INNER_FRAGMENT;
		return NULL;
	}
	if (in[9] == IPPROTO_ICMP)
		return icmp_get(p, in + head, total - head);
	if (in[9] == IPPROTO_UDP)
		return udp_get(p, in, in + head, total - head);
	return NULL;
}
