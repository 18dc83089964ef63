/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A spawner whose workers may turn on the gateway: linked from the real one's
 * objects, with worker_run() and login_session() wrapped. A connection that begins with
 * the line "R CASE [COOKIE]" instead of a TLS hello does what CASE says, then
 * stays and has to be ended, or answers "done" where its message must have no effect.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/batch.h"
#include "common/buf.h"
#include "common/suite.h"
#include "server/worker/login.h"
#include "server/worker/worker.h"

#define HUGE_BYTES     (IPC_MAX + 4096)
#define ANSWER_MS      10000
#define SIGN_RSA_SHA256 GNUTLS_SIGN_RSA_SHA256

void __real_worker_run(const struct tls_config *config, const struct ipc_child_start *m, int tcp_fd, int main_fd, int auth_fd);
void __wrap_worker_run(const struct tls_config *config, const struct ipc_child_start *m, int tcp_fd, int main_fd, int auth_fd);
void __real_login_session(struct worker *w, const struct ipc_login_ok *m);
void __wrap_login_session(struct worker *w, const struct ipc_login_ok *m);

static struct {
	int tcp, main, auth, fwd;
	const char *cookie;
	uint8_t ip[4]; /* of the granted session */
} rogue = { .fwd = -1 };

static uint8_t bytes[HUGE_BYTES];

/* The handshake of a real login, which all workers see: the spawner maps it before it forks any. */
static struct record {
	size_t len;
	uint8_t transcript[IPC_TRANSCRIPT_MAX];
} *record;

static void __attribute__((constructor))
record_make(void)
{
	record = mmap(NULL, sizeof(*record), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (record == MAP_FAILED)
		abort();
}

static void __attribute__((noreturn, format(printf, 1, 2)))
answer(const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)!send(rogue.tcp, text, (size_t)n, MSG_NOSIGNAL);
	shutdown(rogue.tcp, SHUT_WR);
	_exit(0);
}

static void __attribute__((noreturn))
stay(void)
{
	for (;;)
		poll(NULL, 0, -1);
}

/* Waits where there is no room; a channel that is closed is what some cases want. */
static void
put(int fd, const void *data, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	while (send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EAGAIN)
		poll(&p, 1, -1);
}

static size_t
make(enum ipc_id id, const void *msg)
{
	int len = ipc_encode(id, msg, bytes, sizeof(bytes));

	if (len < 0)
		answer("cannot encode %s\n", ipc_name(id));
	return (size_t)len;
}

static void
say(int fd, enum ipc_id id, const void *msg)
{
	put(fd, bytes, make(id, msg));
}

/* The next message, and a descriptor that may come with it. */
static enum ipc_id
hear(int fd, union ipc_any *msg, int *passed)
{
	static uint8_t in[IPC_MAX];
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { in, sizeof(in) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control) };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	enum ipc_id id = 0;
	ssize_t n;

	if (poll(&p, 1, ANSWER_MS) != 1 || (n = recvmsg(fd, &mh, 0)) <= 0 || ipc_decode(in, (size_t)n, &id, msg) != 0)
		answer("no answer\n");
	if (passed != NULL && CMSG_FIRSTHDR(&mh) != NULL)
		memcpy(passed, CMSG_DATA(CMSG_FIRSTHDR(&mh)), sizeof(int));
	return id;
}

static void
pass_descriptor(int fd, enum ipc_id id, const void *msg)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec iov = { bytes, make(id, msg) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&mh);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &rogue.tcp, sizeof(int));
	sendmsg(fd, &mh, MSG_NOSIGNAL);
}

/* ---- to main ---- */

static const struct ipc_worker_note note = { .text = "a rogue was here" };

static void
unknown_id(void)
{
	put(rogue.main, (uint8_t[]){ 0, 99, 0, 1 }, 4);
}

static void
no_such_id(void)
{
	put(rogue.main, (uint8_t[]){ 0xff, 0xff, 0, 1 }, 4);
}

static void
one_byte(void)
{
	put(rogue.main, "", 1);
}

static void
empty(void)
{
	put(rogue.main, "", 0);
}

static void
truncated(void)
{
	put(rogue.main, bytes, make(MSG_worker_note, &note) - 1);
}

static void
trailing(void)
{
	put(rogue.main, bytes, make(MSG_worker_note, &note) + 1);
}

/* A text above its maximum, all else in order. */
static void
long_text(void)
{
	struct wr w = wr_init(bytes, sizeof(bytes));

	wr_u16(&w, MSG_worker_note);
	wr_u16(&w, IPC_VERSION);
	wr_u32(&w, 600);
	memset(wr_room(&w, 600), 'x', 600);
	wr_u8(&w, 0);
	put(rogue.main, bytes, (size_t)(w.p - bytes));
}

