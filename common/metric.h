/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The figures that main hands to offhook-metrics: the catalogue of metrics,
 * and how one sample of a metric travels between the two.
 */
#ifndef OFFHOOK_METRIC_H
#define OFFHOOK_METRIC_H

#include "common/buf.h"

/*
 * id, name, type, unit that a value is divided by, labels, help (doc/metrics.md
 * says the same at more length). Names are Prometheus': seconds, bytes, _total.
 */
#define METRICS(M)                                                                                                              \
	M(BUILD_INFO, "build_info", GAUGE, 1, "version", "Version of offhook; always 1")                                            \
	M(START_TIME, "start_time_seconds", GAUGE, 1, "", "When offhookd was started, Unix time")                                   \
	M(CONFIG_GENERATION, "config_generation", GAUGE, 1, "", "Configurations put in force since the start")                      \
	M(CONFIG_CHANGED, "config_last_change_timestamp_seconds", GAUGE, 1, "", "When the configuration last changed, Unix time")   \
	M(SESSIONS, "sessions", GAUGE, 1, "state,tunnel_group,client", "Sessions by state, tunnel-group and kind of client")        \
	M(SESSION_LIMIT, "session_limit", GAUGE, 1, "", "Sessions that may be there at one time")                                   \
	M(SESSIONS_STARTED, "sessions_started_total", COUNTER, 1, "", "Sessions whose first tunnel came up")                        \
	M(SESSIONS_ENDED, "sessions_ended_total", COUNTER, 1, "reason", "Sessions that ended, by reason")                           \
	M(TLS_TUNNELS, "tls_tunnels", GAUGE, 1, "version,cipher", "TLS tunnels that are up, by version and cipher")                 \
	M(DTLS_TUNNELS, "dtls_tunnels", GAUGE, 1, "version,cipher", "DTLS tunnels that are up, by version and cipher")              \
	M(LOGINS, "logins_total", COUNTER, 1, "result,reason", "Logins by result and reason")                                       \
	M(LOGIN_TIME, "login_duration_seconds", HISTOGRAM, 1000000, "method", "From the end of the TLS handshake to the accepted login") \
	M(HANDSHAKES, "tls_handshakes_total", COUNTER, 1, "result", "TLS handshakes by result")                                     \
	M(HANDSHAKE_TIME, "tls_handshake_duration_seconds", HISTOGRAM, 1000000, "", "From the TCP connection to the end of its TLS handshake") \
	M(DTLS_HANDSHAKES, "dtls_handshakes_total", COUNTER, 1, "result", "DTLS tunnels that came up, or did not")                  \
	M(CONNECTIONS, "connections", GAUGE, 1, "", "TCP connections now; each has a worker process")                               \
	M(CONNECTIONS_TOTAL, "connections_total", COUNTER, 1, "result", "TCP connections, by what was done with them")              \
	M(PACKETS, "tunnel_packets_total", COUNTER, 1, "direction,tunnel", "Inner packets; rx is from the client, tx to it")        \
	M(BYTES, "tunnel_bytes_total", COUNTER, 1, "direction,tunnel", "Bytes of inner packets; rx is from the client, tx to it")   \
	M(DROPS, "dropped_packets_total", COUNTER, 1, "direction,tunnel,reason", "Inner packets that were not passed on, by reason") \
	M(STRANGE, "unclaimed_datagrams_total", COUNTER, 1, "unknown", "UDP datagrams that belong to no session")                   \
	M(PASSED, "passed_packets_total", COUNTER, 1, "result", "Packets that came to another forwarder than their session's")   \
	M(POOL, "pool_addresses", GAUGE, 1, "pool,family,state", "Addresses of an ip local pool or ipv6 local pool")                 \
	M(CERTIFICATE, "certificate_expiry_timestamp_seconds", GAUGE, 1, "trustpoint,kind", "When a certificate expires, Unix time") \
	M(PROBLEMS, "phone_problems_total", COUNTER, 1, "class", "What failed for phones, as show vpn-phone problems names it")      \
	M(MEMORY, "process_resident_memory_bytes", GAUGE, 1, "program", "Resident memory of a process; offhook-worker is the spawner")  \
	M(CPU, "process_cpu_seconds_total", COUNTER, 1000, "program", "User and system time of a process")                          \
	M(MEMORY_WORKERS, "workers_memory_bytes", GAUGE, 1, "", "Memory of all workers, shared pages divided by those who share them") \
	M(CPU_WORKERS, "workers_cpu_seconds_total", COUNTER, 1000000, "", "User and system time of all workers, ended ones included")  \
	M(RESTARTS, "process_restarts_total", COUNTER, 1, "program", "Times that a process died and was started again")             \
	M(WORKER_CRASHES, "worker_crashes_total", COUNTER, 1, "", "Workers that died of a signal")                                  \
	M(COLLECT_TIME, "collect_duration_seconds", GAUGE, 1000000, "", "Time that offhookd took to collect these figures")

enum metric {
#define METRIC_ID(id, name, type, unit, labels, help) METRIC_##id,
	METRICS(METRIC_ID)
#undef METRIC_ID
	METRIC_COUNT
};

#define METRIC_LABELS_MAX 3
#define METRIC_LABEL_MAX  128 /* bytes of a value; the rest is cut */

/* Upper bounds of histograms, microseconds; behind them one bucket without. */
#define METRIC_BOUNDS_US { 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000 }
#define METRIC_BUCKETS   13

/* One sample. labels: as many as the metric has; NULL behind the last. */
struct figure {
	enum metric metric;
	const char *labels[METRIC_LABELS_MAX];
	uint64_t value; /* in the metric's unit; of a histogram the sum */
	bool histogram;
	uint64_t buckets[METRIC_BUCKETS]; /* of a histogram, each with what fell into it alone */
};

/* False: it no longer fits, and nothing is written. */
bool figure_put(struct wr *w, const struct figure *f);

/* Its labels point into what is read. False: it is none. */
bool figure_get(struct rd *r, struct figure *f);

#endif
