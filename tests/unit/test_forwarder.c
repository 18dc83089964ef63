/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules that hold in the forwarder whatever a worker says: addresses, MTU, peers. */
#include "tests/unit/forwarder_process.h"

static size_t
packet6(unsigned src, unsigned dst, size_t len)
{
	memset(packet, 0x5a, len);
	memcpy(packet, "\x60\0\0\0", 4);
	packet[4] = (uint8_t)((len - 40) >> 8);
	packet[5] = (uint8_t)(len - 40);
	packet[6] = 17;
	packet[7] = 64;
	address6(src, packet + 8);
	address6(dst, packet + 24);
	return len;
}

T(ipv6_goes_by_its_destination_and_must_have_the_sessions_source)
{
	struct batch_item item;
	uint8_t out[2000];
	size_t len;

	UNUSED;
	session_add(1, true);
	session_add(2, false);
	len = packet6(1, OTHER, 100);
	say(1, BATCH_PACKET, 0, packet, len);
	assert_int_equal(inside_get(out, sizeof(out), WAIT_MS), len);
	assert_memory_equal(out, packet, len);
	packet6(3, OTHER, 100); /* spoofed */
	say(1, BATCH_PACKET, 0, packet, len);
	packet6(2, OTHER, 100); /* of a session that has no IPv6 */
	say(2, BATCH_PACKET, 0, packet, len);
	assert_int_equal(inside_get(out, sizeof(out), QUIET_MS), 0);
	assert_int_equal(counters[1].rx_drops, 1);
	assert_int_equal(counters[2].rx_drops, 1);
	assert_int_equal(counters[1].rx_packets, 1);
	len = packet6(OTHER, 1, 1290);
	inside_send(packet, len);
	item_is(1, BATCH_PACKET, packet, len, &item);
	packet6(OTHER, 2, 1000);
	inside_send(packet, 1000);
	nothing_for(2);
	assert_int_equal(counters[1].tx_packets, 1);
}

T(ipv6_above_the_mtu_is_answered)
{
	uint8_t out[2000];
	struct inner in;
	size_t len;

	UNUSED;
	session_add(1, true);
	packet6(OTHER, 1, MTU + 1);
	inside_send(packet, MTU + 1);
	nothing_for(1);
	len = inside_get(out, sizeof(out), WAIT_MS);
	assert_true(inner_parse(out, len, &in));
	assert_int_equal(in.version, 6);
	assert_int_equal(in.protocol, 58);
	assert_int_equal(out[40], 2);
	assert_int_equal((unsigned)out[46] << 8 | out[47], MTU);
	assert_int_equal(counters[1].tx_drops, 1);
}

/* Until what its worker said has been read: a packet of its comes out behind it. */
static void
worker_was_heard(unsigned slot)
{
	static uint8_t out[2000];
	size_t len = packet4(0x0a0a0100 + slot, 0xac106464, 100, true);

	say(slot, BATCH_PACKET, 0, packet, len);
	assert_int_equal(inside_get(out, sizeof(out), WAIT_MS), len);
}

/* What the path has become: cut without DF, answered with it, and never above what main granted. */
T(the_workers_word_lowers_the_mtu)
{
	struct batch_item item;
	uint8_t out[2000];
	unsigned pieces = 0;
	size_t len;

	UNUSED;
	session_add(1, true);
	say(1, BATCH_MTU, 0, "\x03\xe8", 2); /* 1000 */
	worker_was_heard(1);
	inside_send(packet, packet4(0xac106464, 0x0a0a0101, 1200, true));
	len = inside_get(out, sizeof(out), WAIT_MS);
	assert_true(len > 28 && out[20] == 3 && out[21] == 4);
	assert_int_equal((unsigned)out[26] << 8 | out[27], 1000);
	inside_send(packet, packet4(0xac106464, 0x0a0a0101, 1200, false));
	while (item_get(1, &item, QUIET_MS)) {
		assert_int_equal(item.type, BATCH_PACKET);
		assert_true(item.len <= 1000);
		pieces++;
	}
	assert_int_equal(pieces, 2);
	inside_send(packet, packet6(OTHER, 1, 1280)); /* IPv6 is never told less */
	item_is(1, BATCH_PACKET, packet, 1280, &item);
	say(1, BATCH_MTU, 0, "\xff\xff", 2);
	worker_was_heard(1);
	inside_send(packet, packet4(0xac106464, 0x0a0a0101, MTU, true));
	item_is(1, BATCH_PACKET, packet, MTU, &item);
	inside_send(packet, packet4(0xac106464, 0x0a0a0101, MTU + 1, true));
	nothing_for(1);
}