static void
length_beyond_end(void)
{
	make(MSG_worker_note, &note);
	memset(bytes + 4, 0xff, 4);
	put(rogue.main, bytes, 64);
}

static void
huge(void)
{
	make(MSG_worker_note, &note);
	put(rogue.main, bytes, HUGE_BYTES);
}

static void
forged_verdict(void)
{
	static const uint8_t hash[32];
	struct ipc_verdict m = { .conn_id = 1, .user = "root", .cookie_hash = { hash, sizeof(hash) } };

	say(rogue.main, MSG_verdict, &m);
}

static void
bind_before_grant(void)
{
	say(rogue.main, MSG_session_bind, &(struct ipc_session_bind){ 1290 });
}

static void
end_before_grant(void)
{
	say(rogue.main, MSG_session_end, &(struct ipc_session_end){ END_USER_REQUESTED });
}

static void
descriptor_to_main(void)
{
	pass_descriptor(rogue.main, MSG_worker_note, &note);
}

static void
log_flood(void)
{
	for (int i = 0; i < 300; i++)
		say(rogue.main, MSG_worker_log, &(struct ipc_worker_log){ .number = 725006 });
}

static void
log_of_main(void)
{
	say(rogue.main, MSG_worker_log, &(struct ipc_worker_log){ .number = 113019 });
	answer("done\n");
}

static void
guess(const char *cookie)
{
	say(rogue.main, MSG_session_ask, &(struct ipc_session_ask){ .cookie = cookie, .tls_suite = 0x0035, .tls_version = SUITE_TLS12 });
}

static void
no_such_tls_suite(void)
{
	say(rogue.main, MSG_session_ask, &(struct ipc_session_ask){ .cookie = rogue.cookie, .tls_suite = 0xdead });
}

static void
no_such_tls_version(void)
{
	struct ipc_session_ask m = { .cookie = rogue.cookie, .tls_suite = 0x0035, .tls_version = 200 };

	say(rogue.main, MSG_session_ask, &m);
}

static void
guessed_cookie(void)
{
	union ipc_any m;

	guess("0123456789ABCDEF@12345@ABCD@0123456789ABCDEF0123456789ABCDEF");
	if (hear(rogue.main, &m, NULL) != MSG_session_deny || m.session_deny.status != 401)
		answer("not denied\n");
	answer("done\n");
}

static void
guess_flood(void)
{
	for (int i = 0; i < 300; i++)
		guess("0123456789ABCDEF@12345@ABCD@0123456789ABCDEF0123456789ABCDEF");
}

/* Below the limit, and no answer is ever read. */
static void
deaf(void)
{
	for (int i = 0; i < 190; i++)
		guess("x");
	answer("done\n");
}

static void
main_closed(void)
{
	close(rogue.main);
}

static void
crash(void)
{
	signal(SIGILL, SIG_DFL); /* no sanitizer's */
	__builtin_trap();
}

/* ---- to certauth ---- */

static void
key_op(const char *trustpoint, enum key_operation op, size_t len)
{
	static const uint8_t data[1024] = { 1 };
	struct ipc_key_op m = {
		.operation = (uint8_t)op, .trustpoint = trustpoint, .algorithm = SIGN_RSA_SHA256, .data = { data, (uint32_t)len },
	};

	say(rogue.auth, MSG_key_op, &m);
}

/* The random comes first of all. */
static void
random_skip(void)
{
	union ipc_any m;

	if (hear(rogue.auth, &m, NULL) != MSG_hello_random)
		answer("no random\n");
}

static void
key_expect(bool failed, size_t len)
{
	union ipc_any m;

	if (hear(rogue.auth, &m, NULL) != MSG_key_result || (m.key_result.failed != 0) != failed || m.key_result.data.len != len)
		answer("another result\n");
}

static void
key_of_others(void)
{
	key_op("other-cert", KEY_SIGN_HASH, 32);
}

static void
key_of_nobody(void)
{
	key_op("../asa-identity-cert", KEY_SIGN_HASH, 32);
}

static void
key_twice(void)
{
	random_skip();
	key_op("asa-identity-cert", KEY_SIGN_HASH, 32);
	key_expect(false, 256);
	key_op("asa-identity-cert", KEY_SIGN_HASH, 32);
}

