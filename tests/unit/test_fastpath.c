/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records that the forwarder seals and opens itself, with every cipher, once with what the kernel joins and
 * cuts and once without. The client is the record code with the keys turned round; that the
 * records are those of GnuTLS is test_record.c's matter.
 */
#include "tests/unit/unit.h"

#include <netinet/udp.h>

#include "server/forwarder/checksum.h"
#include "server/forwarder/record.h"
#include "tests/unit/forwarder_process.h"

#define INSIDE    0xac106464u /* a host there */
#define CLIENT(s) (0x0a0a0100u + (s))

enum { DATA = 0, DPD = 3, DPD_RESPONSE = 4, KEEPALIVE = 7 };

#define KEYS_ID 0x1122334455667788

/* ---- a client ---- */

static struct client {
	int fd;
	uint8_t tag;            /* the forwarder's name for its address */
	struct record_keys keys; /* as the forwarder gets them */
	struct record *record;  /* the client's side */
} clients[SLOTS];

static uint64_t
epoch1(uint64_t number)
{
	return UINT64_C(1) << 48 | number;
}

/* Keys of a handshake; seed: which. */
static void
keys_make(struct client *c, enum record_cipher cipher, unsigned seed, uint64_t rx, uint64_t tx)
{
	struct record_keys turned;

	memset(&c->keys, 0, sizeof(c->keys));
	c->keys.cipher = cipher;
	c->keys.version = cipher <= RECORD_AES256_CBC_SHA1 ? 0x0100 : 0xfefd;
	for (unsigned i = 0; i < record_shapes[cipher].key_bytes; i++) {
		c->keys.rx.key[i] = (uint8_t)(seed * 31 + i);
		c->keys.tx.key[i] = (uint8_t)(seed * 57 + i + 1);
	}
	for (unsigned i = 0; i < record_shapes[cipher].mac_bytes; i++) {
		c->keys.rx.mac[i] = (uint8_t)(seed * 11 + i);
		c->keys.tx.mac[i] = (uint8_t)(seed * 13 + i);
	}
	for (unsigned i = 0; i < record_shapes[cipher].iv_bytes; i++)
		c->keys.rx.iv[i] = c->keys.tx.iv[i] = (uint8_t)(seed + i);
	c->keys.rx.next = epoch1(rx);
	c->keys.tx.next = epoch1(tx);
	turned = c->keys;
	turned.rx = c->keys.tx;
	turned.tx = c->keys.rx;
	record_free(c->record);
	c->record = record_new(&turned);
	assert_non_null(c->record);
}

static void
keys_say_as(unsigned slot, enum batch_type type, uint64_t id)
{
	uint8_t out[8 + RECORD_KEYS_MAX];
	struct wr w = wr_init(out, sizeof(out));

	wr_u64(&w, id);
	record_keys_put(&clients[slot].keys, &w);
	say(slot, type, clients[slot].tag, out, (size_t)(w.p - out));
}

static void
keys_say(unsigned slot)
{
	keys_say_as(slot, BATCH_KEYS, KEYS_ID + slot);
}

/* What the worker said last has been done: it answers, in order. */
static void
settled(unsigned slot)
{
	struct batch_item item;

	say(slot, BATCH_ASK, 0, "", 0);
	assert_true(item_get(slot, &item, WAIT_MS));
	assert_int_equal(item.type, BATCH_HEARD);
	assert_int_equal(item.len, 8);
}

/* A session with DTLS up and in the forwarder's hands. */
static struct client *
fast_session(unsigned slot, enum record_cipher cipher)
{
	struct client *c = &clients[slot];
	struct sockaddr_in a;

	session_add(slot, false);
	c->fd = udp_socket(0, &a);
	c->tag = peer_up(slot, c->fd);
	keys_make(c, cipher, slot, 1, 17);
	keys_say(slot);
	settled(slot);
	return c;
}

static void
client_end(unsigned slot)
{
	struct client *c = &clients[slot];

	record_free(c->record);
	if (c->fd > 0)
		close(c->fd);
	memset(c, 0, sizeof(*c));
}

static int
fast_teardown(void **state)
{
	for (unsigned i = 0; i < SLOTS; i++)
		client_end(i);
	return teardown(state);
}

static uint8_t sealed[4000];

/* A record with this type byte and payload, into sealed. */
static size_t
client_seal(struct client *c, uint8_t type, const void *payload, size_t len)
{
	uint8_t content[2000];

	content[0] = type;
	memcpy(content + 1, payload, len);
	return record_seal(c->record, content, 1 + len, sealed);
}

static void
client_send(struct client *c, uint8_t type, const void *payload, size_t len)
{
	outside_send(c->fd, sealed, client_seal(c, type, payload, len));
}

/* An inner packet of the client with a number in it. */
static size_t
numbered(unsigned slot, unsigned number, size_t len)
{
	packet4(CLIENT(slot), INSIDE, len, true);
	packet[len - 2] = (uint8_t)(number >> 8);
	packet[len - 1] = (uint8_t)number;
	return len;
}

