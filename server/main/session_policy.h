/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a policy says about a login, and what of it a session keeps. */
#ifndef OFFHOOK_SESSION_POLICY_H
#define OFFHOOK_SESSION_POLICY_H

#include "server/main/session.h"

/*
 * The group-policy of a login. An AAA server may name one that is not here;
 * what the tunnel-group restricts must not be lost then.
 */
const char *policy_name(const struct ipc_verdict *v);

/*
 * The policy of an accepted login: of the user's record where it counts, the
 * group-policy, and what the AAA server sent above both. Strings are the configuration's.
 */
void policy_of_login(const struct ipc_verdict *v, struct cfg_policy_attrs *out);

/* May this user come in now: group-lock, access hours, logins allowed at all. NULL, or why not (said in the log, too). */
const char *policy_refuses(struct conn *c, const struct ipc_verdict *v, const struct cfg_policy_attrs *p);

/* Give a session its policy, with strings of its own: it outlives the configuration. */
void policy_keep(struct session *s, const struct ipc_verdict *v, const struct cfg_policy_attrs *p);

/*
 * Is there room for one more session ("vpn-sessiondb max-...-limit")? When
 * full, the one that waits to be resumed for the longest time makes room
 * (asa-reference 4.5). False: refused, and said.
 */
bool policy_has_room(struct conn *c, const struct ipc_verdict *v);

/*
 * End sessions of this user beyond "vpn-simultaneous-logins" (asa-reference
 * 4.5), and one that waits to be resumed when the same certificate has come
 * anew; its address goes to the new session.
 */
void policy_make_room(struct session *s);

/* Name the parameters from AAA that are no good: no such value, or the configuration has none of this name (message 113036). */
void policy_parameters_log(const struct conn *c, const struct session *s, const struct ipc_verdict *said);

#endif
