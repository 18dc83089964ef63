/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several forwarders: what they say they have, what they pass on and to whom, and what becomes of it when
 * a sibling is gone, does not read or sends nonsense. (test_forwarder.c and test_fastpath.c run
 * with all that is not the first one's passed on.)
 */
#include "tests/unit/forwarder_process.h"

#include <signal.h>

static const uint8_t record[] = { 23, 1, 0, 0, 1, 0, 0, 0, 0, 0, 9, 0, 3, 'a', 'b', 'c' };

static const volatile struct counters_strange *
row(unsigned forwarder)
{
	return (const volatile struct counters_strange *)&counters[SLOTS] + forwarder;
}

static uint8_t
entry(enum steer_table table, uint32_t hash)
{
	return __atomic_load_n(&steer_memory[table * STEER_ENTRIES + hash], __ATOMIC_RELAXED);
}

static struct addr
addr_of(const struct sockaddr_in *in)
{
	return addr_from_ip4(in->sin_addr, ntohs(in->sin_port));
}

/* Until a byte of the tables is this. */
static void
becomes(enum steer_table table, uint32_t hash, uint8_t want)
{
	for (int ms = 0; ms < WAIT_MS && entry(table, hash) != want; ms++)
		usleep(1000);
	assert_int_equal(entry(table, hash), want);
}

T(tables_say_who_has_a_session_and_its_peer_until_it_ends)
{
	struct ipc_fwd_session_del del = { .slot = 1 };
	struct sockaddr_in in;
	int fd = udp_socket(0, &in);
	struct addr peer = addr_of(&in), ip = addr_from_ip4((struct in_addr){ htonl(0x0a0a0101) }, 0), ip6 = { .family = 6 };
	uint32_t at_peer = steer_hash_peer(SEED, &peer), at_ip = steer_hash_ip(SEED, &peer);

	UNUSED;
	address6(1, ip6.ip);
	session_add(1, true);
	becomes(STEER_INNER, steer_hash_ip(SEED, &ip), 2);
	becomes(STEER_INNER, steer_hash_ip(SEED, &ip6), 2);
	peer_up(1, fd);
	becomes(STEER_PEER, at_peer, 2);
	becomes(STEER_IP, at_ip, 2);
	becomes(STEER_CLAIM, at_peer, 0);
	tell_home(1, MSG_fwd_session_del, &del, NULL, 0);
	becomes(STEER_PEER, at_peer, 0);
	becomes(STEER_IP, at_ip, 0);
	becomes(STEER_INNER, steer_hash_ip(SEED, &ip), 0);
	becomes(STEER_INNER, steer_hash_ip(SEED, &ip6), 0);
	close(fd);
}

T(what_a_session_sends_leaves_by_its_home)
{
	uint8_t out[2000];

	UNUSED;
	for (unsigned slot = 0; slot < 4; slot++) {
		session_add(slot, false);
		say(slot, BATCH_PACKET, 0, packet, packet4(0x0a0a0100 + slot, 0xac106464, 100, true));
		assert_true(readable(ends[slot % 2].inside, WAIT_MS));
		assert_int_equal(inside_get(out, sizeof(out), WAIT_MS), 100);
		assert_memory_equal(out, packet, 100);
	}
}

/* Nothing of it: a claim is not for the kernel, whoever makes it. */
T(a_hello_that_proves_nothing_steers_nothing)
{
	struct sockaddr_in in;
	int fd = udp_socket(0, &in);
	struct addr peer = addr_of(&in);
	uint32_t at = steer_hash_peer(SEED, &peer);
	struct batch_item item;
	uint8_t hello[100];
	size_t len;

	UNUSED;
	session_add(0, false);
	session_add(1, false);
	peer_up(0, fd);
	len = hello_make(1, hello);
	outside_send(fd, hello, len);
	item_is(1, BATCH_DGRAM, hello, len, &item);
	assert_int_equal(entry(STEER_CLAIM, at), 2);
	assert_int_equal(entry(STEER_PEER, at), 1);
	for (here = ends; here < ends + 2; here++) { /* wherever it comes: to the peer that is up, alone */
		outside_send(fd, record, sizeof(record));
		item_is(0, BATCH_DGRAM, record, sizeof(record), &item);
		nothing_for(1);
	}
	here = ends;
	close(fd);
}

T(records_of_a_handshake_reach_whoever_claims_the_address)
{
	static const uint8_t finished[] = { 22, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 9, 9 };
	struct sockaddr_in in;
	int fd = udp_socket(0, &in);
	struct batch_item item;
	uint8_t hello[100];
	size_t len;

	UNUSED;
	session_add(0, false);
	session_add(1, false);
	peer_up(0, fd);
	len = hello_make(1, hello);
	outside_send(fd, hello, len);
	item_is(1, BATCH_DGRAM, hello, len, &item);
	for (here = ends; here < ends + 2; here++) {
		outside_send(fd, finished, sizeof(finished));
		item_is(0, BATCH_DGRAM, finished, sizeof(finished), &item);
		item_is(1, BATCH_DGRAM, finished, sizeof(finished), &item);
	}
	here = ends;
	close(fd);
}

T(strays_go_to_those_who_have_peers_of_that_address_and_no_others)
{
	struct sockaddr_in in;
	int peer = udp_socket(0, &in), moved = udp_socket(0, &in);
	struct addr there = addr_of(&in);
	struct batch_item item;

	UNUSED;
	session_add(1, false);
	outside_send(moved, record, sizeof(record)); /* nobody has one yet */
	peer_up(1, peer);
	becomes(STEER_IP, steer_hash_ip(SEED, &there), 2);
	assert_int_equal(row(0)->addresses, 1);
	outside_send(moved, record, sizeof(record));
	item_is(1, BATCH_STRAY, record, sizeof(record), &item);
	say(1, BATCH_PEER_UP, item.tag, "", 0);
	becomes(STEER_PEER, steer_hash_peer(SEED, &there), 2);
	outside_send(moved, record, sizeof(record));
	item_is(1, BATCH_DGRAM, record, sizeof(record), &item);
	close(peer);
	close(moved);
}

/* Another's bit there by the hash alone: its sessions of that address are not asked whose the datagram may be. */
T(what_a_live_peer_sends_is_no_stray_elsewhere)
{
	struct sockaddr_in in;
	int other = udp_socket(0, &in), peer = udp_socket(0, &in);
	struct addr a = addr_of(&in);
	struct batch_item item;

	UNUSED;
	session_add(0, false);
	session_add(1, false);
	peer_up(0, peer);
	peer_up(1, other);
	becomes(STEER_PEER, steer_hash_peer(SEED, &a), 1);
	memset(&steer_memory[STEER_PEER * STEER_ENTRIES + steer_hash_peer(SEED, &a)], 3, 1);
	outside_send(peer, record, sizeof(record));
	item_is(0, BATCH_DGRAM, record, sizeof(record), &item);
	nothing_for(1);
	assert_int_equal(row(0)->passed, 2); /* it, and the hello */
	assert_int_equal(row(1)->addresses, 0);
	close(peer);
	close(other);
}

/* The tables may be wrong: then it is nobody's. */
T(nothing_is_passed_on_twice)
{
	struct addr ip = addr_from_ip4((struct in_addr){ htonl(0x0a0a0105) }, 0);
	struct sockaddr_in in;
	int fd = udp_socket(0, &in);
	struct addr peer = addr_of(&in);
	struct batch_item item;

	UNUSED;
	memset(&steer_memory[STEER_INNER * STEER_ENTRIES + steer_hash_ip(SEED, &ip)], 3, 1);
	memset(&steer_memory[STEER_PEER * STEER_ENTRIES + steer_hash_peer(SEED, &peer)], 3, 1);
	session_add(0, false);
	session_add(1, false);
	for (unsigned i = 0; i < 10; i++) {
		inside_send(packet, packet4(0xac106464, 0x0a0a0105, 100, true));
		outside_send(fd, record, sizeof(record));
	}
	inside_send(packet, packet4(0xac106464, 0x0a0a0101, 100, true)); /* behind them */
	item_is(1, BATCH_PACKET, packet, 100, &item);
	inside_send(packet, packet4(0xac106464, 0x0a0a0100, 100, true));
	item_is(0, BATCH_PACKET, packet, 100, &item);
	figure_reaches(&row(0)->passed, 21);
	assert_int_equal(row(0)->passed, 21);
	assert_int_equal(row(1)->passed, 0);
	assert_int_equal(row(1)->addresses, 10);
	close(fd);
}

T(a_sibling_that_is_gone_or_does_not_read_costs_what_was_for_it)
{
	struct batch_item item;
	int status;

	UNUSED;
	session_add(0, false);
	session_add(1, false);
	kill(ends[1].child, SIGSTOP);
	for (unsigned i = 0; i < 3000; i++)
		inside_send(packet, packet4(0xac106464, 0x0a0a0101, 1200, true));
	inside_send(packet, packet4(0xac106464, 0x0a0a0100, 100, true));
	item_is(0, BATCH_PACKET, packet, 100, &item);
	figure_reaches(&row(0)->passed_lost, 1);
	for (int ms = 0; row(0)->passed + row(0)->passed_lost < 3000 && ms < WAIT_MS; ms++)
		usleep(1000); /* the last message goes after what is for workers */
	kill(ends[1].child, SIGKILL);
	assert_int_equal(waitpid(ends[1].child, &status, 0), ends[1].child);
	assert_int_equal(row(0)->passed + row(0)->passed_lost, 3000);
	for (unsigned i = 0; i < 10; i++) {
		inside_send(packet, packet4(0xac106464, 0x0a0a0101, 1200, true));
		inside_send(packet, packet4(0xac106464, 0x0a0a0100, 100, true));
		item_is(0, BATCH_PACKET, packet, 100, &item);
	}
	/* another one in its place, for teardown() */
	ipc_chan_stop(&ends[1].chan);
	here = &ends[1];
	program_start();
	here = ends;
}

/* What a sibling sends is read like anybody's. */
T(nonsense_of_a_sibling_ends_its_channel_alone)
{
	static const uint8_t junk[][24] = {
		{ 0 }, { 1, 0, 0, 0, 200 }, { 1, 0, 0, 0, 3, 1, 2, 3 }, { 3, 0, 0, 0, 4, 1, 2, 3, 4 }, { 4, 0, 0, 0, 10 },
		{ 2, 255, 255, 255, 255 }, { 9, 0, 0, 0, 0 },
	};
	struct batch_item item;
	int pair[2];

	UNUSED;
	session_add(0, false);
	for (unsigned i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
		assert_int_equal(ipc_pair(pair), 0);
		tell(MSG_fwd_sibling, &(struct ipc_fwd_sibling){ 1 }, &pair[1], 1);
		close(pair[1]);
		assert_int_equal(send(pair[0], junk[i], sizeof(junk[i]), 0), sizeof(junk[i]));
		assert_true(readable(pair[0], WAIT_MS));
		assert_int_equal(recv(pair[0], bytes, sizeof(bytes), 0), 0);
		close(pair[0]);
		inside_send(packet, packet4(0xac106464, 0x0a0a0100, 100, true));
		item_is(0, BATCH_PACKET, packet, 100, &item);
	}
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		FORWARDER(tables_say_who_has_a_session_and_its_peer_until_it_ends),
		FORWARDER(what_a_session_sends_leaves_by_its_home),
		FORWARDER(a_hello_that_proves_nothing_steers_nothing),
		FORWARDER(records_of_a_handshake_reach_whoever_claims_the_address),
		FORWARDER(strays_go_to_those_who_have_peers_of_that_address_and_no_others),
		FORWARDER(what_a_live_peer_sends_is_no_stray_elsewhere),
		FORWARDER(nothing_is_passed_on_twice),
		FORWARDER(a_sibling_that_is_gone_or_does_not_read_costs_what_was_for_it),
		FORWARDER(nonsense_of_a_sibling_ends_its_channel_alone),
	};

	(void)argc;
	if (!program_find(argv[0]))
		return 0;
	forwarders = 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
