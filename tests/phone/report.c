/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report: what is known of a phone, written as text or as JSON lines. */

#include "report.h"

#include <stdio.h>
#include <string.h>

const char *
stage_name(enum stage stage)
{
	switch (stage) {
#define STAGE_CASE(id, status, name, about) case STAGE_##id: return name;
	STAGES(STAGE_CASE)
#undef STAGE_CASE
	case STAGE_COUNT:
		break;
	}
	return "?";
}

void
facts_list_add(struct buf *list, const char *text)
{
	buf_add(list, text, strlen(text) + 1);
}

void
facts_clear(struct facts *f)
{
	buf_clear(&f->addresses);
	buf_clear(&f->dns);
	buf_clear(&f->warnings);
}

/* ---- JSON: a member ends with a comma, closing takes the last one away ---- */

static void
json_quote(struct buf *b, const char *s)
{
	unsigned char c;

	buf_addf(b, "\"");
	for (; (c = (unsigned char)*s) != 0; s++) {
		if (c == '"' || c == '\\')
			buf_addf(b, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			buf_addf(b, "\\u%04x", c);
		else
			buf_add(b, s, 1);
	}
	buf_addf(b, "\"");
}

static void
json_text(struct buf *b, const char *key, const char *text)
{
	buf_addf(b, "\"%s\":", key);
	if (text[0] == '\0')
		buf_addf(b, "null");
	else
		json_quote(b, text);
	buf_addf(b, ",");
}

static void
json_number(struct buf *b, const char *key, long long number)
{
	buf_addf(b, "\"%s\":%lld,", key, number);
}

static void
json_bool(struct buf *b, const char *key, bool value)
{
	buf_addf(b, "\"%s\":%s,", key, value ? "true" : "false");
}

static void
json_ms(struct buf *b, const char *key, int64_t us)
{
	buf_addf(b, "\"%s\":%.3f,", key, (double)us / 1000);
}

static void
json_open(struct buf *b, const char *key, char bracket)
{
	if (key)
		buf_addf(b, "\"%s\":", key);
	buf_addf(b, "%c", bracket);
}

static void
json_close(struct buf *b, char bracket)
{
	if (b->data[b->len - 1] == ',')
		b->len--;
	buf_addf(b, "%c,", bracket);
}

static void
json_list(struct buf *b, const char *key, const struct buf *list)
{
	size_t at;

	json_open(b, key, '[');
	for (at = 0; at < list->len; at += strlen((const char *)list->data + at) + 1) {
		json_quote(b, (const char *)list->data + at);
		buf_addf(b, ",");
	}
	json_close(b, ']');
}

/* Write the line, in one piece and at once: tests wait for it. */
static void
line_out(struct buf *b)
{
	if (b->len > 0 && b->data[b->len - 1] == ',')
		b->len--;
	buf_addf(b, "\n");
	fwrite(b->data, 1, b->len, stdout);
	fflush(stdout);
	buf_clear(b);
}

/* ---- events ---- */

static void
event_json(struct buf *b, const struct facts *f, const char *event, const struct kv *list, int64_t us)
{
	json_open(b, NULL, '{');
	json_text(b, "event", event);
	json_number(b, "phone", f->phone);
	json_ms(b, "t_ms", us);
	for (; list && list->key; list++) {
		if (list->text)
			json_text(b, list->key, list->text);
		else
			json_number(b, list->key, list->number);
	}
	json_close(b, '}');
}

static void
event_text(struct buf *b, const struct facts *f, const char *event, const struct kv *list, int64_t us)
{
	buf_addf(b, "%9.3f phone %u: %s", (double)us / 1e6, f->phone, event);
	for (; list && list->key; list++) {
		if (list->text == NULL)
			buf_addf(b, " %s=%lld", list->key, list->number);
		else if (strpbrk(list->text, " \"") || list->text[0] == '\0')
			buf_addf(b, " %s=\"%s\"", list->key, list->text);
		else
			buf_addf(b, " %s=%s", list->key, list->text);
	}
}

void
report_event(const struct report *r, const struct facts *f, const char *event, const struct kv *list)
{
	struct buf b = { 0 };
	int64_t us = clock_us() - r->start_us;

	if (!r->events)
		return;
	if (r->json)
		event_json(&b, f, event, list, us);
	else
		event_text(&b, f, event, list, us);
	line_out(&b);
}

/* ---- summary ---- */

static int64_t
rtt_avg_us(const struct channel_facts *c)
{
	return c->echo_received ? c->rtt_sum_us / c->echo_received : 0;
}

static void
channel_json(struct buf *b, const char *key, const struct channel_facts *c)
{
	json_open(b, key, '{');
	json_number(b, "sent", c->echo_sent);
	json_number(b, "received", c->echo_received);
	json_number(b, "duplicate", c->echo_duplicate);
	json_number(b, "spoilt", c->echo_spoilt);
	json_number(b, "other_channel", c->echo_other_channel);
	if (c->echo_received) {
		json_ms(b, "rtt_min_ms", c->rtt_min_us);
		json_ms(b, "rtt_avg_ms", rtt_avg_us(c));
		json_ms(b, "rtt_max_ms", c->rtt_max_us);
	}
	json_number(b, "data_sent", c->data_sent);
	json_number(b, "data_received", c->data_received);
	json_number(b, "dpd_sent", c->dpd_sent);
	json_number(b, "dpd_answered", c->dpd_answered);
	json_number(b, "dpd_received", c->dpd_received);
	json_number(b, "keepalive_sent", c->keepalive_sent);
	json_number(b, "keepalive_received", c->keepalive_received);
	json_close(b, '}');
}

static void
times_json(struct buf *b, const struct facts *f)
{
	json_open(b, "ms", '{');
	json_ms(b, "tcp", f->tcp_us);
	json_ms(b, "tls", f->tls_us);
	json_ms(b, "login", f->login_us);
	json_ms(b, "connect", f->connect_us);
	json_ms(b, "dtls", f->dtls_us);
	json_ms(b, "ready", f->ready_us);
	json_close(b, '}');
}

static void
dtls_json(struct buf *b, const struct facts *f)
{
	json_open(b, "dtls", '{');
	json_bool(b, "offered", f->dtls_offered);
	json_bool(b, "up", f->dtls_up);
	json_text(b, "cipher", f->dtls_cipher);
	json_text(b, "version", f->dtls_version);
	json_number(b, "tries", f->dtls_tries);
	json_number(b, "handshakes", f->dtls_handshakes);
	json_close(b, '}');
}

static void
summary_json(struct buf *b, const struct facts *f, const char *cookie)
{
	json_open(b, NULL, '{');
	json_text(b, "event", "summary");
	json_number(b, "phone", f->phone);
	json_bool(b, "ok", f->stage == STAGE_OK);
	json_number(b, "status", f->stage);
	json_text(b, "stage", stage_name(f->stage));
	json_text(b, "error", f->error);
	json_text(b, "name", f->name);
	json_text(b, "tls_version", f->tls_version);
	json_text(b, "tls_cipher", f->tls_cipher);
	json_text(b, "login_cipher", f->login_cipher);
	json_text(b, "cert_sha1", f->cert_sha1);
	json_text(b, "cert_hash", f->cert_hash);
	if (cookie)
		json_text(b, "cookie", cookie);
	json_text(b, "address", f->address);
	json_text(b, "netmask", f->netmask);
	json_list(b, "addresses", &f->addresses);
	json_list(b, "dns", &f->dns);
	json_number(b, "mtu", f->mtu);
	json_number(b, "dpd_s", f->dpd_s);
	json_number(b, "keepalive_s", f->keepalive_s);
	dtls_json(b, f);
	json_open(b, "pings", '{');
	channel_json(b, "dtls", &f->channels[CHANNEL_DTLS]);
	channel_json(b, "cstp", &f->channels[CHANNEL_CSTP]);
	json_close(b, '}');
	json_number(b, "reconnects", f->reconnects);
	json_number(b, "bad_packets", f->bad_packets);
	json_text(b, "bad_packet", f->bad_packet);
	json_number(b, "odd_records", f->odd_records);
	json_list(b, "warnings", &f->warnings);
	times_json(b, f);
	json_text(b, "end_reason", f->end_reason);
	json_close(b, '}');
}

static void
channel_text(struct buf *b, int channel, const struct channel_facts *c)
{
	if (c->echo_sent > 0)
		buf_addf(b, "; %s %u/%u echoes, rtt %.1f/%.1f/%.1f ms", channel_name(channel), c->echo_received,
		    c->echo_sent, (double)c->rtt_min_us / 1000, (double)rtt_avg_us(c) / 1000,
		    (double)c->rtt_max_us / 1000);
}

static void
summary_text(struct buf *b, const struct facts *f, const char *cookie)
{
	int i;

	buf_addf(b, "phone %u %s: %s", f->phone, f->name, stage_name(f->stage));
	if (f->error[0])
		buf_addf(b, ": %s", f->error);
	if (f->tls_cipher[0])
		buf_addf(b, "; %s %s", f->tls_version, f->tls_cipher);
	if (f->address[0])
		buf_addf(b, "; %s/%s", f->address, f->netmask);
	if (f->dtls_up)
		buf_addf(b, "; %s %s", f->dtls_version, f->dtls_cipher);
	else if (f->address[0])
		buf_addf(b, "; no DTLS");
	for (i = 0; i < CHANNEL_COUNT; i++)
		channel_text(b, i, &f->channels[i]);
	if (f->reconnects)
		buf_addf(b, "; %u reconnects", f->reconnects);
	if (f->warning_count)
		buf_addf(b, "; %u warnings, first: %s", f->warning_count, (const char *)f->warnings.data);
	if (f->end_reason[0])
		buf_addf(b, "; end: %s", f->end_reason);
	if (cookie)
		buf_addf(b, "; cookie %s", cookie);
}

void
report_summary(const struct report *r, const struct facts *f, const char *cookie)
{
	struct buf b = { 0 };

	if (!r->show_cookie)
		cookie = NULL;
	if (r->json)
		summary_json(&b, f, cookie);
	else
		summary_text(&b, f, cookie);
	line_out(&b);
}

void
report_total(const struct report *r, unsigned phones, const unsigned *by_stage)
{
	struct buf b = { 0 };
	int i;

	if (r->json) {
		json_open(&b, NULL, '{');
		json_text(&b, "event", "total");
		json_number(&b, "phones", phones);
		json_ms(&b, "t_ms", clock_us() - r->start_us);
		json_open(&b, "by_stage", '{');
	} else {
		buf_addf(&b, "total: %u phones", phones);
	}
	for (i = 0; i < STAGE_COUNT; i++) {
		if (by_stage[i] == 0)
			continue;
		if (r->json)
			json_number(&b, stage_name(i), by_stage[i]);
		else
			buf_addf(&b, ", %u %s", by_stage[i], stage_name(i));
	}
	if (r->json) {
		json_close(&b, '}');
		json_close(&b, '}');
	}
	line_out(&b);
}
