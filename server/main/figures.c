/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One walk over the sessions and one over their counters: a few hundred
 * microseconds for thousands of them, system calls for the processes only.
 * Labels come from the configuration and from fixed tables, never from a client.
 */
#include "server/main/figures.h"

#include <ctype.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/mem.h"
#include "common/metric.h"
#include "server/main/child.h"
#include "server/main/conn.h"
#include "server/main/daemon.h"
#include "server/main/lease.h"
#include "server/main/problem.h"
#include "server/main/session.h"
#include "server/main/session_table.h"
#include "server/main/tally.h"
#include "server/main/worker_usage.h"
#include "server/main/x509.h"
#include "server/show/show.h"

#define GROUPS_MAX  256 /* tunnel-groups that have a figure of their own; the rest is "other" */
#define TUNNELS_MAX 64  /* version and cipher */

struct writer {
	uint8_t *room;
	size_t size;
	struct wr wr;
	void (*piece)(void *ctx, const uint8_t *rows, size_t len, bool last);
	void *ctx;
};

static void
put(struct writer *w, const struct figure *f)
{
	if (figure_put(&w->wr, f))
		return;
	w->piece(w->ctx, w->room, (size_t)(w->wr.p - w->room), false);
	w->wr = wr_init(w->room, w->size);
	figure_put(&w->wr, f);
}

static void
put3(struct writer *w, enum metric m, const char *l1, const char *l2, const char *l3, uint64_t value)
{
	put(w, &(struct figure){ .metric = m, .labels = { l1, l2, l3 }, .value = value });
}

static void
put1(struct writer *w, enum metric m, const char *label, uint64_t value)
{
	put3(w, m, label, NULL, NULL, value);
}

static void
put0(struct writer *w, enum metric m, uint64_t value)
{
	put3(w, m, NULL, NULL, NULL, value);
}

static void
put_histogram(struct writer *w, enum metric m, const char *label, const struct tally_histogram *h)
{
	struct figure f = { .metric = m, .labels = { label }, .value = h->sum_us, .histogram = true };

	memcpy(f.buckets, h->buckets, sizeof(f.buckets));
	put(w, &f);
}

/* ---- sessions ---- */

enum { STATES = SESSION_WAITING + 1, CLIENTS = 2 };

struct group_cell {
	const char *name; /* NULL: free */
	unsigned n[STATES][CLIENTS];
};

struct tunnel_cell {
	const struct suite *suite; /* NULL: free */
	enum suite_version version;
	unsigned n;
};

struct session_figures {
	struct group_cell groups[2 * GROUPS_MAX], other;
	unsigned group_count;
	struct tunnel_cell tls[TUNNELS_MAX], dtls[TUNNELS_MAX];
};

static const char *const version_names[SUITE_VERSIONS] = { "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3", "DTLSv1.0", "DTLSv1.2" };

