/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection to the daemon: frames of common/control.h, one after the other. */
#ifndef OFFHOOK_CLI_LINK_H
#define OFFHOOK_CLI_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "common/control.h"

struct frame {
	enum control_type type;
	size_t len;
	char data[CONTROL_OUT_MAX + 1]; /* a NUL behind it */
};

/* Connect; ends the process with a message when nobody answers. */
void link_open(const char *path);
void link_send(enum control_type type, const char *data, size_t len);

/*
 * The next frame. False: a signal came before it. Ends the process when the
 * daemon is gone.
 */
bool link_receive(struct frame *f);

/* Ask for help or completions of a text while the daemon waits for a line: the answer, to be freed. */
char *link_ask(enum control_type type, const char *text, size_t len);

void __attribute__((noreturn)) die(const char *what, const char *why);

#endif
