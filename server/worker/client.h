/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which client is it, by User-Agent (protocol.md 1.1). A hint about format, never about rights. */
#ifndef OFFHOOK_CLIENT_H
#define OFFHOOK_CLIENT_H

enum client_family {
	CLIENT_PHONE,
	CLIENT_OPENCONNECT_OLD,
	CLIENT_ANYCONNECT_IOS,
	CLIENT_OPENCONNECT,
	CLIENT_ANYCONNECT,
	CLIENT_BROWSER,
	CLIENT_GENERIC,
};

enum client_family client_family(const char *user_agent); /* NULL: generic */

#endif
