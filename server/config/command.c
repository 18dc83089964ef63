/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The matcher: all rows that could still be meant are followed side by side,
 * one word at a time. Among those that reach their end, the one with the more
 * specific words wins, compared word by word from the left.
 */
#include "server/config/command.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "server/config/syntax.h"
#include "server/config/token.h"

#define THREADS_MAX 512
#define CELLS_MAX 4096

enum rank { RANK_LINE, RANK_WORD, RANK_TYPED, RANK_PREFIX, RANK_EXACT };

struct cell { /* one word as one thread understood it */
	int before;
	short table, word;
	int node;
};

struct thread {
	int table, node;
	int cell;       /* newest */
	int argc;
	uint64_t score;
};

struct word {
	struct token at;
	const char *value; /* in match->text */
	const char *rest;  /* the same place as free text; made on demand */
	struct token rest_at;
};

struct matcher {
	struct command_table *const *tables;
	size_t table_count;
	const char *line;
	struct cmd_match *m;
	struct cmd_error *error;
	size_t text_used;
	struct word words[CMD_WORDS_MAX];
	int word_count;
	struct thread now[THREADS_MAX], after[THREADS_MAX];
	int now_count, after_count;
	struct thread line_end; /* best thread that took the rest of the line; node -1: none */
	struct cell cells[CELLS_MAX];
	int cell_count;
};

static const struct syntax_node *
node_of(const struct matcher *mt, int table, int node)
{
	return &mt->tables[table]->program->nodes[node];
}

static const struct command *
row_of(const struct matcher *mt, const struct thread *t)
{
	return &mt->tables[t->table]->rows[node_of(mt, t->table, t->node)->row];
}

static const char *
matcher_text(struct matcher *mt, const char *from, size_t len)
{
	char *copy = mt->m->text + mt->text_used;

	if (mt->text_used + len + 1 > sizeof(mt->m->text))
		return NULL;
	memcpy(copy, from, len);
	copy[len] = '\0';
	mt->text_used += len + 1;
	return copy;
}

static bool
row_allowed(const struct matcher *mt, const struct command *row)
{
	return mt->m->no ? (row->flags & (CMD_NO | CMD_ONLY_NO)) != 0 : (row->flags & CMD_ONLY_NO) == 0;
}

/* Add a thread, following branches; of two at the same node the better stays. */
static void
matcher_add(struct matcher *mt, struct thread t)
{
	const struct syntax_node *n = node_of(mt, t.table, t.node);

	if (n->kind == SYNTAX_SPLIT) {
		int other = n->other;

		t.node = n->next;
		matcher_add(mt, t);
		t.node = other;
		matcher_add(mt, t);
		return;
	}
	for (int i = 0; i < mt->after_count; i++) {
		struct thread *old = &mt->after[i];

		if (old->table == t.table && old->node == t.node) {
			if (t.score > old->score)
				*old = t;
			return;
		}
	}
	if (mt->after_count < THREADS_MAX)
		mt->after[mt->after_count++] = t;
}

static bool
param_fits(const struct syntax_node *n, const char *value, size_t *bad, const char **why)
{
	static char range[80];
	long long number;

	if (n->type != NULL)
		return n->type->check(value, bad, why);
	*bad = 0;
	snprintf(range, sizeof(range), "not a number from %lld to %lld", n->min, n->max);
	*why = range;
	return param_number(value, &number) && number >= n->min && number <= n->max;
}

static int
param_rank(const struct syntax_node *n)
{
	return n->type != NULL ? n->type->rank : RANK_TYPED;
}

static int
keyword_rank(const struct syntax_node *n, const struct word *w)
{
	size_t len = strlen(w->value);

	if (w->at.quoted || len == 0 || strncasecmp(n->text, w->value, len) != 0)
		return -1;
	return n->text[len] == '\0' ? RANK_EXACT : RANK_PREFIX;
}

static void
thread_step(struct matcher *mt, const struct thread *from, int word, int rank)
{
	const struct syntax_node *n = node_of(mt, from->table, from->node);
	struct thread t = *from;

	if (mt->cell_count == CELLS_MAX)
		return;
	mt->cells[mt->cell_count] = (struct cell){ from->cell, (short)from->table, (short)word, from->node };
	t.cell = mt->cell_count++;
	t.argc++;
	if (word < 20)
		t.score |= (uint64_t)rank << (3 * (20 - word));
	t.node = n->next;
	if (rank == RANK_LINE && n->type != NULL && n->type->line) {
		if (mt->line_end.node < 0 || t.score > mt->line_end.score)
			mt->line_end = t;
		return;
	}
	matcher_add(mt, t);
}