static void
client_packet(struct client *c, unsigned slot, unsigned number)
{
	client_send(c, DATA, packet, numbered(slot, number, 200));
}

/* The next content that the client gets, its length; 0: none. */
static size_t
client_get_at(struct client *c, int fd, uint8_t *out, size_t size, int ms)
{
	uint8_t in[2000], scratch[2000];
	struct record_content content;
	ssize_t n = readable(fd, ms) ? recv(fd, in, sizeof(in), 0) : -1;

	if (n <= 0)
		return 0;
	assert_int_equal(record_open(c->record, in, (size_t)n, scratch, &content), 0);
	assert_true(content.len <= size);
	memcpy(out, content.data, content.len);
	return content.len;
}

static void
client_gets(struct client *c, uint8_t type, const void *payload, size_t len)
{
	uint8_t out[2000];

	assert_int_equal(client_get_at(c, c->fd, out, sizeof(out), WAIT_MS), 1 + len);
	assert_int_equal(out[0], type);
	assert_memory_equal(out + 1, payload, len);
}

static void
inside_gets(const void *want, size_t len)
{
	uint8_t out[2000];

	assert_int_equal(inside_get(out, sizeof(out), WAIT_MS), len);
	assert_memory_equal(out, want, len);
}

static void
inside_gets_number(unsigned number)
{
	uint8_t out[2000];
	size_t len = inside_get(out, sizeof(out), WAIT_MS);

	assert_int_equal(len, 200);
	assert_int_equal(out[len - 2] << 8 | out[len - 1], number);
}

static void
nothing_inside(void)
{
	uint8_t out[70000];

	assert_int_equal(inside_get(out, sizeof(out), QUIET_MS), 0);
}

#define EACH_CIPHER(c) (enum record_cipher c = RECORD_AES128_CBC_SHA1; c < RECORD_CIPHERS; c++)

/* ---- packets ---- */

T(packets_go_both_ways_and_no_worker_sees_them)
{
	UNUSED;
	for EACH_CIPHER(k) {
		struct client *c = fast_session(k, k);
		size_t len = packet4(CLIENT(k), INSIDE, 1200, true);

		client_send(c, DATA, packet, len);
		inside_gets(packet, len);
		len = packet4(INSIDE, CLIENT(k), MTU, true);
		inside_send(packet, len);
		client_gets(c, DATA, packet, len);
		assert_int_equal(counters[k].rx_packets, 1);
		assert_int_equal(counters[k].rx_bytes, 1200);
		assert_int_equal(counters[k].dtls_rx_packets, 1);
		assert_int_equal(counters[k].dtls_rx_bytes, 1200);
		assert_int_equal(counters[k].tx_packets, 1);
		assert_int_equal(counters[k].dtls_tx_packets, 1);
		assert_int_equal(counters[k].dtls_tx_bytes, MTU);
		nothing_for(k);
	}
}

T(packets_of_many_sessions_at_once_arrive_in_the_order_of_each)
{
	enum { N = 300 };
	unsigned next[SLOTS] = { 0 };

	UNUSED;
	for EACH_CIPHER(k)
		fast_session(k, k);
	for (unsigned i = 0; i < N; i++) {
		for EACH_CIPHER(k) {
			packet4(INSIDE, CLIENT(k), i % 7 == 0 ? 300 : 200, true);
			packet[198] = (uint8_t)(i >> 8);
			packet[199] = (uint8_t)i;
			inside_send(packet, i % 7 == 0 ? 300 : 200);
		}
		if (i % 20 < 19)
			continue;
		for EACH_CIPHER(k) {
			uint8_t out[2000];

			for (; next[k] <= i; next[k]++) {
				assert_true(client_get_at(&clients[k], clients[k].fd, out, sizeof(out), WAIT_MS) > 200);
				assert_int_equal(out[199] << 8 | out[200], next[k]);
			}
		}
	}
}

/* Several datagrams in one call of the client's, of one size, so that they may come joined. */
T(a_clients_burst_arrives_whole)
{
	enum { N = 40 };

	UNUSED;
	for EACH_CIPHER(k) {
		struct client *c = fast_session(k, k);
		static uint8_t burst[N * 300];
		uint16_t segment = 0;
		size_t len = 0;
		char control[CMSG_SPACE(sizeof(segment))] = { 0 };
		struct iovec iov = { burst, 0 };
		struct msghdr m = {
			.msg_name = &here->outer, .msg_namelen = sizeof(here->outer), .msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control, .msg_controllen = sizeof(control),
		};
		struct cmsghdr *h = CMSG_FIRSTHDR(&m);

		for (unsigned i = 0; i < N; i++) {
			size_t n = client_seal(c, DATA, packet, numbered(k, i, 200));

			memcpy(burst + len, sealed, n);
			len += n;
			segment = (uint16_t)n;
		}
		iov.iov_len = len;
		h->cmsg_level = SOL_UDP;
		h->cmsg_type = UDP_SEGMENT;
		h->cmsg_len = CMSG_LEN(sizeof(segment));
		memcpy(CMSG_DATA(h), &segment, sizeof(segment));
		assert_int_equal(sendmsg(c->fd, &m, 0), len);
		for (unsigned i = 0; i < N; i++)
			inside_gets_number(i);
		nothing_inside();
	}
}