T(an_empty_packet_is_a_drop_that_a_worker_reports)
{
	UNUSED;
	session_add(1, false);
	say(1, BATCH_PACKET, 0, "", 0);
	say(1, BATCH_PACKET, 1, "", 0);
	worker_was_heard(1);
	assert_int_equal(counters[1].rx_drops, 2);
	assert_int_equal(counters[1].rx_drops_worker, 2);
	assert_int_equal(counters[1].dtls_rx_drops, 1);
	assert_int_equal(counters[1].dtls_rx_drops_worker, 1);
}

/* ---- outside ---- */

static const uint8_t record[] = { 23, 1, 0, 0, 1, 0, 0, 0, 0, 0, 9, 0, 3, 'a', 'b', 'c' };

static void
outside_gets(int fd, const void *data, size_t len)
{
	uint8_t in[2000];

	assert_true(readable(fd, WAIT_MS));
	assert_int_equal(recv(fd, in, sizeof(in), 0), len);
	assert_memory_equal(in, data, len);
}

T(a_stray_goes_to_the_sessions_of_its_ip_and_moves_the_peer_when_believed)
{
	struct sockaddr_in a;
	int first = udp_socket(0, &a), second = udp_socket(0, &a);
	struct batch_item item;
	uint8_t tag, stray;

	UNUSED;
	session_add(1, false);
	session_add(2, false);
	outside_send(first, record, sizeof(record)); /* nobody's */
	nothing_for(1);
	tag = peer_up(1, first);
	outside_send(first, record, sizeof(record));
	item_is(1, BATCH_DGRAM, record, sizeof(record), &item);
	outside_send(second, record, sizeof(record));
	item_is(1, BATCH_STRAY, record, sizeof(record), &item);
	stray = item.tag;
	nothing_for(2);
	say(1, BATCH_DGRAM, tag, record, sizeof(record)); /* not believed yet: to the old address */
	outside_gets(first, record, sizeof(record));
	say(1, BATCH_PEER_UP, stray, "", 0);
	say(1, BATCH_DGRAM, tag, record, sizeof(record));
	outside_gets(second, record, sizeof(record));
	outside_send(second, record, sizeof(record));
	item_is(1, BATCH_DGRAM, record, sizeof(record), &item);
	assert_int_equal(item.tag, tag);
	outside_send(first, record, sizeof(record)); /* and now this one is a stray */
	item_is(1, BATCH_STRAY, record, sizeof(record), &item);
	close(first);
	close(second);
}

/* A session of one's own and a forged sender are all it takes to send this. */
T(a_hello_for_another_session_takes_no_live_peers_address)
{
	struct sockaddr_in a;
	int victim = udp_socket(0, &a);
	struct batch_item item;
	uint8_t hello[100], tag;
	size_t len;

	UNUSED;
	session_add(1, false);
	session_add(2, false);
	tag = peer_up(1, victim);
	len = hello_make(2, hello);
	for (int i = 0; i < 20; i++) {
		outside_send(victim, hello, len);
		item_is(2, BATCH_DGRAM, hello, len, &item);
	}
	outside_send(victim, record, sizeof(record));
	item_is(1, BATCH_DGRAM, record, sizeof(record), &item);
	nothing_for(2);
	say(1, BATCH_DGRAM, tag, record, sizeof(record));
	outside_gets(victim, record, sizeof(record));
	close(victim);
}

/* A worker names tags that it was never given. */
T(a_tag_that_was_not_given_moves_nothing)
{
	struct sockaddr_in a;
	int peer = udp_socket(0, &a);
	struct batch_item item;
	uint8_t tag;

	UNUSED;
	session_add(1, false);
	tag = peer_up(1, peer);
	for (unsigned t = 0; t < 256; t++) {
		if (t != tag)
			say(1, BATCH_PEER_UP, (uint8_t)t, "", 0);
	}
	say(1, BATCH_DGRAM, tag, record, sizeof(record));
	outside_gets(peer, record, sizeof(record));
	outside_send(peer, record, sizeof(record));
	item_is(1, BATCH_DGRAM, record, sizeof(record), &item);
	close(peer);
}

/* One that is too long, until the answer says that it has been looked at: a sibling that passes it on may be too busy to. */
static void
lose_a_big_one(unsigned slot)
{
	const volatile struct counters *n = &counters[slot];
	uint64_t before = n->tx_drops_big;

	do {
		inside_send(packet, packet4(0xac106464, 0x0a0a0100 + slot, MTU + 1, true));
	} while (inside_get(bytes, sizeof(bytes), QUIET_MS) == 0);
	while (inside_get(bytes, sizeof(bytes), QUIET_MS) > 0)
		continue;
	assert_true(n->tx_drops_big > before);
}

