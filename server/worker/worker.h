/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker: one TCP connection, from its TLS handshake to the end of the
 * tunnel it may become. Everything it knows came from the network and is
 * believed by nobody; it holds the TCP socket and its channels and nothing else.
 *
 *   state         waits for                    goes to
 *   HANDSHAKE     TLS                          HTTP
 *   HTTP          a request                    AUTH (POST), GRANT (CONNECT)
 *   AUTH          certauth and main            HTTP
 *   GRANT         main                         TUNNEL, HTTP (refused)
 *   TUNNEL        packets and timers           end
 *   CLOSING       the last bytes to be sent    end
 */
#ifndef OFFHOOK_WORKER_H
#define OFFHOOK_WORKER_H

#include <ev.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/ipc.h"
#include "server/worker/client.h"
#include "server/worker/tls_config.h"

enum worker_state {
	WORKER_HANDSHAKE,
	WORKER_HTTP,
	WORKER_AUTH,
	WORKER_GRANT,
	WORKER_TUNNEL,
	WORKER_CLOSING,
};

enum login_dialect { DIALECT_PHONE, DIALECT_XML, DIALECT_PLAIN };

struct worker_login {
	enum login_dialect dialect;
	enum client_family family;
	char tunnel_group[129]; /* of the last request, "" none */
	bool by_url;            /* a group-url named it */
	char path[513];         /* of the last request */
	bool keep_alive;
	bool tried;             /* with a password */
	bool may_have_cert;     /* it begins, and has not said that it has no certificate */
	bool have_cookie, have_session;
	char cookie[129];
	uint32_t index;
	char *banner; /* NULL none */
};

struct worker {
	struct ev_loop *loop;
	const struct tls_config *config;
	uint64_t conn_id;
	char nameif[49];
	struct addr local, peer;
	enum worker_state state;
	char lab_trustpoint[129]; /* served whatever is bound; "": what is bound */
	struct lab *lab;       /* lab.h; NULL: it behaves */
	uint8_t trace;         /* trace.h: up to which level main wants to hear */

	int tcp_fd;
	ev_io tcp_rd, tcp_wr;
	ev_timer timer;        /* one for all deadlines: the next one */
	uint64_t deadline_ms;  /* of handshake and login */
	struct ipc_chan main, auth;

	gnutls_session_t tls;
	struct tls_choice choice;
	bool heard;            /* any byte came */
	uint8_t *transcript;   /* the handshake, for certauth (server/certauth/proof.h) */
	size_t transcript_len;
	bool transcript_full;  /* it was too long: no proof is possible */
	bool handshake_done;
	bool tls_record_waits; /* GnuTLS holds one that could not be written */
	bool refused;          /* the hello, and the log says why */

	char *in;              /* HTTP input */
	size_t in_len, in_cap;
	bool out_blocked;      /* an answer is not out yet: no further request is served */
	unsigned requests;
	struct worker_login login;
	struct connect *connect; /* the CONNECT being answered */
	struct tunnel *tunnel;
};

/* Run a worker in a process of its own until its connection is over; never returns. */
void worker_run(const struct tls_config *config, const struct ipc_child_start *m, int tcp_fd, int main_fd, int auth_fd)
    __attribute__((noreturn));

/* Say a message of the ASA's catalogue about this connection. Arguments may be NULL. */
void worker_log(struct worker *w, unsigned number, const char *arg1, const char *arg2);

/* Tell the operator something the catalogue has no message for. */
void worker_note(struct worker *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* End the process after what is queued for main is sent. */
void worker_exit(struct worker *w) __attribute__((noreturn));

uint64_t worker_now_ms(struct worker *w);

/* Recompute the one timer from all deadlines. */
void worker_timer_update(struct worker *w);

#endif
