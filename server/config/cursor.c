/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/config/cursor.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "server/config/cursor_private.h"
#include "server/config/grammar.h"
#include "server/config/token.h"

#define TABLES_MAX (MODE_TABLES_MAX + 8)

void
config_cursor_init(struct config_cursor *c)
{
	memset(c, 0, sizeof(*c));
	c->frames[0].mode = &mode_global;
}

void
config_cursor_clear(struct config_cursor *c)
{
	free(c->block.hex);
	config_cursor_init(c);
}

void
config_cursor_prompt(const struct config_cursor *c, char *out, size_t size)
{
	if (c->block.open)
		snprintf(out, size, "%s", "");
	else
		snprintf(out, size, "(%s)#", c->frames[c->depth].mode->name);
}

static size_t
level_tables(const struct config_cursor *c, int level, struct command_table *const *extra, size_t extra_count,
    struct command_table **out)
{
	size_t n = mode_tables(c->frames[level].mode, out);

	for (size_t i = 0; level == 0 && i < extra_count && n < TABLES_MAX; i++)
		out[n++] = extra[i];
	return n;
}

/* Of several levels' errors, the one that understood most of the line is the useful one. */
static bool
error_better(const struct cmd_error *new, const struct cmd_error *old)
{
	if (old->kind == CMD_ERROR_NONE || new->words > old->words)
		return true;
	return new->words == old->words && old->kind == CMD_ERROR_INVALID && new->kind != CMD_ERROR_INVALID;
}

/*
 * Inner modes first. Rows of ignored commands take any text, so an abbreviated
 * one must not hide a row of another mode that has the first word in full, nor
 * must any hide the error that such a row finds further on. What is ambiguous
 * in an inner mode is so, whatever an outer one would take it for.
 */
static int
levels_match(const struct config_cursor *c, int from, const char *line, struct command_table *const *extra,
    size_t extra_count, struct config_line *out, struct cmd_error *error)
{
	struct command_table *tables[TABLES_MAX];
	struct cmd_error this;
	bool exact_error = false;
	int abbreviated = -1;
	size_t n;

	error->kind = CMD_ERROR_NONE;
	out->sideways = NULL;
	for (int level = from; level >= 0; level--) {
		n = level_tables(c, level, extra, extra_count, tables);
		if (command_match(tables, n, line, &out->match, &this) != 0) {
			if (error_better(&this, error))
				*error = this;
			exact_error |= this.exact_first || this.kind == CMD_ERROR_AMBIGUOUS;
			continue;
		}
		out->depth = level;
		if (out->match.row->cls == CMD_IGNORED ? out->match.exact_first && !exact_error :
		                                         out->match.exact_first || !exact_error)
			return 0;
		if (abbreviated < 0)
			abbreviated = level;
	}
	if (abbreviated < 0 || exact_error)
		return ERR_INVALID;
	out->depth = abbreviated;
	n = level_tables(c, abbreviated, extra, extra_count, tables);
	return command_match(tables, n, line, &out->match, &this);
}

/* Put the address in the place of the alias that begins at *column; false when none does. Moves *column behind it. */
static bool
alias_resolve(const struct config *cfg, char *line, size_t size, int *column)
{
	char word[CONFIG_NAME_MAX + 1];
	const char *address;
	struct token t;
	size_t len;

	if (!token_next(line, (size_t)*column - 1, &t) || t.start != (size_t)*column - 1 || t.to - t.from >= sizeof(word))
		return false;
	memcpy(word, line + t.from, t.to - t.from);
	word[t.to - t.from] = '\0';
	address = index_get(&cfg->tables->index, INDEX_ALIAS, word);
	len = address != NULL ? strlen(address) : 0;
	if (address == NULL || t.start + len + strlen(line + t.end) >= size)
		return false;
	memmove(line + t.start + len, line + t.end, strlen(line + t.end) + 1);
	memcpy(line + t.start, address, len);
	*column = (int)(t.start + len) + 1;
	return true;
}

/*
 * Where an address is missing an alias may stand. What follows it in the line
 * moves; an error is told where it is in the line as it was.
 */
int
cursor_match(const struct config *cfg, const struct config_cursor *c, int from, const char *line,
    struct command_table *const *extra, size_t extra_count, struct config_line *out, struct cmd_error *error)
{
	int r = levels_match(c, from, line, extra, extra_count, out, error), behind = 0;
	char with[CMD_LINE_MAX + 1];

