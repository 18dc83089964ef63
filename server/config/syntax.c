/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/config/syntax.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"

/* The syntax string as a tree; built, compiled from the end to the start, freed. */
enum tree_kind { TREE_SEQ, TREE_CHOICE, TREE_OPTION, TREE_REPEAT, TREE_KEYWORD, TREE_PARAM };

struct tree {
	enum tree_kind kind;
	struct tree *child, *next; /* next: sibling */
	const char *text;
	const struct param_type *type;
	long long min, max;
};

struct syntax_parser {
	struct mem *mem;         /* the tree's */
	struct mem *keep;        /* words of the program */
	const char *p, *whole;
	const char *last_keyword;
};

static void
syntax_broken(const struct syntax_parser *ps)
{
	fprintf(stderr, "offhook: broken syntax in table: \"%s\" at \"%s\"\n", ps->whole, ps->p);
	abort();
}

static struct mem *
syntax_mem(void)
{
	static struct mem *process;

	if (process == NULL)
		process = mem_new(NULL);
	return process;
}

static struct tree *
tree_new(struct syntax_parser *ps, enum tree_kind kind)
{
	struct tree *t = mem_alloc(ps->mem, sizeof(*t));

	t->kind = kind;
	return t;
}

static char *
syntax_copy(struct syntax_parser *ps, const char *from, size_t len)
{
	char *copy = mem_alloc(ps->keep, len + 1);

	return memcpy(copy, from, len);
}

/* What stands between < and >. */
static struct tree *
syntax_param(struct syntax_parser *ps)
{
	struct tree *t = tree_new(ps, TREE_PARAM);
	const char *end = strchr(ps->p, '>'), *colon, *kind;
	size_t len;

	if (end == NULL)
		syntax_broken(ps);
	colon = memchr(ps->p, ':', (size_t)(end - ps->p));
	kind = colon != NULL ? colon + 1 : ps->p;
	len = (size_t)(end - kind);
	if (isdigit((unsigned char)*kind)) {
		char *dash;

		t->min = strtoll(kind, &dash, 10);
		if (*dash != '-')
			syntax_broken(ps);
		t->max = strtoll(dash + 1, NULL, 10);
	} else if ((t->type = param_type_find(kind, len)) == NULL) {
		if (colon != NULL)
			syntax_broken(ps);
		t->type = param_type_find("word", 4);
	}
	if (colon != NULL)
		t->text = syntax_copy(ps, ps->p, (size_t)(colon - ps->p));
	else if (t->type == NULL && ps->last_keyword != NULL)
		t->text = ps->last_keyword;
	else
		t->text = syntax_copy(ps, kind, len);
	ps->p = end + 1;
	return t;
}

static void
syntax_blanks(struct syntax_parser *ps)
{
	while (*ps->p == ' ')
		ps->p++;
}

static struct tree *syntax_sequence(struct syntax_parser *ps);

static struct tree *
syntax_group(struct syntax_parser *ps, char closing)
{
	struct tree *choice = tree_new(ps, TREE_CHOICE), **at = &choice->child, *t;

	do {
		*at = syntax_sequence(ps);
		at = &(*at)->next;
	} while (*ps->p == '|' && ps->p++);
	if (*ps->p != closing)
		syntax_broken(ps);
	ps->p++;
	if (closing == '}')
		return choice;
	t = tree_new(ps, TREE_OPTION);
	t->child = choice;
	return t;
}

static struct tree *
syntax_element(struct syntax_parser *ps)
{
	struct tree *t;

	if (*ps->p == '<') {
		ps->p++;
		return syntax_param(ps);
	}
	if (*ps->p == '{' || *ps->p == '[') {
		char closing = *ps->p == '{' ? '}' : ']';

		ps->p++;
		return syntax_group(ps, closing);
	}
	t = tree_new(ps, TREE_KEYWORD);
	size_t len = strcspn(ps->p, " |<>{}[]");

	if (len > 3 && strncmp(ps->p + len - 3, "...", 3) == 0)
		len -= 3;
	if (len == 0)
		syntax_broken(ps);
	t->text = ps->last_keyword = syntax_copy(ps, ps->p, len);
	ps->p += len;
	return t;
}

static struct tree *
syntax_sequence(struct syntax_parser *ps)
{
	struct tree *seq = tree_new(ps, TREE_SEQ), **at = &seq->child;

	for (syntax_blanks(ps); *ps->p != '\0' && strchr("|}]", *ps->p) == NULL; syntax_blanks(ps)) {
		struct tree *t = syntax_element(ps);

		if (strncmp(ps->p, "...", 3) == 0) {
			struct tree *repeat = tree_new(ps, TREE_REPEAT);

			if (t->kind == TREE_OPTION) /* may be empty: it would never end */
				syntax_broken(ps);
			ps->p += 3;
			repeat->child = t;
			t = repeat;
		}
		*at = t;
		at = &t->next;
	}
	return seq;
}

