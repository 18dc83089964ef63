/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule of an access list, kept twice: typed, for those who filter, and as the
 * text that an ASA prints. Both are made in one walk over the matched line.
 */
#include "server/config/acl_rule.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "server/config/acl_name.h"
#include "server/config/grammar.h"
#include "server/config/param.h"

enum { P_ICMP = 1, P_TCP = 6, P_UDP = 17, P_ICMP6 = 58 };

/* Walks the words of a matched line, writing the printed form as it goes. */
struct acl_reader {
	struct config_change *ch;
	struct cfg_acl_rule *rule;
	int at; /* argument */
	FILE *out;
	bool bad;
};

static const struct cmd_arg *
acl_arg(const struct acl_reader *rd)
{
	return rd->at < rd->ch->m->argc ? &rd->ch->m->args[rd->at] : NULL;
}

static bool
acl_is(const struct acl_reader *rd, const char *keyword)
{
	const struct cmd_arg *a = acl_arg(rd);

	return a != NULL && a->keyword && strcmp(a->label, keyword) == 0;
}

/* The next word as it is. */
static const char *
acl_word(struct acl_reader *rd)
{
	const struct cmd_arg *a = &rd->ch->m->args[rd->at++];
	const char *word = a->keyword ? a->label : a->value;

	putc(' ', rd->out);
	if (a->keyword)
		fputs(word, rd->out);
	else
		cmd_print_word(word, rd->out);
	return word;
}

/* A name of another object: kept, and remembered for config_check(). */
static char *
acl_name(struct acl_reader *rd, const void *key)
{
	const char *label = rd->ch->m->args[rd->at].value;
	char *name;

	change_place(rd->ch, key, label);
	name = mem_strdup(rd->ch->cfg->mem, acl_word(rd));
	return name;
}

static void
acl_number(struct acl_reader *rd, int number, const char *name)
{
	rd->at++;
	if (name != NULL)
		fprintf(rd->out, " %s", name);
	else
		fprintf(rd->out, " %d", number);
}

static void
acl_protocol_read(struct acl_reader *rd)
{
	struct cfg_acl_rule *r = rd->rule;

	if (acl_is(rd, "object") || acl_is(rd, "object-group")) {
		r->protocol = -1;
		r->protocol_group = strcmp(acl_word(rd), "object-group") == 0;
		r->protocol_name = acl_name(rd, &r->protocol_name);
		return;
	}
	r->protocol = acl_protocol(acl_arg(rd)->value);
	acl_number(rd, r->protocol, acl_protocol_name(r->protocol));
}

static void
acl_net4(struct acl_reader *rd, struct acl_address *a)
{
	const char *ip = acl_arg(rd)->value, *mask;
	struct in_addr addr, bits;

	acl_word(rd);
	mask = acl_word(rd);
	param_ip(ip, &addr);
	param_mask(mask, &bits);
	a->match = ACL_NET;
	memcpy(a->addr, &addr, sizeof(addr));
	memcpy(a->mask, &bits, sizeof(bits));
	if (addr.s_addr & ~bits.s_addr) {
		change_error(rd->ch, ip, "IP address,mask <%s,%s> doesn't pair", ip, mask);
		rd->bad = true;
	}
}

static void
acl_net6(struct acl_reader *rd, struct acl_address *a)
{
	const char *text = acl_arg(rd)->value;
	struct in6_addr addr;
	int len;

	acl_word(rd);
	param_prefix6(text, &addr, &len);
	a->match = ACL_NET;
	a->ip6 = true;
	memcpy(a->addr, &addr, sizeof(addr));
	for (int i = 0; i < len; i++)
		a->mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
	for (int i = 0; i < 16; i++) {
		if ((a->addr[i] & ~a->mask[i]) == 0)
			continue;
		change_error(rd->ch, text, "IPv6 prefix %s has bits behind its length", text);
		rd->bad = true;
		break;
	}
}

