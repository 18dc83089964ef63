/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "server/forwarder/inner.h"

#define SRC 0xac106464 /* 172.16.100.100 */
#define DST 0x0a0a0105 /* 10.10.1.5 */

enum { DF = 0x4000, MF = 0x2000 };

static uint8_t packet[70000];
static struct inner in;

static void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* RFC 1071, over bytes that hold their own sum: 0 when it is right. */
static unsigned
sum(const uint8_t *p, size_t len)
{
	unsigned long s = 0;

	for (size_t i = 0; i < len; i++)
		s += i % 2 == 0 ? (unsigned long)p[i] << 8 : p[i];
	while (s >> 16 != 0)
		s = (s >> 16) + (s & 0xffff);
	return (unsigned)(~s & 0xffff);
}

/* A packet with a header of `head` bytes (options: no-operation) and a body of 0, 1, 2 ... */
static void
make(size_t head, size_t len, unsigned flags, uint8_t protocol)
{
	memset(packet, 1, head);
	packet[0] = (uint8_t)(0x40 | head / 4);
	packet[1] = 0;
	put16(packet + 2, (unsigned)len);
	put16(packet + 4, 0x1234);
	put16(packet + 6, flags);
	packet[8] = 61;
	packet[9] = protocol;
	put16(packet + 10, 0);
	put16(packet + 12, SRC >> 16);
	put16(packet + 14, SRC & 0xffff);
	put16(packet + 16, DST >> 16);
	put16(packet + 18, DST & 0xffff);
	put16(packet + 10, sum(packet, head));
	for (size_t i = head; i < len; i++)
		packet[i] = (uint8_t)(i * 11);
	assert_true(inner_parse(packet, len, &in));
}

T(a_header_is_read)
{
	UNUSED;
	make(24, 100, DF, 17);
	assert_int_equal(in.src, SRC);
	assert_int_equal(in.dst, DST);
	assert_int_equal(in.head, 24);
	assert_int_equal(in.len, 100);
	assert_int_equal(in.protocol, 17);
	assert_true(in.dont_fragment);
	assert_false(in.fragment);
	make(20, 100, MF, 17);
	assert_true(in.fragment);
	make(20, 100, 3, 17);
	assert_true(in.fragment);
	assert_false(in.dont_fragment);
}

T(trailing_bytes_are_no_part_of_the_packet)
{
	UNUSED;
	make(20, 100, 0, 17);
	assert_true(inner_parse(packet, 1000, &in));
	assert_int_equal(in.len, 100);
}

T(what_is_no_sound_packet_is_refused)
{
	UNUSED;
	make(20, 100, 0, 17);
	for (size_t len = 0; len < 100; len++) {
		uint8_t *copy = exact(packet, len);

		assert_false(inner_parse(copy, len, &in));
		free(copy);
	}
	make(20, 100, 0, 17);
	packet[0] = 0x65;
	assert_false(inner_parse(packet, 100, &in));
	packet[0] = 0x44; /* a header of 16 bytes */
	assert_false(inner_parse(packet, 100, &in));
	packet[0] = 0x4f;
	put16(packet + 2, 59); /* shorter than its header */
	assert_false(inner_parse(packet, 100, &in));
	packet[0] = 0x45;
	put16(packet + 2, 101); /* longer than what came */
	assert_false(inner_parse(packet, 100, &in));
}

T(frag_needed_names_mtu_and_packet)
{
	uint8_t out[INNER_ICMP_MAX];
	size_t len;

	UNUSED;
	make(20, 1500, DF, 6);
	len = inner_frag_needed(packet, &in, 0xac1064fa, 1290, out);
	assert_int_equal(len, INNER_ICMP_MAX);
	assert_int_equal(get16(out + 2), len);
	assert_int_equal(out[9], 1);
	assert_memory_equal(out + 12, "\xac\x10\x64\xfa", 4);
	assert_memory_equal(out + 16, packet + 12, 4);
	assert_int_equal(sum(out, 20), 0);
	assert_int_equal(out[20], 3);
	assert_int_equal(out[21], 4);
	assert_int_equal(get16(out + 26), 1290);
	assert_int_equal(sum(out + 20, len - 20), 0);
	assert_memory_equal(out + 28, packet, len - 28);
}

