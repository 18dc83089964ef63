/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: a Unix stream socket that carries frames of length (4,
 * big-endian, of the payload), type (1), payload. The operator's command knows
 * these and nothing of the commands themselves.
 */
#ifndef OFFHOOK_CONTROL_H
#define OFFHOOK_CONTROL_H

#define CONTROL_HEAD     5
#define CONTROL_LINE_MAX (128 * 1024) /* payload of a frame to the daemon */
#define CONTROL_OUT_MAX  (64 * 1024)  /* payload of a frame from the daemon */

enum control_type {
	CONTROL_LINE = 'L',   /* to the daemon: a line, without its newline */
	CONTROL_JSON = 'J',   /* to the daemon: answer show commands as JSON from now on */
	CONTROL_HELP = '?',   /* to the daemon: what can follow this text; answered with CONTROL_OUTPUT and CONTROL_DONE */
	CONTROL_WORDS = 'W',  /* to the daemon: its completions; the same, one keyword a line */
	CONTROL_STOP = 'C',   /* to the daemon: the rest of the answer under way is not wanted */
	CONTROL_OUTPUT = 'O', /* from the daemon: text */
	CONTROL_DONE = 'D',   /* from the daemon: CONTROL_HELP or CONTROL_WORDS is answered */
	CONTROL_PAGER = 'G',  /* from the daemon: lines of a page, in decimal; 0 is off */
	CONTROL_PROMPT = 'P', /* from the daemon: it waits; one byte of enum control_wait, then the prompt's text */
	CONTROL_END = 'X',    /* from the daemon: the operator left */
};

enum control_wait {
	WAIT_COMMAND = 'c',  /* for a command */
	WAIT_BLOCK = 'b',    /* for lines up to "quit" */
	WAIT_QUESTION = 'q', /* for one line that answers a question */
};

#endif
