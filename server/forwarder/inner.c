/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/inner.h"

#include <netinet/in.h>
#include <string.h>

#include "common/buf.h"
#include "server/forwarder/bytes.h"

enum { PROTO_ICMP = 1, PROTO_UDP = 17, PROTO_ICMP6 = 58 };
enum { ICMP6_TOO_BIG = 2, ICMP6_QUERIES = 128, ICMP6_ECHO = 128, ICMP6_ECHO_REPLY = 129 };
enum { IP6_HEAD = 40, IP6_HOP_LIMIT = 64 };
enum { ICMP_ECHO_REPLY = 0, ICMP_UNREACHABLE = 3, ICMP_ECHO = 8, ICMP_FRAG_NEEDED = 4 };
enum { FLAG_DF = 0x4000, FLAG_MF = 0x2000, OFFSET_MASK = 0x1fff };
enum { IP_HEAD = 20, IP_HEAD_MAX = 60 };

/* RFC 1071; more: what is added to the sum. */
static uint16_t
checksum_with(uint32_t more, const uint8_t *p, size_t len)
{
	uint32_t sum = more;

	for (; len > 1; p += 2, len -= 2)
		sum += get16(p);
	if (len > 0)
		sum += (uint32_t)p[0] << 8;
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)~(sum + (sum >> 16));
}

static uint16_t
checksum(const uint8_t *p, size_t len)
{
	return checksum_with(0, p, len);
}

/* Over the pseudo header of RFC 8200 8.1 and the message. ip6: the header. */
static uint16_t
checksum6(const uint8_t *ip6, unsigned protocol, const uint8_t *p, size_t len)
{
	uint32_t sum = (uint32_t)len + protocol;

	for (size_t i = 8; i < IP6_HEAD; i += 2)
		sum += get16(ip6 + i);
	return checksum_with(sum, p, len);
}

static bool
inner_parse6(const uint8_t *packet, size_t size, struct inner *out)
{
	if (size < IP6_HEAD)
		return false;
	*out = (struct inner){
		.version = 6, .src6 = packet + 8, .dst6 = packet + 24, .head = IP6_HEAD,
		.len = IP6_HEAD + (size_t)get16(packet + 4), .protocol = packet[6], .dont_fragment = true,
	};
	return out->len <= size;
}

bool
inner_parse(const uint8_t *packet, size_t size, struct inner *out)
{
	uint16_t flags;

	if (size > 0 && packet[0] >> 4 == 6)
		return inner_parse6(packet, size, out);
	if (size < IP_HEAD || packet[0] >> 4 != 4)
		return false;
	*out = (struct inner){ .version = 4 };
	out->head = (size_t)(packet[0] & 15) * 4;
	out->len = get16(packet + 2);
	if (out->head < IP_HEAD || out->len < out->head || out->len > size)
		return false;
	flags = get16(packet + 6);
	out->dont_fragment = (flags & FLAG_DF) != 0;
	out->fragment = (flags & (FLAG_MF | OFFSET_MASK)) != 0;
	out->protocol = packet[9];
	out->src = get32(packet + 12);
	out->dst = get32(packet + 16);
	return true;
}

static bool
icmp_may_answer(const uint8_t *packet, const struct inner *in)
{
	static const uint8_t queries[] = { 0, 8, 13, 14 };

	if (in->fragment && (get16(packet + 6) & OFFSET_MASK) != 0)
		return false;
	if (in->src == 0 || in->src >> 24 == 127 || in->src >> 28 >= 14 || in->dst >> 28 >= 14)
		return false; /* RFC 1812 4.3.2.7 */
	if (in->protocol != PROTO_ICMP)
		return true;
	return in->len > in->head && memchr(queries, packet[in->head], sizeof(queries)) != NULL;
}

size_t
inner_frag_needed(const uint8_t *packet, const struct inner *in, uint32_t source, unsigned mtu,
    uint8_t out[INNER_ICMP_MAX])
{
	size_t quote = in->len, len;
	uint8_t *icmp = out + IP_HEAD;

	if (!icmp_may_answer(packet, in))
		return 0;
	if (quote > INNER_ICMP_MAX - IP_HEAD - 8)
		quote = INNER_ICMP_MAX - IP_HEAD - 8;
	len = IP_HEAD + 8 + quote;
	memset(out, 0, IP_HEAD + 8);
	out[0] = 0x45;
	out[1] = 0xc0; /* internetwork control, RFC 1812 4.3.2.5 */
	put16(out + 2, (unsigned)len);
	out[8] = 64;
	out[9] = PROTO_ICMP;
	put32(out + 12, source);
	put32(out + 16, in->src);
	put16(out + 10, checksum(out, IP_HEAD));
	icmp[0] = ICMP_UNREACHABLE;
	icmp[1] = ICMP_FRAG_NEEDED;
	put16(icmp + 6, mtu);
	memcpy(icmp + 8, packet, quote);
	put16(icmp + 2, checksum(icmp, 8 + quote));
	return len;
}

