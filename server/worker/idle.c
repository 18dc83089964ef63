/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/idle.h"

enum { IP_ICMP = 1, IP_IGMP = 2, IP_ICMP6 = 58 };

void
idle_start(struct idle *i, unsigned limit_s, bool phone, uint64_t now_ms)
{
	*i = (struct idle){ .limit_ms = (uint64_t)limit_s * 1000, .active_ms = now_ms, .any_packet = phone };
}

void
idle_packet(struct idle *i, uint64_t now_ms, const uint8_t *packet, size_t len)
{
	uint8_t version = len > 0 ? packet[0] >> 4 : 0, protocol = 0;

	if (version == 4 && len >= 20)
		protocol = packet[9];
	else if (version == 6 && len >= 40)
		protocol = packet[6];
	if (protocol != 0 && protocol != IP_ICMP && protocol != IP_IGMP && protocol != IP_ICMP6)
		i->active_ms = now_ms;
}

void
idle_control(struct idle *i, uint64_t now_ms)
{
	if (i->any_packet)
		i->active_ms = now_ms;
}

void
idle_heard(struct idle *i, uint64_t any_ms, uint64_t data_ms)
{
	uint64_t last = i->any_packet && any_ms > data_ms ? any_ms : data_ms;

	if (last > i->active_ms)
		i->active_ms = last;
}

uint64_t
idle_next(const struct idle *i)
{
	return i->limit_ms == 0 ? UINT64_MAX : i->active_ms + i->limit_ms;
}
