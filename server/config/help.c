/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "?" and sample lines: both walk the compiled syntax without a full line. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "common/mem.h"
#include "server/config/command.h"
#include "server/config/syntax.h"
#include "server/config/token.h"

#define HELP_MAX 1024

struct help_item {
	const char *word;
	const char *help; /* NULL once two rows share the word */
	bool keyword;
	char range[48];
};

struct help {
	struct command_table *const *tables;
	size_t count;
	struct help_item items[HELP_MAX];
	int item_count;
	bool end;
	/* states after the words so far */
	struct {
		int table, node;
	} states[HELP_MAX];
	int state_count;
};

static const struct {
	const char *word, *help;
} words[] = {
	{ "no", "Negate a command or set its defaults" },
	{ "show", "Show running system information" },
	{ "crypto", "Configure IPSec, ISAKMP, Certification authority, key" },
	{ "ssl", "Configure SSL options" },
	{ "webvpn", "Configure the WebVPN service" },
	{ "group-policy", "Configure or remove a group policy" },
	{ "tunnel-group", "Create and manage the database of connection specific records for IPSec, WebVPN connections" },
	{ "ip", "Configure IP addresses, address pools, IDS, etc" },
	{ "logging", "Configure logging levels, recipients and other options" },
	{ "interface", "Select an interface to configure" },
	{ "clear", "Reset functions" },
	{ "ca", "Certification authority" },
	{ "username", "Configure user authentication local database" },
	{ "access-list", "Configure an access control element" },
	{ "access-group", "Bind an access list to an interface to filter traffic" },
	{ "aaa", "Enable, disable, or view user authentication, authorization and accounting" },
	{ "aaa-server", "Define and configure an AAA server group or an AAA server" },
	{ "object", "Configure an object" },
	{ "object-group", "Create an object group for use in access lists" },
	{ "clock", "Configure time-of-day clock" },
	{ "dns", "Add DNS functionality to an interface, or name servers" },
	{ "ntp", "Configure NTP" },
	{ "ipv6", "Configure IPv6 addresses, address pools, routes" },
	{ "same-security-traffic", "Enable same security level interfaces to communicate" },
	{ "sysopt", "Set system functional options" },
	{ "tunnel-group-map", "Specify policy by which the tunnel-group name is derived from a certificate" },
	{ "configure", "Configure from various sources" },
	{ "anyconnect", "AnyConnect client settings" },
	{ "vpn-sessiondb", "VPN session management" },
	{ "enable", "Enable" },
	{ "disable", "Disable" },
	{ "none", "Explicitly nothing: do not inherit" },
	{ "value", "Give a value" },
};

static const char *
word_help(const char *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(words[i].word, word) == 0)
			return words[i].help;
	}
	return "";
}

static const struct syntax_node *
help_node(const struct help *h, int table, int node)
{
	return &h->tables[table]->program->nodes[node];
}

static void
help_state(struct help *h, int table, int node)
{
	const struct syntax_node *n = help_node(h, table, node);

	if (n->kind == SYNTAX_SPLIT) {
		help_state(h, table, n->next);
		help_state(h, table, n->other);
		return;
	}
	for (int i = 0; i < h->state_count; i++) {
		if (h->states[i].table == table && h->states[i].node == node)
			return;
	}
	if (h->state_count < HELP_MAX) {
		h->states[h->state_count].table = table;
		h->states[h->state_count++].node = node;
	}
}

static bool
help_fits(const struct syntax_node *n, const char *value)
{
	size_t bad;
	const char *why;
	long long number;

	if (n->type != NULL)
		return n->type->check(value, &bad, &why);
	return param_number(value, &number) && number >= n->min && number <= n->max;
}

