/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pinger: echoes over the tunnel and what came back. Each payload says
 * whose and which echo it is, the rest is a pattern, so that an answer that was
 * mixed up or spoilt on the way does not count.
 */

#include "ping.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK_LEN 12	/* "OHPG", phone, sequence, run */
#define FLOOD_WINDOW 32	/* with interval 0: unanswered echoes at a time, */
#define FLOOD_US 20000	/* unless none was answered for so long */

/* One payload at a time, for all phones: the packet is sent before the next one is made. */
static uint8_t scratch[INNER_MAX];

static const struct target *
run_target(const struct pinger *p)
{
	return &p->o->targets[p->run % p->o->target_count];
}

static enum channel
run_channel(const struct pinger *p)
{
	return p->channels[p->run / p->o->target_count];
}

static uint16_t
own_port(const struct pinger *p)
{
	return (uint16_t)(20000 + p->facts->phone % 40000);
}

static size_t
payload_len(const struct pinger *p)
{
	size_t len = (size_t)p->o->ping_size;

	return run_target(p)->port && len < MARK_LEN ? MARK_LEN : len;
}

static void
payload_put(uint8_t *out, size_t len, const struct pinger *p, uint16_t seq)
{
	uint8_t mark[MARK_LEN] = { 'O', 'H', 'P', 'G' };
	size_t i;

	put32(mark + 4, p->facts->phone);
	put16(mark + 8, seq);
	put16(mark + 10, (uint16_t)p->run);
	for (i = 0; i < len; i++)
		out[i] = i < MARK_LEN ? mark[i] : (uint8_t)(i * 7 + seq);
}

static void
channels_choose(struct pinger *p, bool dtls_up)
{
	int choice = p->o->channel;

	if (choice == CHOOSE_BOTH || choice == CHOOSE_DTLS || (choice == CHOOSE_AUTO && dtls_up))
		p->channels[p->channel_count++] = CHANNEL_DTLS;
	if (choice == CHOOSE_BOTH || choice == CHOOSE_CSTP || (choice == CHOOSE_AUTO && !dtls_up))
		p->channels[p->channel_count++] = CHANNEL_CSTP;
}

void
ping_start(struct pinger *p, const struct options *o, struct facts *f, struct in_addr self, bool dtls_up)
{
	uint16_t base = (uint16_t)(p->base + p->sent);

	ping_clear(p);
	p->o = o;
	p->facts = f;
	p->self = self;
	p->base = base;
	p->sent_us = mem_alloc(sizeof(*p->sent_us) * (size_t)o->ping_count);
	channels_choose(p, dtls_up);
}

void
ping_clear(struct pinger *p)
{
	free(p->sent_us);
	*p = (struct pinger){ 0 };
}

static void
echo_make(struct pinger *p, int64_t now_us, struct inner *packet)
{
	const struct target *t = run_target(p);
	uint16_t seq = (uint16_t)(p->base + p->sent);

	*packet = (struct inner){ .src = p->self, .dst = t->addr, .payload = scratch, .len = payload_len(p) };
	if (t->port) {
		packet->kind = INNER_UDP;
		packet->src_port = own_port(p);
		packet->dst_port = t->port;
	} else {
		packet->kind = INNER_ECHO_REQUEST;
		packet->src_port = (uint16_t)p->facts->phone;
		packet->dst_port = seq;
	}
	payload_put(scratch, packet->len, p, seq);
	p->sent_us[p->sent++] = now_us;
	p->last_us = now_us;
	p->facts->channels[run_channel(p)].echo_sent++;
}

static void
run_end(struct pinger *p)
{
	unsigned lost = p->sent - p->received;
	char addr[INET_ADDRSTRLEN];

	if (lost * 100 > (unsigned)p->o->max_loss * p->sent && p->error[0] == '\0') {
		inet_ntop(AF_INET, &run_target(p)->addr, addr, sizeof(addr));
		snprintf(p->error, sizeof(p->error), "%u of %u echoes to %s over %s got no answer", lost, p->sent, addr,
		    channel_name(run_channel(p)));
	}
	p->base = (uint16_t)(p->base + p->sent);
	p->sent = p->received = 0;
	p->run++;
}

/* Between two echoes. A flood is paced by its answers, or it would fill the socket's buffer. */
static int64_t
gap_us(const struct pinger *p)
{
	if (p->o->ping_interval_ms > 0)
		return p->o->ping_interval_ms * 1000;
	return p->sent - p->received < FLOOD_WINDOW ? 0 : FLOOD_US;
}

enum ping_todo
ping_step(struct pinger *p, int64_t now_us, struct inner *packet, enum channel *channel, int64_t *wake_us)
{
	while (p->run < p->channel_count * p->o->target_count) {
		if (p->sent < (unsigned)p->o->ping_count) {
			*wake_us = p->last_us + gap_us(p);
			if (p->sent > 0 && now_us < *wake_us)
				return PING_WAIT;
			*channel = run_channel(p);
			echo_make(p, now_us, packet);
			return PING_SEND;
		}
		*wake_us = p->last_us + p->o->ping_wait_ms * 1000;
		if (p->received < p->sent && now_us < *wake_us)
			return PING_WAIT;
		run_end(p);
	}
	return PING_DONE;
}

/* The sequence number of an answer to the present run, or -1 when it is something else. */
static int
answer_seq(const struct pinger *p, const struct inner *packet)
{
	const struct target *t = run_target(p);

	if (packet->src.s_addr != t->addr.s_addr || packet->dst.s_addr != p->self.s_addr)
		return -1;
	if (t->port == 0) {
		if (packet->kind != INNER_ECHO_REPLY || packet->src_port != (uint16_t)p->facts->phone)
			return -1;
		return packet->dst_port;
	}
	if (packet->kind != INNER_UDP || packet->src_port != t->port || packet->dst_port != own_port(p) ||
	    packet->len < MARK_LEN)
		return -1;
	return get16(packet->payload + 8);
}

static bool
payload_ok(const struct pinger *p, const struct inner *packet, uint16_t seq)
{
	size_t len = payload_len(p);

	if (packet->len != len)
		return false;
	payload_put(scratch, len, p, seq);
	return len == 0 || memcmp(scratch, packet->payload, len) == 0;
}

static void
rtt_count(struct channel_facts *c, int64_t rtt_us)
{
	if (c->echo_received == 0 || rtt_us < c->rtt_min_us)
		c->rtt_min_us = rtt_us;
	if (rtt_us > c->rtt_max_us)
		c->rtt_max_us = rtt_us;
	c->rtt_sum_us += rtt_us;
	c->echo_received++;
}

bool
ping_input(struct pinger *p, const struct inner *packet, enum channel channel, int64_t now_us)
{
	struct channel_facts *c;
	uint16_t index;
	int seq;

	if (p->o == NULL || p->run >= p->channel_count * p->o->target_count || (seq = answer_seq(p, packet)) < 0)
		return false;
	index = (uint16_t)((uint16_t)seq - p->base);
	if (index >= p->sent)
		return false;	/* late, of an earlier run */
	c = &p->facts->channels[run_channel(p)];
	if (p->sent_us[index] == 0) {
		c->echo_duplicate++;
	} else if (!payload_ok(p, packet, (uint16_t)seq)) {
		c->echo_spoilt++;
	} else {
		rtt_count(c, now_us - p->sent_us[index]);
		p->sent_us[index] = 0;
		p->received++;
		c->echo_other_channel += channel != run_channel(p);
	}
	return true;
}
