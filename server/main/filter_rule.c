/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/filter_rule.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "server/config/acl_name.h"

#define DEPTH_MAX 8 /* of groups in groups */

/* ---- objects: what their kept lines say ---- */

static const struct cfg_object *
object_find(const struct config *cfg, const char *name)
{
	const struct cfg_object *o = cfg->objects;

	while (o != NULL && strcmp(o->name, name) != 0)
		o = o->next;
	return o;
}

static bool
element(FILE *out, bool *any, const char *text)
{
	fprintf(out, "%s%s", *any ? ", " : "", text);
	*any = true;
	return true;
}

static int
mask_len(const char *mask)
{
	struct in_addr m;

	return inet_pton(AF_INET, mask, &m) == 1 ? __builtin_popcount(m.s_addr) : -1;
}

static bool network_elements(const struct config *cfg, const char *name, FILE *out, bool *any, int depth);

/* "host A", "subnet N M", "range A B", "network-object ...", "group-object G" */
static bool
network_line(const struct config *cfg, const char *line, FILE *out, bool *any, int depth)
{
	char a[80], b[80], text[200];

	if (strncmp(line, "description", 11) == 0)
		return true;
	if (strncmp(line, "network-object ", 15) == 0)
		line += 15;
	if (sscanf(line, "host %79s", a) == 1)
		return element(out, any, a);
	if (sscanf(line, "range %79s %79s", a, b) == 2) {
		snprintf(text, sizeof(text), "%s-%s", a, b);
		return element(out, any, text);
	}
	if (sscanf(line, "object %79s", a) == 1 || sscanf(line, "group-object %79s", a) == 1)
		return network_elements(cfg, a, out, any, depth + 1);
	if (sscanf(line, "subnet %79s %79s", a, b) == 2 || sscanf(line, "%79s %79s", a, b) == 2) {
		if (mask_len(b) < 0)
			return false;
		snprintf(text, sizeof(text), "%s/%d", a, mask_len(b));
		return element(out, any, text);
	}
	return false;
}

static bool
network_elements(const struct config *cfg, const char *name, FILE *out, bool *any, int depth)
{
	const struct cfg_object *o = object_find(cfg, name);

	if (o == NULL || depth > DEPTH_MAX || strcmp(o->kind, "network") != 0)
		return false;
	for (const struct cfg_kept *k = o->kept.first; k != NULL; k = k->next) {
		if (!network_line(cfg, k->line, out, any, depth))
			return false;
	}
	return true;
}

static bool
port_elements(const struct config *cfg, const char *name, bool udp, FILE *out, bool *any, int depth)
{
	const struct cfg_object *o = object_find(cfg, name);
	char a[80], b[80], text[32];

	if (o == NULL || depth > DEPTH_MAX || strcmp(o->kind, "service") != 0)
		return false;
	for (const struct cfg_kept *k = o->kept.first; k != NULL; k = k->next) {
		if (strncmp(k->line, "description", 11) == 0)
			continue;
		if (sscanf(k->line, "group-object %79s", a) == 1) {
			if (!port_elements(cfg, a, udp, out, any, depth + 1))
				return false;
		} else if (sscanf(k->line, "port-object eq %79s", a) == 1 && acl_port(a, udp) >= 0) {
			snprintf(text, sizeof(text), "%d", acl_port(a, udp));
			element(out, any, text);
		} else if (sscanf(k->line, "port-object range %79s %79s", a, b) == 2 && acl_port(a, udp) >= 0 && acl_port(b, udp) >= 0) {
			snprintf(text, sizeof(text), "%d-%d", acl_port(a, udp), acl_port(b, udp));
			element(out, any, text);
		} else {
			return false;
		}
	}
	return true;
}

/* ---- matches ---- */

