/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cursor's steps that the file reader takes as well. */
#ifndef OFFHOOK_CURSOR_PRIVATE_H
#define OFFHOOK_CURSOR_PRIVATE_H

#include "server/config/cursor.h"

struct config_change;

int cursor_match(const struct config *, const struct config_cursor *, int from, const char *line,
    struct command_table *const *extra, size_t extra_count, struct config_line *, struct cmd_error *);
/* Lines that an ASA prints around its configuration, comments, nothing. */
bool line_is_meta(const char *line);
/* Does the mode's own table know the line? */
bool mode_knows(const struct config_mode *, const char *line);
/* Apply a matched line; files go on after an error, so then the mode is entered all the same. */
int cursor_apply(struct config_cursor *, struct config_line *, struct config_change *);
void cursor_leave(struct config_cursor *, const char *word);
void cursor_enter(struct config_cursor *, int level, const struct config_mode *, const char *name, int indent);

#endif
