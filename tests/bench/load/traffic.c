/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic. Each packet has a stamp: of which run it is, and when it was sent.
 * Both ends are in this process, so a packet needs no answer.
 *
 * Bulk: as many packets on their way as the window says. When nothing arrives
 * for a while, what is on its way counts as lost.
 * Rate: packet k of 2 * sessions * per_s * seconds is due k / (2 * sessions *
 * per_s) after the start: even ones go up, odd ones down, sessions in turn.
 */

#include "traffic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <netinet/udp.h>

#include "inside.h"
#include "session.h"
#include "tests/phone/bytes.h"
#include "tests/phone/inner.h"

#define STALL_S 0.1		/* what has not come after so long without any is lost */
#define LATE_NS 100000000	/* what could not be sent for so long is not sent */
#define TAIL_S 0.5		/* for the last packets of "rate" */
#define PACKETS_PER_CALL 64

struct stamp {
	uint32_t run, session;
	int64_t sent_ns;
};

struct counts {
	uint64_t sent, received, lost, late, bytes;	/* packets, and bytes of payload that arrived */
	uint32_t *latency_us;				/* "rate": of each that arrived, tenths of it */
	size_t latency_cap;
};

static struct {
	struct load *load;
	traffic_done_fn *done;
	enum { IDLE, BULK, RATE, TAIL } state;
	uint32_t run;
	struct bulk_order bulk;
	struct rate_order rate;
	struct session **up;		/* that are up */
	unsigned up_count;
	size_t payload;			/* bytes */
	struct counts ways[WAY_COUNT];
	int64_t start_ns, progress_ns, period_ns, next, end;	/* next: number of a packet */
	struct timespec cpu;
	ev_io inside_io, due_io;
	ev_timer timer;
	int due_fd;
	uint8_t packets[SESSION_BATCH_MAX * 1500];
} t = { .due_fd = -1 };

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* ---- packets ---- */

static uint16_t
sum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* In memory order, as the ones' complement sum allows. */
static uint64_t
sum_add(uint64_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t word;

	for (; len >= 4; p += 4, len -= 4) {
		memcpy(&word, p, 4);
		sum += word;
	}
	if (len > 0) {
		word = 0;
		memcpy(&word, p, len);
		sum += word;
	}
	return sum;
}

static void
put_raw(uint8_t *out, uint16_t v)
{
	memcpy(out, &v, 2);
}

/* An inner packet with this payload already in its place, 28 bytes on. */
static void
packet_head(uint8_t *out, struct in_addr from, struct in_addr to, size_t len)
{
	size_t udp = 8 + len;

	memset(out, 0, INNER_HEADS);
	out[0] = 0x45;
	put16(out + 2, (uint16_t)(20 + udp));
	out[6] = 0x40;		/* not to be fragmented */
	out[8] = 64;
	out[9] = IPPROTO_UDP;
	memcpy(out + 12, &from, 4);
	memcpy(out + 16, &to, 4);
	put_raw(out + 10, (uint16_t)~sum_fold(sum_add(0, out, 20)));
	put16(out + 20, TRAFFIC_PORT);
	put16(out + 22, TRAFFIC_PORT);
	put16(out + 24, (uint16_t)udp);
	put_raw(out + 26, (uint16_t)~sum_fold(sum_add(sum_add(htons((uint16_t)(IPPROTO_UDP + udp)), out + 12, 8), out + 20, udp)));
}

static void
stamp_put(uint8_t *payload, const struct session *s, int64_t at_ns)
{
	struct stamp stamp = { t.run, s->number, at_ns };

	memcpy(payload, &stamp, sizeof(stamp));
}

static void
arrived(enum traffic_way way, const uint8_t *payload, size_t len, int64_t at_ns)
{
	struct counts *c = &t.ways[way];
	struct stamp stamp;

	if (len < sizeof(stamp))
		return;
	memcpy(&stamp, payload, sizeof(stamp));
	if (t.state == IDLE || stamp.run != t.run)
		return;
	if (c->latency_us && c->received < c->latency_cap)
		c->latency_us[c->received] = (uint32_t)((at_ns - stamp.sent_ns) / 100);
	c->received++;
	c->bytes += len;
	t.progress_ns = at_ns;
}