/* Text for "expected": what the threads wait for. */
static void
matcher_expected(const struct matcher *mt, const struct thread *threads, int count)
{
	char *out = mt->error->expected;
	size_t size = sizeof(mt->error->expected), used = 0;
	int named = 0;

	out[0] = '\0';
	for (int i = 0; i < count && named < 8; i++) {
		const struct syntax_node *n = node_of(mt, threads[i].table, threads[i].node);
		char item[64];

		if (n->kind == SYNTAX_END)
			snprintf(item, sizeof(item), "the end of the line");
		else if (n->kind == SYNTAX_KEYWORD && (row_of(mt, &threads[i])->flags & CMD_ALIAS))
			continue;
		else if (n->kind == SYNTAX_KEYWORD)
			snprintf(item, sizeof(item), "%s", n->text);
		else if (n->type == NULL)
			snprintf(item, sizeof(item), "<%lld-%lld>", n->min, n->max);
		else
			snprintf(item, sizeof(item), "%s", n->type->shown);
		if (strstr(out, item) != NULL || used + strlen(item) + 3 > size)
			continue;
		used += (size_t)snprintf(out + used, size - used, "%s%s", named++ ? ", " : "", item);
	}
}

static int
matcher_fail(struct matcher *mt, enum cmd_error_kind kind, int column, int words)
{
	mt->error->kind = kind;
	mt->error->column = column;
	mt->error->words = words;
	return ERR_INVALID;
}

/* Which alternatives does the word fit? Sets *exact and *prefixes (distinct keywords). */
static void
matcher_survey(const struct matcher *mt, const struct word *w, bool *exact, int *prefixes, bool *params)
{
	const char *seen = NULL;
	size_t bad;
	const char *why;

	*exact = *params = false;
	*prefixes = 0;
	for (int i = 0; i < mt->now_count; i++) {
		const struct syntax_node *n = node_of(mt, mt->now[i].table, mt->now[i].node);

		if (n->kind == SYNTAX_PARAM) {
			*params |= (n->type != NULL && n->type->line) || param_fits(n, w->value, &bad, &why);
			continue;
		}
		if (n->kind != SYNTAX_KEYWORD)
			continue;
		int rank = keyword_rank(n, w);

		*exact |= rank == RANK_EXACT;
		if (rank >= 0 && (seen == NULL || strcasecmp(seen, n->text) != 0)) {
			seen = n->text;
			++*prefixes;
		}
	}
}

static int
matcher_ambiguous(struct matcher *mt, const struct word *w, int word)
{
	size_t skip = strspn(mt->line, " \t");

	snprintf(mt->error->ambiguous, sizeof(mt->error->ambiguous), "%.*s", (int)(w->at.end - skip), mt->line + skip);
	matcher_expected(mt, mt->now, 0);
	return matcher_fail(mt, CMD_ERROR_AMBIGUOUS, (int)w->at.start + 1, word);
}

/* No thread takes the word: point at it, with the reason if a value nearly fitted. */
static int
matcher_invalid(struct matcher *mt, const struct word *w, int word)
{
	size_t offset = 0, bad;
	const char *why;

	mt->error->reason[0] = '\0';
	for (int i = 0; i < mt->now_count; i++) {
		const struct syntax_node *n = node_of(mt, mt->now[i].table, mt->now[i].node);

		if (n->kind != SYNTAX_PARAM || (n->type != NULL && n->type->line))
			continue;
		if (!param_fits(n, w->value, &bad, &why) && *why != '\0') {
			snprintf(mt->error->reason, sizeof(mt->error->reason), "%s", why);
			offset = bad;
			break;
		}
	}
	if (w->at.unterminated)
		snprintf(mt->error->reason, sizeof(mt->error->reason), "the quote is not closed");
	if (word > 0)
		matcher_expected(mt, mt->now, mt->now_count);
	return matcher_fail(mt, CMD_ERROR_INVALID, (int)(w->at.from + offset) + 1 - (offset == 0 && w->at.quoted), word);
}

static int
matcher_step(struct matcher *mt, int word)
{
	struct word *w = &mt->words[word];
	bool exact, params;
	int prefixes;
	size_t bad;
	const char *why;

	mt->after_count = 0;
	if (w->at.unterminated)
		return matcher_invalid(mt, w, word);
	matcher_survey(mt, w, &exact, &prefixes, &params);
	if (word == 0)
		mt->error->exact_first = exact;
	if (!exact && prefixes > 1 && !params)
		return mt->line_end.node >= 0 ? 0 : matcher_ambiguous(mt, w, word);
	for (int i = 0; i < mt->now_count; i++) {
		const struct thread *t = &mt->now[i];
		const struct syntax_node *n = node_of(mt, t->table, t->node);
		int rank;

		if (n->kind == SYNTAX_KEYWORD) {
			rank = keyword_rank(n, w);
			if (rank == RANK_EXACT || (rank == RANK_PREFIX && !exact && prefixes == 1))
				thread_step(mt, t, word, rank);
		} else if (n->kind == SYNTAX_PARAM && !exact) {
			if ((n->type != NULL && n->type->line) || param_fits(n, w->value, &bad, &why))
				thread_step(mt, t, word, param_rank(n));
		}
	}
	if (mt->after_count == 0 && mt->line_end.node < 0)
		return matcher_invalid(mt, w, word);
	memcpy(mt->now, mt->after, (size_t)mt->after_count * sizeof(mt->now[0]));
	mt->now_count = mt->after_count;
	return 0;
}

