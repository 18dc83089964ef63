/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codec, over every message of the catalogue; and a channel between two ends in one process. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/ipc.h"
#include "common/ipc_codec.h"

/* How full a message is made. */
enum fill { FILL_EMPTY, FILL_SMALL, FILL_MAX };

#define SMALL 11

static uint64_t seed;

static uint64_t
next_number(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return seed >> 13;
}

static char bytes_max[IPC_P12_MAX + 2], text_max[65537];

static void
make_data(void)
{
	for (size_t i = 0; i < sizeof(bytes_max); i++)
		bytes_max[i] = (char)(i * 7);
	memset(text_max, 'x', sizeof(text_max) - 1);
}

static size_t
length(enum fill fill, size_t max)
{
	if (fill == FILL_EMPTY)
		return 0;
	return fill == FILL_MAX || max < SMALL ? max : SMALL;
}

/* A text of that length: the end of text_max. */
static const char *
text(size_t len)
{
	return text_max + sizeof(text_max) - 1 - len;
}

#define FILL_U8(n, max)   m->n = fill == FILL_EMPTY ? 0 : (uint8_t)next_number();
#define FILL_U16(n, max)  m->n = fill == FILL_EMPTY ? 0 : (uint16_t)next_number();
#define FILL_U32(n, max)  m->n = fill == FILL_EMPTY ? 0 : (uint32_t)next_number();
#define FILL_U64(n, max)  m->n = fill == FILL_EMPTY ? 0 : next_number() << 20 ^ next_number();
#define FILL_STR(n, max)  m->n = text(length(fill, max));
#define FILL_BLOB(n, max) m->n = (struct ipc_blob){ bytes_max, (uint32_t)length(fill, max) };
#define FILL_ADDR(n, max)                                    \
	if (fill != FILL_EMPTY) {                                \
		m->n.family = 4 + 2 * (next_number() & 1);           \
		m->n.port = (uint16_t)next_number();                 \
		for (int i = 0; i < 16; i++)                         \
			m->n.ip[i] = (uint8_t)next_number();             \
	}
#define FILL_FIELD(type, n, max, since) FILL_##type(n, max)

#define SAME_U8(n)   assert_int_equal(a->n, b->n);
#define SAME_U16(n)  assert_int_equal(a->n, b->n);
#define SAME_U32(n)  assert_int_equal(a->n, b->n);
#define SAME_U64(n)  assert_true(a->n == b->n);
#define SAME_STR(n)  assert_string_equal(a->n, b->n);
#define SAME_BLOB(n) assert_int_equal(a->n.len, b->n.len); assert_memory_equal(a->n.data, b->n.data, a->n.len);
#define SAME_ADDR(n) assert_true(addr_equal(&a->n, &b->n));
#define SAME_FIELD(type, n, max, since) SAME_##type(n)

/* Bytes that a field takes on the wire. */
#define SIZE_U8(n)   1
#define SIZE_U16(n)  2
#define SIZE_U32(n)  4
#define SIZE_U64(n)  8
#define SIZE_STR(n)  4 + strlen(m->n) + 1
#define SIZE_BLOB(n) 4 + m->n.len
#define SIZE_ADDR(n) 19
#define SIZE_FIELD(type, n, max, since) at += SIZE_##type(n);

/* For each field with a maximum: fn(position of its length on the wire, maximum). */
#define LIMIT_U8(n, max)
#define LIMIT_U16(n, max)
#define LIMIT_U32(n, max)
#define LIMIT_U64(n, max)
#define LIMIT_STR(n, max)  fn(id, m, at, max);
#define LIMIT_BLOB(n, max) fn(id, m, at, max);
#define LIMIT_ADDR(n, max)
#define LIMIT_FIELD(type, n, max, since) LIMIT_##type(n, max) at += SIZE_##type(n);

/* For each field with a maximum: one byte above it is refused by the encoder. */
#define OVER_U8(n, max)
#define OVER_U16(n, max)
#define OVER_U32(n, max)
#define OVER_U64(n, max)
#define OVER_ADDR(n, max)
#define OVER_STR(n, max)  { __typeof__(*m) over = *m; over.n = text((max) + 1); refused(id, &over); }
#define OVER_BLOB(n, max) { __typeof__(*m) over = *m; over.n.len = (max) + 1; refused(id, &over); }
#define OVER_FIELD(type, n, max, since) OVER_##type(n, max)

