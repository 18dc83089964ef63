/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A person at a terminal: lines edited by libedit, with history, "?" and Tab
 * answered by the daemon, and output in pages.
 */
#ifndef OFFHOOK_CLI_TERMINAL_H
#define OFFHOOK_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

void terminal_start(void);

/* A line for this prompt, the caller's; NULL at the end of input. command: "?" and Tab mean something. */
char *terminal_line(const char *prompt, bool command);

/* Lines of a page, 0: no pages. */
void terminal_pager(int lines);
/* Output begins anew: a prompt has been seen. */
void terminal_page_begin(void);
/* Print, page by page. False: the person wants no more of it. */
bool terminal_print(const char *text, size_t len);

/* Has Ctrl-C been pressed since the last call? */
bool terminal_interrupted(void);

#endif
