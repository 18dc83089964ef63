/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where "configure terminal" stands: a stack of modes. Objects are remembered
 * by name, so a cursor survives the swap of the configuration.
 *
 * Use: config_match() a line; when it is a change, clone the configuration,
 * config_apply() it to the clone, and swap. Answers go to a stream.
 */
#ifndef OFFHOOK_CURSOR_H
#define OFFHOOK_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "server/config/command.h"
#include "server/config/model.h"

#define CONFIG_NAME_MAX 128
#define CONFIG_KEY_MAX (3 * CONFIG_NAME_MAX + 16) /* the key of an object that three names tell apart */
#define CONFIG_DEPTH_MAX 5

struct config_mode;

struct config_frame {
	const struct config_mode *mode;
	char name[CONFIG_KEY_MAX + 1];  /* of the mode's object; "" when it needs none */
	int indent;                     /* files: of the line that entered the mode */
	bool indented;                  /* files: a line of the mode stood deeper */
};

/* A certificate in the making: hex lines up to "quit". */
struct config_block {
	bool open;
	bool ca;
	char serial[2 * CONFIG_NAME_MAX];
	char *hex;
	size_t len, room;
};

struct config_cursor {
	int depth;  /* frames[0] is global configuration mode */
	bool done;  /* "end", or "exit" from global mode: leave configure terminal */
	struct config_frame frames[CONFIG_DEPTH_MAX];
	struct config_block block;
};

void config_cursor_init(struct config_cursor *);
/* Free what it holds; it may be initialised again. */
void config_cursor_clear(struct config_cursor *);
/* "(config)#", "(config-group-policy)#"; "" inside a certificate block. */
void config_cursor_prompt(const struct config_cursor *, char *out, size_t size);

enum config_line_kind {
	CONFIG_LINE_EMPTY,  /* blank or comment */
	CONFIG_LINE_MOVE,   /* exit, end, block text: config_apply(NULL, ...) does it, no clone needed */
	CONFIG_LINE_CHANGE, /* config_apply() to a clone */
	CONFIG_LINE_EXTRA,  /* a row of the caller's tables: match.row->run */
};

struct config_line {
	enum config_line_kind kind;
	int depth; /* the frame whose mode knows the line */
	const struct config_mode *sideways; /* the mode that knows it beside the stack */
	struct cmd_match match;
};

/*
 * What does the line mean here? It is tried in the current mode, then in each
 * mode above, together with the caller's extra tables at the top. An alias of
 * the configuration's (may be NULL), "name IP ALIAS", stands for its address.
 * Touches neither it nor the cursor. 0, or ERR_INVALID with *error filled.
 */
int config_match(const struct config *, const struct config_cursor *, const char *line,
    struct command_table *const *extra, size_t extra_count, struct config_line *, struct cmd_error *error);

/*
 * Do it: change cfg, check it whole, move the cursor. Answers of the ASA
 * ("INFO: ...", "WARNING: ...", "ERROR: ...") go to answer. Secrets in the line
 * are overwritten with '*' once they have been taken. 0, or ERR_CONFIG:
 * cfg is then fit only for config_free() and the cursor has not moved.
 */
int config_apply(struct config *cfg, struct config_cursor *, struct config_line *, FILE *answer);

/* "?" at this place; as command_help(). */
int config_help(const struct config_cursor *, const char *prefix, struct command_table *const *extra,
    size_t extra_count, FILE *, struct cmd_error *error);
/* As command_complete(), at this place. */
int config_complete(const struct config_cursor *, const char *prefix, struct command_table *const *extra,
    size_t extra_count, FILE *);

#endif
