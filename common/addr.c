/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/addr.h"

#include <arpa/inet.h>
#include <string.h>

struct addr
addr_from_ip4(struct in_addr ip, uint16_t port)
{
	struct addr a = { .family = 4, .port = port };

	memcpy(a.ip, &ip, 4);
	return a;
}

struct addr
addr_from_sockaddr(const struct sockaddr_storage *ss)
{
	struct addr a = { 0 };

	if (ss->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)ss;

		a = addr_from_ip4(in->sin_addr, ntohs(in->sin_port));
	} else if (ss->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ss;

		a.family = 6;
		a.port = ntohs(in6->sin6_port);
		memcpy(a.ip, &in6->sin6_addr, 16);
	}
	return a;
}

socklen_t
addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *ss)
{
	memset(ss, 0, sizeof(*ss));
	if (a->family == 4) {
		struct sockaddr_in *in = (struct sockaddr_in *)ss;

		in->sin_family = AF_INET;
		in->sin_port = htons(a->port);
		memcpy(&in->sin_addr, a->ip, 4);
		return sizeof(*in);
	}
	if (a->family == 6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(a->port);
		memcpy(&in6->sin6_addr, a->ip, 16);
		return sizeof(*in6);
	}
	return 0;
}

uint32_t
addr_ip4(const struct addr *a)
{
	uint32_t ip;

	if (a->family != 4)
		return 0;
	memcpy(&ip, a->ip, 4);
	return ntohl(ip);
}

bool
addr_same_ip(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_same_ip(a, b) && a->port == b->port;
}

uint32_t
addr_hash(const struct addr *a, uint32_t seed)
{
	uint64_t ip[2], h = seed * UINT64_C(0x9e3779b97f4a7c15);

	memcpy(ip, a->ip, sizeof(ip)); /* for each packet: eight bytes at a time */
	h = (h ^ ip[0]) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 32 ^ ip[1]) * UINT64_C(0xc4ceb9fe1a85ec53);
	h = (h ^ h >> 32 ^ a->port) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(h >> 32);
}

const char *
addr_ip_str(const struct addr *a, char *buf)
{
	int family = a->family == 6 ? AF_INET6 : AF_INET;

	if (a->family == 0 || inet_ntop(family, a->ip, buf, ADDR_STR) == NULL)
		strcpy(buf, "-");
	return buf;
}

bool
addr_parse(const char *text, uint16_t port, struct addr *out)
{
	struct addr a = { .port = port };

	if (inet_pton(AF_INET, text, a.ip) == 1)
		a.family = 4;
	else if (inet_pton(AF_INET6, text, a.ip) == 1)
		a.family = 6;
	else
		return false;
	*out = a;
	return true;
}
