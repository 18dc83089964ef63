/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crypto ca certificate map (asa-reference 1.9): rules over the fields of a certificate. */
#include <ctype.h>
#include <string.h>

#include "server/config/grammar.h"

#define DEFAULT_MAP "DefaultCertificateMap"

WORDS(fields, "issuer-name", "subject-name", "alt-subject-name", "extended-key-usage", "serial-number");
WORDS(ops, "eq", "ne", "co", "nc");

static char *
map_key(struct mem *mem, const char *name, int32_t seq)
{
	return mem_printf(mem, "%d %s", seq, name);
}

struct cfg_cert_map *
config_cert_map(const struct config *cfg, const char *name, int32_t seq)
{
	struct mem *mem = mem_new(NULL);
	struct cfg_cert_map *map = index_get(&cfg->tables->index, INDEX_CERT_MAP, map_key(mem, name, seq));

	mem_free(mem);
	return map;
}

static void *
map_object(struct config *cfg, const char *key)
{
	return index_get(&cfg->tables->index, INDEX_CERT_MAP, key);
}

/* The list is sorted by name, then number. */
static bool
map_before(const struct cfg_cert_map *a, const struct cfg_cert_map *b)
{
	int r = strcmp(a->name, b->name);

	return r != 0 ? r < 0 : a->seq < b->seq;
}

static struct cfg_cert_map *
map_make(struct config *cfg, const char *name, int32_t seq)
{
	struct cfg_cert_map *map = mem_alloc(cfg->mem, sizeof(*map)), **at = &cfg->cert_maps;
	struct cfg_cert_map *first = index_get(&cfg->tables->index, INDEX_CERT_MAP_NAME, name);

	map->name = mem_strdup(cfg->mem, name);
	map->seq = seq;
	while (*at != NULL && map_before(*at, map))
		at = &(*at)->next;
	map->next = *at;
	*at = map;
	index_put(&cfg->tables->index, INDEX_CERT_MAP, map_key(cfg->mem, name, seq), map);
	if (first == NULL || seq < first->seq)
		index_put(&cfg->tables->index, INDEX_CERT_MAP_NAME, map->name, map);
	return map;
}

int
cert_map_delete(struct config_change *ch, struct cfg_cert_map *map)
{
	struct index *ix = &ch->cfg->tables->index;
	struct cfg_cert_map **at = &ch->cfg->cert_maps;
	const char *user;
	bool only;

	while (*at != map)
		at = &(*at)->next;
	only = index_get(ix, INDEX_CERT_MAP_NAME, map->name) == map &&
	    (map->next == NULL || strcmp(map->next->name, map->name) != 0);
	if (only && (user = reference_to(ch->cfg, INDEX_CERT_MAP_NAME, map->name)) != NULL)
		return change_error(ch, "name", "Certificate map %s is in use by %s, cannot be deleted", map->name, user);
	*at = map->next;
	kept_clear(ch->cfg, &map->kept);
	index_remove(ix, INDEX_CERT_MAP, map_key(ch->cfg->mem, map->name, map->seq));
	if (only)
		index_remove(ix, INDEX_CERT_MAP_NAME, map->name);
	else if (index_get(ix, INDEX_CERT_MAP_NAME, map->name) == map)
		index_put(ix, INDEX_CERT_MAP_NAME, map->next->name, map->next);
	return 0;
}

/* "no crypto ca certificate map NAME [SEQ]" */
static int
map_remove(struct config_change *ch, const char *name, int32_t seq)
{
	struct cfg_cert_map *next;
	bool found = false;

	for (struct cfg_cert_map *map = ch->cfg->cert_maps; map != NULL; map = next) {
		next = map->next;
		if (strcmp(map->name, name) != 0 || (seq != 0 && map->seq != seq))
			continue;
		found = true;
		if (cert_map_delete(ch, map) != 0)
			return -1;
	}
	return found ? 0 : change_error(ch, "name", "Certificate map %s does not exist", name);
}

static int
map_enter(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name") != NULL ? cmd_str(ch->m, "name") : DEFAULT_MAP;
	long long seq = 0;

	cmd_int(ch->m, "seq", &seq);
	if (ch->m->no)
		return map_remove(ch, name, (int32_t)seq);
	snprintf(ch->enter_name, sizeof(ch->enter_name), "%lld %s", seq, name);
	if (config_cert_map(ch->cfg, name, (int32_t)seq) == NULL)
		map_make(ch->cfg, name, (int32_t)seq);
	return 0;
}

/* --- rules ------------------------------------------------------------------------ */

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
rule_same(const struct cfg_cert_rule *a, const struct cfg_cert_rule *b)
{
	return a->field == b->field && a->op == b->op && same_text(a->attr, b->attr) && strcmp(a->value, b->value) == 0;
}