static bool
reaches_end(const struct matcher *mt, int table, int node)
{
	const struct syntax_node *n = node_of(mt, table, node);

	if (n->kind == SYNTAX_SPLIT)
		return reaches_end(mt, table, n->next) || reaches_end(mt, table, n->other);
	return n->kind == SYNTAX_END;
}

/* May the thread stop here? "no" forms may leave out what follows the leading words. */
static bool
thread_done(const struct matcher *mt, const struct thread *t)
{
	const struct command_program *prog = mt->tables[t->table]->program;
	int row = node_of(mt, t->table, t->node)->row;
	const struct command *command = &mt->tables[t->table]->rows[row];

	if (reaches_end(mt, t->table, t->node))
		return true;
	return mt->m->no && (command->flags & CMD_NO) && t->argc >= prog->leading[row] + command->no_args;
}

static void
match_fill(struct matcher *mt, const struct thread *t)
{
	struct cmd_match *m = mt->m;
	int row = node_of(mt, t->table, t->node)->row;

	m->table = mt->tables[t->table];
	m->row = &m->table->rows[row];
	m->leading = m->table->program->leading[row];
	m->argc = t->argc;
	for (int c = t->cell, i = t->argc - 1; c >= 0; c = mt->cells[c].before, i--) {
		const struct cell *cell = &mt->cells[c];
		const struct syntax_node *n = node_of(mt, cell->table, cell->node);
		const struct word *w = &mt->words[cell->word];
		struct cmd_arg *a = &m->args[i];

		*a = (struct cmd_arg){ .label = n->text, .column = (int)w->at.start + 1, .end = (int)w->at.end + 1 };
		a->keyword = n->kind == SYNTAX_KEYWORD;
		a->is_line = !a->keyword && n->type != NULL && n->type->line;
		a->secret = !a->keyword && n->type != NULL && n->type->secret;
		a->quoted = a->is_line ? w->rest_at.quoted : w->at.quoted;
		if (a->keyword)
			continue;
		a->value = w->value;
		if (a->is_line) {
			a->end = (int)w->rest_at.end + 1;
			a->value = matcher_text(mt, m->line + w->rest_at.from, w->rest_at.to - w->rest_at.from);
		}
	}
	m->exact_first = mt->words[0].value != NULL && strcasecmp(m->args[0].label, mt->words[0].value) == 0;
}

static int
matcher_finish(struct matcher *mt)
{
	const struct thread *best = NULL;

	for (int i = 0; i < mt->now_count; i++) {
		if (thread_done(mt, &mt->now[i]) && (best == NULL || mt->now[i].score > best->score))
			best = &mt->now[i];
	}
	if (mt->line_end.node >= 0 && (best == NULL || mt->line_end.score > best->score) && thread_done(mt, &mt->line_end))
		best = &mt->line_end;
	if (best == NULL) {
		matcher_expected(mt, mt->now, mt->now_count);
		return matcher_fail(mt, CMD_ERROR_INCOMPLETE, (int)strlen(mt->line) + 1, mt->word_count);
	}
	match_fill(mt, best);
	return 0;
}

/* The first word picks the rows. */
static void
matcher_start(struct matcher *mt, const char *word)
{
	mt->after_count = 0;
	for (size_t i = 0; i < mt->table_count; i++) {
		const struct command_program *prog = syntax_compile(mt->tables[i]);
		size_t from, to;

		syntax_firsts(prog, word, &from, &to);
		for (; from < to; from++) {
			struct thread t = { (int)i, prog->firsts[from].node, -1, 0, 0 };

			if (row_allowed(mt, row_of(mt, &t)))
				matcher_add(mt, t);
		}
	}
	memcpy(mt->now, mt->after, (size_t)mt->after_count * sizeof(mt->now[0]));
	mt->now_count = mt->after_count;
}

