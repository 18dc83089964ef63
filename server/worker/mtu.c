/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/mtu.h"

#include <string.h>

enum { LINK_DEFAULT = 1500, UDP_IP4 = 28, UDP_IP6 = 48, TYPE_BYTE = 1 };

/* Plaintext room of a record in a UDP payload of p bytes (protocol.md 2.3, table). */
static unsigned
record_room(const struct suite *suite, unsigned p)
{
	unsigned block = 16, mac = 20;

	if (suite != NULL && strcmp(suite->mac, "AEAD") == 0) {
		unsigned cost = strncmp(suite->cipher, "CHACHA20", 8) == 0 ? 29 : 37;

		return p > cost ? p - cost : 0;
	}
	if (suite != NULL && strcmp(suite->cipher, "3DES-CBC") == 0)
		block = 8;
	if (suite == NULL || strcmp(suite->mac, "SHA256") == 0)
		mac = 32;
	else if (strcmp(suite->mac, "SHA384") == 0)
		mac = 48;
	if (suite != NULL && suite->kx == KX_PSK) { /* encrypt-then-MAC: the padding is before the MAC */
		if (p < 13 + 2 * block + mac)
			return 0;
		return (p - 13 - block - mac) / block * block - 1;
	}
	if (p < 13 + 2 * block + mac + 1)
		return 0;
	return (p - 13 - block) / block * block - mac - 1;
}

unsigned
mtu_udp_payload(unsigned link_mtu, bool outer_ip6)
{
	unsigned head = outer_ip6 ? UDP_IP6 : UDP_IP4;

	if (link_mtu == 0)
		link_mtu = LINK_DEFAULT;
	return link_mtu > head ? link_mtu - head : 0;
}

unsigned
mtu_inner(const struct suite *suite, unsigned link_mtu, bool outer_ip6)
{
	unsigned room = record_room(suite, mtu_udp_payload(link_mtu, outer_ip6));

	return room > TYPE_BYTE ? room - TYPE_BYTE : 0;
}

unsigned
mtu_choose(const struct suite *suite, unsigned policy, unsigned wanted, unsigned link_mtu, bool outer_ip6)
{
	unsigned mtu = mtu_inner(suite, link_mtu, outer_ip6);

	if (mtu > policy)
		mtu = policy;
	if (wanted != 0 && mtu > wanted)
		mtu = wanted;
	return mtu < MTU_FLOOR ? MTU_FLOOR : mtu;
}
