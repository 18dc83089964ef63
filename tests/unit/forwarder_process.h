/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forwarder as a process, with the test as main, as its workers, as the
 * network outside and as what is inside (a pair of sockets in place of the TUN
 * device). Needs the program beside it: "make all".
 */
#ifndef OFFHOOK_FORWARDER_PROCESS_H
#define OFFHOOK_FORWARDER_PROCESS_H

#include "tests/unit/unit.h"

#include <ev.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/batch.h"
#include "common/counters.h"
#include "common/err.h"
#include "common/ipc.h"
#include "common/note.h"
#include "common/sandbox.h"
#include "common/steer.h"
#include "server/forwarder/dgram.h"
#include "server/forwarder/inner.h"
#include "server/forwarder/split.h"

#define SLOTS     8
#define VNET_HEAD 10
#define WAIT_MS   3000
#define QUIET_MS  60 /* long enough for what must not come */
#define MTU       1290
#define SEED      0x5eed1234u

static char program[4096];
static unsigned forwarders = 1; /* that setup() starts; a session's home is its slot modulo their number */
static struct forwarder_end {
	pid_t child;
	struct ipc_chan chan;
	int inside;
	struct sockaddr_in outer; /* each has one of its own here, so that the test chooses who gets a datagram */
} ends[FORWARDERS_MAX], *here = ends; /* the one that is spoken to */
static struct ev_loop *loop;
static struct counters *counters;
static uint8_t *steer_memory;
static int workers[SLOTS];
static int their_ends[SLOTS]; /* the forwarder's end of a worker's channel, as main keeps it; 0: it is not kept */
static bool keep;       /* do so */
static int table_fd, steer_fd;
static uint8_t bytes[BATCH_MAX];
static size_t got_len, got_pos; /* of a batch in bytes that is being read */

/* ---- plumbing ---- */

static void
closed(void *owner, int err)
{
	(void)owner, (void)err;
}

static bool
readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

static void
tell(enum ipc_id id, const void *msg, const int *fds, int nfds)
{
	assert_int_equal(ipc_send_fds(&here->chan, id, msg, fds, nfds), 0);
	ipc_flush(&here->chan, 1000);
}

/* To the session's home. */
static void
tell_home(unsigned slot, enum ipc_id id, const void *msg, const int *fds, int nfds)
{
	here = &ends[slot % forwarders];
	tell(id, msg, fds, nfds);
	here = ends;
}

static int
udp_socket(uint16_t port, struct sockaddr_in *out)
{
	socklen_t len = sizeof(*out);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	*out = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)out, sizeof(*out)) == 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)out, &len), 0);
	return fd;
}