static bool
address_put(const struct config *cfg, const struct acl_address *a, const char *side, FILE *out)
{
	char net[INET6_ADDRSTRLEN];
	bool any = false;
	unsigned len = 0;

	switch (a->match) {
	case ACL_ANY:
		return true;
	case ACL_ANY4:
		fputs("meta nfproto ipv4 ", out);
		return true;
	case ACL_ANY6:
		fputs("meta nfproto ipv6 ", out);
		return true;
	case ACL_NET:
		for (size_t i = 0; i < (a->ip6 ? 16u : 4u); i++)
			len += (unsigned)__builtin_popcount(a->mask[i]);
		inet_ntop(a->ip6 ? AF_INET6 : AF_INET, a->addr, net, sizeof(net));
		fprintf(out, "%s %s %s/%u ", a->ip6 ? "ip6" : "ip", side, net, len);
		return true;
	case ACL_OBJECT:
	case ACL_OBJECT_GROUP:
		fprintf(out, "ip %s { ", side);
		if (!network_elements(cfg, a->name, out, &any, 0) || !any)
			return false;
		fputs(" } ", out);
		return true;
	default:
		return false; /* the host's own interfaces are no filter's business */
	}
}

static bool
ports_put(const struct config *cfg, const struct acl_ports *p, const char *protocol, const char *side, FILE *out)
{
	bool any = false;

	switch (p->op) {
	case PORT_ANY:
		return true;
	case PORT_EQ:
		fprintf(out, "%s %s %u ", protocol, side, p->first);
		return true;
	case PORT_NEQ:
		fprintf(out, "%s %s != %u ", protocol, side, p->first);
		return true;
	case PORT_LT:
		fprintf(out, "%s %s < %u ", protocol, side, p->first);
		return true;
	case PORT_GT:
		fprintf(out, "%s %s > %u ", protocol, side, p->first);
		return true;
	case PORT_RANGE:
		fprintf(out, "%s %s %u-%u ", protocol, side, p->first, p->last);
		return true;
	default:
		fprintf(out, "%s %s { ", protocol, side);
		if (!port_elements(cfg, p->name, strcmp(protocol, "udp") == 0, out, &any, 0) || !any)
			return false;
		fputs(" } ", out);
		return true;
	}
}

static bool
protocol_put(const struct config *cfg, const struct cfg_acl_rule *r, const struct acl_ports *src, const struct acl_ports *dst,
    FILE *out)
{
	const char *name = r->protocol == IPPROTO_TCP ? "tcp" : r->protocol == IPPROTO_UDP ? "udp" : NULL;

	if (r->kind == ACL_STANDARD || r->protocol == 0)
		return true;
	if (r->protocol < 0 || r->icmp_group != NULL)
		return false;
	if (name == NULL || (src->op == PORT_ANY && dst->op == PORT_ANY))
		fprintf(out, "meta l4proto %d ", r->protocol);
	if (name != NULL && (!ports_put(cfg, src, name, "sport", out) || !ports_put(cfg, dst, name, "dport", out)))
		return false;
	if ((r->protocol == IPPROTO_ICMP || r->protocol == IPPROTO_ICMPV6) && r->icmp_type >= 0)
		fprintf(out, "%s type %d ", r->protocol == IPPROTO_ICMP ? "icmp" : "icmpv6", r->icmp_type);
	return true;
}

static bool
rule_put(const struct config *cfg, const struct cfg_acl_rule *r, bool to_client, FILE *out)
{
	static const struct acl_address any = { .match = ACL_ANY };
	const struct acl_address *client = &r->src, *inside = r->kind == ACL_STANDARD ? &any : &r->dst;
	const struct acl_ports *client_ports = &r->src_ports, *inside_ports = &r->dst_ports;

	if (!address_put(cfg, to_client ? inside : client, "saddr", out) ||
	    !address_put(cfg, to_client ? client : inside, "daddr", out))
		return false;
	return protocol_put(cfg, r, to_client ? inside_ports : client_ports, to_client ? client_ports : inside_ports, out);
}

bool
filter_rules(const struct config *cfg, const struct cfg_acl *acl, bool to_client, const char *table, const char *chain,
    const char *prefix, FILE *out, const struct cfg_acl_rule **bad)
{
	unsigned i = 0;

	for (const struct cfg_acl_rule *r = acl->rules; r != NULL; r = r->next, i++) {
		if (r->kind == ACL_REMARK || r->inactive)
			continue;
		*bad = r;
		if (r->time_range != NULL)
			return false; /* better no session than a rule that holds when it should not */
		fprintf(out, "add rule %s %s ", table, chain);
		if (!rule_put(cfg, r, to_client, out))
			return false;
		fprintf(out, "counter name %s_%u %s\n", prefix, i, r->permit ? "accept" : "drop");
	}
	return true;
}
