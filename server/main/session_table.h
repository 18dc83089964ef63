/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where sessions are kept: in order of login, by slot, by the hash of their cookie. */
#ifndef OFFHOOK_SESSION_TABLE_H
#define OFFHOOK_SESSION_TABLE_H

#include "server/main/session.h"

/* The session of a cookie, compared in constant time; NULL: none. */
struct session *session_by_cookie(const uint8_t hash[32]);

/* Sessions that may be of this user, chained by user_next: compare the name. */
struct session *session_user_bucket(const char *user);

/* The next index, 1 to 65535, that no session has. */
uint32_t session_index_take(void);

/* A free slot, of a forwarder that has the fewest sessions: slot % forwarders is its home. False: there is none. */
bool session_slot_take(unsigned forwarders, uint32_t *slot);
/* Slots from this one on have never been given out. */
uint32_t session_slots_used(void);

/* Enter a session whose index, slot and cookie_hash are set; take it out again. */
void session_link(struct session *s);
void session_unlink(struct session *s);

/* What "Audt Sess ID" and accounting call the session. Returns out. */
#define SESSION_AUDIT_ID 25
const char *session_audit_id(const struct session *s, char out[SESSION_AUDIT_ID]);

#endif
