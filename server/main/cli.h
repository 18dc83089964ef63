/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One operator's command line: modes, questions, blocks. It gets lines and
 * writes answers; where they come from is the control socket's business.
 */
#ifndef OFFHOOK_CLI_H
#define OFFHOOK_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "common/control.h"
#include "server/config/cursor.h"
#include "server/show/session_list.h"

struct cli {
	bool json;
	bool configuring;             /* in configure terminal */
	bool left;                    /* exit from exec mode */
	bool read_only;               /* it came by the monitoring socket: show commands alone */
	bool privileged;              /* "#"; else ">", where nothing can be changed */
	int pager_lines;              /* terminal pager, 0 off */
	bool busy;                    /* a command waits for another process: no lines until resume() */
	const char *user;             /* for the log */
	struct config_cursor cursor;

	/* what the next lines are for; NULL: commands */
	void (*on_block)(struct cli *, const char *text, size_t len, FILE *out);
	void (*on_answer)(struct cli *, const char *line, FILE *out);
	char *block;
	size_t block_len, block_room;
	bool block_over;              /* it is longer than any certificate */
	char *question;               /* text of the prompt while on_answer waits */

	/* a long answer comes in parts: more() writes the next, and says whether there is another */
	bool (*more)(struct cli *, FILE *out);
	void (*more_free)(void *);
	void *more_state;
	struct cli_filter *filter;    /* what the answer goes through */

	/* the command under way keeps its facts here */
	char trustpoint[129];
	char passphrase[257];
	unsigned char *der;
	size_t der_len;
	char said[160];               /* what the lines of a dialogue have said so far */
	struct session_query logoff;  /* whom to log off, once it is confirmed */
	bool logoff_nobody;           /* sessions of a type that is never here */

	void (*resume)(struct cli *, const char *text); /* the busy command is done; text is its output */
	void *owner;
};

void cli_init(struct cli *c, const char *user, void (*resume)(struct cli *, const char *text), void *owner);
void cli_clear(struct cli *c);

/* Take one line. */
void cli_line(struct cli *c, const char *line, FILE *out);

/* The next part of a long answer; false: that was all. */
bool cli_more(struct cli *c, FILE *out);
/* Nobody wants the rest of it. */
void cli_interrupt(struct cli *c);

/* What can follow the text: with "?" in words and meanings, for completion one keyword a line. */
void cli_help(struct cli *c, const char *prefix, FILE *out);
void cli_complete(struct cli *c, const char *prefix, FILE *out);

/* What it waits for, and the prompt to show. */
enum control_wait cli_prompt(const struct cli *c, char *text, size_t size);

/* For commands: read lines up to "quit" and hand them over; ask a question. */
void cli_want_block(struct cli *c, void (*fn)(struct cli *, const char *text, size_t len, FILE *out));
void cli_ask(struct cli *c, const char *question, void (*fn)(struct cli *, const char *line, FILE *out));
/* "yes", "y", in any case */
bool cli_is_yes(const char *line);

/* What run() of an exec row gets as its context. */
struct cli_call {
	struct cli *cli;
	FILE *out;
};

static inline FILE *
out_of(void *context)
{
	return ((struct cli_call *)context)->out;
}

static inline bool
json_of(void *context)
{
	return ((struct cli_call *)context)->cli->json;
}

/* Go on with a long answer: parts as cli.more, the state freed by free_fn. */
void cli_continue(struct cli *c, bool (*more)(struct cli *, FILE *out), void *state, void (*free_fn)(void *));

extern struct command_table exec_system_table, exec_aaa_table, exec_sessiondb_table, exec_show_table, exec_debug_table, exec_lab_table;
extern struct command_table *const cli_tables[]; /* exec commands */
extern const size_t cli_table_count;

#endif