T(a_large_packet_of_the_kernel_becomes_records_within_the_mtu)
{
	enum { PAYLOAD = 40000 };
	static uint8_t large[VNET_HEAD + 20 + 20 + PAYLOAD];

	UNUSED;
	for EACH_CIPHER(k) {
		struct client *c = fast_session(k, k);
		struct virtio_net_hdr h = {
			.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = 1448, .csum_start = 20,
			.csum_offset = 16, .hdr_len = 40,
		};
		uint8_t *p = large + VNET_HEAD, out[2000];
		size_t got = 0;

		memcpy(large, &h, sizeof(h));
		packet4(INSIDE, CLIENT(k), 40, true);
		memcpy(p, packet, 40);
		p[2] = (40 + PAYLOAD) >> 8;
		p[3] = (40 + PAYLOAD) & 0xff;
		p[9] = 6;
		memset(p + 20, 0, 20);
		p[32] = 0x50;
		p[33] = 0x10;
		for (size_t i = 0; i < PAYLOAD; i++)
			p[40 + i] = (uint8_t)(i * 13);
		assert_int_equal(send(here->inside, large, sizeof(large), 0), sizeof(large));
		while (got < PAYLOAD) {
			size_t len = client_get_at(c, c->fd, out, sizeof(out), WAIT_MS);

			assert_true(len > 41 && len - 1 <= MTU);
			assert_int_equal(checksum_fold(checksum_add(checksum_pseudo(out + 1, 6, len - 21), out + 21, len - 21)), 0xffff);
			for (size_t i = 0; i < len - 41; i++)
				assert_int_equal(out[41 + i], (uint8_t)((got + i) * 13));
			got += len - 41;
		}
		assert_int_equal(got, PAYLOAD);
		assert_int_equal(counters[k].dtls_tx_bytes, counters[k].tx_bytes);
	}
}

/* ---- records that are not right ---- */

T(what_is_spoilt_cut_or_anothers_is_dropped_and_the_next_one_is_not)
{
	UNUSED;
	for EACH_CIPHER(k) {
		struct client *c = fast_session(k, k);
		uint8_t good[2000];
		size_t n = client_seal(c, DATA, packet, numbered(k, 1, 200));

		memcpy(good, sealed, n);
		for (size_t at = 13; at < n; at += 37) {
			good[at] ^= 0x20;
			outside_send(c->fd, good, n);
			good[at] ^= 0x20;
		}
		for (size_t len = 1; len < n; len += 29)
			outside_send(c->fd, good, len);
		good[10] ^= 0x40; /* its number, which is authenticated */
		outside_send(c->fd, good, n);
		good[10] ^= 0x40;
		nothing_inside();
		outside_send(c->fd, good, n);
		inside_gets_number(1);
		nothing_for(k);
	}
	/* the record of one client from another's address */
	client_seal(&clients[3], DATA, packet, numbered(3, 9, 200));
	outside_send(clients[4].fd, sealed, record_size(clients[3].record, 201));
	nothing_inside();
}

T(replayed_and_late_records)
{
	UNUSED;
	for EACH_CIPHER(k) {
		struct client *c = fast_session(k, k);
		static uint8_t kept[600][300];
		size_t n = 0;

		for (unsigned i = 0; i < 600; i++) {
			n = client_seal(c, DATA, packet, numbered(k, i, 200));
			memcpy(kept[i], sealed, n);
		}
		outside_send(c->fd, kept[599], n);
		inside_gets_number(599);
		outside_send(c->fd, kept[599], n);
		outside_send(c->fd, kept[100], n); /* too old */
		nothing_inside();
		outside_send(c->fd, kept[598], n); /* overtaken */
		inside_gets_number(598);
		outside_send(c->fd, kept[200], n);
		inside_gets_number(200);
		outside_send(c->fd, kept[200], n);
		nothing_inside();
	}
}

T(the_last_numbers_there_are)
{
	const uint64_t last = UINT64_C(0xffffffffffff);
	struct batch_item item;

	UNUSED;
	for EACH_CIPHER(k) {
		struct client *c = fast_session(k, k);

		keys_make(c, k, 99 + k, last - 3, last - 2);
		keys_say(k);
		settled(k);
		client_packet(c, k, 1);
		inside_gets_number(1);
		packet4(INSIDE, CLIENT(k), 300, true);
		for (unsigned i = 0; i < 2; i++) {
			inside_send(packet, 300);
			client_gets(c, DATA, packet, 300);
		}
		inside_send(packet, 300); /* no number is left: by TLS */
		item_is(k, BATCH_PACKET, packet, 300, &item);
	}
}

