/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Large packets cut into what they stand for, packets joined into large ones, and back. */
#include "tests/unit/unit.h"

#include "server/forwarder/checksum.h"
#include "server/forwarder/merge.h"
#include "server/forwarder/split.h"

enum { TCP = 6, UDP = 17, FIN = 1, SYN = 2, PSH = 8, ACK = 16, CWR = 128 };

#define PACKETS 100

static struct {
	uint8_t bytes[PACKETS][1600];
	size_t len[PACKETS];
	unsigned count;
} in, out;

static struct merge merge;

/* ---- packets ---- */

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

struct flow {
	bool six;
	uint8_t protocol, flags, ttl;
	unsigned ports, id, options; /* options: bytes of TCP's */
	uint32_t seq;
	bool df;
};

static const struct flow tcp4 = { .protocol = TCP, .flags = ACK, .ttl = 64, .ports = 5001, .id = 7, .seq = 1000, .df = true, .options = 12 };
static const struct flow tcp6 = { .six = true, .protocol = TCP, .flags = ACK, .ttl = 64, .ports = 5001, .seq = 0xffffff00, .options = 12 };
static const struct flow udp4 = { .protocol = UDP, .ttl = 64, .ports = 5060, .id = 0xfffe, .df = false };
static const struct flow udp6 = { .six = true, .protocol = UDP, .ttl = 64, .ports = 5060 };

static size_t
head_of(const struct flow *f)
{
	return (size_t)(f->six ? 40 : 20) + (f->protocol == UDP ? 8 : 20 + f->options);
}

static void
sum_put(uint8_t *p, size_t len, size_t transport, uint8_t protocol)
{
	uint8_t *at = p + transport + (protocol == UDP ? 6 : 16);
	uint16_t v;

	put16(at, 0);
	v = (uint16_t)~checksum_fold(checksum_add(checksum_pseudo(p, protocol, len - transport), p + transport, len - transport));
	checksum_put(at, v == 0 ? 0xffff : v);
}

/* A sound packet of the flow, payload bytes that depend on where they stand in it; the flow goes on. */
static size_t
make(struct flow *f, uint8_t *p, size_t payload)
{
	size_t transport = f->six ? 40 : 20, len = head_of(f) + payload;
	uint8_t *t = p + transport;

	memset(p, 0, head_of(f));
	if (f->six) {
		p[0] = 0x60;
		put16(p + 4, (unsigned)(len - 40));
		p[6] = f->protocol;
		p[7] = f->ttl;
		memset(p + 8, 0x20, 16);
		memset(p + 24, 0x30, 16);
	} else {
		p[0] = 0x45;
		put16(p + 2, (unsigned)len);
		put16(p + 4, f->id++ & 0xffff);
		p[6] = f->df ? 0x40 : 0;
		p[8] = f->ttl;
		p[9] = f->protocol;
		put32(p + 12, 0x0a0a0101);
		put32(p + 16, 0xac106464);
		checksum_ip4_put(p, 20);
	}
	put16(t, f->ports);
	put16(t + 2, f->ports);
	if (f->protocol == UDP) {
		put16(t + 4, (unsigned)(len - transport));
	} else {
		put32(t + 4, f->seq);
		put32(t + 8, 77);
		t[12] = (uint8_t)((20 + f->options) / 4 << 4);
		t[13] = f->flags;
		put16(t + 14, 500);
		memset(t + 20, 1, f->options);
	}
	for (size_t i = 0; i < payload; i++)
		p[head_of(f) + i] = (uint8_t)((f->seq + i) * 7);
	f->seq += (uint32_t)payload;
	sum_put(p, len, transport, f->protocol);
	return len;
}

static bool
sound(const uint8_t *p, size_t len)
{
	bool six = p[0] >> 4 == 6;
	size_t transport = six ? 40 : 20;

	if (!six && checksum_fold(checksum_add(0, p, 20)) != 0xffff)
		return false;
	return checksum_fold(checksum_add(checksum_pseudo(p, p[six ? 6 : 9], len - transport), p + transport, len - transport)) == 0xffff;
}

/* ---- merge, whose large packets are cut again at once: what comes out is what went in ---- */

