/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RADIUS packets (RFC 2865, 2866, 3579): building requests, and telling whether
 * a reply is the server's. Our own, because libradcli 1.2.11 (Debian 12) gives
 * out an Access-Accept whose Response Authenticator is wrong as accepted, puts
 * no Message-Authenticator into requests, and blocks.
 *
 * Pure: no sockets, no clock; the caller draws the random numbers.
 */
#ifndef OFFHOOK_RADIUS_PACKET_H
#define OFFHOOK_RADIUS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

#define RADIUS_MAX           4096
#define RADIUS_HEADER        20
#define RADIUS_AUTHENTICATOR 16
#define RADIUS_VALUE_MAX     253
#define RADIUS_PASSWORD_MAX  128

enum radius_code {
	ACCESS_REQUEST = 1,
	ACCESS_ACCEPT = 2,
	ACCESS_REJECT = 3,
	ACCOUNTING_REQUEST = 4,
	ACCOUNTING_RESPONSE = 5,
	ACCESS_CHALLENGE = 11,
};

enum radius_attribute {
	USER_NAME = 1,
	USER_PASSWORD = 2,
	NAS_IP_ADDRESS = 4,
	NAS_PORT = 5,
	FRAMED_IP_ADDRESS = 8,
	FRAMED_IP_NETMASK = 9,
	FILTER_ID = 11,
	REPLY_MESSAGE = 18,
	CLASS = 25,
	VENDOR_SPECIFIC = 26,
	SESSION_TIMEOUT = 27,
	IDLE_TIMEOUT = 28,
	CALLED_STATION_ID = 30,
	CALLING_STATION_ID = 31,
	NAS_IDENTIFIER = 32,
	ACCT_STATUS_TYPE = 40,
	ACCT_DELAY_TIME = 41,
	ACCT_INPUT_OCTETS = 42,
	ACCT_OUTPUT_OCTETS = 43,
	ACCT_SESSION_ID = 44,
	ACCT_AUTHENTIC = 45,
	ACCT_SESSION_TIME = 46,
	ACCT_INPUT_PACKETS = 47,
	ACCT_OUTPUT_PACKETS = 48,
	ACCT_TERMINATE_CAUSE = 49,
	ACCT_INPUT_GIGAWORDS = 52,
	ACCT_OUTPUT_GIGAWORDS = 53,
	NAS_PORT_TYPE = 61,
	TUNNEL_CLIENT_ENDPOINT = 66,
	MESSAGE_AUTHENTICATOR = 80,
	NAS_IPV6_ADDRESS = 95,
};

#define VENDOR_ASA           3076 /* Altiga, later Cisco's VPN 3000 and ASA */
#define ASA_GROUP_POLICY     25
#define ASA_TUNNEL_GROUP     146
#define ASA_CLIENT_TYPE      150
#define ASA_CLIENT_ANYCONNECT 2
#define NAS_PORT_VIRTUAL     5

/* A request being built. random: an Access-Request's authenticator; accounting computes its own. */
struct radius_request {
	uint8_t bytes[RADIUS_MAX];
	struct wr w;
	const char *key;
};

void radius_begin(struct radius_request *r, enum radius_code code, uint8_t id, const uint8_t *random, const char *key);
void radius_put(struct radius_request *r, uint8_t type, const void *value, size_t len);
void radius_put_str(struct radius_request *r, uint8_t type, const char *value); /* "" is left out */
void radius_put_u32(struct radius_request *r, uint8_t type, uint32_t value);
/* An attribute of VENDOR_ASA. */
void radius_put_asa(struct radius_request *r, uint8_t type, const void *value, size_t len);
/* User-Password, hidden as RFC 2865 5.2 has it. */
void radius_put_password(struct radius_request *r, const char *password);
/* Length, Message-Authenticator or Accounting's authenticator. Bytes in all, 0 when it did not fit. */
size_t radius_finish(struct radius_request *r);

/*
 * Is it the answer to the request (its first bytes) of someone who has the key?
 * *signed_: a right Message-Authenticator was in it. What is false is as if it had never come.
 */
bool radius_reply_is(const uint8_t *reply, size_t len, const uint8_t *request, const char *key, bool *signed_);

/* The next attribute of a packet behind its header; false at the end, r->bad when it is broken. */
bool radius_next(struct rd *r, uint8_t *type, struct rd *value);

#endif
