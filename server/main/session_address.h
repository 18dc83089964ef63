/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of a session, and the filters on their traffic. */
#ifndef OFFHOOK_SESSION_ADDRESS_H
#define OFFHOOK_SESSION_ADDRESS_H

#include "server/main/session.h"

/*
 * Give it an IPv4 address, where it has none: its user's own, or of the pools of
 * the group-policy, else of the tunnel-group (asa-reference 4.4); and an IPv6
 * address if its client can use one and there are pools for it. What happens is
 * in the log. False: no IPv4 address.
 */
bool session_address_get(struct session *s);

/* Lead its addresses through the lists of its policy. False, and said: it must not be. */
bool session_filter_get(struct session *s);

/* Give back addresses and filters. */
void session_address_return(struct session *s);

struct addr session_address(const struct session *s);
struct addr session_address6(const struct session *s); /* family 0: none */

#endif