static unsigned writes, largest;

static void
take(void *ctx, const struct iovec *iov, int count)
{
	static uint8_t whole[1 + 70000];
	struct virtio_net_hdr h;
	struct split split;
	size_t len = 0, n;
	uint8_t *p;

	(void)ctx;
	writes++;
	assert_int_equal(iov[0].iov_len, sizeof(h));
	memcpy(&h, iov[0].iov_base, sizeof(h));
	for (int i = 1; i < count; i++) {
		memcpy(whole + 1 + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	assert_true(len <= 65535);
	if (!split_wanted(&h)) {
		assert_int_equal(h.flags, 0);
		memcpy(out.bytes[out.count], whole + 1, len);
		out.len[out.count++] = len;
		return;
	}
	assert_int_equal(h.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	if (whole[1] >> 4 == 4) { /* the kernel looks at this one */
		assert_int_equal(checksum_fold(checksum_add(0, whole + 1, 20)), 0xffff);
		assert_int_equal(get16(whole + 3), len);
	}
	assert_true(split_start(&split, whole + 1, len, &h, 65535));
	for (unsigned k = 0; (p = split_next(&split, &n)) != NULL; k++) {
		largest = k + 1 > largest ? k + 1 : largest;
		assert_true(sound(p, n));
		memcpy(out.bytes[out.count], p, n);
		out.len[out.count++] = n;
	}
}

static void
start(bool tcp, bool udp)
{
	memset(&in, 0, sizeof(in));
	memset(&out, 0, sizeof(out));
	writes = largest = 0;
	merge_init(&merge, tcp, udp, take, NULL);
}

static void
put(struct flow *f, size_t payload)
{
	in.len[in.count] = make(f, in.bytes[in.count], payload);
	in.count++;
}

/* The packets so far into the device; want: writes. */
static void
run(unsigned want)
{
	for (unsigned i = 0; i < in.count; i++) {
		struct inner inner;

		assert_true(inner_parse(in.bytes[i], in.len[i], &inner));
		merge_packet(&merge, in.bytes[i], &inner);
	}
	merge_flush(&merge);
	assert_int_equal(writes, want);
	assert_int_equal(out.count, in.count);
}

static void
same_order(void)
{
	for (unsigned i = 0; i < in.count; i++) {
		assert_int_equal(out.len[i], in.len[i]);
		assert_memory_equal(out.bytes[i], in.bytes[i], in.len[i]);
	}
}

T(packets_of_a_flow_become_one_and_the_same_packets_again)
{
	static const struct flow *const flows[] = { &tcp4, &tcp6, &udp4, &udp6 };

	UNUSED;
	for (size_t k = 0; k < COUNT(flows); k++) {
		struct flow f = *flows[k];

		start(true, true);
		for (unsigned i = 0; i < 40; i++)
			put(&f, 1200);
		put(&f, 333);
		run(1);
		assert_int_equal(largest, 41);
		same_order();
	}
}

T(a_lone_packet_goes_as_it_is_broken_or_not)
{
	struct flow f = tcp4;

	UNUSED;
	start(true, true);
	put(&f, 100);
	in.bytes[0][50] ^= 1;
	run(1);
	same_order();
}

T(no_large_packet_is_longer_than_ip_allows)
{
	struct flow f = tcp4;

	UNUSED;
	start(true, true);
	for (unsigned i = 0; i < 99; i++)
		put(&f, 1400);
	run(3); /* 46 packets of 1400 bytes in 65535 */
	same_order();
	f = udp4;
	start(true, true);
	for (unsigned i = 0; i < 99; i++)
		put(&f, 160);
	run(2); /* 64 and 35 */
	assert_int_equal(largest, MERGE_PACKETS);
	same_order();
}

/* Each case: two packets, the second changed so that it does not follow the first; then two writes. */
#define APART(like, change)                                \
	do {                                               \
		struct flow f = like;                      \
		uint8_t *p;                                \
		start(true, true);                         \
		put(&f, 500);                              \
		put(&f, 500);                              \
		p = in.bytes[1];                           \
		change;                                    \
		if (p[0] >> 4 == 4)                        \
			checksum_ip4_put(p, 20);           \
		sum_put(p, in.len[1], p[0] >> 4 == 4 ? 20 : 40, f.protocol); \
		run(2);                                    \
		same_order();                              \
	} while (0)

T(what_does_not_follow_is_not_joined)
{
	UNUSED;
	APART(tcp4, p[20 + 7] ^= 1);       /* number */
	APART(tcp4, p[20 + 11] ^= 1);      /* acknowledgement */
	APART(tcp4, p[20 + 15] ^= 1);      /* window */
	APART(tcp4, p[20 + 25] ^= 1);      /* an option */
	APART(tcp4, p[20 + 13] |= SYN);
	APART(tcp4, p[20 + 13] |= FIN);
	APART(tcp4, p[20 + 13] |= CWR);
	APART(tcp4, p[1] = 3);             /* congestion was met */
	APART(tcp4, p[8] = 63);            /* TTL */
	APART(tcp4, p[6] = 0);             /* DF */
	APART(tcp4, p[19] ^= 1);           /* address */
	APART(tcp4, p[21] ^= 1);           /* port */
	APART(tcp6, p[1] ^= 1);            /* flow label */
	APART(tcp6, p[7] ^= 1);            /* hop limit */
	APART(tcp6, p[39] ^= 1);           /* address */
	APART(udp4, p[5] ^= 1);            /* identification, as fragments could follow */
	APART(udp6, p[43] ^= 1);
}

T(a_larger_one_begins_anew_and_a_smaller_one_ends)
{
	struct flow f = udp4;

	UNUSED;
	start(true, true);
	put(&f, 100);
	put(&f, 100);
	put(&f, 101);
	put(&f, 60);
	put(&f, 60);
	run(3);
	same_order();
}

T(a_push_ends_a_large_packet_and_stays_in_it)
{
	struct flow f = tcp4;

	UNUSED;
	start(true, true);
	put(&f, 1000);
	f.flags = ACK | PSH;
	put(&f, 1000);
	f.flags = ACK;
	put(&f, 1000);
	run(2);
	same_order();
}

T(a_wrong_checksum_stays_wrong)
{
	UNUSED;
	for (unsigned bad = 0; bad < 3; bad++) {
		struct flow f = tcp4;

		start(true, true);
		for (unsigned i = 0; i < 3; i++)
			put(&f, 700);
		in.bytes[bad][400] ^= 0x40;
		run(bad == 1 ? 3 : 2);
		same_order();
		assert_false(sound(out.bytes[bad], out.len[bad]));
	}
}

T(a_datagram_without_a_checksum_is_not_given_one)
{
	struct flow f = udp4;

	UNUSED;
	start(true, true);
	for (unsigned i = 0; i < 3; i++) {
		put(&f, 100);
		put16(in.bytes[i] + 26, 0);
	}
	run(3);
	same_order();
}

T(each_flow_keeps_its_order_among_others)
{
	struct flow flows[12];
	unsigned next[COUNT(flows)] = { 0 };

	UNUSED;
	start(true, true);
	for (unsigned i = 0; i < COUNT(flows); i++) {
		flows[i] = i % 2 ? tcp4 : udp4;
		flows[i].ports = 6000 + i;
		flows[i].seq = 0;
	}
	for (unsigned i = 0; i < 96; i++) {
		struct flow *f = &flows[i * 5 % COUNT(flows)];

		f->flags = i % 7 == 0 ? ACK | FIN : ACK; /* what is not joined must not overtake either */
		put(f, 90);
	}
	for (unsigned i = 0; i < in.count; i++) {
		struct inner inner;

		assert_true(inner_parse(in.bytes[i], in.len[i], &inner));
		merge_packet(&merge, in.bytes[i], &inner);
	}
	merge_flush(&merge);
	assert_int_equal(out.count, in.count);
	for (unsigned i = 0; i < out.count; i++) {
		unsigned f = get16(out.bytes[i] + 20) - 6000u, k = 0;

		assert_true(f < COUNT(flows));
		for (unsigned j = 0; j < in.count; j++) { /* the next of this flow */
			if (get16(in.bytes[j] + 20) - 6000u == f && k++ == next[f]) {
				assert_memory_equal(out.bytes[i], in.bytes[j], in.len[j]);
				break;
			}
		}
		next[f]++;
	}
}

T(what_the_kernel_does_not_take_is_not_joined)
{
	UNUSED;
	for (unsigned k = 0; k < 2; k++) {
		struct flow f = k ? tcp4 : udp4;

		start(k == 0, k == 1);
		put(&f, 100);
		put(&f, 100);
		run(2);
		same_order();
	}
}

T(fragments_and_odd_packets_pass)
{
	struct flow f = udp4;
	struct inner inner;

	UNUSED;
	start(true, true);
	put(&f, 100);
	put(&f, 100);
	in.bytes[1][6] = 0x20; /* more fragments */
	checksum_ip4_put(in.bytes[1], 20);
	put(&f, 100);
	in.bytes[2][9] = 1; /* ICMP */
	checksum_ip4_put(in.bytes[2], 20);
	put(&f, 0);
	for (unsigned i = 0; i < in.count; i++) {
		assert_true(inner_parse(in.bytes[i], in.len[i], &inner));
		merge_packet(&merge, in.bytes[i], &inner);
	}
	merge_flush(&merge);
	assert_int_equal(out.count, in.count);
}

/* ---- split alone ---- */

static uint8_t large[1 + 66000];

/* A large packet as the kernel gives it, the checksum left at the pseudo header's. */
static struct virtio_net_hdr
large_make(struct flow *f, size_t payload, size_t size)
{
	size_t transport = f->six ? 40 : 20, len = make(f, large + 1, payload);
	uint8_t *at = large + 1 + transport + (f->protocol == UDP ? 6 : 16);

	checksum_put(at, checksum_fold(checksum_pseudo(large + 1, f->protocol, len - transport)));
	return (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = (uint16_t)transport, .csum_offset = f->protocol == UDP ? 6 : 16,
		.gso_size = (uint16_t)size, .hdr_len = (uint16_t)head_of(f),
		.gso_type = f->protocol == UDP ? VIRTIO_NET_HDR_GSO_UDP_L4 : f->six ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4,
	};
}

T(no_packet_exceeds_the_mtu_and_nothing_is_missing)
{
	static const unsigned mtus[] = { 576, 1280, 1290, 1406 };

	UNUSED;
	for (size_t k = 0; k < COUNT(mtus); k++) {
		for (unsigned six = 0; six < 2; six++) {
			struct flow f = six ? tcp6 : tcp4;
			uint32_t seq = f.seq;
			struct virtio_net_hdr h;
			struct split s;
			size_t len, total = 0;
			uint8_t *p;

			f.flags = ACK | PSH | FIN | CWR;
			h = large_make(&f, 60000, 1448);
			assert_true(split_start(&s, large + 1, head_of(&f) + 60000, &h, mtus[k]));
			while ((p = split_next(&s, &len)) != NULL) {
				const uint8_t *t = p + (six ? 40 : 20);
				bool last = total + len - head_of(&f) == 60000;

				assert_true(len <= mtus[k] && sound(p, len));
				assert_int_equal((uint32_t)get16(t + 4) << 16 | get16(t + 6), (uint32_t)(seq + total));
				assert_int_equal(t[13], ACK | (last ? PSH | FIN : 0) | (total == 0 ? CWR : 0));
				if (!six)
					assert_int_equal(get16(p + 4), 7 + total / (mtus[k] - head_of(&f)));
				for (size_t i = 0; i < len - head_of(&f); i++)
					assert_int_equal(p[head_of(&f) + i], (uint8_t)((seq + total + i) * 7));
				total += len - head_of(&f);
			}
			assert_int_equal(total, 60000);
		}
	}
}

T(datagrams_are_never_cut_smaller)
{
	struct flow f = udp4;
	struct virtio_net_hdr h = large_make(&f, 5000, 1472);
	struct split s;
	size_t len, n = 0;

	UNUSED;
	assert_true(split_start(&s, large + 1, 5028, &h, 600));
	while (split_next(&s, &len) != NULL)
		assert_int_equal(len, n++ < 3 ? 1500 : 28 + 5000 - 3 * 1472);
	assert_int_equal(n, 4);
}

T(a_checksum_that_was_left_open_is_put)
{
	UNUSED;
	for (unsigned k = 0; k < 4; k++) {
		struct flow f = k == 0 ? tcp4 : k == 1 ? tcp6 : k == 2 ? udp4 : udp6;
		struct virtio_net_hdr h = large_make(&f, 777, 0);
		size_t len = head_of(&f) + 777;

		assert_false(sound(large + 1, len));
		assert_true(split_checksum(large + 1, len, &h));
		assert_true(sound(large + 1, len));
		h.csum_start = (uint16_t)(len - 1);
		assert_false(split_checksum(large + 1, len, &h));
	}
}

/* It comes from the kernel, but nothing may be read or written outside the packet whatever it says. */
T(nonsense_is_refused)
{
	struct flow f = tcp4;
	struct virtio_net_hdr good = large_make(&f, 3000, 1000), h;
	struct split s;
	size_t len = head_of(&f) + 3000;

	UNUSED;
	assert_true(split_start(&s, large + 1, len, &good, 1500));
	h = good, h.gso_size = 0;
	assert_false(split_start(&s, large + 1, len, &h, 1500));
	h = good, h.gso_type = VIRTIO_NET_HDR_GSO_UDP; /* fragments: nobody asked for them */
	assert_false(split_start(&s, large + 1, len, &h, 1500));
	h = good, h.csum_start = 10;
	assert_false(split_start(&s, large + 1, len, &h, 1500));
	h = good, h.csum_start = 3030;
	assert_false(split_start(&s, large + 1, len, &h, 1500));
	assert_false(split_start(&s, large + 1, 39, &good, 1500));
	large[1 + 32] = 0xf0; /* a TCP header of 60 bytes in a packet of 70 */
	assert_false(split_start(&s, large + 1, 70, &good, 1500));
	large[1 + 32] = 0x00;
	assert_false(split_start(&s, large + 1, len, &good, 1500));
}

T(the_checksum_is_that_of_the_rfc)
{
	static const uint8_t sample[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 }; /* RFC 1071 3 */
	uint8_t bytes[64];

	UNUSED;
	assert_int_equal(__builtin_bswap16(checksum_fold(checksum_add(0, sample, sizeof(sample)))), 0xddf2);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(255 - i * 3);
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		uint8_t *p = exact(bytes, len);
		uint32_t sum = 0;

		for (size_t i = 0; i < len; i++)
			sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
		while (sum >> 16)
			sum = (sum >> 16) + (sum & 0xffff);
		assert_int_equal(__builtin_bswap16(checksum_fold(checksum_add(0, p, len))), sum);
		for (size_t cut = 0; cut <= len; cut += 2)
			assert_int_equal(__builtin_bswap16(checksum_fold(checksum_add(checksum_add(0, p, cut), p + cut, len - cut))), sum);
		free(p);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_of_a_flow_become_one_and_the_same_packets_again),
		cmocka_unit_test(a_lone_packet_goes_as_it_is_broken_or_not),
		cmocka_unit_test(no_large_packet_is_longer_than_ip_allows),
		cmocka_unit_test(what_does_not_follow_is_not_joined),
		cmocka_unit_test(a_larger_one_begins_anew_and_a_smaller_one_ends),
		cmocka_unit_test(a_push_ends_a_large_packet_and_stays_in_it),
		cmocka_unit_test(a_wrong_checksum_stays_wrong),
		cmocka_unit_test(a_datagram_without_a_checksum_is_not_given_one),
		cmocka_unit_test(each_flow_keeps_its_order_among_others),
		cmocka_unit_test(what_the_kernel_does_not_take_is_not_joined),
		cmocka_unit_test(fragments_and_odd_packets_pass),
		cmocka_unit_test(no_packet_exceeds_the_mtu_and_nothing_is_missing),
		cmocka_unit_test(datagrams_are_never_cut_smaller),
		cmocka_unit_test(a_checksum_that_was_left_open_is_put),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(the_checksum_is_that_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