void
traffic_down(struct session *s, const uint8_t *packet, size_t len)
{
	int64_t at_ns = now_ns();

	if (s->kind == KIND_DIRECT)
		arrived(WAY_DOWN, packet, len, at_ns);
	else if (len > INNER_HEADS && packet[0] == 0x45 && packet[9] == IPPROTO_UDP)
		arrived(WAY_DOWN, packet + INNER_HEADS, len - INNER_HEADS, at_ns);
}

static void
inside_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	static uint8_t data[65536];
	char control[64];
	struct iovec iov = { data, sizeof(data) };
	int i;

	(void)loop;
	(void)revents;
	for (i = 0; i < PACKETS_PER_CALL; i++) {
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(w->fd, &m, 0), at;
		struct cmsghdr *c;
		int segment, size;
		int64_t at_ns = now_ns();

		if (n <= 0)
			break;
		segment = (int)n;
		for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
			if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
				memcpy(&size, CMSG_DATA(c), sizeof(size));
				segment = size;
			}
		for (at = 0; at < n; at += segment)
			arrived(WAY_UP, data + at, (size_t)(n - at < segment ? n - at : segment), at_ns);
	}
	traffic_pump(t.load);
}

/* ---- results ---- */

static int
latency_compare(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, 4);
	memcpy(&y, b, 4);
	return (x > y) - (x < y);
}

static void
latency_print(const char *name, uint32_t *list, size_t n)
{
	static const struct { const char *name; double part; } marks[] = { { "p50", .5 }, { "p90", .9 }, { "p99", .99 }, { "max", 1 } };
	size_t i, at;

	qsort(list, n, sizeof(*list), latency_compare);
	printf(", \"latency_%s_us\": {", name);
	for (i = 0; i < ARRAY_LEN(marks); i++) {
		at = (size_t)((double)n * marks[i].part);
		printf("%s\"%s\": %.1f", i ? ", " : "", marks[i].name, n ? list[at < n ? at : n - 1] / 10.0 : 0);
	}
	printf("}");
}

static void
counts_print(const char *name, const struct counts *c)
{
	printf("\"%s\": {\"sent\": %" PRIu64 ", \"received\": %" PRIu64 ", \"not_sent\": %" PRIu64 ", \"bytes\": %" PRIu64 "}, ",
	    name, c->sent, c->received, c->late, c->bytes);
}

static void
finish(void)
{
	struct load *load = t.load;
	double seconds = (double)(t.progress_ns - t.start_ns) / 1e9;
	uint32_t *both;
	struct timespec cpu;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	ev_io_stop(load->loop, &t.inside_io);
	ev_timer_stop(load->loop, &t.timer);
	if (t.due_fd >= 0) {
		ev_io_stop(load->loop, &t.due_io);
		close(t.due_fd);
		t.due_fd = -1;
	}
	printf("{\"sessions\": %u, \"seconds\": %.6f, \"load_cpu_us\": %.0f, ", t.up_count, seconds,
	    (double)(cpu.tv_sec - t.cpu.tv_sec) * 1e6 + (double)(cpu.tv_nsec - t.cpu.tv_nsec) / 1e3);
	counts_print("up", &t.ways[WAY_UP]);
	counts_print("down", &t.ways[WAY_DOWN]);
	printf("\"mbit\": %.3f", (double)(t.ways[WAY_UP].bytes + t.ways[WAY_DOWN].bytes) * 8 / 1e6 / (seconds > 0 ? seconds : 1));
	if (t.state != BULK) {
		size_t up = t.ways[WAY_UP].received, down = t.ways[WAY_DOWN].received;

		both = mem_alloc((up + down + 1) * sizeof(*both));
		memcpy(both, t.ways[WAY_UP].latency_us, up * sizeof(*both));
		memcpy(both + up, t.ways[WAY_DOWN].latency_us, down * sizeof(*both));
		latency_print("up", t.ways[WAY_UP].latency_us, up);
		latency_print("down", t.ways[WAY_DOWN].latency_us, down);
		latency_print("both", both, up + down);
		free(both);
	}
	printf("}\n");
	fflush(stdout);
	free(t.ways[WAY_UP].latency_us);
	free(t.ways[WAY_DOWN].latency_us);
	memset(t.ways, 0, sizeof(t.ways));
	t.state = IDLE;
	t.done(load);
}

