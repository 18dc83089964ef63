/* SPDX-License-Identifier: GPL-2.0-or-later */
/* access-list and access-group (asa-reference 1.4): the lists; acl_rule.c reads a rule. */
#include <string.h>

#include "server/config/acl_rule.h"
#include "server/config/grammar.h"

/* --- the list ------------------------------------------------------------------ */

static char *
rule_key(struct mem *mem, const struct cfg_acl *acl, const struct cfg_acl_rule *r)
{
	return mem_printf(mem, "%s %s", acl->name, r->text);
}

/* Where a rule with this line number goes; the end when the list is shorter. */
static struct cfg_acl_rule **
acl_at_line(struct cfg_acl *acl, long long line)
{
	struct cfg_acl_rule **at = &acl->rules;

	if (line <= 0 || line > acl->count)
		return acl->tail;
	while (--line > 0)
		at = &(*at)->next;
	return at;
}

static int
acl_add(struct config_change *ch, struct cfg_acl *acl, struct cfg_acl_rule *r)
{
	struct index *ix = &ch->cfg->tables->index;
	char *key = rule_key(ch->cfg->mem, acl, r);
	long long line = 0;
	struct cfg_acl_rule **at;

	if (acl->kind != ACL_REMARK && r->kind != ACL_REMARK && r->kind != acl->kind)
		return change_error(ch, "name", "access-list %s is %s already", acl->name,
		    acl->kind == ACL_STANDARD ? "a standard list" : "an extended list");
	if (r->kind != ACL_REMARK)
		acl->kind = r->kind;
	if (r->kind != ACL_REMARK && index_get(ix, INDEX_ACL_RULE, key) != NULL) {
		change_warning(ch, "name", "<%s> found duplicate element", acl->name);
		return 0;
	}
	if (r->src.match == ACL_OBJECT_GROUP && r->dst.match == ACL_OBJECT_GROUP && strcmp(r->src.name, r->dst.name) == 0)
		change_warning(ch, NULL, "Same object-group is used more than once in one config line. This config is redundant. "
		    "Please use seperate object-groups"); /* as an ASA spells it */
	cmd_int(ch->m, "line", &line);
	at = acl_at_line(acl, line);
	r->next = *at;
	*at = r;
	if (r->next == NULL)
		acl->tail = &r->next;
	acl->count++;
	index_put(ix, INDEX_ACL_RULE, key, r);
	return 0;
}

int
acl_delete(struct config_change *ch, struct cfg_acl *acl)
{
	const char *user = reference_to(ch->cfg, INDEX_ACL, acl->name);

	if (user != NULL)
		return change_error(ch, "name", "access-list %s is in use by %s, cannot be deleted", acl->name, user);
	for (struct cfg_acl_rule *r = acl->rules; r != NULL; r = r->next)
		index_remove(&ch->cfg->tables->index, INDEX_ACL_RULE, rule_key(ch->cfg->mem, acl, r));
	acl->rules = NULL; /* a list of the same name begins anew */
	object_remove(ch->cfg, INDEX_ACL, acl->name, acl);
	return 0;
}

static int
acl_take(struct config_change *ch, struct cfg_acl *acl, const struct cfg_acl_rule *r)
{
	struct cfg_acl_rule **at = &acl->rules;

	while (*at != NULL && strcmp((*at)->text, r->text) != 0)
		at = &(*at)->next;
	if (*at == NULL)
		return change_error(ch, "name", "the specified rule is not in access-list %s", acl->name);
	if (acl->count == 1)
		return acl_delete(ch, acl);
	index_remove(&ch->cfg->tables->index, INDEX_ACL_RULE, rule_key(ch->cfg->mem, acl, r));
	*at = (*at)->next;
	if (*at == NULL)
		acl->tail = at;
	acl->count--;
	return 0;
}

static int
acl_apply(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_acl *acl = object_acl(ch->cfg, name, false);
	struct cfg_acl_rule *r;

	if (ch->m->no && acl == NULL)
		return change_error(ch, "name", "access-list <%s> does not exist", name);
	if ((r = acl_rule_new(ch)) == NULL)
		return -1;
	if (ch->m->no)
		return acl_take(ch, acl, r);
	return acl_add(ch, object_acl(ch->cfg, name, true), r);
}

#define SRC(n)                                                                                                         \
	"{any | any4 | any6 | host <" n "host:host> | interface <" n "if:name> | object <" n "obj:name> | "            \
	"object-group <" n "grp:name> | <" n "net:ip> <" n "mask:mask> | <" n "net6:prefix6>}"
#define PORTS(n)                                                                                                       \
	"[eq <" n "eq:port> | neq <" n "neq:port> | lt <" n "lt:port> | gt <" n "gt:port> | "                          \
	"range <" n "from:port> <" n "to:port> | object-group <" n "svc:name>]"
#define LEVELS "{<0-7> | emergencies | alerts | critical | errors | warnings | notifications | informational | debugging}"
#define ACL "access-list <name> [line <1-2147483647>] "

static const struct command global[] = {
	{ .syntax = ACL "remark <text:line>", .help = "Remark in an access list", .flags = CMD_NO, .no_args = 3, .apply = acl_apply },
	{ .syntax = ACL "standard {permit | deny} {any | any4 | host <host:ip> | <net:ip> <mask:mask>}",
	    .help = "Networks, of a split tunnel for example", .flags = CMD_NO, .no_args = 9, .apply = acl_apply },
	{ .syntax = ACL "[extended] {permit | deny} {<proto:protocol> | object <svcobj:name> | object-group <svcgrp:name>} "
	        SRC("s") " " PORTS("s") " " SRC("d") " [" "eq <deq:port> | neq <dneq:port> | lt <dlt:port> | gt <dgt:port> | "
	        "range <dfrom:port> <dto:port> | object-group <dsvc:name> | <type:icmp> [<code:0-255>]] "
	        "[log [" LEVELS " | disable | default] [interval <1-600>]] [time-range <time:name>] [inactive]",
	    .help = "Packets by protocol, addresses and ports", .flags = CMD_NO, .no_args = 9, .apply = acl_apply },
	IGNORED("access-list <name> {webtype | ethertype} [<line>]"),
	KEPT("access-list alert-interval <1-3600>", "Seconds between alerts of denied flows"),
	KEPT("access-list deny-flow-max <1-4096>", "Denied flows that are remembered"),
	KEPT_EACH("access-group <acl:name> {in | out} interface <ifname:name> [per-user-override | control-plane]", 4,
	    "Access list of an interface"),
	KEPT("access-group <acl:name> global", "Access list of all interfaces"),
};

struct command_table acl_global = COMMAND_TABLE("access-list", global);

void
print_acls(struct config_printer *p, const char *name)
{
	if (name == NULL)
		printer_table(p, &acl_global, "access-list");
	for (const struct cfg_acl *a = p->cfg->acls; a != NULL; a = a->next) {
		if (name != NULL && strcmp(a->name, name) != 0)
			continue;
		for (const struct cfg_acl_rule *r = a->rules; r != NULL; r = r->next)
			printer_line(p, "access-list %s %s", quoted(a->name), r->text);
	}
}
