/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crasSessionTable: a row for each session, by user name and index. Columns that monitoring is known to read. */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/snmp/ask.h"
#include "server/snmp/mib.h"

#define FRESH_S  15 /* a walk of ten thousand rows sees one list */
#define USER_MAX 64 /* what the MIB allows an index */

enum {
	COL_GROUP = 2, COL_DURATION = 6, COL_LOCAL_TYPE = 7, COL_LOCAL = 8, COL_ISP_TYPE = 9, COL_ISP = 10, COL_VENDOR = 17,
	COL_VERSION = 18, COL_IN_PKTS = 31, COL_OUT_PKTS = 32, COL_IN_DROPS = 33, COL_OUT_DROPS = 34, COL_IN_OCTETS = 35,
	COL_OUT_OCTETS = 36,
};

struct row { /* of one session; strings are the answer's */
	const char *group, *local, *public, *client;
	json_int_t duration_s, counts[6]; /* in and out: packets, drops, octets */
};

static netsnmp_tdata *table;
static json_t *answer; /* whose strings the rows name */
static time_t read_at;

static void
rows_clear(void)
{
	netsnmp_tdata_row *r;

	while ((r = netsnmp_tdata_row_first(table)) != NULL) {
		free(r->data);
		netsnmp_tdata_remove_and_delete_row(table, r);
	}
	json_decref(answer);
	answer = NULL;
}

static void
row_add(json_t *session)
{
	struct row *data = calloc(1, sizeof(*data));
	netsnmp_tdata_row *r = netsnmp_tdata_create_row();
	const char *user = "";
	int index = 0;
	size_t len;

	if (data == NULL || r == NULL)
		abort();
	json_unpack(session, "{s:s,s:i,s:s,s?s,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "username", &user, "index", &index,
	    "tunnel_group", &data->group, "assigned_ip", &data->local, "public_ip", &data->public, "client", &data->client,
	    "duration_s", &data->duration_s, "packets_rx", &data->counts[0], "packets_tx", &data->counts[1], "drops_rx",
	    &data->counts[2], "drops_tx", &data->counts[3], "bytes_rx", &data->counts[4], "bytes_tx", &data->counts[5]);
	len = strnlen(user, USER_MAX);
	netsnmp_tdata_row_add_index(r, ASN_OCTET_STR, user, len);
	netsnmp_tdata_row_add_index(r, ASN_INTEGER, &index, sizeof(index));
	r->data = data;
	if (netsnmp_tdata_add_row(table, r) != SNMPERR_SUCCESS) {
		free(data);
		netsnmp_tdata_delete_row(r);
	}
}

/* Before the table's own handler looks for a row. */
static int
refresh_handler(netsnmp_mib_handler *handler, netsnmp_handler_registration *reg, netsnmp_agent_request_info *info,
    netsnmp_request_info *requests)
{
	time_t now = time(NULL);
	json_t *session;
	size_t i;

	(void)handler, (void)reg, (void)info, (void)requests;
	if (now - read_at < FRESH_S && now >= read_at)
		return SNMP_ERR_NOERROR;
	read_at = now;
	rows_clear();
	answer = ask("show vpn-sessiondb anyconnect");
	json_array_foreach(json_object_get(answer, "sessions"), i, session)
		row_add(session);
	return SNMP_ERR_NOERROR;
}