static void
key_long(void)
{
	struct wr w = wr_init(bytes, sizeof(bytes));

	wr_u16(&w, MSG_key_op);
	wr_u16(&w, IPC_VERSION);
	wr_u8(&w, KEY_SIGN_HASH);
	wr_u32(&w, 1);
	wr_bytes(&w, "x", 2);
	wr_u32(&w, SIGN_RSA_SHA256);
	wr_u32(&w, 0);
	wr_u32(&w, 60000);
	memset(wr_room(&w, 60000), 1, 60000);
	put(rogue.auth, bytes, (size_t)(w.p - bytes));
}

static void
key_sizes(enum key_operation op, size_t len, bool failed, size_t result)
{
	random_skip();
	key_op("asa-identity-cert", op, len);
	key_expect(failed, result);
	answer("done\n");
}

static void
key_sign_nothing(void)
{
	key_sizes(KEY_SIGN_HASH, 0, true, 0);
}

static void
key_sign_much(void)
{
	key_sizes(KEY_SIGN_HASH, 1024, true, 0);
}

static void
key_decrypt_nothing(void)
{
	key_sizes(KEY_DECRYPT, 0, false, 48);
}

static void
key_decrypt_much(void)
{
	key_sizes(KEY_DECRYPT, 1024, false, 48);
}

static void
key_no_operation(void)
{
	key_sizes((enum key_operation)77, 32, true, 0);
}

static void
auth_garbage(void)
{
	static uint8_t transcript[IPC_TRANSCRIPT_MAX];
	struct ipc_auth_ask m = { .tunnel_group = "vpn-phone-group", .transcript = { transcript, sizeof(transcript) } };
	union ipc_any got;

	random_skip();
	for (int i = 0; i < 12; i++) { /* ASKS_MAX of certauth's conn.c */
		memset(transcript, i * 127, sizeof(transcript));
		say(rogue.auth, MSG_auth_ask, &m);
		if (hear(rogue.auth, &got, NULL) != MSG_auth_result || got.auth_result.answer == AUTH_ACCEPTED)
			answer("not refused\n");
	}
	say(rogue.auth, MSG_auth_ask, &m);
}

/* certauth draws a random for each connection and tells it first of all. */
static void
random_take(uint8_t random[32])
{
	union ipc_any m;

	if (hear(rogue.auth, &m, NULL) != MSG_hello_random || m.hello_random.random.len != 32)
		answer("no random\n");
	memcpy(random, m.hello_random.random.data, 32);
}

/* The recorded handshake's messages: direction, type, length, body (server/certauth/proof.h); NULL: none of that type. */
static uint8_t *
record_message(uint8_t direction, uint8_t type)
{
	uint8_t *p = record->transcript, *end = p + record->len;

	while (p + 5 <= end && (p[0] != direction || p[1] != type))
		p += 5 + ((size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4]);
	return p + 5 <= end ? p : NULL;
}

static void
record_present(size_t len)
{
	union ipc_any got;

	if (len == 0)
		answer("nothing recorded\n");
	say(rogue.auth, MSG_auth_ask,
	    &(struct ipc_auth_ask){ .tunnel_group = "vpn-phone-group", .transcript = { record->transcript, (uint32_t)len } });
	if (hear(rogue.auth, &got, NULL) != MSG_auth_result)
		answer("no result\n");
	answer("%s\n", got.auth_result.answer == AUTH_ACCEPTED ? "accepted" : got.auth_result.reason);
}

static void
auth_replayed(void)
{
	random_skip();
	record_present(record->len);
}

/* The random of this connection in another's handshake: the client has signed another one. */
static void
auth_spliced(void)
{
	uint8_t random[32], *hello = record_message(0, 2);

	random_take(random);
	if (hello == NULL)
		answer("nothing recorded\n");
	memcpy(hello + 5 + 2, random, sizeof(random)); /* behind the version */
	record_present(record->len);
}

/* The same, with the certificate alone: what a worker has that saw it pass by. */
static void
auth_stolen_certificate(void)
{
	uint8_t random[32], *hello = record_message(0, 2), *verify = record_message(1, 15);

	random_take(random);
	if (hello == NULL || verify == NULL)
		answer("nothing recorded\n");
	memcpy(hello + 5 + 2, random, sizeof(random));
	record_present((size_t)(verify - record->transcript));
}

static void
descriptor_to_certauth(void)
{
	pass_descriptor(rogue.auth, MSG_auth_ask, &(struct ipc_auth_ask){ .tunnel_group = "vpn-phone-group" });
}

/* ---- with the session of a cookie ---- */