/* ---- bulk ---- */

static unsigned
bulk_fill(struct session *s, unsigned n)
{
	int64_t at_ns = now_ns();
	size_t stride = t.bulk.way == WAY_UP ? t.bulk.size : t.payload, head = t.bulk.way == WAY_UP ? INNER_HEADS : 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		stamp_put(t.packets + i * stride + head, s, at_ns);
		if (head)
			packet_head(t.packets + i * stride, s->addr, t.load->inside_addr, t.payload);
	}
	return n;
}

void
traffic_pump(struct load *load)
{
	struct counts *c = &t.ways[t.bulk.way];
	struct session *s;
	uint64_t goal;
	unsigned room, n;
	bool sent = true;

	if (t.state != BULK || t.up_count == 0)
		return;
	goal = t.bulk.bytes / t.payload;
	if (c->received + c->lost > c->sent)	/* what was given up came after all */
		c->lost = c->sent - c->received;
	while (sent && c->sent < goal && (room = t.bulk.window - (unsigned)(c->sent - c->received - c->lost)) >= t.bulk.batch) {
		n = (unsigned)(goal - c->sent < t.bulk.batch ? goal - c->sent : t.bulk.batch);
		s = t.up[c->sent / t.bulk.batch % t.bulk.sessions];
		bulk_fill(s, n);
		if (t.bulk.way == WAY_UP)
			sent = session_send_batch(s, t.packets, n, t.bulk.size);
		else
			sent = inside_send(load->inside_fd, s->addr, t.packets, n, t.payload) == 0;
		if (sent)
			c->sent += n;
	}
	if (c->sent == goal && c->received + c->lost >= goal)
		ev_feed_event(load->loop, &t.timer, EV_TIMER);	/* not from within the caller */
}

static void
bulk_timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct counts *c = &t.ways[t.bulk.way];

	(void)loop;
	(void)w;
	(void)revents;
	if (c->sent == t.bulk.bytes / t.payload && c->received + c->lost >= c->sent) {
		finish();
		return;
	}
	if (t.up_count == 0 || t.up[0]->state != SESSION_UP) {
		finish();
		return;
	}
	if (now_ns() - t.progress_ns > (int64_t)(STALL_S * 1e9)) {
		c->lost = c->sent - c->received;
		t.progress_ns = now_ns();
	}
	traffic_pump(t.load);
}

/* ---- rate ---- */

static void
rate_send(int64_t k)
{
	struct session *s = t.up[k / 2 % t.up_count];
	struct counts *c = &t.ways[k % 2];
	uint8_t *payload = t.packets + INNER_HEADS;
	bool sent;

	if (s->state != SESSION_UP)
		return;
	stamp_put(payload, s, now_ns());
	if (k % 2 == WAY_DOWN) {
		sent = inside_send(t.load->inside_fd, s->addr, payload, 1, t.payload) == 0;
	} else if (s->kind == KIND_DIRECT) {
		sent = session_send(s, payload, t.payload);
	} else {
		packet_head(t.packets, s->addr, t.load->inside_addr, t.payload);
		sent = session_send(s, t.packets, t.rate.size);
	}
	c->sent += sent;
	c->late += !sent;
}

