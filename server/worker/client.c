/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/client.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Prefixes, compared without case, first match wins. */
static const struct {
	const char *prefix;
	enum client_family family;
} families[] = {
	{ "Cisco SVC IPPhone Client", CLIENT_PHONE },
	{ "Open AnyConnect VPN Agent v1", CLIENT_OPENCONNECT_OLD },
	{ "Open AnyConnect VPN Agent v2", CLIENT_OPENCONNECT_OLD },
	{ "Open AnyConnect VPN Agent v3", CLIENT_OPENCONNECT_OLD },
	{ "Cisco AnyConnect VPN Agent for Apple", CLIENT_ANYCONNECT_IOS },
	{ "OpenConnect VPN Agent", CLIENT_OPENCONNECT },
	{ "Open AnyConnect VPN Agent", CLIENT_OPENCONNECT },
	{ "Cisco AnyConnect", CLIENT_ANYCONNECT },
	{ "AnyConnect-compatible OpenConnect", CLIENT_OPENCONNECT },
	{ "AnyConnect", CLIENT_ANYCONNECT },
	{ "Clavister OneConnect VPN", CLIENT_OPENCONNECT },
	{ "AnyLink Secure Client", CLIENT_OPENCONNECT },
	{ "Mozilla/", CLIENT_BROWSER },
	{ "curl/", CLIENT_BROWSER },
};

enum client_family
client_family(const char *user_agent)
{
	for (size_t i = 0; user_agent != NULL && i < sizeof(families) / sizeof(families[0]); i++) {
		if (strncasecmp(user_agent, families[i].prefix, strlen(families[i].prefix)) == 0)
			return families[i].family;
	}
	return CLIENT_GENERIC;
}
