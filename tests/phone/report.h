/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_REPORT_H
#define PHONE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "options.h"
#include "stage.h"

/* One member of an event line: text, or number when text is NULL. */
struct kv {
	const char *key;
	const char *text;
	long long number;
};
#define KS(key, text) { key, text, 0 }
#define KN(key, number) { key, NULL, number }
#define KV_LIST(...) (const struct kv[]){ __VA_ARGS__, { 0 } }

/* What was counted on one channel. */
struct channel_facts {
	unsigned echo_sent, echo_received, echo_duplicate, echo_spoilt;
	unsigned echo_other_channel;	/* answers that came on the other channel */
	int64_t rtt_min_us, rtt_max_us, rtt_sum_us;
	unsigned dpd_sent, dpd_answered;		/* ours */
	unsigned dpd_received;				/* the server's, which we answered */
	unsigned keepalive_sent, keepalive_received;
	unsigned data_sent, data_received;
};

/* All that the summary of a phone says. Texts are empty until known. */
struct facts {
	unsigned phone;
	enum stage stage;
	bool finished;
	char name[80], error[300], end_reason[200];
	char tls_version[16], tls_cipher[64], login_cipher[64];
	char cert_sha1[41], cert_hash[32];	/* hex; base64 as in certHash */
	char address[16], netmask[16];
	long mtu, dpd_s, keepalive_s;
	bool dtls_offered, dtls_up;
	char dtls_cipher[64], dtls_version[16];
	unsigned dtls_tries, dtls_handshakes, reconnects, bad_packets;
	unsigned odd_records;			/* TLS records that were not one CSTP frame */
	char bad_packet[80];			/* why the last one was bad */
	struct channel_facts channels[CHANNEL_COUNT];
	int64_t start_us, tcp_us, tls_us, login_us, connect_us, dtls_us, ready_us;	/* durations but start */
	struct buf addresses, dns, warnings;	/* zero-ended texts, one after another */
	unsigned warning_count;
};

/* What and how to print; made once. */
struct report {
	bool json, events, show_cookie;
	int64_t start_us;
};

/* A line for something that happened to a phone; flushed at once. list may be NULL. */
void report_event(const struct report *r, const struct facts *f, const char *event, const struct kv *list);
/* The summary; cookie may be NULL and is printed only with --show-cookie. */
void report_summary(const struct report *r, const struct facts *f, const char *cookie);
/* One line over all phones. by_stage has STAGE_COUNT numbers. */
void report_total(const struct report *r, unsigned phones, const unsigned *by_stage);

/* Remember a text in one of the lists of struct facts. */
void facts_list_add(struct buf *list, const char *text);
void facts_clear(struct facts *f);

const char *stage_name(enum stage stage);

#endif