/* ---- what is the worker's ---- */

T(control_packets_go_to_the_worker_and_its_answers_out)
{
	struct batch_item item;
	uint8_t probe[1000];

	UNUSED;
	for EACH_CIPHER(k) {
		struct client *c = fast_session(k, k);

		client_send(c, KEEPALIVE, "", 0);
		memset(probe, 0x5a, sizeof(probe));
		probe[0] = DPD;
		client_send(c, DPD, probe + 1, sizeof(probe) - 1); /* measures the path */
		item_is(k, BATCH_RECORD, probe, sizeof(probe), &item);
		probe[0] = DPD_RESPONSE;
		say(k, BATCH_SEAL, 0, probe, sizeof(probe));
		client_gets(c, DPD_RESPONSE, probe + 1, sizeof(probe) - 1);
		client_send(c, DPD, "ping", 4); /* asks for a sign of life */
		client_gets(c, DPD_RESPONSE, "ping", 4);
		nothing_for(k);
		nothing_inside();
	}
}

static void
ages(unsigned slot, uint32_t *record_ms, uint32_t *data_ms)
{
	struct batch_item item;
	struct rd r;

	say(slot, BATCH_ASK, 0, "", 0);
	assert_true(item_get(slot, &item, WAIT_MS));
	assert_int_equal(item.type, BATCH_HEARD);
	r = rd_init(item.data, item.len);
	*record_ms = rd_u32(&r);
	*data_ms = rd_u32(&r);
}

T(the_worker_hears_when_its_client_was_heard)
{
	struct client *c = fast_session(1, RECORD_AES128_GCM);
	uint32_t any, data;

	UNUSED;
	ages(1, &any, &data);
	assert_int_equal(any, UINT32_MAX);
	assert_int_equal(data, UINT32_MAX);
	packet4(CLIENT(1), INSIDE, 100, true);
	packet[9] = 1; /* ICMP keeps no session */
	client_send(c, DATA, packet, 100);
	inside_gets(packet, 100);
	ages(1, &any, &data);
	assert_true(any < WAIT_MS);
	assert_int_equal(data, UINT32_MAX);
	client_packet(c, 1, 1);
	inside_gets_number(1);
	usleep(QUIET_MS * 1000);
	ages(1, &any, &data);
	assert_true(any >= QUIET_MS / 2 && any < WAIT_MS);
	assert_true(data >= QUIET_MS / 2 && data < WAIT_MS);
	client_send(c, KEEPALIVE, "", 0);
	inside_send(packet, packet4(INSIDE, CLIENT(1), 100, true)); /* so that the keepalive has been read */
	client_gets(c, DATA, packet, 100);
	for (int ms = 0; ms == 0 || (any >= QUIET_MS && ms < WAIT_MS); ms++) /* where they are passed on, one may be a little behind the other */
		ages(1, &any, &data);
	assert_true(any < QUIET_MS && data < QUIET_MS);
}

T(other_records_among_those_of_data_go_to_the_worker_alone)
{
	static const uint8_t alert[] = { 21, 1, 0, 0, 1, 0, 0, 0, 0, 0, 99, 0, 5, 1, 2, 3, 4, 5 };
	uint8_t all[1000];
	struct batch_item item;

	UNUSED;
	for EACH_CIPHER(k) {
		struct client *c = fast_session(k, k);
		size_t n = client_seal(c, DATA, packet, numbered(k, 1, 200)), len = n;

		memcpy(all, sealed, n);
		memcpy(all + len, alert, sizeof(alert));
		len += sizeof(alert);
		client_seal(c, DATA, packet, numbered(k, 2, 200));
		memcpy(all + len, sealed, n);
		len += n;
		all[len++] = 23; /* and the beginning of something */
		outside_send(c->fd, all, len);
		/* a datagram must be whole records to be looked at in the first place */
		inside_gets_number(1);
		item_is(k, BATCH_DGRAM, alert, sizeof(alert), &item);
		inside_gets_number(2);
		outside_send(c->fd, alert, sizeof(alert));
		item_is(k, BATCH_DGRAM, alert, sizeof(alert), &item);
		assert_int_equal(item.tag, c->tag);
	}
}

