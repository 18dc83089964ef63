/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show aaa-server, show aaa local user (layouts: the ASA's command reference). */
#include <string.h>

#include "server/main/aaa.h"
#include "server/main/daemon.h"
#include "server/show/format.h"
#include "server/show/json.h"
#include "server/show/show.h"

/* ---- show aaa-server ---- */

#define COUNT_AT(field) offsetof(struct ipc_aaa_stats, field)

/* The counts in their order; offset 0 (a string's): always zero here. */
static const struct {
	const char *label, *key;
	size_t offset;
} counts[] = {
	{ "Number of authentication requests", "authentication_requests", COUNT_AT(auth_requests) },
	{ "Number of authorization requests", "authorization_requests", 0 },
	{ "Number of accounting requests", "accounting_requests", COUNT_AT(acct_requests) },
	{ "Number of retransmissions", "retransmissions", COUNT_AT(retransmissions) },
	{ "Number of accepts", "accepts", COUNT_AT(accepts) },
	{ "Number of rejects", "rejects", COUNT_AT(rejects) },
	{ "Number of challenges", "challenges", COUNT_AT(challenges) },
	{ "Number of malformed responses", "malformed_responses", COUNT_AT(malformed) },
	{ "Number of bad authenticators", "bad_authenticators", COUNT_AT(bad_authenticators) },
	{ "Number of timeouts", "timeouts", COUNT_AT(timeouts) },
	{ "Number of unrecognized responses", "unrecognized_responses", 0 },
};

static uint32_t
count_of(const struct ipc_aaa_stats *n, size_t i)
{
	uint32_t value = 0;

	if (counts[i].offset != 0)
		memcpy(&value, (const char *)n + counts[i].offset, sizeof(value));
	return value;
}

static void
status_text(const struct ipc_aaa_stats *n, char *out, size_t size)
{
	char at[40];

	if (n->failed) {
		format_time((time_t)n->failed_at, at, sizeof(at));
		snprintf(out, size, "FAILED, Server disabled at %s", at);
	} else if (n->last_at == 0) {
		snprintf(out, size, "ACTIVE, Last transaction at unknown");
	} else {
		format_time((time_t)n->last_at, at, sizeof(at));
		snprintf(out, size, "ACTIVE, Last transaction (%s) at %s", n->last_ok ? "success" : "timeout", at);
	}
}

static void
server_text(FILE *f, const char *group, const char *protocol, const char *address, int port, const struct ipc_aaa_stats *n)
{
	char status[100], port_text[12];

	status_text(n, status, sizeof(status));
	snprintf(port_text, sizeof(port_text), "%d", port);
	fprintf(f, "%-17s%s\n", "Server Group:", group);
	fprintf(f, "%-17s%s\n", "Server Protocol:", protocol);
	fprintf(f, "%-17s%s\n", "Server Address:", address);
	fprintf(f, "%-17s%s\n", "Server port:", port > 0 ? port_text : "None");
	fprintf(f, "%-17s%s\n", "Server status:", status);
	fprintf(f, "%-39s %u\n", "Number of pending requests", n->pending);
	fprintf(f, "%-39s %ums\n", "Average round trip time", n->round_trip_ms);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		fprintf(f, "%-39s %u\n", counts[i].label, count_of(n, i));
	fputc('\n', f);
}

static void
server_json(struct json *j, const char *group, const char *protocol, const char *address, int port,
    const struct ipc_aaa_stats *n)
{
	char at[40];

	json_object(j, NULL);
	json_str(j, "group", group);
	json_str(j, "protocol", protocol);
	json_str(j, "address", address);
	json_int(j, "port", port);
	json_str(j, "status", n->failed ? "FAILED" : "ACTIVE");
	format_rfc3339((time_t)n->failed_at, at, sizeof(at));
	json_str(j, "failed_at", n->failed ? at : NULL);
	format_rfc3339((time_t)n->last_at, at, sizeof(at));
	json_str(j, "last_transaction", n->last_at != 0 ? at : NULL);
	json_bool(j, "last_answered", n->last_ok != 0);
	json_int(j, "pending_requests", n->pending);
	json_int(j, "round_trip_ms", n->round_trip_ms);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_int(j, counts[i].key, count_of(n, i));
	json_end_object(j);
}

/* "radius" as it is shown: in capitals. */
static const char *
protocol_text(const char *protocol, char *out, size_t size)
{
	size_t i = 0;

	for (; protocol[i] != '\0' && i < size - 1; i++)
		out[i] = protocol[i] >= 'a' && protocol[i] <= 'z' ? (char)(protocol[i] - 'a' + 'A') : protocol[i];
	out[i] = '\0';
	return out;
}

static void
server_show(struct json *j, bool json, const char *group, const char *protocol, const struct cfg_aaa_host *h)
{
	struct ipc_aaa_stats n = { 0 };
	struct cfg_aaa_host_resolved r = { .auth_port = 0 };

	if (h != NULL) {
		n = aaa_stats_of(group, h->address);
		config_aaa_host_resolve(h, &r);
		explicit_bzero(r.key, sizeof(r.key));
	}
	if (json)
		server_json(j, group, protocol, h != NULL ? h->address : "None", r.auth_port, &n);
	else
		server_text(j->f, group, protocol, h != NULL ? h->address : "None", r.auth_port, &n);
}

void
show_aaa_server(const char *tag, FILE *f, bool json)
{
	struct json j = { .f = f };
	char protocol[24];

	if (tag != NULL && strcmp(tag, "LOCAL") != 0 && config_aaa_server(daemon_.config, tag) == NULL) {
		fprintf(f, "ERROR: aaa-server group %s does not exist\n", tag);
		return;
	}
	if (json)
		json_list(&j, "servers");
	if (tag == NULL || strcmp(tag, "LOCAL") == 0)
		server_show(&j, json, "LOCAL", "Local database", NULL);
	for (const struct cfg_aaa_server *g = daemon_.config->aaa_servers; g != NULL; g = g->next) {
		for (const struct cfg_aaa_host *h = g->hosts; h != NULL; h = h->next) {
			if (tag == NULL || strcmp(tag, g->name) == 0)
				server_show(&j, json, g->name, protocol_text(g->protocol, protocol, sizeof(protocol)), h);
		}
	}
	if (json)
		json_end_list(&j);
}

/* ---- show aaa local user ---- */

static void
lock_text(FILE *f, const struct aaa_lock *l)
{
	time_t at = (time_t)l->at;
	char when[16] = "-";
	struct tm tm;

	if (l->locked)
		strftime(when, sizeof(when), "%H:%M:%S", gmtime_r(&at, &tm));
	fprintf(f, "%9s  %15u  %6s  %s\n", when, l->failures, l->locked ? "Y" : "N", l->user);
}

static void
lock_json(struct json *j, const struct aaa_lock *l)
{
	char at[40];

	format_rfc3339((time_t)l->at, at, sizeof(at));
	json_object(j, NULL);
	json_str(j, "user", l->user);
	json_int(j, "failed_attempts", l->failures);
	json_bool(j, "locked", l->locked);
	json_str(j, l->locked ? "locked_at" : "last_failure", at);
	json_end_object(j);
}

void
show_aaa_local_user(bool locked, FILE *f, bool json)
{
	struct json j = { .f = f };

	if (json) {
		json_list(&j, "users");
	} else {
		fprintf(f, "Lock-time  Failed-attempts  Locked  User\n");
	}
	for (const struct aaa_lock *l = aaa_locks(); l != NULL; l = l->next) {
		if (locked && !l->locked)
			continue;
		if (json)
			lock_json(&j, l);
		else
			lock_text(f, l);
	}
	if (json)
		json_end_list(&j);
}
