/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The echo back end: every address inside answers ICMP and UDP echo. */
#include "server/forwarder/backend.h"

static void
echo_send(struct backend *b, uint8_t *packet, const struct inner *in)
{
	struct inner back;

	if (inner_echo(packet, in) && inner_parse(packet, in->len, &back))
		b->owner->packet(packet, &back);
}

static void
echo_send_own(struct backend *b, const uint8_t *packet, size_t len)
{
	(void)b, (void)packet, (void)len; /* nobody is inside to be told */
}

static void
echo_flush(struct backend *b)
{
	(void)b;
}

void
backend_echo_start(struct backend *b, const struct backend_owner *owner)
{
	*b = (struct backend){ .send = echo_send, .send_own = echo_send_own, .flush = echo_flush,
		 .owner = owner, .fd = -1 };
}
