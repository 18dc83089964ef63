/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests on the wire, against a server on the loopback that does what each test wants. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <unistd.h>

#include "server/aaa/exchange.h"

#define KEY "key"

static struct ev_loop *loop;
static struct aaa_group group = { .name = (char *)"g", .max_failed = 3 };
static struct aaa_server server;
static int socket_fd;
static ev_io readable;
static unsigned received;
static uint8_t last[RADIUS_MAX];
static void (*behave)(const struct sockaddr_in *from);

static struct {
	unsigned calls;
	int code; /* of the last reply, -1 none */
} done;

static void
server_cb(struct ev_loop *l, ev_io *w, int revents)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);

	(void)l, (void)revents;
	if (recvfrom(w->fd, last, sizeof(last), MSG_DONTWAIT, (struct sockaddr *)&from, &len) < 20)
		return;
	received++;
	if (behave != NULL)
		behave(&from);
}

/* A reply of this code to the last request; signs: with a Message-Authenticator. */
static void
reply_send(const struct sockaddr_in *to, uint8_t code, bool signs, const char *key)
{
	uint8_t b[64] = { code, last[1], 0, signs ? 38 : 20 }, digest[16];
	size_t len = b[3];

	memcpy(b + 4, last + 4, 16);
	if (signs) {
		b[20] = MESSAGE_AUTHENTICATOR;
		b[21] = 18;
		gnutls_hmac_fast(GNUTLS_MAC_MD5, key, strlen(key), b, len, digest);
		memcpy(b + 22, digest, 16);
	}
	memcpy(b + len, key, strlen(key));
	gnutls_hash_fast(GNUTLS_DIG_MD5, b, len + strlen(key), digest);
	memcpy(b + 4, digest, 16);
	sendto(socket_fd, b, len, 0, (const struct sockaddr *)to, sizeof(*to));
}

static void
counted(struct aaa_server *s)
{
	(void)s;
}

static void
fill(void *ctx, struct radius_request *r, const struct sockaddr_storage *local)
{
	(void)ctx;
	assert_int_equal(local->ss_family, AF_INET);
	radius_put_str(r, USER_NAME, "bob");
}

static void
exchange_done(void *ctx, const uint8_t *reply, size_t len)
{
	(void)ctx, (void)len;
	done.calls++;
	done.code = reply != NULL ? reply[0] : -1;
}

static int
fresh(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);

	(void)state;
	loop = ev_loop_new(EVFLAG_AUTO);
	socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bind(socket_fd, (struct sockaddr *)&a, sizeof(a));
	getsockname(socket_fd, (struct sockaddr *)&a, &len);
	memset(&server, 0, sizeof(server));
	server = (struct aaa_server){ .group = &group, .name = (char *)"s", .key = KEY, .timeout_s = 0.25, .retry_s = 0.1 };
	memcpy(&server.addr, &a, sizeof(a));
	server.auth_port = server.acct_port = ntohs(a.sin_port);
	ev_io_init(&readable, server_cb, socket_fd, EV_READ);
	ev_io_start(loop, &readable);
	ev_unref(loop);
	exchange_init(loop, counted);
	received = 0;
	behave = NULL;
	memset(&done, 0, sizeof(done));
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	ev_ref(loop);
	ev_io_stop(loop, &readable);
	close(socket_fd);
	ev_loop_destroy(loop);
	return 0;
}

static void
ask(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		assert_non_null(exchange_start(&server, ACCESS_REQUEST, fill, exchange_done, NULL));
	ev_run(loop, 0);
	assert_int_equal(done.calls, n);
	assert_int_equal(server.stats.pending, 0);
	assert_int_equal(server.running, 0);
}

static void
accept_it(const struct sockaddr_in *from)
{
	reply_send(from, ACCESS_ACCEPT, true, KEY);
}

T(an_answer_ends_it)
{
	UNUSED;
	behave = accept_it;
	ask(1);
	assert_int_equal(done.code, ACCESS_ACCEPT);
	assert_int_equal(received, 1);
	assert_int_equal(server.stats.accepts, 1);
	assert_true(server.signs);
}

T(silence_is_asked_again_and_given_up)
{
	UNUSED;
	ask(1);
	assert_int_equal(done.code, -1);
	assert_int_equal(received, 3); /* at 0, 0.1 and 0.2 s */
	assert_int_equal(server.stats.retransmissions, 2);
	assert_int_equal(server.stats.timeouts, 1);
}

static void
wrong_then_right(const struct sockaddr_in *from)
{
	reply_send(from, ACCESS_ACCEPT, true, "another key");
	last[1] ^= 1;
	reply_send(from, ACCESS_ACCEPT, true, KEY); /* of another request */
	last[1] ^= 1;
	reply_send(from, ACCOUNTING_RESPONSE, true, KEY);
	sendto(socket_fd, "x", 1, 0, (const struct sockaddr *)from, sizeof(*from));
	reply_send(from, ACCESS_REJECT, true, KEY);
}

T(what_is_not_the_answer_is_passed_over)
{
	UNUSED;
	behave = wrong_then_right;
	ask(1);
	assert_int_equal(done.code, ACCESS_REJECT);
	assert_int_equal(received, 1);
	assert_int_equal(server.stats.bad_authenticators, 3);
	assert_int_equal(server.stats.malformed, 1);
	assert_int_equal(server.stats.rejects, 1);
	assert_int_equal(server.stats.accepts, 0);
}

static void
accept_unsigned(const struct sockaddr_in *from)
{
	reply_send(from, ACCESS_ACCEPT, false, KEY);
}

T(a_server_that_has_signed_must_go_on)
{
	UNUSED;
	behave = accept_unsigned;
	ask(1);
	assert_int_equal(done.code, ACCESS_ACCEPT); /* one that never signs */
	server.signs = true;
	done.calls = 0;
	ask(1);
	assert_int_equal(done.code, -1);
}

T(more_than_its_share_waits_in_the_queue)
{
	UNUSED;
	behave = accept_it;
	server.timeout_s = server.retry_s = 30; /* a busy machine shall not make it ask twice */
	ask(1000);
	assert_int_equal(server.stats.accepts, 1000);
	assert_int_equal(received, 1000);
}

T(too_many_are_refused_and_cancelled_ones_leave_no_trace)
{
	struct exchange *x[2048];

	UNUSED;
	for (size_t i = 0; i < 2048; i++)
		assert_non_null(x[i] = exchange_start(&server, ACCESS_REQUEST, fill, exchange_done, NULL));
	assert_null(exchange_start(&server, ACCESS_REQUEST, fill, exchange_done, NULL));
	for (size_t i = 2048; i-- > 0;)
		exchange_cancel(x[i]);
	assert_int_equal(server.stats.pending, 0);
	assert_int_equal(server.running, 0);
	ev_run(loop, EVRUN_NOWAIT);
	assert_int_equal(done.calls, 0);
	behave = accept_it;
	ask(1);
}

T(a_server_whose_name_is_unknown_is_silent_at_once)
{
	UNUSED;
	server.addr.ss_family = 0;
	ask(1);
	assert_int_equal(done.code, -1);
	assert_int_equal(received, 0);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, finish)
	static const struct CMUnitTest tests[] = {
		CASE(an_answer_ends_it),
		CASE(silence_is_asked_again_and_given_up),
		CASE(what_is_not_the_answer_is_passed_over),
		CASE(a_server_that_has_signed_must_go_on),
		CASE(more_than_its_share_waits_in_the_queue),
		CASE(too_many_are_refused_and_cancelled_ones_leave_no_trace),
		CASE(a_server_whose_name_is_unknown_is_silent_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
