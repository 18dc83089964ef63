/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A row's syntax string compiled into a small state machine: nodes that eat one
 * word (keyword, parameter), nodes that branch, and one end per row.
 */
#ifndef OFFHOOK_SYNTAX_H
#define OFFHOOK_SYNTAX_H

#include <stddef.h>

#include "server/config/command.h"
#include "server/config/param.h"

enum syntax_kind { SYNTAX_KEYWORD, SYNTAX_PARAM, SYNTAX_SPLIT, SYNTAX_END };

struct syntax_node {
	enum syntax_kind kind;
	int next, other;               /* other: second way of a split, else -1 */
	int row;
	const char *text;              /* keyword or label */
	const struct param_type *type; /* parameter; NULL: number from min to max */
	long long min, max;
};

struct syntax_first { /* a keyword that can begin a row */
	const char *text;
	int node;
};

struct command_program {
	struct syntax_node *nodes;
	int count, room;
	int *leading;                /* per row: number of leading keywords */
	struct syntax_first *firsts; /* sorted by text, case-insensitive */
	size_t first_count, first_room;
};

/* Compile at first use; the program lives as long as the process. Broken syntax aborts: it is our own. */
const struct command_program *syntax_compile(struct command_table *);

/* The range of firsts that begin with the word, any case. */
void syntax_firsts(const struct command_program *, const char *word, size_t *from, size_t *to);

#endif