static void
acl_host(struct acl_reader *rd, struct acl_address *a)
{
	struct in_addr addr;
	struct in6_addr addr6;
	const char *text = acl_word(rd), *alias = index_get(&rd->ch->cfg->tables->index, INDEX_ALIAS, text);

	a->match = ACL_NET;
	if (param_ip(alias != NULL ? alias : text, &addr)) {
		memcpy(a->addr, &addr, sizeof(addr));
		memset(a->mask, 0xff, sizeof(addr));
	} else if (param_ip6(text, &addr6)) {
		a->ip6 = true;
		memcpy(a->addr, &addr6, sizeof(addr6));
		memset(a->mask, 0xff, sizeof(addr6));
	} else {
		change_error(rd->ch, text, "%s is neither an address nor a \"name\" of one", text);
		rd->bad = true;
	}
}

static void
acl_address_read(struct acl_reader *rd, struct acl_address *a)
{
	static const struct {
		const char *word;
		enum acl_match match;
		bool named;
	} words[] = {
		{ "any", ACL_ANY, false }, { "any4", ACL_ANY4, false }, { "any6", ACL_ANY6, false },
		{ "object", ACL_OBJECT, true }, { "object-group", ACL_OBJECT_GROUP, true }, { "interface", ACL_INTERFACE, true },
	};

	for (size_t i = 0; i < COUNT(words); i++) {
		if (!acl_is(rd, words[i].word))
			continue;
		a->match = words[i].match;
		acl_word(rd);
		if (words[i].named)
			a->name = acl_name(rd, &a->name);
		return;
	}
	if (acl_is(rd, "host")) {
		acl_word(rd);
		acl_host(rd, a);
	} else if (strchr(acl_arg(rd)->value, '/') != NULL) {
		acl_net6(rd, a);
	} else {
		acl_net4(rd, a);
	}
}

static uint16_t
acl_port_read(struct acl_reader *rd)
{
	bool udp = rd->rule->protocol == P_UDP;
	const char *word = acl_arg(rd)->value;
	int port = acl_port(word, udp);

	if (port < 0 && rd->rule->protocol == -1)
		port = acl_port(word, true); /* the object says which protocol */
	if (port < 0) {
		change_error(rd->ch, word, "%s is no port of this protocol", word);
		rd->bad = true;
		port = 0;
	}
	acl_number(rd, port, acl_port_name(port, udp));
	return (uint16_t)port;
}

static void
acl_ports_read(struct acl_reader *rd, struct acl_ports *ports)
{
	static const char *const words[] = { "", "eq", "neq", "lt", "gt", "range" };

	for (int op = PORT_EQ; op <= PORT_RANGE; op++) {
		if (!acl_is(rd, words[op]))
			continue;
		acl_word(rd);
		ports->op = (enum acl_port_op)op;
		ports->first = ports->last = acl_port_read(rd);
		if (op != PORT_RANGE)
			return;
		ports->last = acl_port_read(rd);
		if (ports->first > ports->last) {
			change_error(rd->ch, "range", "the range of ports ends before it begins");
			rd->bad = true;
		}
		return;
	}
}

/* "object-group G" may be ports only behind an address that another address follows, or at the end. */
static bool
acl_service_group(const struct acl_reader *rd)
{
	const struct cmd_match *m = rd->ch->m;
	const struct cfg_object *o;
	int next = rd->at + 2;

	if (!acl_is(rd, "object-group"))
		return false;
	o = object_object(rd->ch->cfg, m->args[rd->at + 1].value, false);
	if (o != NULL && o->group)
		return strcmp(o->kind, "service") == 0 && o->protocol != NULL;
	/* not known yet: ports, when what follows could not do without a destination */
	return next < m->argc && m->args[next].keyword &&
	    (strncmp(m->args[next].label, "any", 3) == 0 || strcmp(m->args[next].label, "host") == 0 ||
	        strcmp(m->args[next].label, "object") == 0);
}

static void
acl_group_ports(struct acl_reader *rd, struct acl_ports *ports)
{
	acl_word(rd);
	ports->op = PORT_OBJECT_GROUP;
	ports->name = acl_name(rd, &ports->name);
}