T(packets_above_the_mtu)
{
	struct client *c = fast_session(1, RECORD_AES128_GCM);
	struct batch_item item;
	uint8_t out[2000], content[2000];
	size_t len;

	UNUSED;
	len = packet4(CLIENT(1), INSIDE, MTU + 10, true); /* of a client: the worker is asked */
	client_send(c, DATA, packet, len);
	content[0] = DATA;
	memcpy(content + 1, packet, len);
	item_is(1, BATCH_RECORD, content, 1 + len, &item);
	say(1, BATCH_PACKET, 1, packet, len);
	inside_gets(packet, len);
	inside_send(packet, packet4(INSIDE, CLIENT(1), MTU + 10, true));
	len = inside_get(out, sizeof(out), WAIT_MS);
	assert_true(len > 28 && out[20] == 3 && out[21] == 4); /* "fragmentation needed" */
	inside_send(packet, packet4(INSIDE, CLIENT(1), MTU + 10, false));
	assert_true(client_get_at(c, c->fd, out, sizeof(out), WAIT_MS) > 1);
	assert_true(client_get_at(c, c->fd, out, sizeof(out), WAIT_MS) > 1);
	say(1, BATCH_MTU, 0, "\x03\xe8", 2); /* the path takes 1000 */
	settled(1);
	inside_send(packet, packet4(INSIDE, CLIENT(1), 1001, true));
	len = inside_get(out, sizeof(out), WAIT_MS);
	assert_true(len > 28 && out[20] == 3);
	inside_send(packet, packet4(INSIDE, CLIENT(1), 1000, true));
	client_gets(c, DATA, packet, 1000);
}

/* The way follows the client's data (protocol.md 2.4). */
T(a_client_that_goes_over_to_tls_gets_its_packets_there)
{
	struct client *c = fast_session(1, RECORD_AES256_GCM);
	struct batch_item item;

	UNUSED;
	packet4(CLIENT(1), INSIDE, 100, true);
	say(1, BATCH_PACKET, 0, packet, 100); /* came over TLS */
	inside_gets(packet, 100);
	packet4(INSIDE, CLIENT(1), 100, true);
	inside_send(packet, 100);
	item_is(1, BATCH_PACKET, packet, 100, &item);
	client_send(c, DPD, "", 0);
	client_gets(c, DPD_RESPONSE, "", 0);
	inside_send(packet, packet4(INSIDE, CLIENT(1), 100, true));
	client_gets(c, DATA, packet, 100);
}

/* Once; again only when the client has been heard since. */
T(the_worker_is_told_of_a_silent_client)
{
	struct client *c = fast_session(1, RECORD_AES128_GCM);
	struct batch_item item;

	UNUSED;
	fast_session(2, RECORD_AES128_GCM);
	say(1, BATCH_WATCH, 0, "\0\0\0\144", 4); /* 100 ms, looked at once a second */
	for (unsigned i = 0; i < 2; i++) {
		assert_true(item_get(1, &item, WAIT_MS));
		assert_int_equal(item.type, BATCH_HEARD);
		assert_false(item_get(1, &item, 1500));
		client_send(c, KEEPALIVE, "", 0);
	}
	nothing_for(2);
}

/* ---- handshakes ---- */

/* In flight when the keys come: what went to the worker comes back, once, and cannot come again. */
T(no_packet_is_lost_or_doubled_while_the_keys_change_hands)
{
	UNUSED;
	for EACH_CIPHER(k) {
		struct client *c = &clients[k];
		static uint8_t kept[10][300];
		struct sockaddr_in a;
		struct batch_item item;
		size_t n = 0;

		session_add(k, false);
		c->fd = udp_socket(0, &a);
		c->tag = peer_up(k, c->fd);
		keys_make(c, k, k, 1, 17);
		for (unsigned i = 0; i < 10; i++) {
			n = client_seal(c, DATA, packet, numbered(k, i, 200));
			memcpy(kept[i], sealed, n);
		}
		for (unsigned i = 0; i < 5; i++) {
			outside_send(c->fd, kept[i], n);
			item_is(k, BATCH_DGRAM, kept[i], n, &item);
		}
		keys_say(k);
		settled(k);
		outside_send(c->fd, kept[5], n);
		inside_gets_number(5);
		for (unsigned i = 0; i < 5; i++)
			say(k, BATCH_BACK, c->tag, kept[i], n);
		for (unsigned i = 0; i < 5; i++)
			inside_gets_number(i);
		for (unsigned i = 0; i < 6; i++) {
			outside_send(c->fd, kept[i], n);
			say(k, BATCH_BACK, c->tag, kept[i], n);
		}
		nothing_inside();
		nothing_for(k);
	}
}

/* The same address pair, the same epoch and numbers: the keys alone tell records apart. */
T(a_second_handshake_beside_live_traffic)
{
	UNUSED;
	for EACH_CIPHER(k) {
		struct client *c = fast_session(k, k), old = *c;
		uint8_t hello[100], early[300], late[300];
		struct batch_item item;
		size_t n, len = hello_make(k, hello);

		client_packet(c, k, 1);
		inside_gets_number(1);
		hello[30] ^= 1; /* another random */
		outside_send(c->fd, hello, len);
		item_is(k, BATCH_DGRAM, hello, len, &item);
		client_packet(c, k, 2); /* the old keys go on */
		inside_gets_number(2);
		inside_send(packet, packet4(INSIDE, CLIENT(k), 100, true));
		client_gets(c, DATA, packet, 100);
		n = client_seal(c, DATA, packet, numbered(k, 3, 200));
		memcpy(late, sealed, n);
		c->record = NULL;
		keys_make(c, k, 77 + k, 1, 17); /* the client has finished, the worker has not */
		n = client_seal(c, DATA, packet, numbered(k, 4, 200));
		memcpy(early, sealed, n);
		outside_send(c->fd, early, n);
		item_is(k, BATCH_DGRAM, early, n, &item);
		say(k, BATCH_PEER_UP, c->tag, "", 0);
		keys_say(k);
		say(k, BATCH_BACK, c->tag, early, n);
		inside_gets_number(4);
		outside_send(c->fd, late, n); /* of before */
		inside_gets_number(3);
		client_packet(c, k, 5);
		inside_gets_number(5);
		inside_send(packet, packet4(INSIDE, CLIENT(k), 100, true));
		client_gets(c, DATA, packet, 100);
		nothing_for(k);
		record_free(old.record);
	}
}

