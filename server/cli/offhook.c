/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offhook: the operator's command. It sends lines to the daemon and prints
 * answers; it knows no grammar. Lines come from the arguments (one command),
 * from a terminal with editing, or from standard input.
 */
#include <editline/readline.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/control.h"

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
	int fd;
	bool terminal;     /* a person types */
	char *command;     /* the arguments, until sent */
	bool one_command;
	bool failed;       /* an ERROR line came */
	bool line_start;
} cli = { .line_start = true };

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "offhook: %s: %s\n", what, why);
	exit(2);
}

static void
frame_send(enum control_type type, const char *data, size_t len)
{
	unsigned char head[CONTROL_HEAD] = {
		(unsigned char)(len >> 24), (unsigned char)(len >> 16), (unsigned char)(len >> 8), (unsigned char)len,
		(unsigned char)type,
	};
	const char *parts[2] = { (const char *)head, data };
	size_t lens[2] = { sizeof(head), len };

	for (int i = 0; i < 2; i++) {
		while (lens[i] > 0) {
			ssize_t n = send(cli.fd, parts[i], lens[i], MSG_NOSIGNAL);

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				return; /* the daemon left: its last words are still to be read */
			parts[i] += n;
			lens[i] -= (size_t)n;
		}
	}
}

static void
read_all(void *buf, size_t len)
{
	char *p = buf;

	while (len > 0) {
		ssize_t n = read(cli.fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			die("the daemon", "closed the connection");
		p += n;
		len -= (size_t)n;
	}
}

static void
output(const char *text, size_t len)
{
	fwrite(text, 1, len, stdout);
	for (size_t i = 0; i < len; i++) {
		if (cli.line_start && len - i >= 5 && memcmp(text + i, "ERROR", 5) == 0)
			cli.failed = true;
		cli.line_start = text[i] == '\n';
	}
}

/* The next line of input, malloc'ed; NULL at the end. A NUL in it is sent as well: the daemon refuses such a line. */
static char *
input_line(const char *prompt, size_t *len)
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
	fflush(stdout);
	if (cli.terminal) {
		line = readline(prompt);
		if (line != NULL && *line != '\0')
			add_history(line);
		*len = line != NULL ? strlen(line) : 0;
		return line;
	}
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
	exit(cli.failed ? 1 : 0);
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
	line = input_line(prompt, &len);
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
	frame_send(CONTROL_LINE, line, len);
	explicit_bzero(line, len); /* it may hold a passphrase */
	free(line);
}

static void __attribute__((noreturn))
converse(void)
{
	static char text[CONTROL_OUT_MAX + 1];

	for (;;) {
		unsigned char head[CONTROL_HEAD];
		size_t len;

		read_all(head, sizeof(head));
		len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
		if (len > CONTROL_OUT_MAX)
			die("the daemon", "sends what is no answer");
		read_all(text, len);
		text[len] = '\0';
		if (head[4] == CONTROL_OUTPUT)
			output(text, len);
		else if (head[4] == CONTROL_PROMPT && len > 0)
			prompted((enum control_wait)text[0], text + 1);
		else if (head[4] == CONTROL_END)
			finish();
	}
}

static void
reach(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(sun.sun_path))
		die(path, "the path is too long");
	strcpy(sun.sun_path, path);
	cli.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (cli.fd < 0 || connect(cli.fd, (struct sockaddr *)&sun, sizeof(sun)) != 0)
		die(path, strerror(errno));
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

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
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
		default:
			fputs("Try offhook --help\n", stderr);
			return 2;
		}
	}
	reach(path);
	cli.one_command = optind < argc;
	if (cli.one_command)
		cli.command = join(argv + optind, argc - optind);
	cli.terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (json)
		frame_send(CONTROL_JSON, "", 0);
	converse();
}