typedef void (*limit_fn)(enum ipc_id id, const void *m, size_t at, size_t max);

static void
refused(enum ipc_id id, const void *m)
{
	static uint8_t out[IPC_MAX];

	assert_int_equal(ipc_encode(id, m, out, sizeof(out)), ERR_INVALID);
}

#define FUNCTIONS(name, fields)                                                     \
	static void fill_##name(void *p, enum fill fill)                                \
	{                                                                               \
		struct ipc_##name *m = p;                                                   \
		(void)fill;                                                                 \
		fields(FILL_FIELD)                                                          \
	}                                                                               \
	static void same_##name(const void *p, const void *q)                           \
	{                                                                               \
		const struct ipc_##name *a = p, *b = q;                                     \
		fields(SAME_FIELD)                                                          \
	}                                                                               \
	static size_t size_##name(const void *p)                                        \
	{                                                                               \
		const struct ipc_##name *m = p;                                             \
		size_t at = 4;                                                              \
		(void)m;                                                                    \
		fields(SIZE_FIELD)                                                          \
		return at;                                                                  \
	}                                                                               \
	static void limits_##name(enum ipc_id id, const void *p, limit_fn fn)           \
	{                                                                               \
		const struct ipc_##name *m = p;                                             \
		size_t at = 4;                                                              \
		(void)m, (void)id, (void)fn;                                                \
		fields(LIMIT_FIELD)                                                         \
		(void)at;                                                                   \
	}
IPC_STRUCTS(FUNCTIONS)

#define OVER_FUNCTION(name, fields)                        \
	static void over_##name(enum ipc_id id, void *p)        \
	{                                                      \
		struct ipc_##name *m = p;                          \
		(void)m, (void)id;                                 \
		fields(OVER_FIELD)                                 \
	}
IPC_STRUCTS(OVER_FUNCTION)

static const struct row {
	enum ipc_id id;
	const char *name;
	void (*fill)(void *, enum fill);
	void (*same)(const void *, const void *);
	size_t (*size)(const void *);
	void (*limits)(enum ipc_id, const void *, limit_fn);
	void (*over)(enum ipc_id, void *);
} rows[] = {
#define ROW(name, fields) { MSG_##name, #name, fill_##name, same_##name, size_##name, limits_##name, over_##name },
	IPC_STRUCTS(ROW)
};

static uint8_t wire[IPC_MAX];

T(every_message_has_a_struct_and_a_name)
{
	size_t messages = 0;

	UNUSED;
	for (unsigned id = 0; id < IPC_ID_LIMIT; id++)
		messages += ipc_desc(id) != NULL;
	assert_int_equal(messages, COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(ipc_name(rows[i].id), rows[i].name);
	assert_string_equal(ipc_name((enum ipc_id)0), "?");
	assert_string_equal(ipc_name((enum ipc_id)100000), "?");
}

T(every_message_goes_there_and_back)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (enum fill fill = FILL_EMPTY; fill <= FILL_MAX; fill++) {
			union ipc_any in, out;
			enum ipc_id id;
			uint8_t *copy;
			int len;

			memset(&in, 0, sizeof(in));
			rows[i].fill(&in, fill);
			len = ipc_encode(rows[i].id, &in, wire, sizeof(wire));
			assert_true(len > 0);
			assert_int_equal(len, rows[i].size(&in));
			copy = exact(wire, (size_t)len);
			assert_int_equal(ipc_decode(copy, (size_t)len, &id, &out), 0);
			assert_int_equal(id, rows[i].id);
			rows[i].same(&in, &out);
			free(copy);
		}
	}
}

T(every_message_fits_its_largest_in_a_datagram)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(rows); i++) {
		union ipc_any in;

		memset(&in, 0, sizeof(in));
		rows[i].fill(&in, FILL_MAX);
		assert_true(rows[i].size(&in) <= IPC_MAX);
	}
}

T(every_truncation_and_every_longer_message_is_refused)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(rows); i++) {
		union ipc_any in, out;
		enum ipc_id id;
		int len;

		memset(&in, 0, sizeof(in));
		rows[i].fill(&in, FILL_SMALL);
		len = ipc_encode(rows[i].id, &in, wire, sizeof(wire));
		for (size_t n = 0; n <= (size_t)len + 3; n++) {
			uint8_t *copy = exact(wire, n);
			int r = ipc_decode(copy, n, &id, &out);

			assert_int_equal(r, n == (size_t)len ? 0 : ERR_BAD_MESSAGE);
			free(copy);
		}
	}
}

