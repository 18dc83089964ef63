/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_OPTIONS_H
#define PHONE_OPTIONS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

#define OPT_PINS_MAX 10		/* certHash1 .. certHash10 */
#define OPT_TARGETS_MAX 16

enum channel { CHANNEL_DTLS, CHANNEL_CSTP, CHANNEL_COUNT };
enum channel_choice { CHOOSE_AUTO, CHOOSE_DTLS, CHOOSE_CSTP, CHOOSE_BOTH };

/* How a phone leaves a connection; the names are in options.c. */
enum bye { BYE_DISCONNECT, BYE_EMPTY, BYE_CLOSE, BYE_ABRUPT, BYE_VANISH };

/* Something inside the tunnel that echoes. */
struct target {
	struct in_addr addr;
	uint16_t port;		/* host order; 0 = ICMP echo, else UDP */
};

/* The command line, after the model has filled what was not given. */
struct options {
	const struct model *model;
	const char *model_name;

	/* where to */
	char host[256], path[512];	/* of the URL */
	uint16_t port;
	const char *connect, *bind, *dtls_port;
	const char *dtls_via;		/* NULL = not */
	struct sockaddr_in via;

	/* who */
	const char *cert, *key, *user, *password, *name, *user_agent;
	long auth;

	/* what it checks */
	uint8_t pins[OPT_PINS_MAX][20];
	unsigned pin_count;
	bool host_id_check, strict;

	/* TLS and DTLS */
	const char *ciphers, *dtls_ciphers, *dtls12_ciphers;
	int tls_min, tls_max;
	bool sni, modern, one_connection, no_narrow, forget_cookies;
	bool no_dtls, require_dtls, dtls_fallback, old_firmware, old_firmware_set;
	long dtls_tries, mtu;

	/* traffic */
	struct target targets[OPT_TARGETS_MAX];
	unsigned target_count;
	long ping_count, ping_size, ping_interval_ms, ping_wait_ms, max_loss;
	int channel;			/* enum channel_choice */
	bool dpd_check;

	/* staying and leaving */
	long hold_s, reconnects, dpd_s, keepalive_s;
	bool keepalive_only, mute;
	int bye, drop;			/* enum bye */
	const char *cookie_file, *resume_file;

	/* run */
	long count, first, stagger_ms, timeout_s, fail_connect_s, deadline_s;
	bool json, events, quiet, show_cookie;
};

/*
 * Fill *o from the command line. Returns 0, 1 after --help (printed), or -1
 * after a message on stderr.
 */
int options_parse(struct options *o, int argc, char **argv);

const char *bye_name(int bye);
const char *channel_name(int channel);
const char *tls_version_name(int version);

#endif
