/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leaves together and what does not; a device that cannot cut; paths that take less. The calls that send are wrapped. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "server/forwarder/udp_out.h"

static struct udp_socket sock = { .id = 1 }, other = { .id = 2 };
static struct path paths[3];

static struct call {
	size_t len, segment;
	uint16_t port;
	uint8_t first;
} calls[400];
static unsigned count, system_calls;
static int fail_segments, fail_first; /* errno for a message that is to be cut; for the first message that comes */

static void
nothing(const struct path *path, uint8_t *data, size_t len)
{
	(void)path, (void)data, (void)len;
}

static struct {
	unsigned count;
	size_t len;
} big;

static void
too_big(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room)
{
	(void)u, (void)peer, (void)room;
	big.count++;
	big.len = len;
}

static unsigned dropped_count;

static void
dropped(const struct udp_socket *u, const struct addr *peer, unsigned datagrams, bool is_too_big)
{
	(void)u, (void)peer;
	assert_true(!is_too_big || big.count > 0);
	dropped_count += datagrams;
}

static void
done(void)
{
}

static const struct udp_owner owner = { nothing, too_big, dropped, done };

static int
message_take(const struct msghdr *m)
{
	size_t segment = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR((struct msghdr *)(uintptr_t)m, c)) {
		uint16_t value;

		if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_SEGMENT)
			continue;
		memcpy(&value, CMSG_DATA(c), sizeof(value));
		segment = value;
	}
	if (fail_first != 0 || (segment != 0 && fail_segments != 0)) {
		errno = fail_first != 0 ? fail_first : fail_segments;
		return -1;
	}
	assert_true(count < COUNT(calls));
	calls[count++] = (struct call){
		.len = m->msg_iov->iov_len, .segment = segment,
		.port = ntohs(((const struct sockaddr_in *)m->msg_name)->sin_port), .first = *(uint8_t *)m->msg_iov->iov_base,
	};
	return 0;
}

int __wrap_sendmmsg(int fd, struct mmsghdr *msgs, unsigned n, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *m, int flags);
ssize_t __wrap_sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to, socklen_t to_len);

int
__wrap_sendmmsg(int fd, struct mmsghdr *msgs, unsigned n, int flags)
{
	(void)fd, (void)flags;
	system_calls++;
	for (unsigned i = 0; i < n; i++) {
		if (message_take(&msgs[i].msg_hdr) != 0)
			return i > 0 ? (int)i : -1;
	}
	return (int)n;
}

ssize_t
__wrap_sendmsg(int fd, const struct msghdr *m, int flags)
{
	(void)fd, (void)flags;
	system_calls++;
	return message_take(m) == 0 ? (ssize_t)m->msg_iov->iov_len : -1;
}

ssize_t
__wrap_sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to, socklen_t to_len)
{
	struct iovec iov = { (void *)(uintptr_t)data, len };
	struct msghdr m = { .msg_name = (void *)(uintptr_t)to, .msg_namelen = to_len, .msg_iov = &iov, .msg_iovlen = 1 };

	return __wrap_sendmsg(fd, &m, flags) < 0 ? -1 : (ssize_t)len;
}

static int
setup(void **state)
{
	(void)state;
	udp_start(NULL, &owner);
	sock.cuts = other.cuts = true;
	sock.rd.fd = other.rd.fd = -1;
	for (unsigned i = 0; i < COUNT(paths); i++) {
		paths[i] = (struct path){ .socket = i < 2 ? &sock : &other };
		paths[i].peer = (struct addr){ .family = 4, .port = (uint16_t)(1000 + i), .ip = { 127, 0, 0, 1 } };
	}
	count = system_calls = dropped_count = 0;
	fail_segments = fail_first = 0;
	memset(&big, 0, sizeof(big));
	return 0;
}

static void
put(unsigned path, size_t len, uint8_t mark)
{
	memset(udp_out_room(len), mark, len);
	udp_out_put(&paths[path], len);
}

static void
call_is(unsigned i, size_t len, size_t segment, unsigned path, uint8_t first)
{
	assert_true(i < count);
	assert_int_equal(calls[i].len, len);
	assert_int_equal(calls[i].segment, segment);
	assert_int_equal(calls[i].port, 1000 + path);
	assert_int_equal(calls[i].first, first);
}

