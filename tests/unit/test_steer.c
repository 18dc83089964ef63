/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs that steer packets, in this kernel: a group of UDP sockets on loopback gets what the
 * tables say, by the same hash. Needs the right to bpf().
 */
#include "tests/unit/unit.h"

#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/steer.h"
#include "server/main/steer.h"

#define FORWARDERS 3
#define SENDERS    24

static uint8_t *memory;
static int group[FORWARDERS], family;
static struct sockaddr_storage gateway;
static socklen_t gateway_len;

static socklen_t
loopback(struct sockaddr_storage *ss)
{
	struct addr a;

	assert_true(addr_parse(family == AF_INET6 ? "::1" : "127.0.0.1", 0, &a));
	return addr_to_sockaddr(&a, ss);
}

static int
group_open(void **state)
{
	int on = 1;

	gateway_len = loopback(&gateway);
	for (unsigned i = 0; i < FORWARDERS; i++) {
		group[i] = socket(family, SOCK_DGRAM, 0);
		setsockopt(group[i], SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
		assert_int_equal(bind(group[i], (struct sockaddr *)&gateway, gateway_len), 0);
		assert_int_equal(getsockname(group[i], (struct sockaddr *)&gateway, &gateway_len), 0);
	}
	steer_udp(group[0]);
	memset(memory, 0, STEER_BYTES);
	(void)state;
	return 0;
}

static int
group_close(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FORWARDERS; i++)
		close(group[i]);
	return 0;
}

static int
sender_open(struct addr *out)
{
	struct sockaddr_storage ss;
	socklen_t len = loopback(&ss);
	int fd = socket(family, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	*out = addr_from_sockaddr(&ss);
	return fd;
}

/* Which of the group gets it. */
static unsigned
gets(int fd, const void *data, size_t len)
{
	struct pollfd p[FORWARDERS];
	char in[200];

	assert_int_equal(sendto(fd, data, len, 0, (struct sockaddr *)&gateway, gateway_len), len);
	for (unsigned i = 0; i < FORWARDERS; i++)
		p[i] = (struct pollfd){ .fd = group[i], .events = POLLIN };
	assert_int_equal(poll(p, FORWARDERS, 3000), 1);
	for (unsigned i = 0; i < FORWARDERS; i++) {
		if (p[i].revents != 0) {
			assert_int_equal(recv(group[i], in, sizeof(in), 0), len);
			return i;
		}
	}
	return FORWARDERS;
}

static void
peers_go_by_the_table(void)
{
	const char data[] = { 23, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 'x' };
	unsigned first[SENDERS];
	struct addr a[SENDERS];
	int fd[SENDERS];

	for (unsigned i = 0; i < SENDERS; i++) {
		fd[i] = sender_open(&a[i]);
		first[i] = gets(fd[i], data, sizeof(data)); /* unknown: always the same */
		assert_int_equal(gets(fd[i], data, sizeof(data)), first[i]);
	}
	for (unsigned i = 0; i < SENDERS; i++) {
		uint8_t *entry = memory + STEER_PEER * STEER_ENTRIES + steer_hash_peer(steer_seed(), &a[i]);

		for (unsigned k = 0; k < FORWARDERS; k++) {
			*entry = (uint8_t)(1u << k);
			assert_int_equal(gets(fd[i], data, sizeof(data)), k);
			assert_int_equal(gets(fd[i], data, 1), k); /* however short */
		}
		*entry = 6;
		assert_int_equal(gets(fd[i], data, sizeof(data)), 1);
		*entry = 0;
		assert_int_equal(gets(fd[i], data, sizeof(data)), first[i]);
		close(fd[i]);
	}
}

static void
hellos_go_by_their_id(void)
{
	uint8_t hello[100] = { 22, [13] = 1, [59] = 32 };
	struct addr a;
	int fd = sender_open(&a);

	for (unsigned k = 0; k < 256; k += 5) {
		hello[60] = (uint8_t)k;
		memory[STEER_PEER * STEER_ENTRIES + steer_hash_peer(steer_seed(), &a)] = 1; /* whoever else is there */
		assert_int_equal(gets(fd, hello, sizeof(hello)), k % FORWARDERS);
		assert_int_equal(steer_home_of_id(hello + 60, FORWARDERS), k % FORWARDERS);
	}
	memory[STEER_PEER * STEER_ENTRIES + steer_hash_peer(steer_seed(), &a)] = 2;
	hello[13] = 2;
	assert_int_equal(gets(fd, hello, sizeof(hello)), 1);
	close(fd);
}

T(peers_of_ipv4_go_by_the_table) { UNUSED; peers_go_by_the_table(); }
T(peers_of_ipv6_go_by_the_table) { UNUSED; peers_go_by_the_table(); }
T(hellos_over_ipv4_go_by_their_id) { UNUSED; hellos_go_by_their_id(); }
T(hellos_over_ipv6_go_by_their_id) { UNUSED; hellos_go_by_their_id(); }

T(one_that_is_gone_has_nothing_and_the_others_what_they_had)
{
	UNUSED;
	memset(memory, 7, STEER_BYTES);
	steer_forget(1);
	for (size_t i = 0; i < STEER_BYTES; i++) {
		if (memory[i] != 5)
			fail_msg("byte %zu is %u", i, memory[i]);
	}
}

static int
ip4_open(void **state)
{
	family = AF_INET;
	return group_open(state);
}

static int
ip6_open(void **state)
{
	family = AF_INET6;
	return group_open(state);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(peers_of_ipv4_go_by_the_table, ip4_open, group_close),
		cmocka_unit_test_setup_teardown(peers_of_ipv6_go_by_the_table, ip6_open, group_close),
		cmocka_unit_test_setup_teardown(hellos_over_ipv4_go_by_their_id, ip4_open, group_close),
		cmocka_unit_test_setup_teardown(hellos_over_ipv6_go_by_their_id, ip6_open, group_close),
		cmocka_unit_test_setup_teardown(one_that_is_gone_has_nothing_and_the_others_what_they_had, ip4_open, group_close),
	};

	steer_open(FORWARDERS, true);
	if (!steer_by_kernel() || access("/proc/net/if_inet6", R_OK) != 0) {
		printf("ok 1 - steer # SKIP no bpf() here, or no IPv6\n1..1\n");
		return 0;
	}
	memory = mmap(NULL, STEER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, steer_fd(), 0);
	if (memory == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
