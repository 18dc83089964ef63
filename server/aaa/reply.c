/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/aaa/reply.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "server/aaa/packet.h"

#define FRAMED_USER_CHOOSES 0xffffffffu /* RFC 2865 5.8: the user, or */
#define FRAMED_NAS_CHOOSES  0xfffffffeu /* the pool gives an address */

/* Text of a fixed size; false: it does not fit, or is not text. */
static bool
text_get(struct rd value, char *out, size_t size)
{
	size_t len = rd_left(&value);

	if (len == 0 || len >= size)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (value.p[i] < ' ' || value.p[i] == 0x7f)
			return false;
	}
	memcpy(out, value.p, len);
	out[len] = '\0';
	return true;
}

static void
valid(struct radius_reply *out, enum aaa_parameter p, bool is)
{
	out->invalid |= (uint32_t)!is << p;
}

/* Class is the server's own, to be given back as it is. */
static void
class_keep(struct rd value, struct radius_reply *out)
{
	struct wr w = wr_init(out->class + out->class_len, sizeof(out->class) - out->class_len);
	size_t len = rd_left(&value);

	wr_u8(&w, (uint8_t)len);
	wr_bytes(&w, value.p, len);
	if (!w.bad) /* else there is no room for this one */
		out->class_len += 1 + (uint32_t)len;
}

/* Class holds anything; "OU=gp" or "OU=gp;" is a group-policy, and the first one counts. */
static void
class_read(struct rd value, struct radius_reply *out, bool *has_class)
{
	size_t len = rd_left(&value);

	if (*has_class || len < 4 || strncasecmp((const char *)value.p, "OU=", 3) != 0)
		return;
	rd_bytes(&value, 3);
	len -= 3;
	if (memchr(value.p, ';', len) != NULL)
		len = (size_t)((const uint8_t *)memchr(value.p, ';', len) - value.p);
	*has_class = text_get(rd_init(value.p, len), out->group_policy, sizeof(out->group_policy));
	valid(out, AAA_PARAMETER_GROUP_POLICY, *has_class);
}

static void
asa_read(struct rd value, struct radius_reply *out, bool has_class)
{
	uint8_t type;
	struct rd v;

	if (rd_u32(&value) != VENDOR_ASA)
		return;
	while (radius_next(&value, &type, &v)) {
		if (type == ASA_GROUP_POLICY && !has_class)
			valid(out, AAA_PARAMETER_GROUP_POLICY, text_get(v, out->group_policy, sizeof(out->group_policy)));
	}
}

/* People read it: what is no text shows as a blank, what is too long is cut. */
static void
message_read(struct rd value, struct radius_reply *out)
{
	size_t at = strlen(out->message), len = rd_left(&value);

	if (at > 0 && at < sizeof(out->message) - 1)
		out->message[at++] = ' ';
	for (size_t i = 0; i < len && at < sizeof(out->message) - 1; i++)
		out->message[at++] = value.p[i] < ' ' || value.p[i] == 0x7f ? ' ' : (char)value.p[i];
	out->message[at] = '\0';
}

static bool
number_get(struct rd value, uint32_t *out)
{
	if (rd_left(&value) != 4)
		return false;
	*out = rd_u32(&value);
	return true;
}

/* One that a host can have; none, where the user or the pool shall choose. */
static bool
address_get(struct rd value, uint32_t *out)
{
	uint32_t ip;

	if (!number_get(value, &ip))
		return false;
	if (ip == FRAMED_USER_CHOOSES || ip == FRAMED_NAS_CHOOSES)
		return true;
	if (ip >> 24 == 0 || ip >> 24 == 127 || ip >> 24 >= 224)
		return false;
	*out = ip;
	return true;
}

static bool
mask_get(struct rd value, uint32_t *out)
{
	uint32_t m;

	if (!number_get(value, &m) || (~m & (~m + 1)) != 0) /* ones, then zeros */
		return false;
	*out = m;
	return true;
}

void
radius_reply_read(const uint8_t *packet, size_t len, struct radius_reply *out)
{
	struct rd r = rd_init(packet, len), value;
	bool has_class = false;
	uint8_t type;

	*out = (struct radius_reply){ 0 };
	rd_bytes(&r, RADIUS_HEADER);
	while (radius_next(&r, &type, &value)) {
		switch (type) {
		case CLASS:
			class_keep(value, out);
			class_read(value, out, &has_class);
			break;
		case VENDOR_SPECIFIC:
			asa_read(value, out, has_class);
			break;
		case FILTER_ID:
			valid(out, AAA_PARAMETER_FILTER, text_get(value, out->filter, sizeof(out->filter)));
			break;
		case REPLY_MESSAGE:
			message_read(value, out);
			break;
		case FRAMED_IP_ADDRESS:
			valid(out, AAA_PARAMETER_ADDRESS, address_get(value, &out->framed_ip));
			break;
		case FRAMED_IP_NETMASK:
			valid(out, AAA_PARAMETER_NETMASK, mask_get(value, &out->framed_mask));
			break;
		case SESSION_TIMEOUT:
			valid(out, AAA_PARAMETER_SESSION_TIMEOUT, number_get(value, &out->session_timeout_s));
			break;
		case IDLE_TIMEOUT:
			valid(out, AAA_PARAMETER_IDLE_TIMEOUT, number_get(value, &out->idle_timeout_s));
			break;
		}
	}
}
