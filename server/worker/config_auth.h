/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The XML document that AnyConnect and OpenConnect send when they log in
 * (protocol.md 1.3), read with expat. Pure: bytes in, what we use of it out.
 */
#ifndef OFFHOOK_CONFIG_AUTH_H
#define OFFHOOK_CONFIG_AUTH_H

#include <stdbool.h>
#include <stddef.h>

enum config_auth_type { CONFIG_AUTH_INIT, CONFIG_AUTH_REPLY, CONFIG_AUTH_LOGOUT, CONFIG_AUTH_OTHER };

struct config_auth {
	enum config_auth_type type;
	bool has_username, has_password;
	bool cert_fail;          /* it was asked for a certificate, and has none */
	char username[129], password[257];
	char group_select[129];  /* alias or tunnel-group that the user chose; "" none */
	char tunnel_group[129];  /* what our own form named, echoed; "" none */
	char group_access[513];  /* the URL that he typed; "" none */
	char session_token[129]; /* logout: the cookie */
};

/*
 * 0, or ERR_INVALID: no such document, or one beyond its limits (depth,
 * elements, length of a value), or with a DOCTYPE: entities are never read. Wipe *out after use.
 */
int config_auth_parse(const char *body, size_t len, struct config_auth *out);

#endif
