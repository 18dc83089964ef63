/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a RADIUS server says of a user beyond yes and no. */
#ifndef OFFHOOK_RADIUS_REPLY_H
#define OFFHOOK_RADIUS_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "common/ipc_msgs.h"

struct radius_reply { /* 0 and "": not said */
	char group_policy[129]; /* Class "OU=...;", else the ASA's own attribute */
	char filter[129];
	char message[257];      /* Reply-Messages, a blank between them */
	uint32_t framed_ip, framed_mask; /* host order */
	uint32_t session_timeout_s, idle_timeout_s;
	uint32_t invalid; /* bits: enum aaa_parameter, what was left out because its value is none */
	uint8_t class[AAA_CLASS_MAX]; /* all Class attributes, each behind its length: accounting gives them back */
	uint32_t class_len;
};

/* Read the attributes of a checked reply (len bytes with header). What does not fit or cannot be is left out. */
void radius_reply_read(const uint8_t *packet, size_t len, struct radius_reply *out);

#endif