static void
acl_icmp_read(struct acl_reader *rd)
{
	struct cfg_acl_rule *r = rd->rule;
	const struct cmd_arg *a = acl_arg(rd);
	bool v6 = r->protocol == P_ICMP6;
	long long code;

	if (a == NULL || (a->keyword && strcmp(a->label, "object-group") != 0))
		return;
	if (a->keyword) {
		acl_word(rd);
		r->icmp_group = acl_name(rd, &r->icmp_group);
		return;
	}
	r->icmp_type = acl_icmp_type(a->value, v6);
	if (r->icmp_type < 0) {
		change_error(rd->ch, a->value, "%s is no message of this protocol", a->value);
		rd->bad = true;
	}
	acl_number(rd, r->icmp_type, acl_icmp_name(r->icmp_type, v6));
	if ((a = acl_arg(rd)) != NULL && !a->keyword && param_number(a->value, &code)) {
		r->icmp_code = (int32_t)code;
		acl_word(rd);
	}
}

/* Ports need a protocol that has them; a service object says its own. */
static void
acl_check_ports(struct acl_reader *rd)
{
	const struct cfg_acl_rule *r = rd->rule;
	bool ports = r->src_ports.op != PORT_ANY || r->dst_ports.op != PORT_ANY;

	if (!ports || r->protocol == P_TCP || r->protocol == P_UDP || r->protocol == 132 || r->protocol == -1)
		return;
	change_error(rd->ch, NULL, "ports are for tcp, udp and sctp only");
	rd->bad = true;
}

static void
acl_extended_read(struct acl_reader *rd)
{
	struct cfg_acl_rule *r = rd->rule;
	bool icmp;

	acl_protocol_read(rd);
	icmp = r->protocol == P_ICMP || r->protocol == P_ICMP6;
	acl_address_read(rd, &r->src);
	if (!icmp && acl_service_group(rd) && rd->at + 2 < rd->ch->m->argc)
		acl_group_ports(rd, &r->src_ports);
	else
		acl_ports_read(rd, &r->src_ports);
	acl_address_read(rd, &r->dst);
	if (icmp)
		acl_icmp_read(rd);
	else if (acl_is(rd, "object-group"))
		acl_group_ports(rd, &r->dst_ports);
	else
		acl_ports_read(rd, &r->dst_ports);
	acl_check_ports(rd);
	while (rd->at < rd->ch->m->argc) {
		if (acl_is(rd, "time-range")) {
			acl_word(rd);
			r->time_range = acl_name(rd, &r->time_range);
			if (!rd->ch->m->no)
				change_no_effect(rd->ch, "time-range of an access-list");
			continue;
		}
		r->inactive |= acl_is(rd, "inactive");
		acl_word(rd);
	}
}

static void
acl_standard_read(struct acl_reader *rd)
{
	struct acl_address *a = &rd->rule->src;

	acl_address_read(rd, a);
	if (a->match == ACL_ANY)
		a->match = ACL_ANY4;
}

struct cfg_acl_rule *
acl_rule_new(struct config_change *ch)
{
	char *text = NULL;
	size_t len;
	struct acl_reader rd = { .ch = ch, .rule = mem_alloc(ch->cfg->mem, sizeof(*rd.rule)) };
	struct cfg_acl_rule *r = rd.rule;

	r->icmp_type = r->icmp_code = -1;
	if ((rd.out = open_memstream(&text, &len)) == NULL)
		abort();
	rd.at = cmd_word(ch->m, "line") ? 4 : 2; /* access-list NAME [line N] */
	r->kind = acl_is(&rd, "remark") ? ACL_REMARK : acl_is(&rd, "standard") ? ACL_STANDARD : ACL_EXTENDED;
	if (acl_is(&rd, "permit") || acl_is(&rd, "deny"))
		fputs(" extended", rd.out); /* left out by old configurations */
	else
		acl_word(&rd);
	if (r->kind == ACL_REMARK) {
		const struct cmd_arg *text_arg = &ch->m->args[rd.at];

		fprintf(rd.out, text_arg->quoted ? " \"%s\"" : " %s", text_arg->value);
	} else {
		r->permit = acl_is(&rd, "permit");
		acl_word(&rd);
		(r->kind == ACL_STANDARD ? acl_standard_read : acl_extended_read)(&rd);
	}
	fclose(rd.out);
	r->text = mem_strdup(ch->cfg->mem, text + 1); /* behind the first blank */
	free(text);
	return rd.bad ? NULL : r;
}
