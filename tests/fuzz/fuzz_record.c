/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forwarder's record code beside GnuTLS, record by record: what one opens
 * the other opens to the same bytes, what one refuses the other refuses. A
 * handshake of its own for each input, so that it can be run again.
 *
 * Input: the cipher, then steps of an operation and its operands (below).
 */
#include "tests/unit/dtls_pair.h"

#include "server/forwarder/record.h"
#include "tests/fuzz/fuzz.h"

#define KEPT       8
#define GNUTLS_WINDOW 64 /* records behind the newest that GnuTLS still takes; ours is wider */
#define STEPS_MAX  400

static const struct {
	bool x12, psk;
	uint16_t wire_version;
	const char *name;
} cases[] = {
	{ false, false, 0x0100, "AES128-SHA" }, { false, false, 0x0100, "AES256-SHA" }, { false, false, 0xfeff, "AES128-SHA" },
	{ true, false, 0x0100, "AES128-SHA" }, { true, false, 0x0100, "AES256-SHA" }, { true, false, 0x0100, "AES128-GCM-SHA256" },
	{ true, false, 0x0100, "AES256-GCM-SHA384" }, { false, true, 0x0100, ":-CIPHER-ALL:+CHACHA20-POLY1305" },
};

static struct dtls *server;
static struct record *record;
static struct {
	uint8_t bytes[2000];
	size_t len;
} kept[KEPT];
static uint64_t newest;
static bool cbc;

static const uint8_t *input, *input_end;

static uint8_t
next(void)
{
	return input < input_end ? *input++ : 0;
}

static unsigned
next16(void)
{
	unsigned high = next();

	return high << 8 | next();
}

static void
must(bool good)
{
	if (!good)
		abort();
}

static uint64_t
number_of(const uint8_t *r)
{
	uint64_t n = 0;

	for (unsigned i = 5; i < 11; i++)
		n = n << 8 | r[i];
	return n;
}

static bool
is_kept(const uint8_t *data, size_t len)
{
	for (unsigned i = 0; i < KEPT; i++) {
		if (kept[i].len == len && memcmp(kept[i].bytes, data, len) == 0)
			return true;
	}
	return false;
}

/*
 * Both get it; but a CBC record of a wrong MAC and a right padding makes
 * GnuTLS 3.7.9 refuse all that follow (its MAC goes on from what it hashed for the
 * time it takes), so that spoilt ones are refused by ours alone. Records that are not of data would be a matter of GnuTLS's session, not of its records. */
static void
deliver(const uint8_t *data, size_t len)
{
	static uint8_t theirs[20000], ours[20000];
	struct record_content c = { 0 };
	int n, mine;

	if (len < RECORD_HEAD || data[0] != RECORD_DATA || (size_t)(data[11] << 8 | data[12]) != len - RECORD_HEAD)
		return;
	if (number_of(data) + GNUTLS_WINDOW <= newest)
		return;
	if (cbc && !is_kept(data, len)) {
		must(record_open(record, data, len, ours, &c) == ERR_DENIED);
		return;
	}
	dtls_feed(server, data, len);
	n = dtls_receive(server, theirs, sizeof(theirs));
	mine = record_open(record, data, len, ours, &c);
	must(n == ERR_AGAIN ? mine == ERR_DENIED : mine == 0 && (size_t)n == c.len && memcmp(theirs, c.data, c.len) == 0);
	if (n == ERR_AGAIN)
		return;
	must(dtls_receive(server, theirs, sizeof(theirs)) == ERR_AGAIN);
	newest = number_of(data) > newest ? number_of(data) : newest;
}

/* The client's next record, kept. */
static unsigned
client_record(void)
{
	static uint8_t content[1300];
	static unsigned at;
	size_t len = 1 + (size_t)next16() % sizeof(content);

	memset(content, next(), len);
	at = (at + 1) % KEPT;
	must(gnutls_record_send(client, content, len) == (ssize_t)len);
	kept[at].len = (size_t)queue_get(&to_server, kept[at].bytes, sizeof(kept[at].bytes));
	return at;
}

/* One that we seal, to the client: it takes what was put in. */
static void
seal(void)
{
	static uint8_t content[1300], out[2000], got[2000];
	size_t len = 1 + (size_t)next16() % sizeof(content), n;

	memset(content, next(), len);
	n = record_seal(record, content, len, out);
	must(n == record_size(record, len));
	queue_put(&to_client, out, n);
	must(gnutls_record_recv(client, got, sizeof(got)) == (ssize_t)len && memcmp(got, content, len) == 0);
}

static void
step(void)
{
	uint8_t copy[2000];
	unsigned which, at;
	size_t len;

	switch (next() % 6) {
	case 0:
		which = client_record();
		deliver(kept[which].bytes, kept[which].len);
		break;
	case 1: /* kept back */
		client_record();
		break;
	case 2:
		which = next() % KEPT;
		deliver(kept[which].bytes, kept[which].len);
		break;
	case 3: /* changed; with its own length or not */
		which = next() % KEPT;
		len = kept[which].len;
		memcpy(copy, kept[which].bytes, len);
		for (unsigned n = next() % 8; n > 0 && len > 0; n--) {
			at = next16();
			copy[at % len] ^= next();
		}
		deliver(copy, len);
		break;
	case 4: /* cut, the head says so */
		which = next() % KEPT;
		len = kept[which].len;
		if (len < RECORD_HEAD)
			break;
		memcpy(copy, kept[which].bytes, len);
		len = RECORD_HEAD + (size_t)next16() % (len - RECORD_HEAD + 1);
		copy[11] = (uint8_t)((len - RECORD_HEAD) >> 8);
		copy[12] = (uint8_t)(len - RECORD_HEAD);
		deliver(copy, len);
		break;
	case 5:
		seal();
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_keys exported;
	unsigned i;
	int c;

	input = data;
	input_end = data + size;
	i = next() % COUNT(cases);
	memset(kept, 0, sizeof(kept));
	newest = 0;
	wire_version = cases[i].wire_version;
	if (cases[i].psk) {
		server = psk_start(cases[i].name);
	} else {
		server = server_new(by_name(cases[i].x12, cases[i].name));
		client_start(keys.name, master, id);
	}
	must(handshake(server, 0, &c) == (cases[i].psk ? ERR_DENIED : 0) && c == 0); /* "ssl cipher" has no name for it */
	memset(&to_client, 0, sizeof(to_client));
	memset(&to_server, 0, sizeof(to_server));
	must(dtls_export(server, &exported));
	record = record_new(&exported);
	cbc = exported.cipher <= RECORD_AES256_CBC_SHA1;
	for (unsigned n = 0; n < STEPS_MAX && input < input_end; n++)
		step();
	record_free(record);
	dtls_free(server);
	gnutls_deinit(client);
	if (cases[i].psk)
		gnutls_psk_free_client_credentials(client_psk);
	return 0;
}