/* One word typed: which states follow? Exact keywords shut out the rest, as in a match. */
static bool
help_step(struct help *h, const char *value)
{
	struct help *old = xmalloc(sizeof(*old));
	size_t len = strlen(value);
	bool exact = false;

	*old = *h;
	h->state_count = 0;
	for (int pass = 0; pass < 2 && !exact; pass++) {
		for (int i = 0; i < old->state_count; i++) {
			const struct syntax_node *n = help_node(old, old->states[i].table, old->states[i].node);
			int next = n->next;

			if (n->kind == SYNTAX_KEYWORD) {
				if (strncasecmp(n->text, value, len) != 0 || (pass == 0 && n->text[len] != '\0'))
					continue;
				exact |= pass == 0;
			} else if (pass == 0 || n->kind != SYNTAX_PARAM || !help_fits(n, value)) {
				continue;
			} else if (n->type != NULL && n->type->line) {
				next = (int)(n - old->tables[old->states[i].table]->program->nodes); /* eats on */
			}
			help_state(h, old->states[i].table, next);
		}
	}
	free(old);
	return h->state_count > 0;
}

static void
help_add(struct help *h, const char *word, const char *help, bool keyword)
{
	for (int i = 0; i < h->item_count; i++) {
		if (strcasecmp(h->items[i].word, word) == 0) {
			if (h->items[i].help == NULL || help == NULL || strcmp(h->items[i].help, help) != 0)
				h->items[i].help = NULL;
			return;
		}
	}
	if (h->item_count < HELP_MAX)
		h->items[h->item_count++] = (struct help_item){ .word = word, .help = help, .keyword = keyword };
}

static void
help_collect(struct help *h, const char *partial)
{
	for (int i = 0; i < h->state_count; i++) {
		const struct syntax_node *n = help_node(h, h->states[i].table, h->states[i].node);
		const struct command *row = &h->tables[h->states[i].table]->rows[n->row];
		struct help_item *item = &h->items[h->item_count];

		if (n->kind == SYNTAX_END) {
			h->end = true;
		} else if (n->kind == SYNTAX_KEYWORD) {
			if (strncasecmp(n->text, partial, strlen(partial)) == 0 && !(row->flags & CMD_ALIAS))
				help_add(h, n->text, row->help, true);
		} else if (*partial == '\0' || help_fits(n, partial)) {
			if (n->type == NULL && h->item_count < HELP_MAX) {
				snprintf(item->range, sizeof(item->range), "<%lld-%lld>", n->min, n->max);
				item->word = item->range;
				item->help = row->help;
				h->item_count++;
			} else if (n->type != NULL) {
				help_add(h, n->type->shown, row->help, false);
			}
		}
	}
}

static int
help_order(const void *a, const void *b)
{
	const struct help_item *const *x = a, *const *y = b;

	return strcasecmp((*x)->word, (*y)->word);
}

static void
help_print(const struct help *h, const char *partial, FILE *out)
{
	const struct help_item *sorted[HELP_MAX];
	int width = 12;

	for (int i = 0; i < h->item_count; i++) {
		sorted[i] = &h->items[i];
		if ((int)strlen(h->items[i].word) > width)
			width = (int)strlen(h->items[i].word);
	}
	qsort(sorted, (size_t)h->item_count, sizeof(sorted[0]), help_order);
	for (int i = 0; i < h->item_count; i++) {
		const char *text = sorted[i]->help != NULL ? sorted[i]->help : word_help(sorted[i]->word);

		fprintf(out, *text != '\0' ? "  %-*s  %s\n" : "  %-*s\n", *text != '\0' ? width : 0, sorted[i]->word, text);
	}
	if (h->end && *partial == '\0')
		fprintf(out, "  <cr>\n");
}

/* Words and values that can stand at the prefix's end; its last, unfinished word goes to partial. */
static int
help_words(struct help *h, const char *prefix, char partial[CMD_LINE_MAX + 1], struct cmd_error *error)
{
	struct token t;
	size_t pos = 0;
	int i = 0;

	partial[0] = '\0';
	while (token_next(prefix, pos, &t)) {
		bool last = prefix[t.end] == '\0';
		size_t len = t.to - t.from;

		if (len > CMD_LINE_MAX)
			len = CMD_LINE_MAX;
		memcpy(partial, prefix + t.from, len);
		partial[len] = '\0';
		pos = t.end;
		if (last)
			break;
		if (!(i == 0 && strcasecmp(partial, "no") == 0) && !help_step(h, partial)) {
			error->kind = CMD_ERROR_INVALID;
			error->column = (int)t.start + 1;
			return ERR_INVALID;
		}
		partial[0] = '\0';
		i++;
	}
	help_collect(h, partial);
	if (h->item_count == 0 && !h->end) {
		error->kind = CMD_ERROR_INVALID;
		error->column = (int)t.start + 1;
		return ERR_INVALID;
	}
	return 0;
}

