/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions: from a login that certauth accepted to the end of its cookie.
 *
 *   state     has                       ends or changes by
 *   PENDING   cookie                    CONNECT; 120 s without one
 *   ACTIVE    address, worker, slot     worker's word, logoff; lost: WAITING
 *   WAITING   address, slot             CONNECT with the cookie; idle timeout
 */
#ifndef OFFHOOK_SESSION_H
#define OFFHOOK_SESSION_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <time.h>

#include "common/counters.h"
#include "common/ipc.h"
#include "common/suite.h"
#include "server/config/model.h"
#include "server/main/lease.h"

struct conn;

enum session_state { SESSION_PENDING, SESSION_ACTIVE, SESSION_WAITING };

struct session {
	struct mem *mem;
	struct session *next, *prev;  /* in order of login */
	struct session *hash_next;
	struct session_user *of_user;
	TAILQ_ENTRY(session) user_link, waiting_link, user_waiting_link; /* session_table.h */
	LIST_HEAD(, conn) conns;      /* logged in or tunnelling for it (conn_belong()) */
	uint64_t serial;              /* no other session ever has it */
	uint32_t index;               /* what the operator sees */
	uint32_t slot;                /* in the forwarder and its counters */
	enum session_state state;
	uint8_t cookie_hash[32];
	char *user, *tunnel_group, *group_policy;
	unsigned authentication;
	time_t login_time;
	double login_at, waiting_since; /* loop time */

	bool has_lease;
	struct lease lease;
	bool ip6_capable, has_lease6;   /* ip6_capable: its client, at its last CONNECT */
	struct lease6 lease6;
	struct cfg_policy_attrs policy; /* as it was at login; strings are the session's */
	uint32_t idle_s, session_s;     /* limits: the AAA server's word, else the policy's; session_s 0 none */
	bool filtered, filtered6;       /* the kernel leads its address through the policy's filter */
	bool has_framed_ip;             /* the user's own address, before any pool */
	uint32_t framed_ip, framed_mask;
	uint8_t *split_nets;            /* address and mask, 8 bytes each, network order */
	uint32_t split_bytes;
	uint8_t *split_nets6;           /* address and prefix length, 17 bytes each */
	uint32_t split6_bytes;

	struct conn *conn;            /* the worker of its tunnel */
	struct conn *conn_old;        /* the one being replaced, until the new one has answered */
	int forwarder_fd;             /* the forwarder's end of that worker's channel, -1 none */
	uint8_t dtls_id[32];
	unsigned mtu_bytes;
	struct addr public_addr, local_addr;
	char user_agent[256], hostname[65], trustpoint[129]; /* of the last CONNECT */
	char server_sha1[41];         /* of the certificate that it was shown */
	bool phone;
	const struct suite *tls_suite, *dtls_suite; /* dtls_suite NULL: no DTLS tunnel */
	enum suite_version tls_version, dtls_version;
	enum compression compression, dtls_compression; /* of the tunnels that are up */
	unsigned dtls_failures;       /* since one succeeded, over all CONNECTs */
	bool dtls_heard;              /* a datagram of the client has come, in this session */
	bool dtls_refused;            /* too many of them: not offered again */
	uint32_t rtt_us;              /* of its TCP connection, when a tunnel came up; 0: not known */
	unsigned bye_grace_s;         /* how long the client's goodbye does not count yet */
	enum end_reason waiting_end;  /* how the session ends if nobody comes back */
	struct counters base;         /* the slot's counters when it was given out */
	unsigned tcp_tunnels, udp_tunnels, dpd_failures;
	unsigned tls_tunnel_id, dtls_tunnel_id; /* each tunnel of a session has a number of its own; the parent is 1 */
	const char *end_text;
	struct ipc_blob class;        /* what the RADIUS server wants back in accounting */
	double accounted_at;          /* when accounting last heard of it, 0: it has not */
	ev_timer timer;               /* pending login, or waiting to resume */
};

struct session_totals { /* since start, for the summary */
	unsigned active, waiting;
	uint64_t cumulative;
	unsigned peak;
	uint64_t tls_cumulative, dtls_cumulative;
	unsigned tls_peak, dtls_peak, parent_peak;
	unsigned tls_active, dtls_active;
};

/*
 * A login of this connection was accepted by certauth: a PENDING session. NULL
 * and *why when it cannot be: the table is full, or a policy is against it.
 */
#define SESSION_NO_ROOM "no room for another session"
struct session *session_login(struct conn *c, const struct ipc_verdict *v, const char **why);

/* CONNECT with a cookie: grants or denies, answering the connection's worker. */
void session_connect(struct conn *c, const struct ipc_session_ask *ask);

/* The client is done with this cookie: its session ends. */
void session_logout(const char *cookie);

/* The worker's further words; c is the worker of a granted session. */
void session_bind(struct conn *c, unsigned mtu_bytes);
void session_up(struct conn *c, enum compression compression);
void session_dtls_up(struct conn *c, const struct suite *suite, enum suite_version version, enum compression compression);
void session_dtls_down(struct conn *c);
void session_dtls_failed(struct conn *c, bool heard); /* it never was up; heard: the client tried */

/* The tunnel of this connection is over: the session ends, or waits to be resumed. */
void session_tunnel_end(struct conn *c, enum end_reason reason);

/* End a session now, its worker too. */
void session_finish(struct session *s, enum end_reason reason);

struct session *session_first(void);
struct session *session_by_slot(uint32_t slot);
unsigned session_count(void);
void session_totals(struct session_totals *out);
/* Cumulative and peak counts begin anew. */
void session_totals_clear(void);

/* Counters since the session began. */
struct counters session_counters(const struct session *s);

/* Tell a new forwarder of its sessions, and their workers of it. */
void session_forwarder_new(unsigned forwarder);
/* The forwarder that has this session: as long as it lives, and all that get its slot. */
unsigned session_home(const struct session *s);

#endif
