/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes wrong for phones, recognised from what the gateway sees: the
 * failure classes of the guide's troubleshooting section, with who and when. The
 * table is fixed in size; the oldest gives way.
 */
#ifndef OFFHOOK_PROBLEM_H
#define OFFHOOK_PROBLEM_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "common/addr.h"

enum problem {
	PROBLEM_CIPHER,        /* no TLS version and suite in common */
	PROBLEM_NO_IDENTITY,   /* the bound trustpoint has no certificate */
	PROBLEM_REFUSED_US,    /* the client ends the handshake: our certificate is not the one it knows */
	PROBLEM_URL,           /* no group-url matches */
	PROBLEM_UNKNOWN_CA,    /* the phone's certificate: no trustpoint vouches */
	PROBLEM_EXPIRED,       /* it, or its CA, has expired */
	PROBLEM_NOT_YET,       /* it is not yet valid: clocks */
	PROBLEM_REVOKED,
	PROBLEM_NO_CERTIFICATE,
	PROBLEM_PASSWORD,
	PROBLEM_POLICY,        /* the policy is against it */
	PROBLEM_POOL,          /* no address free */
	PROBLEM_DTLS_CIPHER,   /* no suite that TLS and DTLS share */
	PROBLEM_DTLS_NEVER,    /* offered, but never up */
	PROBLEM_DTLS_FAILS,
	PROBLEM_NO_TFTP,       /* connected, but it asks nobody for its configuration */
	PROBLEMS
};

struct problem_row {
	enum problem what;
	struct addr source; /* family 0: not known */
	char who[129];      /* user, certificate or URL; "" */
	char detail[256];
	unsigned count;
	time_t first, last;
};

struct problem_text {
	const char *name;   /* for JSON and filters */
	const char *title;
	const char *remedy; /* of the guide */
};
extern const struct problem_text problem_texts[PROBLEMS];

struct conn;
struct session;

void problem_note(enum problem what, const struct addr *source, const char *who, const char *detail);

/* A message of the ASA's catalogue is about to be written: does it tell of a problem? */
void problem_of_message(unsigned number, const struct conn *c, const struct session *s, const char *const args[4]);

/* Oldest first. */
void problems_each(void (*fn)(const struct problem_row *, void *), void *ctx);
void problems_clear(void);

/* How often each has been noted since the start, whatever was cleared. */
extern uint64_t problem_counts[PROBLEMS];

#endif