T(frag_needed_quotes_a_short_packet_whole)
{
	uint8_t out[INNER_ICMP_MAX];

	UNUSED;
	make(24, 101, DF, 17); /* an odd length, for the sum */
	assert_int_equal(inner_frag_needed(packet, &in, 0xac1064fa, 68, out), 28 + 101);
	assert_memory_equal(out + 28, packet, 101);
	assert_int_equal(sum(out + 20, 8 + 101), 0);
}

T(frag_needed_is_not_sent_where_none_may_be)
{
	uint8_t out[INNER_ICMP_MAX];

	UNUSED;
	make(20, 1500, DF, 1);
	packet[20] = 3; /* about an ICMP error */
	assert_int_equal(inner_frag_needed(packet, &in, 1, 1290, out), 0);
	packet[20] = 8; /* about an echo it may */
	assert_true(inner_frag_needed(packet, &in, 1, 1290, out) > 0);
	make(20, 1500, DF | 5, 17); /* about a later fragment */
	assert_int_equal(inner_frag_needed(packet, &in, 1, 1290, out), 0);
	make(20, 1500, DF | MF, 17); /* about the first one it may */
	assert_true(inner_frag_needed(packet, &in, 1, 1290, out) > 0);
	make(20, 1500, DF, 17);
	in.dst = 0xe0000001; /* to a group */
	assert_int_equal(inner_frag_needed(packet, &in, 1, 1290, out), 0);
	make(20, 1500, DF, 17);
	in.src = 0;
	assert_int_equal(inner_frag_needed(packet, &in, 1, 1290, out), 0);
	in.src = 0x7f000001;
	assert_int_equal(inner_frag_needed(packet, &in, 1, 1290, out), 0);
	in.src = 0xefffffff;
	assert_int_equal(inner_frag_needed(packet, &in, 1, 1290, out), 0);
}

/* What fragments come to, put together as a receiver would. */
static struct whole {
	uint8_t data[70000];
	bool have[70000];
	size_t end, fragments, last;
	unsigned mtu, offset;
} whole;

static void
collect(void *ctx, uint8_t *p, size_t len)
{
	struct whole *w = ctx;
	struct inner f;
	size_t at;

	assert_true(len <= w->mtu);
	assert_true(inner_parse(p, len, &f));
	assert_int_equal(f.len, len);
	assert_int_equal(sum(p, f.head), 0);
	assert_false(f.dont_fragment);
	assert_int_equal(get16(p + 4), 0x1234);
	assert_int_equal(f.src, SRC);
	assert_int_equal(f.dst, DST);
	at = (get16(p + 6) & 0x1fff) * 8 - w->offset * 8;
	if (get16(p + 6) & MF)
		assert_int_equal((len - f.head) % 8, 0);
	else
		w->last++;
	if (w->fragments++ > 0)
		assert_int_equal(f.head, 20);
	for (size_t i = 0; i < len - f.head; i++) {
		assert_false(w->have[at + i]);
		w->have[at + i] = true;
		w->data[at + i] = p[f.head + i];
	}
	if (at + len - f.head > w->end)
		w->end = at + len - f.head;
}

static void
fragment(size_t head, size_t len, unsigned flags, unsigned mtu)
{
	memset(&whole, 0, sizeof(whole));
	make(head, len, flags, 17);
	whole.mtu = mtu;
	whole.offset = flags & 0x1fff;
	inner_fragment(packet, &in, mtu, collect, &whole);
	assert_int_equal(whole.end, len - head);
	for (size_t i = 0; i < whole.end; i++)
		assert_true(whole.have[i]);
	assert_memory_equal(whole.data, packet + head, len - head);
}

T(fragments_come_to_the_same_bytes)
{
	static const size_t lens[] = { 1291, 1500, 1501, 2565, 2566, 4000, 9000, 65535 };
	static const unsigned mtus[] = { 576, 1290, 1291, 1406, 1500 };

	UNUSED;
	for (size_t i = 0; i < COUNT(lens); i++) {
		for (size_t k = 0; k < COUNT(mtus); k++) {
			fragment(20, lens[i], 0, mtus[k]);
			assert_int_equal(whole.last, 1);
			fragment(60, lens[i], 0, mtus[k]);
			assert_int_equal(whole.last, 1);
		}
	}
}

