/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command engine: tables of rows, each with a declarative syntax, and the
 * matcher that finds the row a line means. It knows no object of the
 * configuration; configuration modes and exec commands both use it.
 *
 * Syntax: words are keywords (any case, any unambiguous prefix), <...> is a
 * parameter, {a | b} a choice, [x] optional, "x..." one or more.
 * A parameter is <type>, <label:type>, <label> (a word), <1-65535> or
 * <label:1-65535>; a range without label takes the keyword before it as label.
 * Types: param.c has the table.
 */
#ifndef OFFHOOK_COMMAND_H
#define OFFHOOK_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CMD_LINE_MAX 4096 /* bytes of one line; an ASA's terminal takes 511 */
#define CMD_WORDS_MAX 64

enum command_class {
	CMD_ACTS,    /* offhook does it */
	CMD_KEPT,    /* stored and printed back, no effect here */
	CMD_IGNORED, /* an ASA command of another subject: counted */
};

enum command_flags {
	CMD_NO = 1,       /* has a "no" form */
	CMD_ONLY_NO = 2,  /* is a "no" form only: "no group-policy NAME" */
	CMD_MULTI = 4,    /* kept: several lines of this row may stand side by side */
	CMD_INHERIT = 8,  /* setting: unset is not the default; printed whenever set */
	CMD_ALIAS = 16,   /* old spelling of another row: read, never printed */
};

struct cmd_match;
struct config_change;
struct config_printer;
struct config_mode;
struct setting_type;

struct command {
	const char *syntax;
	const char *help;
	enum command_class cls;
	unsigned flags;
	int no_args; /* words after the leading keywords that a "no" form needs */

	/* configuration rows */
	int (*apply)(struct config_change *);
	void (*print)(struct config_printer *, const struct command *, const void *object);
	const struct config_mode *enter; /* mode entered when apply succeeded */

	/* a setting: one field of the mode's object */
	const struct setting_type *type;
	size_t offset;
	const char *dflt; /* default as it would be typed; NULL: none */
	const void *arg;  /* the type's own */

	/* rows that live elsewhere (exec commands): the owner's */
	int (*run)(const struct cmd_match *, void *context);
	const void *user;
};

struct command_program;

struct command_table {
	const char *name;
	const struct command *rows;
	size_t count;
	struct command_program *program; /* compiled at first use */
};

#define COMMAND_TABLE(label, array) \
	{ .name = (label), .rows = (array), .count = sizeof(array) / sizeof((array)[0]) }

struct cmd_arg {
	const char *label; /* parameter label, or the keyword in full */
	const char *value; /* unquoted; NULL for a keyword */
	int column, end;   /* from 1; end is the column after it */
	bool keyword, secret, is_line, quoted;
};

struct cmd_match {
	const struct command *row;
	const struct command_table *table;
	bool no;
	bool exact_first; /* the first keyword was typed in full */
	int leading;      /* args that are the row's leading keywords */
	int argc;
	struct cmd_arg args[CMD_WORDS_MAX];
	char line[CMD_LINE_MAX + 1]; /* as typed */
	char text[2 * CMD_LINE_MAX + CMD_WORDS_MAX + 2];
};

enum cmd_error_kind { CMD_ERROR_NONE, CMD_ERROR_EMPTY, CMD_ERROR_INVALID, CMD_ERROR_INCOMPLETE, CMD_ERROR_AMBIGUOUS };

struct cmd_error {
	enum cmd_error_kind kind;
	int column;         /* first bad character, from 1; of the end of the line when incomplete */
	int words;          /* good words before it */
	bool exact_first;   /* the first word was a keyword in full */
	char reason[160];   /* why a value does not fit; may be "" */
	char expected[240]; /* what could stand there; may be "" */
	char ambiguous[80]; /* the line up to the ambiguous word */
};

/*
 * Find the row a line means over the union of the tables; a line end behind it
 * is allowed. 0, or ERR_INVALID with *error filled.
 */
int command_match(struct command_table *const *tables, size_t count, const char *line, struct cmd_match *,
    struct cmd_error *error);

/* Value of a parameter, NULL when it was not given; nth counts from 0 for repeated ones. */
const char *cmd_str(const struct cmd_match *, const char *label);
const char *cmd_nth(const struct cmd_match *, const char *label, int nth);
const struct cmd_arg *cmd_arg(const struct cmd_match *, const char *label);
bool cmd_int(const struct cmd_match *, const char *label, long long *value);
bool cmd_word(const struct cmd_match *, const char *keyword); /* was the keyword given */
bool cmd_has_secret(const struct cmd_match *);

/* The command in its full spelling, as show running-config would print it, without "no". */
void cmd_print(const struct cmd_match *, FILE *);
/* The same with its secrets as "*****". */
void cmd_print_masked(const struct cmd_match *, FILE *);
/* Overwrite the secrets of a match, its line included, with '*': same lengths, so columns stay. */
void cmd_wipe(struct cmd_match *);
/* A word quoted if it must be. */
void cmd_print_word(const char *word, FILE *);

/*
 * A copy of the line with its secrets as "*****"; free() it. m may be NULL (the
 * line did not match): then all behind words like password, key, secret,
 * pkcs12 is hidden. *column (may be NULL) is moved with the text.
 */
char *command_masked(const struct cmd_match *m, const char *line, int *column);

/* The ASA's text of an error: caret line where there is one, then "ERROR: % ...". */
void cmd_error_print(const struct cmd_error *, size_t prompt_len, FILE *);

/*
 * What "?" shows behind the text typed so far: the words and values that can
 * come next, or the completions of a half word. 0, or ERR_INVALID when the
 * text does not fit (then *error is filled).
 */
int command_help(struct command_table *const *tables, size_t count, const char *prefix, FILE *, struct cmd_error *);

/* The keywords that can complete its last word, one a line. 0, or ERR_INVALID when the text does not fit. */
int command_complete(struct command_table *const *tables, size_t count, const char *prefix, FILE *);

/*
 * A line that the row accepts, for generated tests and dictionaries; variant
 * 0, 1, ... picks other choices. False when there is no such variant.
 */
bool command_sample(struct command_table *, const struct command *row, int variant, char *line, size_t size);

/* The row's leading keywords, "vpn-idle-timeout"; the first of a leading choice. */
void command_keyword(const struct command *row, char *out, size_t size);

#endif