/* A table twice as large as it is filled, so that a search is short. */
static struct group_cell *
group_find(struct session_figures *t, const char *name)
{
	uint32_t hash = 2166136261u;

	for (const char *p = name; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	for (uint32_t i = hash % (2 * GROUPS_MAX);; i = (i + 1) % (2 * GROUPS_MAX)) {
		struct group_cell *g = &t->groups[i];

		if (g->name != NULL && strcmp(g->name, name) == 0)
			return g;
		if (g->name != NULL)
			continue;
		if (t->group_count >= GROUPS_MAX)
			return &t->other;
		t->group_count++;
		g->name = name;
		return g;
	}
}

static void
tunnel_count(struct tunnel_cell *cells, const struct suite *suite, enum suite_version version)
{
	for (size_t i = 0; i < TUNNELS_MAX; i++) {
		if (cells[i].suite == NULL)
			cells[i] = (struct tunnel_cell){ suite, version, 0 };
		if (cells[i].suite == suite && cells[i].version == version) {
			cells[i].n++;
			return;
		}
	}
}

static void
tunnels_put(struct writer *w, enum metric m, const struct tunnel_cell *cells)
{
	for (size_t i = 0; i < TUNNELS_MAX && cells[i].suite != NULL; i++)
		put3(w, m, version_names[cells[i].version], cells[i].suite->name, NULL, cells[i].n);
}

static void
group_put(struct writer *w, const struct group_cell *g)
{
	static const char *const states[STATES] = { "pending", "active", "inactive" };
	static const char *const clients[CLIENTS] = { "other", "phone" };

	for (size_t i = 0; i < STATES; i++) {
		for (size_t k = 0; k < CLIENTS; k++)
			put3(w, METRIC_SESSIONS, states[i], g->name, clients[k], g->n[i][k]);
	}
}

static void
sessions_put(struct writer *w)
{
	static struct session_figures t;

	memset(&t, 0, sizeof(t));
	t.other.name = "other";
	for (const struct cfg_tunnel_group *g = daemon_.config->tunnel_groups; g != NULL; g = g->next)
		group_find(&t, g->name); /* those without a session too: a rate needs a start */
	for (const struct session *s = session_first(); s != NULL; s = s->next) {
		group_find(&t, s->tunnel_group)->n[s->state][s->phone]++;
		if (s->state != SESSION_ACTIVE)
			continue;
		if (s->tls_suite != NULL)
			tunnel_count(t.tls, s->tls_suite, s->tls_version);
		if (s->dtls_suite != NULL)
			tunnel_count(t.dtls, s->dtls_suite, s->dtls_version);
	}
	for (size_t i = 0; i < 2 * GROUPS_MAX; i++) {
		if (t.groups[i].name != NULL)
			group_put(w, &t.groups[i]);
	}
	if (t.group_count >= GROUPS_MAX)
		group_put(w, &t.other);
	tunnels_put(w, METRIC_TLS_TUNNELS, t.tls);
	tunnels_put(w, METRIC_DTLS_TUNNELS, t.dtls);
	put0(w, METRIC_SESSION_LIMIT, show_capacity());
}

/* ---- packets ---- */

static void
drops_put(struct writer *w, const char *direction, const char *reason, uint64_t all, uint64_t dtls)
{
	put3(w, METRIC_DROPS, direction, "tls", reason, all - dtls);
	put3(w, METRIC_DROPS, direction, "dtls", reason, dtls);
}

static void
strange_put(struct writer *w)
{
	const volatile struct counters_strange *all = (const volatile void *)&daemon_.counters[SESSION_SLOTS];
	struct counters_strange n = { 0 };

	for (unsigned i = 0; i < FORWARDERS_MAX; i++) {
		n.sessions += all[i].sessions;
		n.addresses += all[i].addresses;
		n.malformed += all[i].malformed;
		n.passed += all[i].passed;
		n.passed_lost += all[i].passed_lost;
	}
	put1(w, METRIC_STRANGE, "session", n.sessions);
	put1(w, METRIC_STRANGE, "address", n.addresses);
	put1(w, METRIC_STRANGE, "malformed", n.malformed);
	put1(w, METRIC_PASSED, "passed", n.passed);
	put1(w, METRIC_PASSED, "lost", n.passed_lost);
}

/* A slot's counters go on when another session gets it, so their sum only grows. */
static void
packets_put(struct writer *w)
{
	uint32_t slots = session_slots_used();
	struct counters n = { 0 };

	for (uint32_t i = 0; i < slots; i++) {
		const volatile struct counters *c = &daemon_.counters[i];

		n.rx_packets += c->rx_packets;
		n.tx_packets += c->tx_packets;
		n.rx_bytes += c->rx_bytes;
		n.tx_bytes += c->tx_bytes;
		n.dtls_rx_packets += c->dtls_rx_packets;
		n.dtls_tx_packets += c->dtls_tx_packets;
		n.dtls_rx_bytes += c->dtls_rx_bytes;
		n.dtls_tx_bytes += c->dtls_tx_bytes;
		n.rx_drops += c->rx_drops;
		n.tx_drops += c->tx_drops;
		n.rx_drops_source += c->rx_drops_source;
		n.rx_drops_worker += c->rx_drops_worker;
		n.tx_drops_queue += c->tx_drops_queue;
		n.tx_drops_big += c->tx_drops_big;
		n.dtls_rx_drops += c->dtls_rx_drops;
		n.dtls_tx_drops += c->dtls_tx_drops;
		n.dtls_rx_drops_source += c->dtls_rx_drops_source;
		n.dtls_rx_drops_worker += c->dtls_rx_drops_worker;
		n.dtls_tx_drops_queue += c->dtls_tx_drops_queue;
		n.dtls_tx_drops_big += c->dtls_tx_drops_big;
	}
	put3(w, METRIC_PACKETS, "rx", "tls", NULL, n.rx_packets - n.dtls_rx_packets);
	put3(w, METRIC_PACKETS, "rx", "dtls", NULL, n.dtls_rx_packets);
	put3(w, METRIC_PACKETS, "tx", "tls", NULL, n.tx_packets - n.dtls_tx_packets);
	put3(w, METRIC_PACKETS, "tx", "dtls", NULL, n.dtls_tx_packets);
	put3(w, METRIC_BYTES, "rx", "tls", NULL, n.rx_bytes - n.dtls_rx_bytes);
	put3(w, METRIC_BYTES, "rx", "dtls", NULL, n.dtls_rx_bytes);
	put3(w, METRIC_BYTES, "tx", "tls", NULL, n.tx_bytes - n.dtls_tx_bytes);
	put3(w, METRIC_BYTES, "tx", "dtls", NULL, n.dtls_tx_bytes);
	drops_put(w, "rx", "source-address", n.rx_drops_source, n.dtls_rx_drops_source);
	drops_put(w, "rx", "unreadable", n.rx_drops_worker, n.dtls_rx_drops_worker);
	drops_put(w, "rx", "malformed", n.rx_drops - n.rx_drops_source - n.rx_drops_worker,
	    n.dtls_rx_drops - n.dtls_rx_drops_source - n.dtls_rx_drops_worker);
	drops_put(w, "tx", "queue-full", n.tx_drops_queue, n.dtls_tx_drops_queue);
	drops_put(w, "tx", "too-big", n.tx_drops_big, n.dtls_tx_drops_big);
	drops_put(w, "tx", "worker", n.tx_drops - n.tx_drops_queue - n.tx_drops_big,
	    n.dtls_tx_drops - n.dtls_tx_drops_queue - n.dtls_tx_drops_big);
	strange_put(w);
}

/* ---- what has been counted ---- */

/* USER_REQUESTED becomes user-requested. */
static const char *
end_name(unsigned reason, char out[32])
{
	static const char *const names[END_COUNT] = {
#define R(name, text) #name,
		END_REASONS(R)
#undef R
	};
	size_t i = 0;

	for (const char *p = names[reason]; *p != '\0' && i < 31; p++)
		out[i++] = *p == '_' ? '-' : (char)tolower((unsigned char)*p);
	out[i] = '\0';
	return out;
}

static uint64_t
histogram_count(const struct tally_histogram *h)
{
	uint64_t n = 0;

	for (size_t i = 0; i < METRIC_BUCKETS; i++)
		n += h->buckets[i];
	return n;
}

static void
tally_put(struct writer *w)
{
	char name[32];

	put0(w, METRIC_SESSIONS_STARTED, tally_.sessions_started);
	for (unsigned i = 0; i < END_COUNT; i++)
		put1(w, METRIC_SESSIONS_ENDED, end_name(i, name), tally_.sessions_ended[i]);
	put3(w, METRIC_LOGINS, "accepted", "none", NULL, tally_.logins_accepted);
	for (size_t i = 0; i < LOGIN_REFUSALS_COUNT; i++)
		put3(w, METRIC_LOGINS, "refused", login_refusal_names[i], NULL, tally_.logins_refused[i]);
	for (size_t i = 0; i < METHODS; i++)
		put_histogram(w, METRIC_LOGIN_TIME, login_method_names[i], &tally_.login_time[i]);
	put1(w, METRIC_HANDSHAKES, "completed", histogram_count(&tally_.handshake_time));
	put1(w, METRIC_HANDSHAKES, "failed", tally_.handshakes_failed);
	put_histogram(w, METRIC_HANDSHAKE_TIME, NULL, &tally_.handshake_time);
	put1(w, METRIC_DTLS_HANDSHAKES, "completed", tally_.dtls_up);
	put1(w, METRIC_DTLS_HANDSHAKES, "failed", tally_.dtls_failed);
	put0(w, METRIC_CONNECTIONS, conn_count());
	put1(w, METRIC_CONNECTIONS_TOTAL, "accepted", tally_.connections_accepted);
	put1(w, METRIC_CONNECTIONS_TOTAL, "refused", tally_.connections_refused);
	for (size_t i = 0; i < PROBLEMS; i++)
		put1(w, METRIC_PROBLEMS, problem_texts[i].name, problem_counts[i]);
	put0(w, METRIC_WORKER_CRASHES, tally_.worker_crashes);
}

/* ---- pools ---- */

static void
pool_put(struct writer *w, const char *name, const char *family, const struct lease_counts *n)
{
	put3(w, METRIC_POOL, name, family, "free", n->free);
	put3(w, METRIC_POOL, name, family, "held", n->held);
	put3(w, METRIC_POOL, name, family, "used", n->used);
}

static void
pools_put(struct writer *w)
{
	struct lease_counts n;

	for (const struct cfg_pool *p = daemon_.config->pools; p != NULL; p = p->next) {
		if (lease_counts(p->name, ev_now(daemon_.loop), &n))
			pool_put(w, p->name, "ipv4", &n);
	}
	for (const struct cfg_ipv6_pool *p = daemon_.config->ipv6_pools; p != NULL; p = p->next) {
		if (lease6_counts(p->name, ev_now(daemon_.loop), &n))
			pool_put(w, p->name, "ipv6", &n);
	}
}

/* ---- certificates ---- */

struct expiry {
	struct expiry *next;
	char *trustpoint;
	const char *kind;
	time_t at;
};

static struct expiry *expiries;
static bool expiries_old; /* a configuration came since they were read */

static void
expiry_add(const char *trustpoint, const char *kind, const struct cfg_blob *der)
{
	gnutls_x509_crt_t crt = der->len > 0 ? x509_load(der->data, der->len) : NULL;
	struct expiry *e;

	if (crt == NULL)
		return;
	e = xcalloc(1, sizeof(*e));
	e->trustpoint = xstrdup(trustpoint);
	e->kind = kind;
	e->at = gnutls_x509_crt_get_expiration_time(crt);
	e->next = expiries;
	expiries = e;
	gnutls_x509_crt_deinit(crt);
}

static void
expiries_read(const struct config *cfg)
{
	struct expiry *e;

	while ((e = expiries) != NULL) {
		expiries = e->next;
		free(e->trustpoint);
		free(e);
	}
	for (const struct cfg_trustpoint *tp = cfg->trustpoints; tp != NULL; tp = tp->next) {
		expiry_add(tp->name, "identity", &tp->identity);
		expiry_add(tp->name, "ca", &tp->ca);
	}
}

void
figures_configure(void)
{
	if (tally_.config_generation++ > 0)
		tally_.config_changed_at = time(NULL);
	expiries_old = true;
}

static void
certificates_put(struct writer *w)
{
	if (expiries_old)
		expiries_read(daemon_.config);
	expiries_old = false;
	for (const struct expiry *e = expiries; e != NULL; e = e->next)
		put3(w, METRIC_CERTIFICATE, e->trustpoint, e->kind, NULL, e->at > 0 ? (uint64_t)e->at : 0);
}

/* ---- processes ---- */

static uint64_t
ticks_ms(unsigned long ticks)
{
	return ticks * 1000ULL / (unsigned long)sysconf(_SC_CLK_TCK);
}

static void
workers_put(struct writer *w)
{
	struct worker_usage u;

	worker_usage_get(&u);
	put0(w, METRIC_CPU_WORKERS, u.cpu_us);
	if (u.has_memory)
		put0(w, METRIC_MEMORY_WORKERS, u.memory_bytes);
}

static void
process_put(const char *program, pid_t pid, void *ctx)
{
	unsigned long user = 0, sys = 0, rss = 0;
	struct writer *w = ctx;
	char path[64], line[512];
	const char *rest;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((in = fopen(path, "re")) == NULL)
		return;
	if (fgets(line, sizeof(line), in) != NULL && (rest = strrchr(line, ')')) != NULL &&
	    sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %*u %*u %lu", &user,
	        &sys, &rss) == 3) {
		put1(w, METRIC_MEMORY, program, (uint64_t)rss * (unsigned long)sysconf(_SC_PAGESIZE));
		put1(w, METRIC_CPU, program, ticks_ms(user + sys));
	}
	fclose(in);
}