/* Comparison knows no case, and an ASA prints values in lower case. */
static char *
lower(struct mem *mem, const char *text)
{
	char *copy = mem_strdup(mem, text);

	for (char *p = copy; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return copy;
}

static int
rule_apply(struct config_change *ch)
{
	struct cfg_cert_map *map = ch->object;
	const struct cmd_match *m = ch->m;
	struct cfg_cert_rule rule = { 0 }, **at = &map->rules;
	int i = 1;

	rule.field = (enum cert_field)words_find(&fields, m->args[0].label);
	if (strcmp(m->args[i].label, "attr") == 0) {
		rule.attr = mem_strdup(ch->cfg->mem, m->args[i + 1].label);
		i += 2;
	}
	rule.op = (enum cert_op)words_find(&ops, m->args[i].label);
	rule.value = lower(ch->cfg->mem, m->args[i + 1].keyword ? m->args[i + 1].label : m->args[i + 1].value);
	while (*at != NULL && !rule_same(*at, &rule))
		at = &(*at)->next;
	if (m->no) {
		if (*at == NULL)
			return change_error(ch, NULL, "there is no such rule in certificate map %s", map->name);
		*at = (*at)->next;
	} else if (*at == NULL) {
		*at = mem_dup(ch->cfg->mem, &rule, sizeof(rule));
	}
	return 0;
}

/* All rules at the first row, in their order. */
static void
rules_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_cert_map *map = object;

	if (row != mode_cert_map.table->rows)
		return;
	for (const struct cfg_cert_rule *r = map->rules; r != NULL; r = r->next) {
		/* free text is quoted as the line type does it */
		bool quote = r->value[0] == '\0' || strchr(" \t", r->value[0]) != NULL ||
		    strchr(" \t", r->value[strlen(r->value) - 1]) != NULL;

		printer_line(p, quote ? "%s%s%s %s \"%s\"" : "%s%s%s %s %s", fields_list[r->field],
		    r->attr != NULL ? " attr " : "", r->attr != NULL ? r->attr : "", ops_list[r->op], r->value);
	}
}

#define OPS "{eq | ne | co | nc}"
#define ATTR                                                                                                           \
	"[attr {c | cn | dc | dnq | ea | genq | gn | i | ip | l | n | o | ou | ser | sn | sp | st | t | uid | uname}]"
#define RULE(syntax_, n, help_)                                                                                        \
	{ .syntax = syntax_, .help = help_, .flags = CMD_NO, .no_args = n, .apply = rule_apply, .print = rules_print }

static const struct command rows[] = {
	RULE("issuer-name " ATTR " " OPS " <line>", 9, "Name of the issuer"),
	RULE("subject-name " ATTR " " OPS " <line>", 9, "Name of the subject"),
	RULE("alt-subject-name " OPS " <line>", 9, "Other names of the subject"),
	RULE("extended-key-usage " OPS " {clientauth | serverauth | codesigning | emailprotection | ocspsigning | timestamping | "
	     "ipsecendsystem | ipsectunnel | ipsecuser | <word>}", 9, "What the certificate may be used for"),
	RULE("serial-number " OPS " <word>", 9, "Serial number, in hexadecimal digits"),
	KEPT_MULTI("valid-period <line>", "Time in which the certificate is valid"),
};

static struct command_table cert_map_rows = COMMAND_TABLE("crypto ca certificate map", rows);

static const struct command global[] = {
	{ .syntax = "crypto ca certificate map <name> <seq:1-65535>", .help = "Rules over certificates, lowest number first",
	    .flags = CMD_NO, .no_args = 1, .apply = map_enter, .enter = &mode_cert_map },
	{ .syntax = "crypto ca certificate map <seq:1-65535>", .help = "Rules of the default map", .flags = CMD_NO,
	    .no_args = 1, .apply = map_enter, .enter = &mode_cert_map },
};

struct command_table cert_map_global = COMMAND_TABLE("crypto ca certificate map", global);

const struct config_mode mode_cert_map = { .name = "config-ca-cert-map", .table = &cert_map_rows, .object = map_object,
	.kept = offsetof(struct cfg_cert_map, kept) };

void
print_cert_maps(struct config_printer *p, const char *name)
{
	for (const struct cfg_cert_map *map = p->cfg->cert_maps; map != NULL; map = map->next) {
		if (name != NULL && strcmp(map->name, name) != 0)
			continue;
		printer_open(p, "crypto ca certificate map %s %d", quoted(map->name), map->seq);
		printer_header(p);
		printer_rows(p, &mode_cert_map, map);
		printer_close(p);
	}
}