static void
text_set(netsnmp_variable_list *v, const char *text)
{
	snmp_set_var_typed_value(v, ASN_OCTET_STR, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

/* InetAddress, or its type: 1 IPv4, 2 IPv6, 0 none. */
static void
address_set(netsnmp_variable_list *v, const char *text, bool type)
{
	unsigned char bytes[16];
	size_t len = text == NULL ? 0 : inet_pton(AF_INET, text, bytes) == 1 ? 4 : inet_pton(AF_INET6, text, bytes) == 1 ? 16 : 0;

	if (type)
		snmp_set_var_typed_integer(v, ASN_INTEGER, len == 4 ? 1 : len == 16 ? 2 : 0);
	else
		snmp_set_var_typed_value(v, ASN_OCTET_STR, bytes, len);
}

static void
count_set(netsnmp_variable_list *v, json_int_t n)
{
	struct counter64 c = { .high = (u_long)((uint64_t)n >> 32), .low = (u_long)((uint64_t)n & 0xffffffffu) };

	snmp_set_var_typed_value(v, ASN_COUNTER64, &c, sizeof(c));
}

/* "AnyConnect Linux_64 4.7": name, and its last word as the version. */
static void
client_set(netsnmp_variable_list *v, const char *client, bool version)
{
	const char *blank = client != NULL ? strrchr(client, ' ') : NULL;

	if (version)
		text_set(v, blank != NULL ? blank + 1 : client);
	else
		text_set(v, client);
}

static bool
column_set(netsnmp_variable_list *v, const struct row *r, unsigned column)
{
	u_long duration;

	switch (column) {
	case COL_GROUP:
		text_set(v, r->group);
		return true;
	case COL_DURATION:
		duration = (u_long)r->duration_s;
		snmp_set_var_typed_value(v, ASN_COUNTER, &duration, sizeof(duration)); /* in the MIB it is one */
		return true;
	case COL_LOCAL_TYPE:
	case COL_LOCAL:
		address_set(v, r->local, column == COL_LOCAL_TYPE);
		return true;
	case COL_ISP_TYPE:
	case COL_ISP:
		address_set(v, r->public, column == COL_ISP_TYPE);
		return true;
	case COL_VENDOR:
	case COL_VERSION:
		client_set(v, r->client, column == COL_VERSION);
		return true;
	default:
		if (column < COL_IN_PKTS || column > COL_OUT_OCTETS)
			return false;
		count_set(v, r->counts[column - COL_IN_PKTS]);
		return true;
	}
}

static int
table_handler(netsnmp_mib_handler *handler, netsnmp_handler_registration *reg, netsnmp_agent_request_info *info,
    netsnmp_request_info *requests)
{
	(void)handler, (void)reg;
	for (netsnmp_request_info *q = requests; q != NULL; q = q->next) {
		const struct row *r = netsnmp_tdata_extract_entry(q);
		const netsnmp_table_request_info *where = netsnmp_extract_table_info(q);

		if (q->processed)
			continue;
		if (r == NULL || where == NULL || !column_set(q->requestvb, r, where->colnum))
			netsnmp_set_request_error(info, q, SNMP_NOSUCHINSTANCE);
	}
	return SNMP_ERR_NOERROR;
}

/* Gaps between the columns would end a walk. */
static netsnmp_column_info *
columns(void)
{
	static unsigned list[] = { COL_GROUP, COL_DURATION, COL_LOCAL_TYPE, COL_LOCAL, COL_ISP_TYPE, COL_ISP, COL_VENDOR, COL_VERSION,
		COL_IN_PKTS, COL_OUT_PKTS, COL_IN_DROPS, COL_OUT_DROPS, COL_IN_OCTETS, COL_OUT_OCTETS };
	static netsnmp_column_info valid = { .isRange = 0, .list_count = sizeof(list) / sizeof(list[0]) };

	valid.details.list = list;
	return &valid;
}

void
session_table_register(void)
{
	static const oid name[] = { MIB_RAS, 3, 21 };
	netsnmp_handler_registration *reg = netsnmp_create_handler_registration("crasSessionTable", table_handler, name,
	    OID_LENGTH(name), HANDLER_CAN_RONLY);
	netsnmp_table_registration_info *info = SNMP_MALLOC_TYPEDEF(netsnmp_table_registration_info);
	netsnmp_mib_handler *refresh = netsnmp_create_handler("refresh", refresh_handler);

	table = netsnmp_tdata_create_table("crasSessionTable", 0);
	if (reg == NULL || info == NULL || refresh == NULL || table == NULL)
		abort();
	netsnmp_table_helper_add_indexes(info, ASN_OCTET_STR, ASN_INTEGER, 0);
	info->min_column = COL_GROUP;
	info->max_column = COL_OUT_OCTETS;
	info->valid_columns = columns();
	refresh->flags |= MIB_HANDLER_AUTO_NEXT;
	netsnmp_tdata_register(reg, table, info);
	netsnmp_inject_handler(reg, refresh);
}