/* Too long for it, and more than its worker reads: lost for the tunnel that they would have gone through. */
static void
lose_some(unsigned slot)
{
	const volatile struct counters *n = &counters[slot];
	uint64_t before = n->tx_drops_queue;

	lose_a_big_one(slot);
	for (unsigned i = 0; i < 2000; i++)
		inside_send(packet, packet4(0xac106464, 0x0a0a0100 + slot, MTU, true));
	lose_a_big_one(slot);
	figure_reaches(&n->tx_drops_queue, before + 1); /* what waited for the worker then is lost a moment later */
}

T(drops_are_the_tunnels_that_the_packet_would_have_taken)
{
	const volatile struct counters *n = &counters[1];
	uint32_t sent[3] = { 0, 0, htonl(5) };
	uint64_t queue, big;
	struct sockaddr_in a;
	int peer = udp_socket(0, &a);
	struct batch_item item;
	size_t len;
	uint8_t tag;

	UNUSED;
	session_add(1, false);
	lose_some(1);
	while (item_get(1, &item, QUIET_MS))
		continue;
	tag = peer_up(1, peer);
	say(1, BATCH_DGRAM, tag, record, sizeof(record));
	outside_gets(peer, record, sizeof(record)); /* so it is up */
	queue = n->tx_drops_queue;
	big = n->tx_drops_big;
	assert_true(queue > 0);
	assert_int_equal(n->dtls_tx_drops, 0);
	lose_some(1);
	say(1, BATCH_SENT, 0, sent, sizeof(sent)); /* of TCP, whatever else is up */
	len = packet4(0x0a0a0163, 0xac106464, 100, true); /* spoofed */
	say(1, BATCH_PACKET, 1, packet, len);
	packet4(0x0a0a0101, 0xac106464, len, true);
	say(1, BATCH_PACKET, 0, packet, len);
	assert_int_equal(inside_get(bytes, sizeof(bytes), WAIT_MS), len);
	assert_true(big >= 2 && n->dtls_tx_drops_big >= 2);
	assert_int_equal(n->dtls_tx_drops_big, n->tx_drops_big - big);
	assert_true(n->dtls_tx_drops_queue > 0);
	assert_int_equal(n->dtls_tx_drops_queue, n->tx_drops_queue - queue);
	assert_int_equal(n->dtls_tx_drops, n->dtls_tx_drops_big + n->dtls_tx_drops_queue);
	assert_int_equal(n->tx_drops, n->tx_drops_queue + n->tx_drops_big + 5);
	assert_int_equal(n->rx_drops_source, 1);
	assert_int_equal(n->dtls_rx_drops_source, 1);
	assert_int_equal(n->dtls_rx_drops, 1);
	close(peer);
}

T(datagrams_of_nobody_are_counted_by_what_is_unknown)
{
	const volatile struct counters_strange *strange = (const volatile void *)&counters[SLOTS];
	struct sockaddr_in a;
	int fd = udp_socket(0, &a);
	uint8_t hello[100];
	size_t len = hello_make(7, hello);

	UNUSED;
	outside_send(fd, hello, len);
	outside_send(fd, record, sizeof(record));
	outside_send(fd, record, sizeof(record));
	outside_send(fd, "noise", 5);
	session_add(1, false);
	peer_up(1, fd); /* what came before has been looked at */
	assert_int_equal(strange[0].sessions + strange[1].sessions, 1); /* the one whose it could be counts it */
	assert_int_equal(strange->addresses, 2);
	assert_int_equal(strange->malformed, 1);
	close(fd);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		FORWARDER(ipv6_goes_by_its_destination_and_must_have_the_sessions_source),
		FORWARDER(ipv6_above_the_mtu_is_answered),
		FORWARDER(the_workers_word_lowers_the_mtu),
		FORWARDER(an_empty_packet_is_a_drop_that_a_worker_reports),
		FORWARDER(a_stray_goes_to_the_sessions_of_its_ip_and_moves_the_peer_when_believed),
		FORWARDER(a_hello_for_another_session_takes_no_live_peers_address),
		FORWARDER(a_tag_that_was_not_given_moves_nothing),
		FORWARDER(drops_are_the_tunnels_that_the_packet_would_have_taken),
		FORWARDER(datagrams_of_nobody_are_counted_by_what_is_unknown),
	};

	(void)argc;
	if (!program_find(argv[0]))
		return 0;
	forwarders = 2; /* every other session's home is not the one that all comes to */
	if (cmocka_run_group_tests_name("passed on", tests, NULL, NULL) != 0)
		return 1;
	forwarders = 1;
	return cmocka_run_group_tests_name("one", tests, NULL, NULL);
}