T(a_fragment_is_cut_into_fragments_of_the_same_packet)
{
	UNUSED;
	fragment(20, 20 + 2000, MF | 185, 576);
	assert_int_equal(whole.last, 0); /* more follow behind all of them */
	fragment(20, 20 + 2001, 185, 576);
	assert_int_equal(whole.last, 1);
}

T(an_echo_request_becomes_its_reply)
{
	uint8_t body[100];

	UNUSED;
	make(20, 20 + 8 + 57, 0, 1);
	packet[20] = 8;
	packet[21] = 0;
	put16(packet + 22, 0);
	put16(packet + 22, sum(packet + 20, 65));
	memcpy(body, packet + 28, 57);
	assert_true(inner_echo(packet, &in));
	assert_int_equal(packet[20], 0);
	assert_int_equal(sum(packet + 20, 65), 0);
	assert_int_equal(sum(packet, 20), 0);
	assert_memory_equal(packet + 28, body, 57);
	assert_true(inner_parse(packet, 85, &in));
	assert_int_equal(in.src, DST);
	assert_int_equal(in.dst, SRC);
}

T(a_udp_datagram_goes_back_to_its_port)
{
	UNUSED;
	make(24, 24 + 8 + 30, 0, 17);
	put16(packet + 24, 5000);
	put16(packet + 26, 7);
	put16(packet + 30, 0xbeef);
	assert_true(inner_echo(packet, &in));
	assert_int_equal(get16(packet + 24), 7);
	assert_int_equal(get16(packet + 26), 5000);
	assert_int_equal(get16(packet + 30), 0xbeef);
	assert_int_equal(sum(packet, 24), 0);
	assert_true(inner_parse(packet, 62, &in));
	assert_int_equal(in.src, DST);
}

static void
no_echo(void)
{
	static uint8_t before[70000];

	memcpy(before, packet, in.len);
	assert_false(inner_echo(packet, &in));
	assert_memory_equal(packet, before, in.len);
}

T(nothing_else_is_echoed_or_touched)
{
	UNUSED;
	make(20, 100, 0, 6);
	no_echo();
	make(20, 100, 0, 1);
	packet[20] = 0; /* a reply */
	no_echo();
	packet[20] = 13;
	no_echo();
	make(20, 27, 0, 17); /* too short for UDP */
	no_echo();
	make(20, 27, 0, 1);
	packet[20] = 8;
	no_echo();
	make(20, 100, MF, 17);
	no_echo();
	make(20, 20, 0, 17);
	no_echo();
}

/* ---- IPv6 ---- */

static const uint8_t src6[16] = { 0x20, 1, 0xd, 0xb8, 0, 1, [15] = 5 }, dst6[16] = { 0x20, 1, 0xd, 0xb8, 0, 2, [15] = 9 };

/* The sum of RFC 8200 8.1, 0 when it is right. */
static unsigned
sum6(const uint8_t *p, size_t len)
{
	uint8_t all[2000] = { 0 };

	assert_true(len - 40 + 40 <= sizeof(all));
	memcpy(all, p + 8, 32);
	put16(all + 34, (unsigned)(len - 40));
	all[39] = p[6];
	memcpy(all + 40, p + 40, len - 40);
	return sum(all, len);
}

static void
make6(size_t len, uint8_t next)
{
	memset(packet, 0, 40);
	packet[0] = 0x60;
	put16(packet + 4, (unsigned)(len - 40));
	packet[6] = next;
	packet[7] = 61;
	memcpy(packet + 8, src6, 16);
	memcpy(packet + 24, dst6, 16);
	for (size_t i = 40; i < len; i++)
		packet[i] = (uint8_t)(i * 11);
	assert_true(inner_parse(packet, len, &in));
}

