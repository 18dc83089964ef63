/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offhook: the operator's command. It sends lines to the daemon and prints
 * answers; it knows no grammar. Lines come from the arguments (one command),
 * from a terminal with editing, or from standard input.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/cli/link.h"
#include "server/cli/terminal.h"

#define SOCKET_DEFAULT "/run/offhook/control.sock"
#define SOCKET_ENV     "OFFHOOK_SOCKET"

static const char usage_text[] =
    "Usage: offhook [-s SOCKET] [-j] [COMMAND...]\n"
    "Operates offhookd. Without a command, reads lines from the terminal or standard input.\n\n"
    "  -s, --socket PATH  control socket ($" SOCKET_ENV ", else " SOCKET_DEFAULT ")\n"
    "  -j, --json         answer show commands as JSON\n"
    "  -V, --version      print the version\n"
    "  -h, --help         print this\n\n"
    "For example:\n"
    "  offhook show vpn-sessiondb anyconnect\n"
    "  offhook vpn-sessiondb logoff name CP-8841-SEP682C7B40B5CE noconfirm\n"
    "  offhook crypto ca authenticate cert1 nointeractive < ca.pem   (ca.pem, then a line \"quit\")\n\n"
    "Exit status: 0; 1 when an answer line begins with ERROR; 2 when the daemon is not reached.\n";

static struct {
	bool terminal;     /* a person types */
	char *command;     /* the arguments, until sent */
	bool one_command;
	bool failed;       /* an ERROR line came */
	bool line_start;
	bool stopped;      /* the rest of this answer is not wanted */
} cli = { .line_start = true };

static void
failure_note(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (cli.line_start && len - i >= 5 && memcmp(text + i, "ERROR", 5) == 0)
			cli.failed = true;
		cli.line_start = text[i] == '\n';
	}
}

static void
stop(void)
{
	if (!cli.stopped)
		link_send(CONTROL_STOP, "", 0);
	cli.stopped = true;
}

static void
output(const char *text, size_t len)
{
	failure_note(text, len);
	if (!cli.terminal || cli.one_command)
		fwrite(text, 1, len, stdout);
	else if (!cli.stopped && !terminal_print(text, len))
		stop();
}

/* The next line of input, malloc'ed; NULL at the end. A NUL in it is sent as well: the daemon refuses such a line. */
static char *
input_line(const char *prompt, bool command, size_t *len)
{
	static size_t room;
	char *line = NULL;
	ssize_t n;

	if (cli.command != NULL) {
		line = cli.command;
		cli.command = NULL;
		*len = strlen(line);
		return line;
	}
	if (cli.terminal) {
		line = terminal_line(prompt, command);
		*len = line != NULL ? strlen(line) : 0;
		return line;
	}
	fflush(stdout);
	room = 0;
	n = getline(&line, &room, stdin);
	if (n < 0) {
		free(line);
		return NULL;
	}
	if (n > 0 && line[n - 1] == '\n')
		line[--n] = '\0';
	*len = (size_t)n;
	return line;
}

static void __attribute__((noreturn))
finish(void)
{
	fflush(stdout);
	exit(cli.failed && (!cli.terminal || cli.one_command) ? 1 : 0); /* a person has seen it */
}

/* The daemon waits: send what is next, or end. */
static void
prompted(enum control_wait wait, const char *prompt)
{
	size_t len;
	char *line;

	if (wait == WAIT_COMMAND && cli.one_command && cli.command == NULL)
		finish();
	if (wait == WAIT_QUESTION && !cli.terminal) {
		printf("%s\n", prompt);
		cli.line_start = true;
	}
	cli.stopped = false;
	terminal_page_begin();
	line = input_line(prompt, wait == WAIT_COMMAND, &len);
	if (line == NULL && wait != WAIT_COMMAND) {
		fprintf(stderr, "offhook: end of input where %s was expected; nothing was done\n",
		    wait == WAIT_BLOCK ? "a line \"quit\"" : "an answer");
		cli.failed = true;
	}
	if (line == NULL)
		finish();
	if (len > CONTROL_LINE_MAX) {
		fprintf(stderr, "offhook: a line of more than %d characters\n", CONTROL_LINE_MAX);
		cli.failed = true;
		finish();
	}
	link_send(CONTROL_LINE, line, len);
	explicit_bzero(line, len); /* it may hold a passphrase */
	free(line);
}

static void __attribute__((noreturn))
converse(void)
{
	static struct frame f;

	for (;;) {
		if (!link_receive(&f)) {
			if (!terminal_interrupted())
				continue;
			if (cli.one_command || cli.stopped) /* it does not stop by itself */
				exit(130);
			stop();
			continue;
		}
		if (f.type == CONTROL_OUTPUT)
			output(f.data, f.len);
		else if (f.type == CONTROL_PAGER)
			terminal_pager((int)strtol(f.data, NULL, 10));
		else if (f.type == CONTROL_PROMPT && f.len > 0)
			prompted((enum control_wait)f.data[0], f.data + 1);
		else if (f.type == CONTROL_END)
			finish();
	}
}

/* Arguments joined by blanks. */
static char *
join(char **argv, int argc)
{
	size_t size = 1;
	char *out, *p;

	for (int i = 0; i < argc; i++)
		size += strlen(argv[i]) + 1;
	p = out = calloc(1, size);
	if (out == NULL)
		die("arguments", strerror(errno));
	for (int i = 0; i < argc; i++)
		p += sprintf(p, "%s%s", i > 0 ? " " : "", argv[i]);
	return out;
}

/* What can follow these words, a keyword a line, for a shell. */
static void __attribute__((noreturn))
complete(const char *path, char *text)
{
	link_open(path);
	fputs(link_ask(CONTROL_WORDS, text, strlen(text)), stdout);
	exit(0);
}

int
main(int argc, char **argv)
{
	enum { COMPLETE = 256 };
	static const struct option longs[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ "complete", no_argument, NULL, COMPLETE },
		{ NULL, 0, NULL, 0 },
	};
	const char *path = getenv(SOCKET_ENV) != NULL ? getenv(SOCKET_ENV) : SOCKET_DEFAULT;
	bool json = false;
	int opt;

	/* "+": what follows the first word is the command's, also "-x" */
	while ((opt = getopt_long(argc, argv, "+s:jVh", longs, NULL)) != -1) {
		switch (opt) {
		case 's':
			path = optarg;
			break;
		case 'j':
			json = true;
			break;
		case 'V':
			printf("offhook %s\n", OFFHOOK_VERSION);
			return 0;
		case 'h':
			fputs(usage_text, stdout);
			return 0;
		case COMPLETE:
			complete(path, join(argv + optind, argc - optind));
		default:
			fputs("Try offhook --help\n", stderr);
			return 2;
		}
	}
	link_open(path);
	cli.one_command = optind < argc;
	if (cli.one_command)
		cli.command = join(argv + optind, argc - optind);
	cli.terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (cli.terminal)
		terminal_start();
	if (json)
		link_send(CONTROL_JSON, "", 0);
	converse();
}
