/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show ip local pool (asa-reference 2.5). */
#include <arpa/inet.h>

#include "server/main/daemon.h"
#include "server/main/lease.h"
#include "server/show/json.h"
#include "server/show/show.h"

static const char *
ip_text(uint32_t ip, char *buf)
{
	struct addr a = addr_from_ip4((struct in_addr){ htonl(ip) }, 0);

	return addr_ip_str(&a, buf);
}

static void
list_text(FILE *f, const struct cfg_pool *p, bool used, const char *title)
{
	char ip[ADDR_STR];

	fprintf(f, "\n%s:\n", title);
	for (uint64_t at = p->first; at <= p->last; at++) {
		if (lease_is_used(p->name, (uint32_t)at) == used)
			fprintf(f, "%s\n", ip_text((uint32_t)at, ip));
	}
}

static void
pool_json(FILE *f, const struct cfg_pool *p, const struct lease_counts *n)
{
	struct json j = { .f = f };
	char ip[ADDR_STR];

	json_object(&j, NULL);
	json_str(&j, "name", p->name);
	json_str(&j, "begin", ip_text(p->first, ip));
	json_str(&j, "end", ip_text(p->last, ip));
	json_str(&j, "mask", ip_text(p->mask, ip));
	json_int(&j, "free", n->free);
	json_int(&j, "held", n->held);
	json_int(&j, "in_use", n->used);
	json_array(&j, "in_use_addresses");
	for (uint64_t at = p->first; at <= p->last; at++) {
		if (lease_is_used(p->name, (uint32_t)at))
			json_str(&j, NULL, ip_text((uint32_t)at, ip));
	}
	json_end_array(&j);
	json_end_object(&j);
	fputc('\n', f);
}

void
show_ip_local_pool(const char *name, FILE *f, bool json)
{
	const struct cfg_pool *p = config_pool(daemon_.config, name);
	char first[ADDR_STR], last[ADDR_STR], mask[ADDR_STR];
	struct lease_counts n;

	if (p == NULL || !lease_counts(name, ev_now(daemon_.loop), &n)) {
		fprintf(f, "ERROR: Pool (%s) does not exist\n", name);
		return;
	}
	if (json) {
		pool_json(f, p, &n);
		return;
	}
	fprintf(f, "%-16s%-16s%-16s%5s%9s%9s\n", "Begin", "End", "Mask", "Free", "Held", "In use");
	fprintf(f, "%-16s%-16s%-16s%5u%9u%9u\n", ip_text(p->first, first), ip_text(p->last, last), ip_text(p->mask, mask),
	    n.free, n.held, n.used);
	if (n.free > 0)
		list_text(f, p, false, "Available Addresses");
	if (n.used > 0)
		list_text(f, p, true, "In Use Addresses");
}