	if (r == 0 || cfg == NULL || strlen(line) > CMD_LINE_MAX)
		return r;
	strcpy(with, line);
	while (r != 0 && error->kind == CMD_ERROR_INVALID && error->column > behind) {
		int column = error->column;

		if (!alias_resolve(cfg, with, sizeof(with), &column))
			break;
		behind = column;
		r = levels_match(c, from, with, extra, extra_count, out, error);
	}
	if (r != 0 && behind > 0 && error->column > behind)
		error->column -= (int)strlen(with) - (int)strlen(line);
	return r;
}

bool
mode_knows(const struct config_mode *mode, const char *line)
{
	struct cmd_match *m = xmalloc(sizeof(*m));
	struct cmd_error error;
	struct command_table *table = mode->table;
	bool known = command_match(&table, 1, line, m, &error) == 0;

	free(m);
	return known;
}

static bool
cursor_in(const struct config_cursor *c, const struct config_mode *mode)
{
	for (int i = 0; i <= c->depth; i++) {
		if (c->frames[i].mode == mode)
			return true;
	}
	return false;
}

/* "webvpn" in a group-policy was meant as the global one when only that knows the line. */
static bool
cursor_sideways(const struct config_cursor *c, const char *line, struct config_line *out)
{
	struct command_table *table = mode_webvpn.table;
	struct cmd_error error;

	if ((!cursor_in(c, &mode_group_webvpn) && !cursor_in(c, &mode_user_webvpn)) ||
	    command_match(&table, 1, line, &out->match, &error) != 0)
		return false;
	out->sideways = &mode_webvpn;
	out->depth = 0;
	return true;
}

bool
line_is_meta(const char *line)
{
	static const char *const heads[] = { "ASA Version ", "PIX Version ", "NGFW Version ", "Cryptochecksum:" };

	line += strspn(line, " \t\r\n");
	if (*line == '\0' || *line == '!' || *line == ':')
		return true;
	for (size_t i = 0; i < COUNT(heads); i++) {
		if (strncasecmp(line, heads[i], strlen(heads[i])) == 0)
			return true;
	}
	return false;
}

int
config_match(const struct config *cfg, const struct config_cursor *c, const char *line,
    struct command_table *const *extra, size_t extra_count, struct config_line *out, struct cmd_error *error)
{
	out->sideways = NULL;
	out->depth = c->depth;
	error->kind = CMD_ERROR_NONE;
	if (c->block.open) {
		memset(&out->match, 0, offsetof(struct cmd_match, args));
		snprintf(out->match.line, sizeof(out->match.line), "%s", line);
		line += strspn(line, " \t");
		out->kind = strncasecmp(line, "quit", 4) == 0 ? CONFIG_LINE_CHANGE : CONFIG_LINE_MOVE;
		return 0;
	}
	if (line_is_meta(line)) {
		out->kind = CONFIG_LINE_EMPTY;
		return 0;
	}
	if (cursor_match(cfg, c, c->depth, line, extra, extra_count, out, error) != 0) {
		if (!cursor_sideways(c, line, out))
			return ERR_INVALID;
		error->kind = CMD_ERROR_NONE;
	}
	out->kind = CONFIG_LINE_CHANGE;
	if (out->match.table == &common_rows)
		out->kind = CONFIG_LINE_MOVE;
	for (size_t i = 0; i < extra_count; i++) {
		if (out->match.table == extra[i])
			out->kind = CONFIG_LINE_EXTRA;
	}
	return 0;
}

void
cursor_leave(struct config_cursor *c, const char *word)
{
	if (strcmp(word, "end") == 0) {
		c->depth = 0;
		c->done = true;
	} else if (c->depth > 0) {
		c->depth--;
	} else {
		c->done = true;
	}
}

void
cursor_enter(struct config_cursor *c, int level, const struct config_mode *mode, const char *name, int indent)
{
	struct config_frame *f;

	c->depth = level;
	if (mode == NULL || level + 1 >= CONFIG_DEPTH_MAX)
		return;
	f = &c->frames[++c->depth];
	f->mode = mode;
	snprintf(f->name, sizeof(f->name), "%s", name);
	f->indent = indent;
	f->indented = false;
}