static bool
icmp6_may_answer(const uint8_t *packet, const struct inner *in)
{
	static const uint8_t unspecified[16];

	if (in->src6[0] == 0xff || in->dst6[0] == 0xff || memcmp(in->src6, unspecified, sizeof(unspecified)) == 0)
		return false;
	return in->protocol != PROTO_ICMP6 || (in->len > IP6_HEAD && packet[IP6_HEAD] >= ICMP6_QUERIES);
}

size_t
inner_too_big6(const uint8_t *packet, const struct inner *in, const uint8_t *source6, unsigned mtu,
    uint8_t out[INNER_MTU6_MIN])
{
	size_t quote = in->len < INNER_MTU6_MIN - IP6_HEAD - 8 ? in->len : INNER_MTU6_MIN - IP6_HEAD - 8;
	uint8_t *icmp = out + IP6_HEAD;

	if (!icmp6_may_answer(packet, in))
		return 0;
	memset(out, 0, IP6_HEAD + 8);
	out[0] = 0x60;
	put16(out + 4, (unsigned)(8 + quote));
	out[6] = PROTO_ICMP6;
	out[7] = IP6_HOP_LIMIT;
	memcpy(out + 8, source6, 16);
	memcpy(out + 24, in->src6, 16);
	icmp[0] = ICMP6_TOO_BIG;
	put32(icmp + 4, mtu);
	memcpy(icmp + 8, packet, quote);
	put16(icmp + 2, checksum6(out, PROTO_ICMP6, icmp, 8 + quote));
	return IP6_HEAD + 8 + quote;
}

void
inner_fragment(const uint8_t *packet, const struct inner *in, unsigned mtu,
    void (*fn)(void *ctx, uint8_t *packet, size_t len), void *ctx)
{
	uint16_t flags = get16(packet + 6), offset = flags & OFFSET_MASK;
	const uint8_t *data = packet + in->head;
	size_t left = in->len - in->head, head = in->head;
	uint8_t bytes[1 + 2048], *out = bytes + 1;

	while (left > 0) {
		size_t room = (mtu < sizeof(bytes) - 1 ? mtu : sizeof(bytes) - 1) - head, n = left;
		unsigned more = flags & FLAG_MF;

		if (n > room) {
			n = room & ~(size_t)7;
			more = FLAG_MF;
		}
		memcpy(out, packet, head);
		out[0] = (uint8_t)(0x40 | head / 4);
		put16(out + 2, (unsigned)(head + n));
		put16(out + 6, more | offset);
		put16(out + 10, 0);
		put16(out + 10, checksum(out, head));
		memcpy(out + head, data, n);
		fn(ctx, out, head + n);
		data += n;
		left -= n;
		offset = (uint16_t)(offset + n / 8);
		head = IP_HEAD;
	}
}

static void
swap_bytes(uint8_t *a, uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t t = a[i];

		a[i] = b[i];
		b[i] = t;
	}
}

static bool
inner_echo6(uint8_t *packet, const struct inner *in)
{
	uint8_t *data = packet + IP6_HEAD;
	size_t len = in->len - IP6_HEAD;

	if (in->protocol == PROTO_ICMP6 && len >= 8 && data[0] == ICMP6_ECHO) {
		data[0] = ICMP6_ECHO_REPLY;
		put16(data + 2, 0);
		put16(data + 2, checksum6(packet, PROTO_ICMP6, data, len));
	} else if (in->protocol == PROTO_UDP && len >= 8) {
		swap_bytes(data, data + 2, 2);
	} else {
		return false;
	}
	swap_bytes(packet + 8, packet + 24, 16);
	return true;
}

bool
inner_echo(uint8_t *packet, const struct inner *in)
{
	uint8_t *data = packet + in->head;
	size_t len = in->len - in->head;

	if (in->version == 6)
		return inner_echo6(packet, in);
	if (in->fragment)
		return false;
	if (in->protocol == PROTO_ICMP && len >= 8 && data[0] == ICMP_ECHO) {
		data[0] = ICMP_ECHO_REPLY;
		put16(data + 2, 0);
		put16(data + 2, checksum(data, len));
	} else if (in->protocol == PROTO_UDP && len >= 8) {
		swap_bytes(data, data + 2, 2); /* ports; the sum stays the same */
	} else {
		return false;
	}
	swap_bytes(packet + 12, packet + 16, 4);
	return true;
}

uint16_t
inner_port(const uint8_t *packet, const struct inner *in)
{
	if (in->fragment || (in->protocol != IPPROTO_TCP && in->protocol != IPPROTO_UDP) || in->len < in->head + 4)
		return 0;
	return (uint16_t)(packet[in->head + 2] << 8 | packet[in->head + 3]);
}