static void
program_start(void)
{
	int pair[2];

	assert_int_equal(ipc_pair(pair), 0);
	here->child = fork();
	if (here->child == 0) {
		dup2(pair[1], CHILD_CHANNEL_FD);
		execl(program, program, "sandbox=0", (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	ipc_chan_start(&here->chan, loop, pair[0], IPC_MAIN, IPC_FORWARDER, NULL, 0, closed, NULL);
}

static uint8_t offload; /* what the next forwarder may use: enum tun_offload, and UDP_SEGMENT if any */

static void
forwarder_init(void)
{
	struct ipc_fwd_init init = { .data_path = DATA_PATH_TUN, .slots = SLOTS, .tun_offload = offload,
		.index = (uint8_t)(here - ends), .forwarders = (uint8_t)forwarders, .steer_seed = SEED };
	struct ipc_fwd_udp udp = { .socket_id = 1, .cuts = offload != 0 };
	struct sockaddr_storage ss = { 0 };
	int tun[2], fd, pass[3] = { table_fd }, n = 1;

	program_start();
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, tun), 0);
	here->inside = tun[0];
	if (forwarders > 1)
		pass[n++] = steer_fd;
	pass[n++] = tun[1];
	tell(MSG_fwd_init, &init, pass, n);
	close(tun[1]);
	fd = udp_socket(0, &here->outer);
	memcpy(&ss, &here->outer, sizeof(here->outer));
	udp.local = addr_from_sockaddr(&ss);
	tell(MSG_fwd_udp, &udp, &fd, 1);
	close(fd);
}

/* A channel between forwarders i and k. */
static void
siblings_join(unsigned i, unsigned k)
{
	int pair[2];

	assert_int_equal(ipc_pair(pair), 0);
	here = &ends[i];
	tell(MSG_fwd_sibling, &(struct ipc_fwd_sibling){ (uint8_t)k }, &pair[0], 1);
	here = &ends[k];
	tell(MSG_fwd_sibling, &(struct ipc_fwd_sibling){ (uint8_t)i }, &pair[1], 1);
	here = ends;
	close(pair[0]);
	close(pair[1]);
}

static void session_add(unsigned slot, bool with6);

/* Until each has read all that it was told: what follows on other ways must not overtake it. From `slot` on there is nothing. */
static void
forwarders_settle(unsigned slot)
{
	for (unsigned end = slot + forwarders; slot < end; slot++) {
		struct ipc_fwd_session_del del = { .slot = slot };
		bool keeps = keep;

		keep = false;
		session_add(slot, false);
		keep = keeps;
		tell_home(slot, MSG_fwd_session_del, &del, NULL, 0);
		close(workers[slot]);
		workers[slot] = 0;
	}
}

static int
setup(void **state)
{
	(void)state;
	table_fd = memfd_create("counters", MFD_CLOEXEC);
	steer_fd = memfd_create("steer", MFD_CLOEXEC);
	keep = false;
	got_len = got_pos = 0;
	assert_int_equal(ftruncate(table_fd, notes_size(SLOTS)), 0);
	counters = mmap(NULL, notes_size(SLOTS), PROT_READ | PROT_WRITE, MAP_SHARED, table_fd, 0);
	assert_ptr_not_equal(counters, MAP_FAILED);
	assert_int_equal(ftruncate(steer_fd, STEER_BYTES), 0);
	steer_memory = mmap(NULL, STEER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, steer_fd, 0);
	assert_ptr_not_equal(steer_memory, MAP_FAILED);
	loop = ev_loop_new(EVFLAG_AUTO);
	for (here = ends; here < ends + forwarders; here++)
		forwarder_init();
	here = ends;
	for (unsigned k = 1; k < forwarders; k++) {
		for (unsigned i = 0; i < k; i++)
			siblings_join(i, k);
	}
	if (forwarders > 1)
		forwarders_settle(0);
	return 0;
}

static int
teardown(void **state)
{
	int status;

	(void)state;
	for (here = ends; here < ends + forwarders; here++) {
		ipc_chan_stop(&here->chan);
		assert_int_equal(waitpid(here->child, &status, 0), here->child);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		close(here->inside);
	}
	here = ends;
	ev_loop_destroy(loop);
	munmap(counters, notes_size(SLOTS));
	close(table_fd);
	close(steer_fd);
	munmap(steer_memory, STEER_BYTES);
	for (int i = 0; i < SLOTS; i++) {
		if (workers[i] > 0)
			close(workers[i]);
		if (their_ends[i] > 0)
			close(their_ends[i]);
		workers[i] = their_ends[i] = 0;
	}
	return 0;
}

/* ---- a worker ---- */

/* The next item for this worker; false: none within the time. */
static bool
item_get(unsigned slot, struct batch_item *item, int ms)
{
	if (got_pos == got_len) {
		ssize_t n = readable(workers[slot], ms) ? recv(workers[slot], bytes, sizeof(bytes), 0) : -1;

		if (n <= 0)
			return false;
		got_len = (size_t)n;
		got_pos = 0;
	}
	return batch_next(bytes, got_len, &got_pos, item) == 1;
}

static void
item_is(unsigned slot, enum batch_type type, const void *data, size_t len, struct batch_item *item)
{
	assert_true(item_get(slot, item, WAIT_MS));
	assert_int_equal(item->type, type);
	assert_int_equal(item->len, len);
	assert_memory_equal(item->data, data, len);
}

static void
nothing_for(unsigned slot)
{
	struct batch_item item;

	assert_false(item_get(slot, &item, QUIET_MS));
}

static void
say(unsigned slot, enum batch_type type, uint8_t tag, const void *data, size_t len)
{
	static struct batch b;

	b.len = 0;
	memcpy(batch_add(&b, type, tag, len), data, len);
	assert_int_equal(poll(&(struct pollfd){ .fd = workers[slot], .events = POLLOUT }, 1, WAIT_MS), 1);
	assert_int_equal(send(workers[slot], b.bytes, b.len, 0), b.len);
}

static void
id_of(unsigned slot, uint8_t id[DTLS_ID_BYTES])
{
	memset(id, (int)(0x10 + slot), DTLS_ID_BYTES);
}

static void
address6(unsigned slot, uint8_t out[16])
{
	memset(out, 0, 16);
	out[0] = 0x20;
	out[1] = 1;
	out[15] = (uint8_t)slot;
}

/* fd: the forwarder's end of the worker's channel. */
static void
session_tell(unsigned slot, bool with6, int fd)
{
	uint8_t id[DTLS_ID_BYTES];
	struct ipc_fwd_session m = { .slot = slot, .mtu_bytes = MTU, .dtls_id = { id, sizeof(id) } };
	struct batch_item item;

	id_of(slot, id);
	m.address = addr_from_ip4((struct in_addr){ htonl(0x0a0a0100 + slot) }, 0);
	if (with6) {
		m.address6.family = 6;
		address6(slot, m.address6.ip);
	}
	tell_home(slot, MSG_fwd_session, &m, &fd, 1);
	item_is(slot, BATCH_BOUND, "", 0, &item);
}

/* Session `slot`: 10.10.1.SLOT, and 2001::SLOT if with6. */
static void
session_add(unsigned slot, bool with6)
{
	int pair[2];

	assert_int_equal(ipc_pair(pair), 0);
	workers[slot] = pair[0];
	session_tell(slot, with6, pair[1]);
	if (keep)
		their_ends[slot] = pair[1];
	else
		close(pair[1]);
}

/* This session's forwarder dies, another one takes its place and is told of it. */
static inline void
forwarder_again(unsigned slot)
{
	unsigned i = slot % forwarders;
	int status;

	here = &ends[i];
	kill(here->child, SIGKILL);
	assert_int_equal(waitpid(here->child, &status, 0), here->child);
	ipc_chan_stop(&here->chan);
	close(here->inside);
	for (size_t at = 0; at < STEER_BYTES; at++)
		steer_memory[at] &= (uint8_t)~(1u << i);
	forwarder_init();
	here = ends;
	for (unsigned k = 0; k < forwarders; k++) {
		if (k != i)
			siblings_join(i, k);
	}
	if (forwarders > 1)
		forwarders_settle(SLOTS - forwarders);
	session_tell(slot, false, their_ends[slot]);
}

/* ---- inside ---- */

static void
inside_send(const void *packet, size_t len)
{
	struct pollfd room = { .fd = here->inside, .events = POLLOUT };
	uint8_t out[VNET_HEAD + 2000] = { 0 };

	memcpy(out + VNET_HEAD, packet, len);
	assert_int_equal(poll(&room, 1, WAIT_MS), 1);
	assert_int_equal(send(here->inside, out, VNET_HEAD + len, 0), VNET_HEAD + len);
}

/* What any of the forwarders wrote; -1: none within the time. */
static ssize_t
inside_read(uint8_t *in, size_t size, int ms)
{
	struct pollfd p[FORWARDERS_MAX];

	for (unsigned i = 0; i < forwarders; i++)
		p[i] = (struct pollfd){ .fd = ends[i].inside, .events = POLLIN };
	if (poll(p, forwarders, ms) <= 0)
		return -1;
	for (unsigned i = 0; i < forwarders; i++) {
		if (p[i].revents != 0)
			return recv(p[i].fd, in, size, 0);
	}
	return -1;
}

/* The next packet, one of a large one if that is what the forwarder wrote. */
static size_t
inside_get(uint8_t *out, size_t size, int ms)
{
	static uint8_t in[70000], room[1 + 70000];
	static struct split split;
	static bool goes_on;
	struct virtio_net_hdr head;
	size_t len;
	uint8_t *p;
	ssize_t n;

	if (goes_on && (p = split_next(&split, &len)) != NULL) {
		assert_true(len <= size);
		memcpy(out, p, len);
		return len;
	}
	goes_on = false;
	n = inside_read(in, sizeof(in), ms);
	if (n <= VNET_HEAD)
		return 0;
	len = (size_t)n - VNET_HEAD;
	memcpy(&head, in, sizeof(head));
	memcpy(room + 1, in + VNET_HEAD, len);
	if (split_wanted(&head)) {
		assert_true(offload != 0 && split_start(&split, room + 1, len, &head, 65535));
		goes_on = true;
		return inside_get(out, size, ms);
	}
	assert_true(len <= size);
	memcpy(out, room + 1, len);
	return len;
}

/* Until a figure that others write is at least this, or the time is up. */
static inline void
figure_reaches(const volatile uint64_t *figure, uint64_t least)
{
	for (int ms = 0; *figure < least && ms < WAIT_MS; ms++)
		usleep(1000);
	assert_true(*figure >= least);
}

static uint8_t packet[2000];

static size_t
packet4(uint32_t src, uint32_t dst, size_t len, bool df)
{
	const uint8_t head[] = { 0x45, 0, (uint8_t)(len >> 8), (uint8_t)len, 0, 1, df ? 0x40 : 0, 0, 64, 17, 0, 0 };

	memset(packet, 0x5a, len);
	memcpy(packet, head, sizeof(head));
	src = htonl(src);
	dst = htonl(dst);
	memcpy(packet + 12, &src, 4);
	memcpy(packet + 16, &dst, 4);
	return len;
}

#define OTHER 200 /* inside, nobody's */

/* ---- outside ---- */

static size_t
hello_make(unsigned slot, uint8_t out[100])
{
	enum { BODY = 2 + 32 + 1 + 32 };

	memset(out, 0, 100);
	out[0] = 22;
	out[1] = 1;
	out[12] = 12 + BODY;
	out[13] = 1;
	out[16] = out[24] = BODY;
	out[25] = 1;
	memset(out + 27, 0x77, 32);
	out[59] = DTLS_ID_BYTES;
	id_of(slot, out + 60);
	return 25 + BODY;
}

static void
outside_send(int fd, const void *data, size_t len)
{
	assert_int_equal(sendto(fd, data, len, 0, (struct sockaddr *)&here->outer, sizeof(here->outer)), len);
}

/* Until the session's home has told the others of its peer. */
static void
peer_told(unsigned slot, int fd)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t len = sizeof(ss);
	struct addr peer;
	uint8_t *entry;
	int ms = 0;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	peer = addr_from_sockaddr(&ss);
	entry = &steer_memory[STEER_PEER * STEER_ENTRIES + steer_hash_peer(SEED, &peer)];
	while ((__atomic_load_n(entry, __ATOMIC_RELAXED) >> slot % forwarders & 1) == 0 && ms++ < WAIT_MS)
		usleep(1000);
	assert_true(ms < WAIT_MS);
}

/* A peer of this session at fd's address, up. Its tag. */
static uint8_t
peer_up(unsigned slot, int fd)
{
	struct batch_item item;
	uint8_t hello[100];
	size_t len = hello_make(slot, hello);

	outside_send(fd, hello, len);
	item_is(slot, BATCH_DGRAM, hello, len, &item);
	say(slot, BATCH_PEER_UP, item.tag, "", 0);
	if (forwarders > 1)
		peer_told(slot, fd);
	return item.tag;
}

/* The program, or false: it is not there, which was said. */
static bool
program_find(const char *self)
{
	const char *build = getenv("BUILD");

	if (build != NULL)
		snprintf(program, sizeof(program), "%s/offhook-forwarder", build);
	else
		snprintf(program, sizeof(program), "%.*s/../offhook-forwarder", (int)(strrchr(self, '/') - self), self);
	if (access(program, X_OK) == 0)
		return true;
	printf("ok 1 - forwarder # SKIP %s is not there\n1..1\n", program);
	return false;
}

#define FORWARDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