int
cursor_apply(struct config_cursor *c, struct config_line *line, struct config_change *ch)
{
	const struct config_frame *frame = &c->frames[line->depth];
	const struct command *row = line->match.row;
	int r;

	ch->m = &line->match;
	ch->mode = line->sideways != NULL ? line->sideways : frame->mode;
	ch->name = frame->name;
	ch->object = ch->mode->object(ch->cfg, frame->name);
	ch->block = &c->block;
	ch->enter_name[0] = '\0';
	if (ch->object == NULL)
		return change_error(ch, NULL, "\"%s\" does not exist any more", frame->name);
	r = change_apply(ch);
	cmd_wipe(&line->match);
	if (r != 0 && ch->report == NULL)
		return r;
	if (line->sideways != NULL)
		cursor_enter(c, 0, line->sideways, "", 0);
	else
		cursor_enter(c, line->depth, row->enter != NULL && !line->match.no ? row->enter : NULL, ch->enter_name, 0);
	return r;
}

/* A line of a certificate block, live. */
static int
cursor_block(struct config *cfg, struct config_cursor *c, const struct config_line *line, FILE *answer)
{
	struct config_change ch = { .cfg = cfg, .answer = answer };
	size_t bad;
	int r = chain_block_line(&c->block, line->match.line, &bad);

	if (r > 0)
		return 0;
	c->block.open = false;
	if (r < 0) {
		fprintf(answer, "ERROR: the certificate block holds something that is not hex\n");
		return ERR_CONFIG;
	}
	if (cfg == NULL || !chain_block_finish(&ch, c->frames[c->depth].name, &c->block))
		return ERR_CONFIG;
	return 0;
}

static bool
warned_before(const struct config_report *before, const char *text)
{
	for (const struct config_issue *i = before->first; i != NULL; i = i->next) {
		if (i->warning && strcmp(i->text, text) == 0)
			return true;
	}
	return false;
}

/*
 * Check the whole and say what is wrong as an ASA would; of warnings, those
 * that the change brought.
 */
static int
cursor_check(const struct config *cfg, const struct config_report *before, FILE *answer)
{
	struct mem *mem = mem_new(NULL);
	struct config_report report;
	int r;

	config_report_init(&report, mem);
	r = config_check(cfg, &report);
	for (const struct config_issue *i = report.first; i != NULL; i = i->next) {
		if (!i->warning)
			fprintf(answer, "ERROR: %s\n", i->text);
		else if (r == 0 && !warned_before(before, i->text))
			fprintf(answer, "WARNING: %s\n", i->text);
	}
	mem_free(mem);
	return r;
}

static int
cursor_change(struct config *cfg, struct config_cursor *c, struct config_line *line, FILE *answer)
{
	struct config_change ch = { .cfg = cfg, .answer = answer };
	struct mem *mem = mem_new(NULL);
	struct config_report before;
	int r;

	config_report_init(&before, mem);
	config_check(cfg, &before);
	r = cursor_apply(c, line, &ch);
	if (r == 0)
		r = cursor_check(cfg, &before, answer);
	mem_free(mem);
	return r;
}

int
config_apply(struct config *cfg, struct config_cursor *c, struct config_line *line, FILE *answer)
{
	struct config_cursor before = *c;
	struct config_report nothing = { 0 };
	int r;

	if (c->block.open) {
		r = cursor_block(cfg, c, line, answer);
		return r != 0 || line->kind != CONFIG_LINE_CHANGE ? r : cursor_check(cfg, &nothing, answer);
	}
	if (line->kind == CONFIG_LINE_EMPTY)
		return 0;
	if (line->kind == CONFIG_LINE_MOVE) {
		cursor_leave(c, line->match.args[0].label);
		return 0;
	}
	r = cursor_change(cfg, c, line, answer);
	if (r != 0) { /* stay where we were; the block's buffer is the cursor's own */
		before.block = c->block;
		before.block.open = false;
		*c = before;
	}
	return r;
}

int
config_help(const struct config_cursor *c, const char *prefix, struct command_table *const *extra, size_t extra_count,
    FILE *out, struct cmd_error *error)
{
	struct command_table *tables[TABLES_MAX];
	int r = ERR_INVALID;

	for (int level = c->depth; level >= 0 && r != 0; level--) {
		size_t n = level_tables(c, level, extra, extra_count, tables);

		r = command_help(tables, n, prefix, out, error);
	}
	return r;
}

int
config_complete(const struct config_cursor *c, const char *prefix, struct command_table *const *extra, size_t extra_count,
    FILE *out)
{
	struct command_table *tables[TABLES_MAX];
	int r = ERR_INVALID;

	for (int level = c->depth; level >= 0 && r != 0; level--)
		r = command_complete(tables, level_tables(c, level, extra, extra_count, tables), prefix, out);
	return r;
}