/* ---- addresses ---- */

T(a_peer_that_moves_is_followed_one_that_pretends_is_not)
{
	UNUSED;
	for EACH_CIPHER(k) {
		struct client *c = fast_session(k, k);
		struct sockaddr_in a;
		int other = udp_socket(0, &a), thief = udp_socket(0, &a);
		uint8_t old_one[300], out[2000];
		size_t n;

		n = client_seal(c, DATA, packet, numbered(k, 1, 200));
		memcpy(old_one, sealed, n);
		outside_send(thief, old_one, n - 1); /* cut */
		old_one[n - 1] ^= 1;
		outside_send(thief, old_one, n);
		old_one[n - 1] ^= 1;
		nothing_inside();
		client_packet(c, k, 2);
		inside_gets_number(2);
		outside_send(thief, old_one, n); /* kept back by the thief: it counts, and moves nothing */
		inside_gets_number(1);
		inside_send(packet, packet4(INSIDE, CLIENT(k), 100, true));
		client_gets(c, DATA, packet, 100);
		n = client_seal(c, DATA, packet, numbered(k, 3, 200));
		outside_send(other, sealed, n);
		inside_gets_number(3);
		outside_send(thief, sealed, n); /* a replay */
		nothing_inside();
		inside_send(packet, packet4(INSIDE, CLIENT(k), 100, true));
		assert_int_equal(client_get_at(c, other, out, sizeof(out), WAIT_MS), 101);
		assert_false(readable(c->fd, 0) || readable(thief, 0));
		outside_send(other, sealed, n);
		client_packet(c, k, 4); /* back again */
		inside_gets_number(4);
		inside_send(packet, packet4(INSIDE, CLIENT(k), 100, true));
		client_gets(c, DATA, packet, 100);
		close(other);
		close(thief);
		nothing_for(k);
	}
}

T(a_packet_with_anothers_address_is_dropped)
{
	struct client *c = fast_session(1, RECORD_AES128_GCM);

	UNUSED;
	fast_session(2, RECORD_AES128_GCM);
	client_send(c, DATA, packet, packet4(CLIENT(2), INSIDE, 100, true));
	client_send(c, DATA, packet, packet4(0x08080808, INSIDE, 100, true));
	client_send(c, DATA, "\x45", 1);
	client_send(c, DATA, "", 0);
	nothing_inside();
	assert_int_equal(counters[1].rx_drops, 4);
	assert_int_equal(counters[1].rx_drops_source, 2);
	client_packet(c, 1, 1);
	inside_gets_number(1);
}

T(a_session_that_ends_with_packets_under_way_takes_no_other_with_it)
{
	struct ipc_fwd_session_del del = { .slot = 1 };
	struct client *a, *b;

	UNUSED;
	for (unsigned round = 0; round < 5; round++) {
		a = fast_session(1, RECORD_AES128_CBC_SHA1);
		b = fast_session(2, RECORD_AES128_GCM);
		for (unsigned i = 0; i < 30; i++) {
			inside_send(packet, packet4(INSIDE, CLIENT(1), 500, true));
			client_packet(a, 1, i);
			client_packet(b, 2, i);
		}
		tell_home(1, MSG_fwd_session_del, &del, NULL, 0);
		for (unsigned i = 0; i < 30;) {
			uint8_t out[2000];
			size_t len = inside_get(out, sizeof(out), WAIT_MS);

			assert_true(len > 0);
			i += out[15] == 2; /* 10.10.1.2 */
		}
		/* so that all packets for the first have been read: the next of that name must not get them */
		inside_send(packet, packet4(INSIDE, CLIENT(2), 100, true));
		client_gets(b, DATA, packet, 100);
		close(workers[1]);
		workers[1] = 0;
		client_end(1);
		del.slot = 2;
		tell_home(2, MSG_fwd_session_del, &del, NULL, 0);
		del.slot = 1;
		usleep(QUIET_MS * 1000); /* what is on its way to the one that is gone is not for its successor */
		close(workers[2]);
		workers[2] = 0;
		client_end(2);
		got_len = got_pos = 0;
	}
}

/* ---- a forwarder that dies ---- */

