/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One session as show commands print it: the ASA's blocks (asa-reference 2.1, 2.2), one line, JSON. */
#ifndef OFFHOOK_SESSION_VIEW_H
#define OFFHOOK_SESSION_VIEW_H

#include <stdio.h>

#include "server/main/session.h"
#include "server/main/session_table.h"
#include "server/show/json.h"

enum view_tunnel { VIEW_PARENT, VIEW_TLS, VIEW_DTLS, VIEW_TUNNELS };

struct session_view {
	const struct session *s;
	struct counters counters;
	long duration_s, inactivity_s, idle_s; /* inactivity: without a tunnel; idle: without a packet */
	bool up[VIEW_TUNNELS];
	struct {
		const char *encryption, *hashing;
	} algorithms[VIEW_TUNNELS];
	char assigned[ADDR_STR], assigned6[ADDR_STR], public[ADDR_STR], audit[SESSION_AUDIT_ID];
};

extern const char *const view_tunnel_names[VIEW_TUNNELS]; /* "AnyConnect-Parent", "SSL-Tunnel", "DTLS-Tunnel" */

void session_view_make(const struct session *s, struct session_view *v);

/* Writers: f, or the object of an array. */
void session_view_text(const struct session_view *v, FILE *f);
void session_view_detail(const struct session_view *v, FILE *f);
void session_view_full(const struct session_view *v, FILE *f);
void session_view_json(const struct session_view *v, struct json *j);

#endif