/* What a decoder took must be what an encoder would send: nothing is read in two ways. */
T(a_message_with_one_byte_changed_is_refused_or_says_what_it_says)
{
	static const uint8_t changes[] = { 0x01, 0x80, 0xff };
	static uint8_t again[IPC_MAX];

	UNUSED;
	for (size_t i = 0; i < COUNT(rows); i++) {
		union ipc_any in, out;
		enum ipc_id id;
		int len;

		memset(&in, 0, sizeof(in));
		rows[i].fill(&in, FILL_SMALL);
		len = ipc_encode(rows[i].id, &in, wire, sizeof(wire));
		for (size_t at = 0; at < (size_t)len; at++) {
			for (size_t k = 0; k < COUNT(changes); k++) {
				uint8_t *copy = exact(wire, (size_t)len);

				copy[at] ^= changes[k];
				if (ipc_decode(copy, (size_t)len, &id, &out) == 0) {
					assert_int_equal(ipc_encode(id, &out, again, sizeof(again)), len);
					copy[2] = again[2]; /* a later version is allowed */
					copy[3] = again[3];
					assert_memory_equal(copy, again, (size_t)len);
				}
				free(copy);
			}
		}
	}
}

T(an_unknown_id_and_version_0_are_refused)
{
	union ipc_any out;
	enum ipc_id id;

	UNUSED;
	assert_int_equal(ipc_decode("\0\0\0\1", 4, &id, &out), ERR_BAD_MESSAGE);
	assert_int_equal(ipc_decode("\xff\xff\0\1", 4, &id, &out), ERR_BAD_MESSAGE);
	assert_int_equal(ipc_decode("\0\x7f\0\1", 4, &id, &out), ERR_BAD_MESSAGE);
	assert_int_equal(ipc_decode("\0\1\0\0" "\0\0\0\0\0\0\0\0\0\0\0\0", 16, &id, &out), ERR_BAD_MESSAGE);
	assert_int_equal(ipc_encode((enum ipc_id)0, &out, wire, sizeof(wire)), ERR_INVALID);
	assert_int_equal(ipc_encode((enum ipc_id)12345, &out, wire, sizeof(wire)), ERR_INVALID);
}

T(a_later_version_may_have_appended_fields)
{
	struct ipc_login_ok in = { .index = 77 };
	union ipc_any out;
	enum ipc_id id;
	int len = ipc_encode(MSG_login_ok, &in, wire, sizeof(wire));

	UNUSED;
	wire[3] = IPC_VERSION + 1;
	memcpy(wire + len, "more", 4);
	assert_int_equal(ipc_decode(wire, (size_t)len + 4, &id, &out), 0);
	assert_int_equal(out.login_ok.index, 77);
}

T(the_encoder_refuses_each_field_above_its_maximum)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(rows); i++) {
		union ipc_any in;

		memset(&in, 0, sizeof(in));
		rows[i].fill(&in, FILL_SMALL);
		rows[i].over(rows[i].id, &in);
	}
}

/* The field at `at` is at its maximum; make it one longer, rightly encoded. */
static void
longer_is_refused(enum ipc_id id, const void *m, size_t at, size_t max)
{
	static uint8_t longer[2 * IPC_MAX];
	int len = ipc_encode(id, m, wire, sizeof(wire));
	size_t n = max + 1, end = at + 4;
	union ipc_any out;
	enum ipc_id got;

	assert_true(len > 0);
	assert_int_equal((size_t)wire[at] << 24 | (size_t)wire[at + 1] << 16 | (size_t)wire[at + 2] << 8 | wire[at + 3], max);
	memcpy(longer, wire, end);
	longer[at] = (uint8_t)(n >> 24);
	longer[at + 1] = (uint8_t)(n >> 16);
	longer[at + 2] = (uint8_t)(n >> 8);
	longer[at + 3] = (uint8_t)n;
	longer[end] = 'x';
	memcpy(longer + end + 1, wire + end, (size_t)len - end);
	assert_int_equal(ipc_decode(longer, (size_t)len + 1, &got, &out), ERR_BAD_MESSAGE);
}

T(the_decoder_refuses_each_field_above_its_maximum)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(rows); i++) {
		union ipc_any in;

		memset(&in, 0, sizeof(in));
		rows[i].fill(&in, FILL_MAX);
		rows[i].limits(rows[i].id, &in, longer_is_refused);
	}
}