T(an_ipv6_header_is_read)
{
	UNUSED;
	make6(100, 17);
	assert_int_equal(in.version, 6);
	assert_int_equal(in.len, 100);
	assert_int_equal(in.head, 40);
	assert_int_equal(in.protocol, 17);
	assert_true(in.dont_fragment);
	assert_false(in.fragment);
	assert_memory_equal(in.src6, src6, 16);
	assert_memory_equal(in.dst6, dst6, 16);
	assert_true(inner_parse(packet, 1000, &in)); /* bytes behind it do not count */
	assert_int_equal(in.len, 100);
	for (size_t len = 0; len < 100; len++) {
		uint8_t *copy = exact(packet, len);

		assert_false(inner_parse(copy, len, &in));
		free(copy);
	}
}

T(packet_too_big_follows_rfc_4443)
{
	uint8_t out[INNER_MTU6_MIN];
	size_t len;

	UNUSED;
	make6(1500, 6);
	len = inner_too_big6(packet, &in, dst6, 1300, out);
	assert_int_equal(len, 1280);
	assert_int_equal(out[0] >> 4, 6);
	assert_int_equal(get16(out + 4), 1240);
	assert_int_equal(out[6], 58);
	assert_memory_equal(out + 8, dst6, 16);
	assert_memory_equal(out + 24, src6, 16);
	assert_int_equal(out[40], 2);
	assert_int_equal(out[41], 0);
	assert_int_equal(get16(out + 44), 0);
	assert_int_equal(get16(out + 46), 1300);
	assert_memory_equal(out + 48, packet, 1280 - 48);
	assert_int_equal(sum6(out, len), 0);
}

T(no_packet_too_big_about_errors_or_to_many)
{
	uint8_t out[INNER_MTU6_MIN];

	UNUSED;
	make6(1500, 58);
	packet[40] = 1; /* unreachable */
	assert_int_equal(inner_too_big6(packet, &in, dst6, 1300, out), 0);
	packet[40] = 128; /* echo */
	assert_int_not_equal(inner_too_big6(packet, &in, dst6, 1300, out), 0);
	packet[24] = 0xff;
	assert_int_equal(inner_too_big6(packet, &in, dst6, 1300, out), 0);
	packet[24] = 0x20;
	memset(packet + 8, 0, 16);
	assert_int_equal(inner_too_big6(packet, &in, dst6, 1300, out), 0);
}

T(an_ipv6_echo_and_udp_come_back)
{
	UNUSED;
	make6(85, 58);
	packet[40] = 128;
	packet[41] = 0;
	put16(packet + 42, 0);
	put16(packet + 42, sum6(packet, 85));
	assert_true(inner_echo(packet, &in));
	assert_int_equal(packet[40], 129);
	assert_memory_equal(packet + 8, dst6, 16);
	assert_memory_equal(packet + 24, src6, 16);
	assert_int_equal(sum6(packet, 85), 0);
	make6(62, 17);
	put16(packet + 40, 1000);
	put16(packet + 42, 7);
	put16(packet + 46, 0);
	put16(packet + 46, sum6(packet, 62));
	assert_true(inner_echo(packet, &in));
	assert_int_equal(get16(packet + 40), 7);
	assert_int_equal(get16(packet + 42), 1000);
	assert_int_equal(sum6(packet, 62), 0);
	make6(62, 6);
	assert_false(inner_echo(packet, &in));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_read),
		cmocka_unit_test(trailing_bytes_are_no_part_of_the_packet),
		cmocka_unit_test(what_is_no_sound_packet_is_refused),
		cmocka_unit_test(frag_needed_names_mtu_and_packet),
		cmocka_unit_test(frag_needed_quotes_a_short_packet_whole),
		cmocka_unit_test(frag_needed_is_not_sent_where_none_may_be),
		cmocka_unit_test(fragments_come_to_the_same_bytes),
		cmocka_unit_test(a_fragment_is_cut_into_fragments_of_the_same_packet),
		cmocka_unit_test(an_echo_request_becomes_its_reply),
		cmocka_unit_test(a_udp_datagram_goes_back_to_its_port),
		cmocka_unit_test(nothing_else_is_echoed_or_touched),
		cmocka_unit_test(an_ipv6_header_is_read),
		cmocka_unit_test(packet_too_big_follows_rfc_4443),
		cmocka_unit_test(no_packet_too_big_about_errors_or_to_many),
		cmocka_unit_test(an_ipv6_echo_and_udp_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