static bool
goes_on(unsigned slot, uint64_t id)
{
	struct batch_item item;

	keys_say_as(slot, BATCH_AGAIN, id);
	assert_true(item_get(slot, &item, WAIT_MS));
	assert_int_equal(item.type, BATCH_AGAIN);
	if (item.len == 0)
		clients[slot].tag = item.tag;
	return item.len == 0;
}

/* No number twice, either way: the client's window is as strict as ours. */
T(a_successor_goes_on_above_the_numbers_that_are_noted)
{
	uint8_t old[4000];
	size_t len;

	UNUSED;
	keep = true;
	for EACH_CIPHER(k) {
		struct client *c = fast_session(k, k);

		for (unsigned i = 1; i <= 20; i++) {
			client_packet(c, k, i);
			inside_gets_number(i);
			inside_send(packet, packet4(INSIDE, CLIENT(k), 100, true));
			client_gets(c, DATA, packet, 100);
		}
		len = client_seal(c, DATA, packet, numbered(k, 21, 200));
		memcpy(old, sealed, len);
		outside_send(c->fd, old, len);
		inside_gets_number(21);
		settled(k);
		forwarder_again(k);
		assert_false(goes_on(k, KEYS_ID + k + 1)); /* others' */
		assert_true(goes_on(k, KEYS_ID + k));
		assert_true(goes_on(k, KEYS_ID + k)); /* said twice, when two die one after the other */
		outside_send(c->fd, old, len);
		for (unsigned i = 22; i <= 30; i++) {
			client_packet(c, k, i);
			inside_gets_number(i);
			inside_send(packet, packet4(INSIDE, CLIENT(k), 100, true));
			client_gets(c, DATA, packet, 100);
		}
	}
}

T(a_successor_sends_to_where_the_client_was_last)
{
	struct client *c;
	struct sockaddr_in a;
	int moved = udp_socket(0, &a);

	UNUSED;
	keep = true;
	c = fast_session(1, RECORD_AES128_GCM);
	outside_send(moved, sealed, client_seal(c, DATA, packet, numbered(1, 1, 200)));
	inside_gets_number(1);
	settled(1); /* the packet comes out before its client is believed to have moved */
	close(c->fd);
	c->fd = moved;
	forwarder_again(1);
	assert_true(goes_on(1, KEYS_ID + 1));
	inside_send(packet, packet4(INSIDE, CLIENT(1), 100, true));
	client_gets(c, DATA, packet, 100);
}

/* Another worker's session may have the slot since, and nothing leads to the former one's client. */
T(nothing_is_noted_of_what_has_ended)
{
	UNUSED;
	keep = true;
	fast_session(1, RECORD_AES128_GCM);
	say(1, BATCH_PEER_DOWN, clients[1].tag, "", 0);
	settled(1);
	assert_int_equal(note_of(counters, SLOTS, 1)->id, 0);
	forwarder_again(1);
	assert_false(goes_on(1, KEYS_ID + 1));
	session_tell(1, false, their_ends[1]); /* the session, bound to another worker */
	assert_false(goes_on(1, KEYS_ID + 1));
}

/* ---- a worker that means harm ---- */

/* Main is told of this worker, and nothing more is read from it. */
static void
is_reported(unsigned slot)
{
	int fd = ends[slot % forwarders].chan.fd;
	uint8_t message[200];
	union ipc_any any;
	enum ipc_id id;

	for (;;) {
		ssize_t n = readable(fd, WAIT_MS) ? recv(fd, message, sizeof(message), 0) : -1;

		assert_true(n > 0);
		assert_int_equal(ipc_decode(message, (size_t)n, &id, &any), 0);
		if (id == MSG_fwd_bad)
			break;
	}
	assert_int_equal(any.fwd_bad.slot, slot);
}

T(keys_that_are_none_end_their_worker)
{
	static const uint8_t junk[RECORD_KEYS_MAX + 1] = { RECORD_AES128_GCM, 0xfe, 0xfd };

	UNUSED;
	fast_session(1, RECORD_AES128_GCM);
	fast_session(2, RECORD_AES128_GCM);
	fast_session(3, RECORD_AES128_GCM);
	say(1, BATCH_KEYS, clients[1].tag, junk, sizeof(junk));
	is_reported(1);
	say(2, BATCH_KEYS, clients[2].tag, "", 0);
	is_reported(2);
	fast_session(4, RECORD_AES128_GCM);
	say(4, BATCH_AGAIN, clients[4].tag, junk, sizeof(junk));
	is_reported(4);
	client_packet(&clients[3], 3, 1);
	inside_gets_number(1);
}