T(a_string_ends_at_its_first_nul)
{
	struct ipc_worker_note in = { .text = "hello" };
	union ipc_any out;
	enum ipc_id id;
	int len = ipc_encode(MSG_worker_note, &in, wire, sizeof(wire));

	UNUSED;
	wire[len - 3] = '\0';
	assert_int_equal(ipc_decode(wire, (size_t)len, &id, &out), ERR_BAD_MESSAGE);
	wire[len - 3] = 'l';
	assert_int_equal(ipc_decode(wire, (size_t)len, &id, &out), 0);
	wire[len - 1] = '!';
	assert_int_equal(ipc_decode(wire, (size_t)len, &id, &out), ERR_BAD_MESSAGE);
}

T(the_encoder_refuses_a_buffer_that_is_too_small)
{
	struct ipc_worker_note in = { .text = "hello" };
	int len = ipc_encode(MSG_worker_note, &in, wire, sizeof(wire));

	UNUSED;
	for (size_t size = 0; size < (size_t)len; size++) {
		uint8_t *small = exact("", 0);

		small = realloc(small, size ? size : 1);
		assert_int_equal(ipc_encode(MSG_worker_note, &in, small, size), ERR_LONG);
		free(small);
	}
}

/* ---- channels: `near` is main, `far` the party under test ---- */

static struct ipc_chan near, far;
static struct ev_loop *loop;
static int far_closed, near_closed, got_calls, got_nfds, got_fds[IPC_FDS_MAX];
static uint64_t got_value;

static void
far_close(void *owner, int err)
{
	(void)owner;
	far_closed = err;
}

static void
near_close(void *owner, int err)
{
	(void)owner;
	near_closed = err;
}

static void
got(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner;
	got_calls++;
	got_value = ((const struct ipc_child_start *)msg)->conn_id;
	got_nfds = nfds;
	for (int i = 0; i < nfds; i++)
		got_fds[i] = fds[i];
}

static void
got_stop(void *owner, const void *msg, const int *fds, int nfds)
{
	got(owner, msg, fds, nfds);
	ipc_chan_stop(owner);
}

static const struct ipc_handler far_handlers[] = {
	{ MSG_child_start, got },
	{ MSG_child_kill, got_stop },
};

static int
chan_setup(void **state)
{
	int fds[2];

	(void)state;
	if (ipc_pair(fds) != 0)
		return -1;
	loop = ev_loop_new(EVBACKEND_POLL);
	far_closed = near_closed = got_calls = 0;
	ipc_chan_start(&near, loop, fds[0], IPC_MAIN, IPC_SPAWNER, NULL, 0, near_close, NULL);
	ipc_chan_start(&far, loop, fds[1], IPC_SPAWNER, IPC_MAIN, far_handlers, COUNT(far_handlers), far_close, &far);
	return 0;
}

static int
chan_teardown(void **state)
{
	(void)state;
	ipc_chan_stop(&near);
	ipc_chan_stop(&far);
	ev_loop_destroy(loop);
	return 0;
}