static void
grant_take(void)
{
	union ipc_any m;

	guess(rogue.cookie);
	if (hear(rogue.main, &m, &rogue.fwd) != MSG_session_grant || rogue.fwd < 0)
		answer("no grant\n");
	memcpy(rogue.ip, m.session_grant.address.ip, sizeof(rogue.ip));
}

static void
tunnel_take(void)
{
	struct pollfd p;

	grant_take();
	say(rogue.main, MSG_session_bind, &(struct ipc_session_bind){ 1290 });
	say(rogue.main, MSG_session_up, &(struct ipc_session_up){ .mtu_bytes = 1290 });
	p = (struct pollfd){ .fd = rogue.fwd, .events = POLLIN };
	if (poll(&p, 1, ANSWER_MS) != 1) /* BATCH_BOUND */
		answer("not bound\n");
}

static void
ask_after_grant(void)
{
	grant_take();
	guess(rogue.cookie);
}

static void
bind_twice(void)
{
	tunnel_take();
	say(rogue.main, MSG_session_bind, &(struct ipc_session_bind){ 0xffffffff });
	answer("done\n");
}

static void
no_such_dtls_suite(void)
{
	tunnel_take();
	say(rogue.main, MSG_dtls_up, &(struct ipc_dtls_up){ .suite = 0xdead, .version = SUITE_DTLS10 });
}

static void
end_for_the_administrator(void)
{
	tunnel_take();
	say(rogue.main, MSG_session_end, &(struct ipc_session_end){ END_ADMIN_RESET });
	answer("done\n");
}

static void
tunnel_messages(void)
{
	tunnel_take();
	for (int i = 0; i < 300; i++)
		say(rogue.main, MSG_session_up, &(struct ipc_session_up){ .mtu_bytes = 1290 });
}

/* Bound and up, then it hears nothing that main says. */
static void
deaf_tunnel(void)
{
	tunnel_take();
	(void)!send(rogue.tcp, "up\n", 3, MSG_NOSIGNAL);
}

/* Bound, but never up. */
static void
half_tunnel(void)
{
	grant_take();
	say(rogue.main, MSG_session_bind, &(struct ipc_session_bind){ 1290 });
	(void)!send(rogue.tcp, "bound\n", 6, MSG_NOSIGNAL);
}

static void
item(struct batch *b, enum batch_type type, uint8_t tag, const void *data, size_t len)
{
	memcpy(batch_add(b, type, tag, len), data, len);
}

static void
forwarder_garbage(void)
{
	tunnel_take();
	memset(bytes, 0xa5, BATCH_MAX);
	put(rogue.fwd, bytes, BATCH_MAX);
}

static void
forwarder_huge(void)
{
	tunnel_take();
	put(rogue.fwd, bytes, BATCH_MAX + 1);
}

static void
forwarder_half_item(void)
{
	tunnel_take();
	put(rogue.fwd, (uint8_t[]){ BATCH_PACKET, 0, 0, 20, 0x45 }, 5);
}

static void
forwarder_own_word(void)
{
	tunnel_take();
	put(rogue.fwd, (uint8_t[]){ BATCH_BOUND, 0, 0, 0 }, 4);
}

static void
forwarder_empty_datagrams(void)
{
	static struct batch b;

	tunnel_take();
	while (batch_fits(&b, 0))
		item(&b, BATCH_DGRAM, 0, "", 0);
	put(rogue.fwd, b.bytes, b.len);
}

/* Foreign source addresses, half packets, IPv6, lengths that lie: nothing of it may leave. */
static void
foreign_packets(void)
{
	static struct batch b;
	uint8_t p[28] = { 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 10, 10, 1, 77, 172, 16, 100, 100, 8 };
	uint8_t lies[28];

	tunnel_take();
	item(&b, BATCH_PACKET, 0, p, sizeof(p));
	memset(p + 12, 0, 4);
	item(&b, BATCH_PACKET, 0, p, sizeof(p));
	memcpy(p + 12, rogue.ip, 4);
	item(&b, BATCH_PACKET, 0, p, 19);
	memcpy(lies, p, sizeof(p));
	lies[3] = 200;
	item(&b, BATCH_PACKET, 0, lies, sizeof(lies));
	lies[3] = 10;
	item(&b, BATCH_PACKET, 0, lies, sizeof(lies));
	lies[0] = 0x44;
	item(&b, BATCH_PACKET, 0, lies, sizeof(lies));
	lies[0] = 0x60;
	item(&b, BATCH_PACKET, 0, lies, sizeof(lies));
	item(&b, BATCH_PACKET, 0, "", 0);
	put(rogue.fwd, b.bytes, b.len);
	(void)!send(rogue.tcp, "sent\n", 5, MSG_NOSIGNAL);
}