T(keys_and_records_reach_no_peer_but_the_one_that_is_up)
{
	struct client *c = &clients[1], *other = fast_session(2, RECORD_AES128_GCM);
	struct sockaddr_in a;
	struct batch_item item;
	uint8_t hello[100];

	UNUSED;
	session_add(1, false);
	c->fd = udp_socket(0, &a);
	outside_send(c->fd, hello, hello_make(1, hello)); /* an attempt, not up */
	assert_true(item_get(1, &item, WAIT_MS));
	c->tag = item.tag;
	keys_make(c, RECORD_AES128_GCM, 1, 1, 17);
	keys_say(1);
	for (unsigned tag = 0; tag < 256; tag++)
		say(1, BATCH_SEAL, (uint8_t)tag, "\0abc", 4);
	settled(1);
	assert_false(readable(c->fd, QUIET_MS) || readable(other->fd, 0));
	say(1, BATCH_PEER_UP, c->tag, "", 0);
	for (unsigned tag = 0; tag < 256; tag++) { /* keys for peers that it does not have */
		if (tag == c->tag)
			continue;
		c->tag ^= (uint8_t)tag ^ c->tag;
		keys_say(1);
		c->tag = item.tag;
	}
	say(1, BATCH_SEAL, 0, "\0abc", 4);
	settled(1);
	assert_false(readable(c->fd, QUIET_MS) || readable(other->fd, 0));
	keys_say(1);
	say(1, BATCH_SEAL, clients[2].tag, "\0abc", 4); /* whatever tag it says */
	client_gets(c, 0, "abc", 3);
	assert_false(readable(other->fd, QUIET_MS));
}

/* Floods: the forwarder neither stops nor grows, and others are served. */
T(a_flood_of_keys_and_datagrams_harms_the_others_little)
{
	struct client *c = fast_session(2, RECORD_AES128_GCM);
	char statm[64];
	long before, after;
	FILE *f;

	UNUSED;
	fast_session(1, RECORD_AES128_CBC_SHA1);
	snprintf(statm, sizeof(statm), "/proc/%d/statm", (int)ends[1 % forwarders].child);
	f = fopen(statm, "r");
	assert_true(f != NULL && fscanf(f, "%*d %ld", &before) == 1);
	fclose(f);
	for (unsigned i = 0; i < 3000; i++) {
		keys_say(1);
		say(1, BATCH_BACK, clients[1].tag, sealed, 200);
		say(1, BATCH_SEAL, 0, sealed, 1000);
		if (i % 100 == 0) {
			client_packet(c, 2, i);
			inside_gets_number(i);
		}
	}
	settled(2);
	f = fopen(statm, "r");
	assert_true(f != NULL && fscanf(f, "%*d %ld", &after) == 1);
	fclose(f);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed */
	assert_true(after - before < 256); /* pages */
#endif
}

#define FAST(test) cmocka_unit_test_setup_teardown(test, setup, fast_teardown)

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		FAST(packets_go_both_ways_and_no_worker_sees_them),
		FAST(packets_of_many_sessions_at_once_arrive_in_the_order_of_each),
		FAST(a_clients_burst_arrives_whole),
		FAST(a_large_packet_of_the_kernel_becomes_records_within_the_mtu),
		FAST(what_is_spoilt_cut_or_anothers_is_dropped_and_the_next_one_is_not),
		FAST(replayed_and_late_records),
		FAST(the_last_numbers_there_are),
		FAST(control_packets_go_to_the_worker_and_its_answers_out),
		FAST(the_worker_hears_when_its_client_was_heard),
		FAST(other_records_among_those_of_data_go_to_the_worker_alone),
		FAST(packets_above_the_mtu),
		FAST(a_client_that_goes_over_to_tls_gets_its_packets_there),
		FAST(the_worker_is_told_of_a_silent_client),
		FAST(no_packet_is_lost_or_doubled_while_the_keys_change_hands),
		FAST(a_second_handshake_beside_live_traffic),
		FAST(a_peer_that_moves_is_followed_one_that_pretends_is_not),
		FAST(a_packet_with_anothers_address_is_dropped),
		FAST(a_session_that_ends_with_packets_under_way_takes_no_other_with_it),
		FAST(a_successor_goes_on_above_the_numbers_that_are_noted),
		FAST(a_successor_sends_to_where_the_client_was_last),
		FAST(nothing_is_noted_of_what_has_ended),
		FAST(keys_that_are_none_end_their_worker),
		FAST(keys_and_records_reach_no_peer_but_the_one_that_is_up),
		FAST(a_flood_of_keys_and_datagrams_harms_the_others_little),
	};
	int failed;

	(void)argc;
	if (!program_find(argv[0]))
		return 0;
	offload = TUN_OFFLOAD_TCP | TUN_OFFLOAD_UDP;
	failed = cmocka_run_group_tests_name("with offloads", tests, NULL, NULL);
	forwarders = 2; /* every other session's home is not the one that all comes to */
	failed += cmocka_run_group_tests_name("passed on, with offloads", tests, NULL, NULL);
	offload = 0;
	failed += cmocka_run_group_tests_name("passed on, without", tests, NULL, NULL);
	forwarders = 1;
	return failed + cmocka_run_group_tests_name("without", tests, NULL, NULL);
}
