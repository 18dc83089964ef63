/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/aaa/nas.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static char name[65];

void
nas_name(const char *hostname)
{
	snprintf(name, sizeof(name), "%s", hostname);
}

void
nas_put(struct radius_request *r, const struct sockaddr_storage *local, uint32_t port)
{
	uint8_t client[4] = { 0, 0, 0, ASA_CLIENT_ANYCONNECT };

	if (local->ss_family == AF_INET)
		radius_put(r, NAS_IP_ADDRESS, &((const struct sockaddr_in *)local)->sin_addr, 4);
	else if (local->ss_family == AF_INET6)
		radius_put(r, NAS_IPV6_ADDRESS, &((const struct sockaddr_in6 *)local)->sin6_addr, 16);
	radius_put_str(r, NAS_IDENTIFIER, name);
	radius_put_u32(r, NAS_PORT, port);
	radius_put_u32(r, NAS_PORT_TYPE, NAS_PORT_VIRTUAL);
	radius_put_asa(r, ASA_CLIENT_TYPE, client, sizeof(client));
}