static int
node_new(struct command_program *prog, enum syntax_kind kind, int row, int next)
{
	if (prog->count == prog->room) {
		prog->room = prog->room ? prog->room * 2 : 64;
		prog->nodes = xrealloc(prog->nodes, (size_t)prog->room * sizeof(*prog->nodes));
	}
	prog->nodes[prog->count] = (struct syntax_node){ .kind = kind, .row = row, .next = next, .other = -1 };
	return prog->count++;
}

static int compile(struct command_program *prog, const struct tree *t, int row, int next);

static int
compile_sequence(struct command_program *prog, const struct tree *t, int row, int next)
{
	if (t == NULL)
		return next;
	return compile(prog, t, row, compile_sequence(prog, t->next, row, next));
}

static int
compile_choice(struct command_program *prog, const struct tree *t, int row, int next)
{
	int first = compile(prog, t, row, next), split;

	if (t->next == NULL)
		return first;
	split = compile_choice(prog, t->next, row, next);
	int n = node_new(prog, SYNTAX_SPLIT, row, first);

	prog->nodes[n].other = split;
	return n;
}

/* The node where t begins, when next follows t. */
static int
compile(struct command_program *prog, const struct tree *t, int row, int next)
{
	int n, body;

	switch (t->kind) {
	case TREE_SEQ:
		return compile_sequence(prog, t->child, row, next);
	case TREE_CHOICE:
		return compile_choice(prog, t->child, row, next);
	case TREE_OPTION:
		body = compile(prog, t->child, row, next);
		n = node_new(prog, SYNTAX_SPLIT, row, body);
		prog->nodes[n].other = next;
		return n;
	case TREE_REPEAT:
		n = node_new(prog, SYNTAX_SPLIT, row, -1);
		body = compile(prog, t->child, row, n);
		prog->nodes[n].next = body;
		prog->nodes[n].other = next;
		return body;
	case TREE_KEYWORD:
		n = node_new(prog, SYNTAX_KEYWORD, row, next);
		prog->nodes[n].text = t->text;
		return n;
	default:
		n = node_new(prog, SYNTAX_PARAM, row, next);
		prog->nodes[n].text = t->text;
		prog->nodes[n].type = t->type;
		prog->nodes[n].min = t->min;
		prog->nodes[n].max = t->max;
		return n;
	}
}

static void
program_add_firsts(struct command_program *prog, int node)
{
	const struct syntax_node *n = &prog->nodes[node];

	if (n->kind == SYNTAX_SPLIT) {
		program_add_firsts(prog, n->next);
		program_add_firsts(prog, n->other);
		return;
	}
	if (n->kind != SYNTAX_KEYWORD)
		abort(); /* every row begins with a keyword */
	if (prog->first_count == prog->first_room) {
		prog->first_room = prog->first_room ? prog->first_room * 2 : 64;
		prog->firsts = xrealloc(prog->firsts, prog->first_room * sizeof(*prog->firsts));
	}
	prog->firsts[prog->first_count++] = (struct syntax_first){ n->text, node };
}

static int
first_order(const void *a, const void *b)
{
	const struct syntax_first *x = a, *y = b;
	int r = strcasecmp(x->text, y->text);

	return r != 0 ? r : (x->node > y->node) - (x->node < y->node);
}

/* Leading keywords: the first element, then plain keywords up to anything else. */
static int
tree_leading(const struct tree *seq)
{
	int n = 0;

	for (const struct tree *t = seq->child; t != NULL; t = t->next, n++) {
		if (n > 0 && t->kind != TREE_KEYWORD)
			break;
	}
	return n;
}

const struct command_program *
syntax_compile(struct command_table *table)
{
	struct command_program *prog;

	if (table->program != NULL)
		return table->program;
	prog = mem_alloc(syntax_mem(), sizeof(*prog));
	prog->leading = mem_alloc(syntax_mem(), table->count * sizeof(int));
	for (size_t i = 0; i < table->count; i++) {
		struct syntax_parser ps = { mem_new(NULL), syntax_mem(), table->rows[i].syntax, table->rows[i].syntax, NULL };
		struct tree *seq = syntax_sequence(&ps);

		if (*ps.p != '\0')
			syntax_broken(&ps);
		prog->leading[i] = tree_leading(seq);
		int end = node_new(prog, SYNTAX_END, (int)i, -1);

		program_add_firsts(prog, compile(prog, seq, (int)i, end));
		mem_free(ps.mem);
	}
	if (prog->first_count > 0)
		qsort(prog->firsts, prog->first_count, sizeof(*prog->firsts), first_order);
	return table->program = prog;
}

void
syntax_firsts(const struct command_program *prog, const char *word, size_t *from, size_t *to)
{
	size_t len = strlen(word), low = 0, high = prog->first_count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strncasecmp(prog->firsts[mid].text, word, len) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*from = low;
	while (low < prog->first_count && strncasecmp(prog->firsts[low].text, word, len) == 0)
		low++;
	*to = low;
}