static void
run(void)
{
	for (int i = 0; i < 20; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

T(a_message_arrives_with_its_descriptors)
{
	struct ipc_child_start m = { .conn_id = 42, .nameif = "outside" };
	int p[2];

	UNUSED;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(ipc_send_fds(&near, MSG_child_start, &m, p, 2), 0);
	close(p[0]);
	close(p[1]);
	run();
	assert_int_equal(got_calls, 1);
	assert_true(got_value == 42);
	assert_int_equal(got_nfds, 2);
	assert_int_equal(write(got_fds[1], "x", 1), 1);
	assert_true(fcntl(got_fds[0], F_GETFD) & FD_CLOEXEC);
	close(got_fds[0]);
	close(got_fds[1]);
}

T(a_full_socket_queues_and_keeps_the_order)
{
	struct ipc_child_start m = { .nameif = "outside" };
	int n;

	UNUSED;
	for (n = 0; n < 2000; n++) {
		m.conn_id = (uint64_t)n;
		if (ipc_send(&near, MSG_child_start, &m) != 0)
			break;
	}
	assert_int_equal(n, 2000);
	assert_true(near.out_bytes > 0);
	for (int i = 0; i < 500 && got_calls < n; i++)
		ev_run(loop, EVRUN_NOWAIT);
	assert_int_equal(got_calls, 2000);
	assert_true(got_value == 1999);
	assert_int_equal(near.out_bytes, 0);
}

T(a_queue_has_a_limit)
{
	struct ipc_child_start m = { .nameif = "outside" };
	int r = 0;

	UNUSED;
	near.queue_max = 10000;
	for (int i = 0; i < 100000 && r == 0; i++)
		r = ipc_send(&near, MSG_child_start, &m);
	assert_int_equal(r, ERR_FULL);
	assert_true(near.out_bytes <= 10000);
}

T(descriptors_wait_in_the_queue)
{
	struct ipc_child_start m = { .nameif = "outside" };
	int p[2], calls = 0;

	UNUSED;
	assert_int_equal(pipe(p), 0);
	while (near.out_bytes == 0) {
		assert_int_equal(ipc_send(&near, MSG_child_start, &m), 0);
		calls++;
	}
	assert_int_equal(ipc_send_fds(&near, MSG_child_start, &m, &p[1], 1), 0);
	close(p[1]);
	for (int i = 0; i < 500 && got_calls <= calls; i++)
		ev_run(loop, EVRUN_NOWAIT);
	assert_int_equal(got_calls, calls + 1);
	assert_int_equal(got_nfds, 1);
	assert_int_equal(write(got_fds[0], "x", 1), 1);
	close(got_fds[0]);
	close(p[0]);
}

T(a_message_of_another_direction_closes_the_channel)
{
	struct ipc_spawner_ready m = { .pid = 1 };

	UNUSED;
	assert_int_equal(ipc_send(&near, MSG_spawner_ready, &m), 0);
	run();
	assert_int_equal(far_closed, ERR_BAD_MESSAGE);
	assert_int_equal(got_calls, 0);
}

T(a_message_without_a_handler_closes_the_channel)
{
	struct ipc_tls_commit m = { .generation = 1 };

	UNUSED;
	assert_int_equal(ipc_send(&near, MSG_tls_commit, &m), 0);
	run();
	assert_int_equal(far_closed, ERR_BAD_MESSAGE);
}

T(a_message_of_another_phase_closes_the_channel)
{
	static const struct ipc_handler handlers[] = { { MSG_session_ask, got } };
	struct ipc_session_ask m = { .cookie = "x" };
	struct ipc_chan worker, owner;
	int fds[2], closed_before;

	UNUSED;
	assert_int_equal(ipc_pair(fds), 0);
	ipc_chan_start(&worker, loop, fds[0], IPC_WORKER, IPC_MAIN, NULL, 0, NULL, NULL);
	ipc_chan_start(&owner, loop, fds[1], IPC_MAIN, IPC_WORKER, handlers, 1, far_close, NULL);
	owner.phase = PH_LOGIN;
	assert_int_equal(ipc_send(&worker, MSG_session_ask, &m), 0);
	run();
	assert_int_equal(got_calls, 1);
	closed_before = far_closed;
	assert_int_equal(closed_before, 0);
	owner.phase = PH_TUNNEL;
	assert_int_equal(ipc_send(&worker, MSG_session_ask, &m), 0);
	run();
	assert_int_equal(got_calls, 1);
	assert_int_equal(far_closed, ERR_BAD_MESSAGE);
	ipc_chan_stop(&worker);
	ipc_chan_stop(&owner);
}

T(bytes_that_are_no_message_close_the_channel)
{
	UNUSED;
	assert_int_equal(send(near.fd, "nonsense", 8, 0), 8);
	run();
	assert_int_equal(far_closed, ERR_BAD_MESSAGE);
	run();
	assert_int_equal(near_closed, ERR_CLOSED);
}

T(descriptors_of_a_child_are_not_taken)
{
	struct ipc_spawner_ready m = { .pid = 1 };
	int p[2];

	UNUSED;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(ipc_send_fds(&far, MSG_spawner_ready, &m, p, 2), 0);
	run();
	assert_int_equal(near_closed, ERR_BAD_MESSAGE);
	close(p[1]);
	assert_int_equal(read(p[0], &(char){ 0 }, 1), 0); /* nobody else holds the writing end */
	close(p[0]);
}

T(more_descriptors_than_allowed_close_the_channel)
{
	struct ipc_child_start m = { .nameif = "outside" };
	int len = ipc_encode(MSG_child_start, &m, wire, sizeof(wire));
	union {
		char bytes[CMSG_SPACE(sizeof(int) * (IPC_FDS_MAX + 1))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { wire, (size_t)len };
	struct msghdr mh = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *c;

	UNUSED;
	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&mh);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * (IPC_FDS_MAX + 1));
	for (int i = 0; i <= IPC_FDS_MAX; i++)
		memcpy(CMSG_DATA(c) + (size_t)i * sizeof(int), &(int){ STDERR_FILENO }, sizeof(int));
	assert_int_equal(sendmsg(near.fd, &mh, 0), len);
	run();
	assert_int_equal(got_calls, 0);
	assert_int_equal(far_closed, ERR_BAD_MESSAGE);
}

T(the_peer_gone_closes_the_channel_once)
{
	UNUSED;
	ipc_chan_stop(&near);
	run();
	assert_int_equal(far_closed, ERR_CLOSED);
	far_closed = 0;
	run();
	assert_int_equal(far_closed, 0);
	assert_int_equal(ipc_send(&far, MSG_spawner_ready, &(struct ipc_spawner_ready){ 1 }), ERR_CLOSED);
}

T(a_handler_may_stop_its_channel)
{
	struct ipc_child_kill m = { .conn_id = 7 };

	UNUSED;
	assert_int_equal(ipc_send(&near, MSG_child_kill, &m), 0);
	assert_int_equal(ipc_send(&near, MSG_child_kill, &m), 0);
	run();
	assert_int_equal(got_calls, 1);
}

T(waiting_gives_the_wanted_message_or_times_out)
{
	struct ipc_child_kill m = { .conn_id = 7 };
	union ipc_any msg;

	UNUSED;
	assert_int_equal(ipc_wait(&far, MSG_child_kill, 10, &msg), ERR_TIMEOUT);
	assert_int_equal(ipc_send(&near, MSG_child_kill, &m), 0);
	assert_int_equal(ipc_wait(&far, MSG_child_kill, 1000, &msg), 0);
	assert_true(msg.child_kill.conn_id == 7);
	assert_int_equal(ipc_send(&near, MSG_child_kill, &m), 0);
	assert_int_equal(ipc_wait(&far, MSG_tls_commit, 1000, &msg), ERR_BAD_MESSAGE);
}

T(an_end_reason_has_a_text)
{
	UNUSED;
	for (unsigned i = 0; i < END_COUNT; i++)
		assert_string_not_equal(end_reason_str(i), "Unknown");
	assert_string_equal(end_reason_str(END_COUNT), "Unknown");
	assert_string_equal(end_reason_str(END_ADMIN_RESET), "Administrator Reset");
}

#define CHAN(test) cmocka_unit_test_setup_teardown(test, chan_setup, chan_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_has_a_struct_and_a_name),
		cmocka_unit_test(every_message_goes_there_and_back),
		cmocka_unit_test(every_message_fits_its_largest_in_a_datagram),
		cmocka_unit_test(every_truncation_and_every_longer_message_is_refused),
		cmocka_unit_test(a_message_with_one_byte_changed_is_refused_or_says_what_it_says),
		cmocka_unit_test(an_unknown_id_and_version_0_are_refused),
		cmocka_unit_test(a_later_version_may_have_appended_fields),
		cmocka_unit_test(the_encoder_refuses_each_field_above_its_maximum),
		cmocka_unit_test(the_decoder_refuses_each_field_above_its_maximum),
		cmocka_unit_test(a_string_ends_at_its_first_nul),
		cmocka_unit_test(the_encoder_refuses_a_buffer_that_is_too_small),
		CHAN(a_message_arrives_with_its_descriptors),
		CHAN(a_full_socket_queues_and_keeps_the_order),
		CHAN(a_queue_has_a_limit),
		CHAN(descriptors_wait_in_the_queue),
		CHAN(a_message_of_another_direction_closes_the_channel),
		CHAN(a_message_without_a_handler_closes_the_channel),
		CHAN(a_message_of_another_phase_closes_the_channel),
		CHAN(bytes_that_are_no_message_close_the_channel),
		CHAN(descriptors_of_a_child_are_not_taken),
		CHAN(more_descriptors_than_allowed_close_the_channel),
		CHAN(the_peer_gone_closes_the_channel_once),
		CHAN(a_handler_may_stop_its_channel),
		CHAN(waiting_gives_the_wanted_message_or_times_out),
		cmocka_unit_test(an_end_reason_has_a_text),
	};

	make_data();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