static void
due_set(void)
{
	int64_t at_ns = t.start_ns + t.next * t.period_ns;
	struct itimerspec when = { .it_value = { at_ns / 1000000000, at_ns % 1000000000 } };

	timerfd_settime(t.due_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void
rate_timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	const struct counts *up = &t.ways[WAY_UP], *down = &t.ways[WAY_DOWN];

	(void)revents;
	if ((up->received >= up->sent && down->received >= down->sent) ||
	    now_ns() - t.progress_ns > (int64_t)(TAIL_S * 1e9)) {
		ev_timer_stop(loop, w);
		finish();
	}
}

static void
due_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	uint64_t count;
	int64_t now = now_ns();
	int i;

	(void)revents;
	(void)!read(w->fd, &count, sizeof(count));
	for (; t.next < t.end && now - (t.start_ns + t.next * t.period_ns) > LATE_NS; t.next++)
		t.ways[t.next % 2].late++;
	for (i = 0; i < PACKETS_PER_CALL && t.next < t.end && t.start_ns + t.next * t.period_ns <= now; i++)
		rate_send(t.next++);
	if (t.next < t.end) {
		due_set();
		return;
	}
	ev_io_stop(loop, w);
	t.state = TAIL;
	ev_timer_again(loop, &t.timer);
}

/* ---- starting ---- */

static const char *
begin(struct load *load, size_t size, traffic_done_fn *done)
{
	unsigned i;

	if (load->inside_fd < 0)
		return "traffic needs --inside";
	if (size < INNER_HEADS + sizeof(struct stamp) || size > 1500)
		return "no such size";
	free(t.up);
	t.up = mem_alloc(sizeof(*t.up) * (load->session_count + 1));
	t.up_count = 0;
	for (i = 0; i < load->session_count; i++)
		if (load->sessions[i]->state == SESSION_UP)
			t.up[t.up_count++] = load->sessions[i];
	if (t.up_count == 0)
		return "no session is up";
	t.load = load;
	t.done = done;
	t.run++;
	t.payload = size - INNER_HEADS;
	memset(t.packets, 0x55, sizeof(t.packets));
	t.start_ns = t.progress_ns = now_ns();
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t.cpu);
	ev_io_init(&t.inside_io, inside_cb, load->inside_fd, EV_READ);
	ev_io_start(load->loop, &t.inside_io);
	return NULL;
}

const char *
traffic_bulk(struct load *load, const struct bulk_order *order, traffic_done_fn *done)
{
	const char *wrong = begin(load, order->size, done);
	unsigned i;

	if (wrong != NULL)
		return wrong;
	t.bulk = *order;
	t.state = BULK;
	if (t.bulk.sessions > t.up_count)
		t.bulk.sessions = t.up_count;
	for (i = 0; i < t.bulk.sessions; i++)
		session_batching(t.up[i]);
	ev_timer_init(&t.timer, bulk_timer_cb, 0.01, 0.01);
	ev_timer_start(load->loop, &t.timer);
	traffic_pump(load);
	return NULL;
}

const char *
traffic_rate(struct load *load, const struct rate_order *order, traffic_done_fn *done)
{
	const char *wrong = begin(load, order->size, done);
	double per_s;
	int i;

	if (wrong != NULL)
		return wrong;
	t.rate = *order;
	t.state = RATE;
	per_s = 2 * order->per_s * t.up_count;
	t.period_ns = (int64_t)(1e9 / per_s);
	t.next = 0;
	t.end = (int64_t)(per_s * order->seconds);
	for (i = 0; i < WAY_COUNT; i++) {
		t.ways[i].latency_cap = (size_t)t.end / 2 + 2;
		t.ways[i].latency_us = mem_alloc(t.ways[i].latency_cap * sizeof(uint32_t));
	}
	ev_timer_init(&t.timer, rate_timer_cb, 0.01, 0.01);
	t.due_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	ev_io_init(&t.due_io, due_cb, t.due_fd, EV_READ);
	ev_io_start(load->loop, &t.due_io);
	due_set();
	return NULL;
}