T(those_of_one_size_to_one_peer_leave_as_one_and_a_shorter_one_ends_it)
{
	UNUSED;
	for (unsigned i = 0; i < 5; i++)
		put(0, 500, (uint8_t)i);
	put(0, 200, 5);
	put(0, 200, 6);
	put(0, 300, 7);
	put(1, 300, 8);
	udp_flush();
	assert_int_equal(count, 4);
	assert_int_equal(system_calls, 1);
	call_is(0, 2700, 500, 0, 0);
	call_is(1, 200, 0, 0, 6);
	call_is(2, 300, 0, 0, 7);
	call_is(3, 300, 0, 1, 8);
	udp_flush();
	assert_int_equal(count, 4);
}

T(a_socket_that_does_not_cut_gets_each_by_itself)
{
	UNUSED;
	sock.cuts = false;
	put(0, 100, 1);
	put(0, 100, 2);
	put(2, 100, 3);
	put(2, 100, 4);
	udp_flush();
	assert_int_equal(count, 3);
	assert_int_equal(system_calls, 2); /* a call for each socket */
	call_is(2, 200, 100, 2, 3);
}

T(no_more_than_the_kernel_takes)
{
	size_t total = 0;

	UNUSED;
	for (unsigned i = 0; i < 200; i++)
		put(0, 200, 1);
	for (unsigned i = 0; i < 200; i++)
		put(0, 1400, 1);
	for (unsigned i = 0; i < 100; i++) { /* above the arena and the number of messages */
		put(i % 2, 1000 + i, 1);
		udp_send(&paths[1], "lies elsewhere", 14);
	}
	udp_flush();
	for (unsigned i = 0; i < count; i++) {
		total += calls[i].len;
		assert_true(calls[i].len <= 65507 && (calls[i].segment == 0 || calls[i].len <= 64 * calls[i].segment));
	}
	assert_int_equal(total, 200 * 200 + 200 * 1400 + 100 * 1000 + 99 * 50 + 100 * 14);
}

T(a_device_that_cannot_cut_is_found_out_and_nothing_is_lost)
{
	UNUSED;
	for (unsigned k = 0; k < 2; k++) {
		setup(NULL);
		fail_segments = k == 0 ? EIO : EINVAL;
		put(1, 90, 9);
		for (unsigned i = 0; i < 4; i++)
			put(0, 300, (uint8_t)i);
		put(0, 100, 4);
		put(1, 80, 5);
		udp_flush();
		assert_false(sock.cuts);
		assert_int_equal(count, 7);
		for (unsigned i = 0; i < 4; i++)
			call_is(1 + i, 300, 0, 0, (uint8_t)i);
		call_is(5, 100, 0, 0, 4);
		call_is(6, 80, 0, 1, 5);
		put(0, 300, 6);
		put(0, 300, 7);
		udp_flush();
		assert_int_equal(count, 9);
	}
}

T(what_does_not_fit_the_path_is_told_once_and_holds_up_nobody)
{
	UNUSED;
	fail_segments = EMSGSIZE;
	for (unsigned i = 0; i < 3; i++)
		put(0, 1400, 1);
	put(1, 100, 2);
	udp_flush();
	assert_int_equal(big.count, 1);
	assert_int_equal(big.len, 1400);
	assert_int_equal(dropped_count, 3);
	assert_true(sock.cuts);
	assert_int_equal(count, 1);
	call_is(0, 100, 0, 1, 2);
}

T(a_full_queue_drops_and_goes_on)
{
	UNUSED;
	fail_first = EAGAIN;
	put(0, 100, 1);
	put(1, 200, 1);
	udp_flush();
	assert_int_equal(count, 0);
	assert_int_equal(dropped_count, 2);
	fail_first = 0;
	put(0, 100, 1);
	udp_flush();
	assert_int_equal(count, 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(those_of_one_size_to_one_peer_leave_as_one_and_a_shorter_one_ends_it, setup),
		cmocka_unit_test_setup(a_socket_that_does_not_cut_gets_each_by_itself, setup),
		cmocka_unit_test_setup(no_more_than_the_kernel_takes, setup),
		cmocka_unit_test_setup(a_device_that_cannot_cut_is_found_out_and_nothing_is_lost, setup),
		cmocka_unit_test_setup(what_does_not_fit_the_path_is_told_once_and_holds_up_nobody, setup),
		cmocka_unit_test_setup(a_full_queue_drops_and_goes_on, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
