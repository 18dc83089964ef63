/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_TUNNEL_H
#define PHONE_TUNNEL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "http.h"
#include "options.h"
#include "report.h"

/* What one CONNECT asked for and got. */
struct tunnel {
	uint8_t master[48];		/* ours, for DTLS */
	uint8_t session_id[32];		/* the server's, for DTLS */
	struct in_addr addr;
	bool dtls;			/* the server offers DTLS */
	bool dtls12;			/* ... through X-DTLS12-CipherSuite */
	char dtls_cipher[64];
	uint16_t dtls_port;
	long cstp_dpd_s, cstp_keepalive_s, dtls_dpd_s, dtls_keepalive_s;
};

/* Write the request; makes a new master secret. */
void tunnel_request(struct tunnel *t, const struct options *o, const char *cookie, const char *name, struct buf *out);

/*
 * Read the answer (status 200 or not) into *t and the facts, warnings
 * included. Returns STAGE_OK, or the stage that fails and a text in err.
 */
enum stage tunnel_answer(struct tunnel *t, const struct options *o, const struct http_answer *a, struct facts *f,
    char *err, size_t err_cap);

#endif