/* The states before any word. */
static struct help *
help_new(struct command_table *const *tables, size_t count, const char *prefix)
{
	struct help *h = xcalloc(1, sizeof(*h));
	bool no = strncasecmp(prefix + strspn(prefix, " \t"), "no ", 3) == 0;

	h->tables = tables;
	h->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct command_program *prog = syntax_compile(tables[i]);

		for (size_t f = 0; f < prog->first_count; f++) {
			const struct command *row = &tables[i]->rows[prog->nodes[prog->firsts[f].node].row];

			if (no ? (row->flags & (CMD_NO | CMD_ONLY_NO)) != 0 : !(row->flags & CMD_ONLY_NO))
				help_state(h, (int)i, prog->firsts[f].node);
		}
	}
	return h;
}

int
command_help(struct command_table *const *tables, size_t count, const char *prefix, FILE *out, struct cmd_error *error)
{
	struct help *h = help_new(tables, count, prefix);
	char partial[CMD_LINE_MAX + 1];
	int r;

	memset(error, 0, sizeof(*error));
	if ((r = help_words(h, prefix, partial, error)) == 0)
		help_print(h, partial, out);
	free(h);
	return r;
}

int
command_complete(struct command_table *const *tables, size_t count, const char *prefix, FILE *out)
{
	struct help *h = help_new(tables, count, prefix);
	char partial[CMD_LINE_MAX + 1];
	struct cmd_error error = { 0 };
	int r = help_words(h, prefix, partial, &error);

	for (int i = 0; r == 0 && i < h->item_count; i++) {
		if (h->items[i].keyword)
			fprintf(out, "%s\n", h->items[i].word);
	}
	free(h);
	return r;
}

/* Number of ways through the nodes, bounded; walks way number `variant`. */
struct sample {
	const struct command_program *prog;
	int way;
	char *line;
	size_t size, used;
	int params, repeats;
};

static void
sample_word(struct sample *s, const char *word)
{
	bool plain = strpbrk(word, " :") == NULL;
	int n = snprintf(s->line + s->used, s->size - s->used, plain ? "%s%s" : "%s\"%s\"", s->used ? " " : "", word);

	if (n > 0 && s->used + (size_t)n < s->size)
		s->used += (size_t)n;
}

static void
sample_param(struct sample *s, const struct syntax_node *n)
{
	char number[32];
	int pick = s->params++ % 3;

	if (n->type == NULL) {
		snprintf(number, sizeof(number), "%lld", pick == 0 ? n->min : n->max);
		sample_word(s, number);
		return;
	}
	while (n->type->samples[pick] == NULL)
		pick--;
	sample_word(s, n->type->samples[pick]);
}

bool
command_sample(struct command_table *table, const struct command *row, int variant, char *line, size_t size)
{
	const struct command_program *prog = syntax_compile(table);
	struct sample s = { prog, variant / 3, line, size, 0, variant, 0 }; /* values, then choices */
	int node = -1, index = (int)(row - table->rows);

	for (size_t f = 0; f < prog->first_count && node < 0; f++) {
		if (prog->nodes[prog->firsts[f].node].row == index)
			node = prog->firsts[f].node;
	}
	if (node < 0)
		return false;
	line[0] = '\0';
	while (prog->nodes[node].kind != SYNTAX_END) {
		const struct syntax_node *n = &prog->nodes[node];

		if (n->kind == SYNTAX_SPLIT) {
			bool back = n->next > node && n->other < node; /* a repetition: at most twice more */
			bool other = (s.way & 1) != 0 || (back && ++s.repeats > 2);

			node = other ? n->other : n->next;
			s.way >>= 1;
			continue;
		}
		if (n->kind == SYNTAX_KEYWORD)
			sample_word(&s, n->text);
		else
			sample_param(&s, n);
		node = n->next;
	}
	return s.way == 0;
}
