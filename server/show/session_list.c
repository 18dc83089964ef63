/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/show/session_list.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"
#include "server/main/session_address.h"
#include "server/show/phones.h"
#include "server/show/session_view.h"

#define PART_SESSIONS 32 /* about a quarter of a millisecond */

struct entry {
	uint32_t slot;
	uint64_t serial; /* the slot may be another session's when its turn comes */
	const struct session *s; /* only while the list is made */
};

struct session_list {
	struct session_query query;
	struct entry *entries;
	size_t count, at;
	struct json json;
	bool begun;
};

/* ---- filters ---- */

static bool
same_ip(const char *text, const struct addr *a, bool has)
{
	uint8_t ip[16];

	if (!has)
		return false;
	if (a->family == 4)
		return inet_pton(AF_INET, text, ip) == 1 && memcmp(ip, a->ip, 4) == 0;
	return inet_pton(AF_INET6, text, ip) == 1 && memcmp(ip, a->ip, 16) == 0;
}

static bool
has_tunnel(const struct session_view *v, const char *name)
{
	for (int t = 0; t < VIEW_TUNNELS; t++) {
		if (v->up[t] && strcasecmp(view_tunnel_names[t], name) == 0)
			return true;
	}
	return false;
}

static bool
has_encryption(const struct session_view *v, const char *name)
{
	for (int t = 0; t < VIEW_TUNNELS; t++) {
		if (v->up[t] && strcasecmp(v->algorithms[t].encryption, name) == 0)
			return true;
	}
	return false;
}

bool
session_query_fits(const struct session_query *q, const struct session *s)
{
	struct addr assigned = session_address(s), assigned6 = session_address6(s);
	struct session_view v;

	switch (q->filter) {
	case FILTER_NONE:
		return true;
	case FILTER_NAME:
		return strcmp(s->user, q->value) == 0;
	case FILTER_ASSIGNED_IP:
		return same_ip(q->value, &assigned, s->has_lease) || same_ip(q->value, &assigned6, s->has_lease6);
	case FILTER_PUBLIC_IP:
		return same_ip(q->value, &s->public_addr, true);
	case FILTER_IP:
		return same_ip(q->value, &assigned, s->has_lease) || same_ip(q->value, &assigned6, s->has_lease6) ||
		    same_ip(q->value, &s->public_addr, true);
	case FILTER_ASSIGNED_VERSION:
		return strcmp(q->value, "v4") == 0 ? s->has_lease : s->has_lease6;
	case FILTER_PUBLIC_VERSION:
		return (strcmp(q->value, "v4") == 0) == (s->public_addr.family == 4);
	case FILTER_TUNNEL_GROUP:
		return strcmp(s->tunnel_group, q->value) == 0;
	case FILTER_INACTIVE:
		return s->state == SESSION_WAITING;
	case FILTER_INDEX:
		return s->index == (uint32_t)strtoul(q->value, NULL, 10);
	case FILTER_PROTOCOL:
		session_view_make(s, &v);
		return has_tunnel(&v, q->value);
	case FILTER_ENCRYPTION:
		session_view_make(s, &v);
		return has_encryption(&v, q->value);
	}
	return false;
}

/* ---- order ---- */

static int
compare_ip(const struct addr *a, const struct addr *b)
{
	return a->family != b->family ? a->family - b->family : memcmp(a->ip, b->ip, sizeof(a->ip));
}

static int
compare(const void *pa, const void *pb, void *arg)
{
	const struct session *a = ((const struct entry *)pa)->s, *b = ((const struct entry *)pb)->s;
	const struct session_query *q = arg;
	struct addr ip_a = session_address(a), ip_b = session_address(b);
	int r = 0;

	switch (q->sort) {
	case SORT_NAME:
		r = strcmp(a->user, b->user);
		break;
	case SORT_ASSIGNED_IP:
		r = compare_ip(&ip_a, &ip_b);
		break;
	case SORT_PUBLIC_IP:
		r = compare_ip(&a->public_addr, &b->public_addr);
		break;
	case SORT_TUNNEL_GROUP:
		r = strcmp(a->tunnel_group, b->tunnel_group);
		break;
	case SORT_INACTIVITY: /* longest first, those that are active last */
		if (a->state != b->state)
			r = a->state == SESSION_WAITING ? -1 : 1;
		else if (a->state == SESSION_WAITING)
			r = a->waiting_since < b->waiting_since ? -1 : a->waiting_since > b->waiting_since;
		break;
	case SORT_PROTOCOL:
		r = (a->dtls_suite != NULL) - (b->dtls_suite != NULL) + 2 * ((a->state == SESSION_ACTIVE) - (b->state == SESSION_ACTIVE));
		break;
	case SORT_ENCRYPTION:
		r = strcmp(a->tls_suite != NULL ? a->tls_suite->encryption : "", b->tls_suite != NULL ? b->tls_suite->encryption : "");
		break;
	case SORT_NONE:
		break;
	}
	return r != 0 ? r : a->serial < b->serial ? -1 : a->serial > b->serial;
}

struct session_list *
session_list_new(const struct session_query *q)
{
	struct session_list *l = xcalloc(1, sizeof(*l));

	l->query = *q;
	l->entries = xcalloc(session_count() + 1, sizeof(*l->entries));
	for (const struct session *s = session_first(); s != NULL; s = s->next) {
		if (s->state != SESSION_PENDING && (!q->phones || s->phone) && session_query_fits(q, s))
			l->entries[l->count++] = (struct entry){ s->slot, s->serial, s };
	}
	if (q->sort != SORT_NONE)
		qsort_r(l->entries, l->count, sizeof(*l->entries), compare, &l->query);
	return l;
}

void
session_list_free(void *arg)
{
	struct session_list *l = arg;

	free(l->entries);
	free(l);
}

/* ---- output ---- */

static void
begin(struct session_list *l, FILE *f)
{
	l->begun = true;
	if (l->query.json) {
		l->json.f = f;
		json_object(&l->json, NULL);
		json_str(&l->json, "session_type", "AnyConnect");
		json_array(&l->json, "sessions");
	} else if (l->count == 0) {
		fputs("INFO: There are presently no active sessions of the type specified\n", f);
	} else if (l->query.phones) {
		phone_heading(f);
	} else if (!l->query.full) {
		fprintf(f, "Session Type: AnyConnect%s\n", l->query.detail ? " Detailed" : "");
	}
}

static void
end(struct session_list *l, FILE *f)
{
	if (!l->query.json)
		return;
	json_end_array(&l->json);
	json_end_object(&l->json);
	fputc('\n', f);
}

static void
session_write(struct session_list *l, const struct session *s, FILE *f)
{
	struct session_view v;

	session_view_make(s, &v);
	if (l->query.phones) {
		if (l->query.json)
			phone_json(&v, &l->json);
		else
			phone_text(&v, f);
	} else if (l->query.json) {
		session_view_json(&v, &l->json);
	} else if (l->query.full) {
		session_view_full(&v, f);
	} else {
		fputc('\n', f);
		if (l->query.detail)
			session_view_detail(&v, f);
		else
			session_view_text(&v, f);
	}
}

bool
session_list_write(struct session_list *l, FILE *f)
{
	if (!l->begun)
		begin(l, f);
	l->json.f = f;
	for (int i = 0; i < PART_SESSIONS && l->at < l->count; i++, l->at++) {
		const struct session *s = session_by_slot(l->entries[l->at].slot);

		if (s != NULL && s->serial == l->entries[l->at].serial && s->state != SESSION_PENDING)
			session_write(l, s, f);
	}
	if (l->at < l->count)
		return true;
	end(l, f);
	return false;
}
