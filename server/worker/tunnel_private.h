/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tunnel.c (packets, CSTP, timers, life) and tunnel_dtls.c (its DTLS side) share. */
#ifndef OFFHOOK_TUNNEL_PRIVATE_H
#define OFFHOOK_TUNNEL_PRIVATE_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/batch.h"
#include "common/ipc.h"
#include "server/worker/compress.h"
#include "server/worker/dpd.h"
#include "server/worker/dtls_channel.h"
#include "server/worker/idle.h"

struct worker;

#define ASK_MS  1000 /* until the forwarder is asked again */
#define TRIM_MS 200 /* after the last handshake: the memory it took goes back to the kernel */
#define BURST_TRIM_MS 10000 /* the same after much data; while it goes on the pages come back, at no price that counts */

enum channel { CHANNEL_CSTP, CHANNEL_DTLS, CHANNEL_COUNT };
enum oddity { ODD_TYPE, ODD_LARGE_IN, ODD_LARGE_OUT, ODD_COUNT };

struct tunnel {
	unsigned mtu_bytes, udp_payload_bytes;
	bool fast_path; /* the forwarder may seal and open records */
	int fd; /* to the forwarder */
	ev_io fwd_rd, fwd_wr;
	bool fwd_blocked, tcp_blocked;
	struct {
		uint32_t packets, bytes, dropped;
	} sent; /* over DTLS, and not at all, since the forwarder was told last */

	struct dpd cstp_dpd, dtls_dpd;
	unsigned dpd_s;
	struct idle idle;
	bool watched;             /* the forwarder says so when the client has been silent over DTLS for a DPD interval */
	uint64_t ask_due_ms;      /* the forwarder was asked what it heard, and will be again then; 0: it was not */
	uint64_t session_end_ms; /* UINT64_MAX: no limit */

	struct dtls_channel dtls;
	enum channel send_on;     /* where the client's last data came from */

	char *head;               /* the answer to CONNECT, until it is sent */
	size_t head_len;
	uint64_t head_due_ms;     /* when it is sent anyhow */

	uint64_t trim_ms;         /* UINT64_MAX: done */

	enum compression compression[CHANNEL_COUNT];
	struct coder_user coder;
	bool bad_compressed_said;
	uint8_t said[ODD_COUNT];
	uint64_t keys_id;         /* names the keys that the forwarder has */
	unsigned told_mtu_bytes;  /* what the forwarder knows */

	size_t rx_len;            /* bytes in rx */
	size_t in_len, in_pos;    /* the batch being sent on in in_bytes */
};

/* Queue an item for the forwarder. */
void tunnel_out(struct worker *w, enum batch_type type, uint8_t tag, const void *data, size_t len);
/* Give it what is queued now. */
void tunnel_flush(struct worker *w);
/* A packet of the client on one of its channels. */
void tunnel_packet(struct worker *w, enum channel channel, uint8_t type, const uint8_t *payload, size_t len);

/* Round trip of the TCP connection as the kernel measures it; 0: not known. */
uint32_t tunnel_rtt_us(const struct worker *w);

extern const struct dtls_channel_ops tunnel_dtls_ops; /* ctx is the worker */

/* A datagram of a peer, or a stray one; scratch: DTLS_RECORD_MAX bytes, NULL drops it. */
void tunnel_dtls_datagram(struct worker *w, const struct batch_item *item, uint8_t *scratch);
/* BATCH_TOO_BIG */
void tunnel_dtls_too_big(struct worker *w, const struct batch_item *item);
/* BATCH_AGAIN */
void tunnel_dtls_again(struct worker *w, const struct batch_item *item);
/* BATCH_HEARD */
void tunnel_dtls_heard(struct worker *w, const struct batch_item *item);
void tunnel_dtls_timer(struct worker *w, uint64_t now_ms);

#endif
