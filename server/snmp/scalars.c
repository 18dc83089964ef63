/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts of sessions. Kinds of sessions that there are none of here are 0, as on an ASA without them. */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/snmp/ask.h"
#include "server/snmp/mib.h"

#define FRESH_S 2 /* one poll asks for many */

enum figure { ZERO, SESSIONS, USERS, CUMULATIVE, PEAK, CAPACITY, FIGURES };

/* group.number below MIB_RAS; type on the wire */
static const struct scalar {
	const char *name;
	oid group, number;
	u_char type;
	enum figure figure;
} scalars[] = {
	{ "crasMaxSessionsSupportable", 1, 1, ASN_UNSIGNED, CAPACITY },
	{ "crasNumSessions", 3, 1, ASN_GAUGE, SESSIONS },
	{ "crasNumUsers", 3, 3, ASN_GAUGE, USERS },
	{ "crasEmailNumSessions", 3, 23, ASN_GAUGE, ZERO },
	{ "crasEmailCumulateSessions", 3, 24, ASN_COUNTER, ZERO },
	{ "crasEmailPeakConcurrentSessions", 3, 25, ASN_UNSIGNED, ZERO },
	{ "crasIPSecNumSessions", 3, 26, ASN_GAUGE, ZERO },
	{ "crasIPSecCumulateSessions", 3, 27, ASN_COUNTER, ZERO },
	{ "crasIPSecPeakConcurrentSessions", 3, 28, ASN_UNSIGNED, ZERO },
	{ "crasL2LNumSessions", 3, 29, ASN_GAUGE, ZERO },
	{ "crasL2LCumulateSessions", 3, 30, ASN_COUNTER, ZERO },
	{ "crasL2LPeakConcurrentSessions", 3, 31, ASN_UNSIGNED, ZERO },
	{ "crasLBNumSessions", 3, 32, ASN_GAUGE, ZERO },
	{ "crasLBCumulateSessions", 3, 33, ASN_COUNTER, ZERO },
	{ "crasLBPeakConcurrentSessions", 3, 34, ASN_UNSIGNED, ZERO },
	{ "crasSVCNumSessions", 3, 35, ASN_GAUGE, SESSIONS },
	{ "crasSVCCumulateSessions", 3, 36, ASN_COUNTER, CUMULATIVE },
	{ "crasSVCPeakConcurrentSessions", 3, 37, ASN_UNSIGNED, PEAK },
	{ "crasWebvpnNumSessions", 3, 38, ASN_GAUGE, ZERO },
	{ "crasWebvpnCumulateSessions", 3, 39, ASN_COUNTER, ZERO },
	{ "crasWebvpnPeakConcurrentSessions", 3, 40, ASN_UNSIGNED, ZERO },
};

static struct {
	time_t at, users_at;
	bool known, users_known;
	u_long values[FIGURES];
} now;

static bool
summary_fresh(void)
{
	json_int_t active = 0, inactive = 0, cumulative = 0, peak = 0, capacity = 0;
	time_t t = time(NULL);
	json_t *json;

	if (t - now.at < FRESH_S && t >= now.at)
		return now.known;
	now.at = t;
	json = ask("show vpn-sessiondb summary");
	now.known = json != NULL && json_unpack(json, "{s:I,s:I,s:I,s:I,s:I}", "active", &active, "inactive", &inactive,
	    "cumulative", &cumulative, "peak_concurrent", &peak, "capacity", &capacity) == 0;
	json_decref(json);
	now.values[SESSIONS] = (u_long)(active + inactive);
	now.values[CUMULATIVE] = (u_long)cumulative & 0xffffffffu; /* a Counter32 begins anew */
	now.values[PEAK] = (u_long)peak;
	now.values[CAPACITY] = (u_long)capacity;
	return now.known;
}

static int
name_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Distinct names: the list is long, so only who asks for this one pays for it. */
static bool
users_fresh(void)
{
	time_t t = time(NULL);
	json_t *json, *list;
	const char **names;
	size_t n;

	if (t - now.users_at < FRESH_S && t >= now.users_at)
		return now.users_known;
	now.users_at = t;
	json = ask("show vpn-sessiondb anyconnect");
	list = json_object_get(json, "sessions");
	n = json_array_size(list);
	now.users_known = json_is_array(list);
	now.values[USERS] = 0;
	names = calloc(n + 1, sizeof(*names));
	for (size_t i = 0; names != NULL && i < n; i++) {
		const char *name = json_string_value(json_object_get(json_array_get(list, i), "username"));

		names[i] = name != NULL ? name : "";
	}
	if (names != NULL && n > 0)
		qsort(names, n, sizeof(*names), name_order);
	for (size_t i = 0; names != NULL && i < n; i++)
		now.values[USERS] += i == 0 || strcmp(names[i], names[i - 1]) != 0;
	free(names);
	json_decref(json);
	return now.users_known;
}

static int
scalar_handler(netsnmp_mib_handler *handler, netsnmp_handler_registration *reg, netsnmp_agent_request_info *info,
    netsnmp_request_info *requests)
{
	const struct scalar *s = handler->myvoid;
	bool known = s->figure == ZERO || (s->figure == USERS ? users_fresh() : summary_fresh());

	(void)reg;
	for (netsnmp_request_info *r = requests; r != NULL; r = r->next) {
		if (r->processed)
			continue;
		if (!known) /* better than a number that is none */
			netsnmp_set_request_error(info, r, SNMP_NOSUCHINSTANCE);
		else
			snmp_set_var_typed_value(r->requestvb, s->type, &now.values[s->figure], sizeof(now.values[0]));
	}
	return SNMP_ERR_NOERROR;
}

void
scalars_register(void)
{
	for (size_t i = 0; i < sizeof(scalars) / sizeof(scalars[0]); i++) {
		const oid name[] = { MIB_RAS, scalars[i].group, scalars[i].number };
		netsnmp_handler_registration *reg = netsnmp_create_handler_registration(scalars[i].name, scalar_handler, name,
		    OID_LENGTH(name), HANDLER_CAN_RONLY);

		if (reg == NULL)
			abort();
		reg->handler->myvoid = (void *)(uintptr_t)&scalars[i];
		netsnmp_register_scalar(reg);
	}
}
