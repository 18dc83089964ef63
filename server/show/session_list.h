/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show vpn-sessiondb [detail] [full] TYPE [filter F V] [sort K]: which sessions,
 * in which order. The choice is made at once, the text comes in parts, so that
 * ten thousand sessions keep nobody waiting.
 */
#ifndef OFFHOOK_SESSION_LIST_H
#define OFFHOOK_SESSION_LIST_H

#include <stdbool.h>
#include <stdio.h>

#include "server/main/session.h"

enum session_filter {
	FILTER_NONE,
	FILTER_NAME,
	FILTER_ASSIGNED_IP,
	FILTER_PUBLIC_IP,
	FILTER_IP,               /* either */
	FILTER_ASSIGNED_VERSION, /* "v4", "v6" */
	FILTER_PUBLIC_VERSION,
	FILTER_TUNNEL_GROUP,
	FILTER_PROTOCOL,         /* "SSL-Tunnel" ... */
	FILTER_ENCRYPTION,       /* "AES256" ... */
	FILTER_INACTIVE,
	FILTER_INDEX,
};

enum session_sort { SORT_NONE, SORT_NAME, SORT_ASSIGNED_IP, SORT_PUBLIC_IP, SORT_TUNNEL_GROUP, SORT_INACTIVITY,
	SORT_PROTOCOL, SORT_ENCRYPTION };

struct session_query {
	enum session_filter filter;
	char value[129];
	enum session_sort sort;
	bool detail, full, json;
	bool phones; /* those of phones, a line each (show vpn-phone) */
};

/* Does the session fit the filter? The list leaves out logins that have had no tunnel yet. */
bool session_query_fits(const struct session_query *q, const struct session *s);

struct session_list;

/* Choose now. free with session_list_free(). */
struct session_list *session_list_new(const struct session_query *q);
void session_list_free(void *list);
/* Write the next part. False: that was the last. */
bool session_list_write(struct session_list *list, FILE *f);

#endif