static void
unknown_peers(void)
{
	static struct batch b;
	static const uint8_t data[64] = { 23 };

	tunnel_take();
	for (int tag = 0; tag < 256; tag++) {
		item(&b, BATCH_DGRAM, (uint8_t)tag, data, sizeof(data));
		item(&b, BATCH_PEER_UP, (uint8_t)tag, "", 0);
	}
	put(rogue.fwd, b.bytes, b.len);
	answer("done\n");
}

static void
forwarder_flood(void)
{
	static struct batch b;
	static const uint8_t p[20] = { 0x45, 0, 0, 20 };

	tunnel_take();
	while (batch_fits(&b, sizeof(p)))
		item(&b, BATCH_PACKET, 0, p, sizeof(p));
	for (int i = 0; i < 500; i++)
		put(rogue.fwd, b.bytes, b.len);
	answer("done\n");
}

#define CASE(name) { #name, name }
static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	CASE(unknown_id), CASE(no_such_id), CASE(one_byte), CASE(empty), CASE(truncated), CASE(trailing), CASE(long_text),
	CASE(length_beyond_end), CASE(huge), CASE(forged_verdict), CASE(bind_before_grant), CASE(end_before_grant),
	CASE(descriptor_to_main), CASE(log_flood), CASE(log_of_main), CASE(guessed_cookie), CASE(guess_flood), CASE(deaf),
	CASE(main_closed), CASE(crash), CASE(key_of_others), CASE(key_of_nobody), CASE(key_twice), CASE(key_long),
	CASE(key_sign_nothing), CASE(key_sign_much), CASE(key_decrypt_nothing), CASE(key_decrypt_much),
	CASE(key_no_operation), CASE(auth_garbage), CASE(auth_replayed), CASE(auth_spliced),
	CASE(auth_stolen_certificate), CASE(descriptor_to_certauth), CASE(ask_after_grant), CASE(bind_twice),
	CASE(no_such_tls_suite), CASE(no_such_tls_version), CASE(no_such_dtls_suite), CASE(end_for_the_administrator), CASE(tunnel_messages), CASE(deaf_tunnel), CASE(half_tunnel),
	CASE(forwarder_garbage), CASE(forwarder_huge), CASE(forwarder_half_item), CASE(forwarder_own_word),
	CASE(forwarder_empty_datagrams), CASE(foreign_packets), CASE(unknown_peers), CASE(forwarder_flood),
};

/* The line "R CASE [COOKIE]"; false: the connection is a real client's. */
static bool
line_get(char *line, size_t size)
{
	struct pollfd p = { .fd = rogue.tcp, .events = POLLIN };
	size_t len = 0;

	if (poll(&p, 1, ANSWER_MS) != 1 || recv(rogue.tcp, line, 1, MSG_PEEK) != 1 || line[0] != 'R')
		return false;
	while (len + 1 < size && poll(&p, 1, ANSWER_MS) == 1 && recv(rogue.tcp, line + len, 1, 0) == 1 && line[len] != '\n')
		len++;
	line[len] = '\0';
	return true;
}

void __attribute__((noreturn))
__wrap_worker_run(const struct tls_config *config, const struct ipc_child_start *m, int tcp_fd, int main_fd, int auth_fd)
{
	static char line[256], name[64], cookie[160];

	rogue.tcp = tcp_fd;
	rogue.main = main_fd;
	rogue.auth = auth_fd;
	rogue.cookie = cookie;
	if (!line_get(line, sizeof(line))) {
		__real_worker_run(config, m, tcp_fd, main_fd, auth_fd);
		_exit(1);
	}
	if (sscanf(line, "R %63s %159s", name, cookie) < 1)
		answer("no case\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(cases[i].name, name) == 0) {
			cases[i].run();
			stay();
		}
	}
	answer("no such case\n");
}

/*
 * A real login of this tunnel-group: its worker records the handshake and asks certauth
 * again after the verdict. The client waits for its answer meanwhile, or it would leave and the worker with it.
 */
void
__wrap_login_session(struct worker *w, const struct ipc_login_ok *m)
{
	if (strcmp(w->login.tunnel_group, "rogue-group") != 0) {
		__real_login_session(w, m);
		return;
	}
	record->len = w->transcript_len;
	memcpy(record->transcript, w->transcript, w->transcript_len);
	ipc_send(&w->auth, MSG_auth_ask, &(struct ipc_auth_ask){ .tunnel_group = "vpn-phone-group" });
}