/* Eat the words from pos on. */
static int
matcher_words(struct matcher *mt, size_t pos)
{
	int r;

	for (int i = 0;; i++) {
		struct word *w = &mt->words[i];

		if (i == CMD_WORDS_MAX || !token_next(mt->line, pos, &w->at)) {
			if (i == CMD_WORDS_MAX && mt->line_end.node < 0) {
				snprintf(mt->error->reason, sizeof(mt->error->reason), "too many words");
				return matcher_fail(mt, CMD_ERROR_INVALID, (int)pos + 1, i);
			}
			return matcher_finish(mt);
		}
		w->value = matcher_text(mt, mt->line + w->at.from, w->at.to - w->at.from);
		token_rest(mt->line, w->at.start, &w->rest_at);
		if (w->value == NULL) {
			snprintf(mt->error->reason, sizeof(mt->error->reason), "line too long");
			return matcher_fail(mt, CMD_ERROR_INVALID, 1, 0);
		}
		mt->word_count = i + 1;
		if (i == 0)
			matcher_start(mt, w->value);
		if ((r = matcher_step(mt, i)) != 0)
			return r;
		if (mt->now_count == 0 || (mt->after_count == 0 && mt->line_end.node >= 0)) {
			mt->now_count = 0;
			return matcher_finish(mt); /* only a "rest of the line" is left */
		}
		pos = w->at.end;
	}
}

static int
matcher_run(struct matcher *mt)
{
	struct token first;
	size_t pos = 0;

	if (!token_next(mt->line, 0, &first))
		return matcher_fail(mt, CMD_ERROR_EMPTY, 1, 0);
	if (!first.quoted && first.end - first.start == 2 && strncasecmp(mt->line + first.start, "no", 2) == 0) {
		mt->m->no = true;
		pos = first.end;
		if (!token_next(mt->line, pos, &first))
			return matcher_fail(mt, CMD_ERROR_INCOMPLETE, (int)strlen(mt->line) + 1, 1);
	}
	return matcher_words(mt, pos);
}

int
command_match(struct command_table *const *tables, size_t count, const char *line, struct cmd_match *m,
    struct cmd_error *error)
{
	struct matcher *mt;
	size_t bad, len;
	int r;

	memset(error, 0, offsetof(struct cmd_error, reason));
	error->reason[0] = error->expected[0] = error->ambiguous[0] = '\0';
	memset(m, 0, offsetof(struct cmd_match, args));
	m->line[0] = m->text[0] = '\0';
	if (strlen(line) > CMD_LINE_MAX) {
		error->kind = CMD_ERROR_INVALID;
		error->column = CMD_LINE_MAX + 1;
		snprintf(error->reason, sizeof(error->reason), "line longer than %d characters", CMD_LINE_MAX);
		return ERR_INVALID;
	}
	strcpy(m->line, line);
	len = strlen(line);
	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	m->line[len] = '\0';
	if ((bad = token_bad_byte(line, len)) < len) {
		error->kind = CMD_ERROR_INVALID;
		error->column = (int)bad + 1;
		snprintf(error->reason, sizeof(error->reason), "byte 0x%02x is not allowed", (unsigned char)line[bad]);
		return ERR_INVALID;
	}
	mt = malloc(sizeof(*mt));
	if (mt == NULL)
		return ERR_NOMEM;
	mt->tables = tables;
	mt->table_count = count;
	mt->line = m->line;
	mt->m = m;
	mt->error = error;
	mt->text_used = 0;
	mt->word_count = mt->now_count = mt->after_count = mt->cell_count = 0;
	mt->words[0].value = NULL;
	mt->line_end.node = -1;
	r = matcher_run(mt);
	free(mt);
	return r;
}

void
command_keyword(const struct command *row, char *out, size_t size)
{
	const char *p = row->syntax;
	size_t used = 0;

	if (*p == '{') {
		p++;
		while (*p == ' ')
			p++;
		size_t len = strcspn(p, " |}");

		used = (size_t)snprintf(out, size, "%.*s", (int)len, p);
		p = strchr(p, '}') + 1;
	} else if (size > 0) {
		out[0] = '\0';
	}
	while (*p == ' ')
		p++;
	while (*p != '\0' && strchr("<{[", *p) == NULL && used < size) {
		size_t len = strcspn(p, " ");

		used += (size_t)snprintf(out + used, size - used, "%s%.*s", used ? " " : "", (int)len, p);
		p += len;
		while (*p == ' ')
			p++;
	}
}

void
cmd_error_print(const struct cmd_error *e, size_t prompt_len, FILE *out)
{
	switch (e->kind) {
	case CMD_ERROR_INVALID:
		fprintf(out, "%*s^\n", (int)prompt_len + e->column - 1, "");
		fprintf(out, "ERROR: %% Invalid input detected at '^' marker.\n");
		if (e->reason[0] != '\0') /* an ASA leaves it at that */
			fprintf(out, "INFO: %s\n", e->reason);
		break;
	case CMD_ERROR_INCOMPLETE:
		fprintf(out, "ERROR: %% Incomplete command\n");
		break;
	case CMD_ERROR_AMBIGUOUS:
		fprintf(out, "ERROR: %% Ambiguous command:  \"%s\"\n", e->ambiguous);
		break;
	default:
		break;
	}
}