static void
restarts_put(const char *program, unsigned restarts, void *ctx)
{
	put1(ctx, METRIC_RESTARTS, program, restarts);
}

static void
system_put(struct writer *w)
{
	time_t started = (time_t)daemon_.started;

	put1(w, METRIC_BUILD_INFO, OFFHOOK_VERSION, 1);
	put0(w, METRIC_START_TIME, (uint64_t)started);
	put0(w, METRIC_CONFIG_GENERATION, tally_.config_generation);
	put0(w, METRIC_CONFIG_CHANGED, (uint64_t)(tally_.config_changed_at != 0 ? tally_.config_changed_at : started));
	process_put("offhookd", getpid(), w);
	children_each(process_put, w);
	workers_put(w);
	children_restarts(restarts_put, w);
}

/* ---- all ---- */

static uint64_t
clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void
figures_collect(uint8_t *room, size_t size, void (*piece)(void *ctx, const uint8_t *rows, size_t len, bool last), void *ctx)
{
	struct writer w = { room, size, wr_init(room, size), piece, ctx };
	uint64_t begin = clock_us();

	system_put(&w);
	sessions_put(&w);
	packets_put(&w);
	tally_put(&w);
	pools_put(&w);
	certificates_put(&w);
	put0(&w, METRIC_COLLECT_TIME, clock_us() - begin);
	piece(ctx, room, (size_t)(w.wr.p - room), true);
}
