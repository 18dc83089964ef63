/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli/terminal.h"

#include <histedit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "server/cli/link.h"

#define HISTORY_LINES 500
#define MORE          "<--- More --->"
#define CTRL_(c)      ((c) & 0x1f)

static struct {
	EditLine *el;
	History *history;
	char prompt[512];
	bool command;
	const char *instead; /* of the line that was being typed; NULL: that line */
	int page, printed; /* lines of a page, and those since the last stop */
	volatile sig_atomic_t interrupted;
} term;

static void
interrupt_cb(int signal)
{
	(void)signal;
	term.interrupted = 1;
}

bool
terminal_interrupted(void)
{
	bool was = term.interrupted;

	term.interrupted = 0;
	return was;
}

/* ---- editing ---- */

static char *
prompt_get(EditLine *el)
{
	(void)el;
	return term.prompt;
}

/* Up to the cursor. */
static size_t
text_before(EditLine *el, const char **text)
{
	const LineInfo *li = el_line(el);

	*text = li->buffer;
	return (size_t)(li->cursor - li->buffer);
}

static bool
in_quotes(const char *text, size_t len)
{
	bool quoted = false;

	for (size_t i = 0; i < len; i++)
		quoted ^= text[i] == '"';
	return quoted;
}

static unsigned char
key_help(EditLine *el, int c)
{
	const char *text;
	size_t len = text_before(el, &text);
	char *answer;

	(void)c;
	if (!term.command || in_quotes(text, len))
		return el_insertstr(el, "?") == 0 ? CC_REFRESH : CC_ERROR;
	answer = link_ask(CONTROL_HELP, text, len);
	printf("?\n%s", answer);
	free(answer);
	return CC_REDISPLAY;
}

static size_t
common_prefix(const char *a, size_t len, const char *b)
{
	size_t n = 0;

	while (n < len && a[n] == b[n])
		n++;
	return n;
}

/* What all candidates have behind the `typed` first characters; *count of them. */
static char *
candidates_common(const char *answer, size_t typed, unsigned *count)
{
	const char *first = answer;
	size_t len = strcspn(answer, "\n");

	*count = 0;
	for (const char *p = answer; *p != '\0'; p += strcspn(p, "\n") + 1) {
		len = common_prefix(first, len, p);
		(*count)++;
	}
	return len > typed ? strndup(first + typed, len - typed) : strdup("");
}

static unsigned char
key_complete(EditLine *el, int c)
{
	const char *text;
	size_t len = text_before(el, &text), word = len;
	char *answer, *more;
	unsigned count;

	(void)c;
	if (!term.command)
		return CC_ERROR;
	while (word > 0 && text[word - 1] != ' ' && text[word - 1] != '\t')
		word--;
	answer = link_ask(CONTROL_WORDS, text, len);
	more = candidates_common(answer, len - word, &count);
	if (count == 1)
		el_insertstr(el, more), el_insertstr(el, " ");
	else if (more[0] != '\0')
		el_insertstr(el, more);
	else if (count > 1)
		printf("\n%s", answer);
	c = count == 0 ? CC_ERROR : count > 1 && more[0] == '\0' ? CC_REDISPLAY : CC_REFRESH;
	free(more);
	free(answer);
	return (unsigned char)c;
}

/* Ctrl-C: the line is not meant. */
static unsigned char
key_cancel(EditLine *el, int c)
{
	(void)el, (void)c;
	term.instead = "";
	return CC_EOF;
}

/* Ctrl-Z: out of configuration. */
static unsigned char
key_end(EditLine *el, int c)
{
	(void)el, (void)c;
	if (strstr(term.prompt, "(config") == NULL)
		return CC_ERROR;
	term.instead = "end";
	return CC_EOF;
}

void
terminal_start(void)
{
	struct sigaction interrupt = { .sa_handler = interrupt_cb }; /* no SA_RESTART: a read is to end */
	HistEvent event;

	sigaction(SIGINT, &interrupt, NULL);
	term.el = el_init("offhook", stdin, stdout, stderr);
	term.history = history_init();
	if (term.el == NULL || term.history == NULL)
		die("the terminal", "cannot be used for editing");
	history(term.history, &event, H_SETSIZE, HISTORY_LINES);
	history(term.history, &event, H_SETUNIQUE, 1);
	el_set(term.el, EL_PROMPT, prompt_get);
	el_set(term.el, EL_EDITOR, "emacs");
	el_set(term.el, EL_HIST, history, term.history);
	el_set(term.el, EL_SETTY, "-d", "-isig", NULL);
	el_set(term.el, EL_ADDFN, "offhook-help", "what can come here", key_help);
	el_set(term.el, EL_ADDFN, "offhook-complete", "complete the word", key_complete);
	el_set(term.el, EL_ADDFN, "offhook-cancel", "forget the line", key_cancel);
	el_set(term.el, EL_ADDFN, "offhook-end", "leave configuration mode", key_end);
	el_set(term.el, EL_BIND, "?", "offhook-help", NULL);
	el_set(term.el, EL_BIND, "^I", "offhook-complete", NULL);
	el_set(term.el, EL_BIND, "^C", "offhook-cancel", NULL);
	el_set(term.el, EL_BIND, "^Z", "offhook-end", NULL);
}

char *
terminal_line(const char *prompt, bool command)
{
	HistEvent event;
	const char *line;
	int len = 0;

	fflush(stdout);
	snprintf(term.prompt, sizeof(term.prompt), "%s", prompt);
	term.command = command;
	term.instead = NULL;
	el_set(term.el, EL_PREP_TERM, 1); /* before the prompt is seen, so that each key after it is a key */
	line = el_gets(term.el, &len);
	if (term.instead != NULL) {
		printf(term.instead[0] == '\0' ? "^C\n" : "^Z\n");
		el_reset(term.el);
		return strdup(term.instead);
	}
	if (line == NULL || len <= 0)
		return NULL;
	if (command && line[strspn(line, " \t\r\n")] != '\0')
		history(term.history, &event, H_ENTER, line);
	return strndup(line, strcspn(line, "\n"));
}

/* ---- pages ---- */

void
terminal_pager(int lines)
{
	term.page = lines;
}

void
terminal_page_begin(void)
{
	term.printed = 0;
}

/* One key, without waiting for a line; 'q' for Ctrl-C and at the end of input. */
static char
key_read(void)
{
	struct termios was, raw;
	char c = 'q';

	if (tcgetattr(STDIN_FILENO, &was) != 0)
		return 'q';
	raw = was;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	if (read(STDIN_FILENO, &c, 1) != 1 || c == CTRL_('c'))
		c = 'q';
	tcsetattr(STDIN_FILENO, TCSADRAIN, &was);
	return c;
}

/* At the end of a page: space goes on by a page, Enter by a line, q ends. */
static bool
page_stop(void)
{
	for (;;) {
		char c;

		printf(MORE);
		fflush(stdout);
		c = key_read();
		printf("\r%*s\r", (int)strlen(MORE), "");
		if (c == 'q' || c == 'Q')
			return false;
		if (c == ' ' || c == '\n' || c == '\r') {
			term.printed = c == ' ' ? 0 : term.page - 1;
			return true;
		}
	}
}

bool
terminal_print(const char *text, size_t len)
{
	while (len > 0) {
		const char *nl = memchr(text, '\n', len);
		size_t n = nl != NULL ? (size_t)(nl - text) + 1 : len;

		if (term.page > 0 && term.printed >= term.page && !page_stop())
			return false;
		fwrite(text, 1, n, stdout);
		term.printed += nl != NULL;
		text += n;
		len -= n;
	}
	return true;
}
