/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/cli.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/mem.h"
#include "server/config/config.h"
#include "server/main/asalog.h"
#include "server/main/cli_filter.h"
#include "server/main/daemon.h"
#include "server/main/limits.h"
#include "server/main/exec_crypto.h"
#include "server/main/request.h"
#include "server/main/tls_notice.h"
#include "server/main/wait.h"
#include "server/show/json.h"

#define BLOCK_BYTES_MAX (256 * 1024)
#define HOSTNAME_DEFAULT "ciscoasa"
#define PAGER_DEFAULT   24

void
cli_init(struct cli *c, const char *user, void (*resume)(struct cli *, const char *text), void *owner)
{
	memset(c, 0, sizeof(*c));
	c->user = user;
	c->resume = resume;
	c->owner = owner;
	c->privileged = true;
	c->pager_lines = PAGER_DEFAULT;
	config_cursor_init(&c->cursor);
}

static void
forget_dialogue(struct cli *c)
{
	if (c->block != NULL)
		explicit_bzero(c->block, c->block_room);
	free(c->block);
	free(c->question);
	free(c->der);
	explicit_bzero(c->passphrase, sizeof(c->passphrase));
	c->block = NULL;
	c->question = NULL;
	c->der = NULL;
	c->block_len = c->block_room = 0;
	c->on_block = NULL;
	c->on_answer = NULL;
}

void
cli_clear(struct cli *c)
{
	request_cancel(c);
	wait_cancel(c);
	cli_interrupt(c);
	forget_dialogue(c);
	config_cursor_clear(&c->cursor);
}

void
cli_want_block(struct cli *c, void (*fn)(struct cli *, const char *text, size_t len, FILE *out))
{
	c->on_block = fn;
	c->block_len = 0;
	c->block_over = false;
}

void
cli_ask(struct cli *c, const char *question, void (*fn)(struct cli *, const char *line, FILE *out))
{
	free(c->question);
	c->question = xstrdup(question);
	c->on_answer = fn;
}

bool
cli_is_yes(const char *line)
{
	return strcasecmp(line, "yes") == 0 || strcasecmp(line, "y") == 0;
}

static const char *
hostname(void)
{
	return daemon_.config->hostname != NULL ? daemon_.config->hostname : HOSTNAME_DEFAULT;
}

enum control_wait
cli_prompt(const struct cli *c, char *text, size_t size)
{
	char mode[64];

	text[0] = '\0';
	if (c->on_block != NULL)
		return WAIT_BLOCK;
	if (c->on_answer != NULL) {
		snprintf(text, size, "%s", c->question);
		return WAIT_QUESTION;
	}
	if (!c->configuring) {
		snprintf(text, size, "%s%c ", hostname(), c->privileged ? '#' : '>');
		return WAIT_COMMAND;
	}
	config_cursor_prompt(&c->cursor, mode, sizeof(mode));
	if (mode[0] == '\0')
		return WAIT_BLOCK; /* inside a certificate */
	snprintf(text, size, "%s%s ", hostname(), mode);
	return WAIT_COMMAND;
}

/* ---- blocks and questions ---- */

static const char *
trimmed(const char *line, size_t *len)
{
	line += strspn(line, " \t\r");
	*len = strlen(line);
	while (*len > 0 && strchr(" \t\r", line[*len - 1]) != NULL)
		(*len)--;
	return line;
}

static void
block_line(struct cli *c, const char *line, FILE *out)
{
	void (*fn)(struct cli *, const char *, size_t, FILE *) = c->on_block;
	size_t len, need = strlen(line) + 2;
	const char *word = trimmed(line, &len);
	char *text;

	if (len != 4 || strncasecmp(word, "quit", 4) != 0) {
		if (c->block_len + need > BLOCK_BYTES_MAX) {
			c->block_over = true; /* said at its end */
			return;
		}
		if (c->block_len + need > c->block_room) {
			c->block_room = (c->block_len + need) * 2;
			c->block = xrealloc(c->block, c->block_room);
		}
		c->block_len += (size_t)snprintf(c->block + c->block_len, need, "%s\n", line);
		return;
	}
	text = c->block;
	c->on_block = NULL;
	c->block = NULL;
	if (c->block_over)
		fprintf(out, "ERROR: the text is longer than %d bytes\n", BLOCK_BYTES_MAX);
	else
		fn(c, text == NULL ? "" : text, c->block_len, out);
	if (text != NULL)
		explicit_bzero(text, c->block_len);
	free(text);
	c->block_len = c->block_room = 0;
}

static void
answer_line(struct cli *c, const char *line, FILE *out)
{
	void (*fn)(struct cli *, const char *, FILE *) = c->on_answer;
	char answer[64];
	const char *p;
	size_t len;

	p = trimmed(line, &len);
	snprintf(answer, sizeof(answer), "%.*s", (int)len, p);
	c->on_answer = NULL;
	fn(c, answer, out);
}

/* ---- commands ---- */

static void
audit(const struct cli *c, unsigned number, const struct cmd_match *m)
{
	char *masked = command_masked(m, m->line, NULL);

	asalog(number, NULL, NULL, c->user, masked, NULL, NULL);
	free(masked);
}

/* Text of a command that has no JSON of its own, as JSON. */
static void
lines_as_json(const char *text, FILE *out)
{
	struct json j = { .f = out };

	json_list(&j, "lines");
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		char *line = strndup(text, len);

		if (line == NULL)
			abort();
		json_str(&j, NULL, line);
		free(line);
		text += len;
		text += *text == '\n';
	}
	json_end_list(&j);
}

static bool
is_show(const struct cmd_match *m)
{
	return strncmp(m->row->syntax, "show ", 5) == 0;
}

/* Errors stay text, so that a script finds them in both forms. */
static void
run_exec(struct cli *c, const struct cmd_match *m, FILE *out)
{
	struct cli_call call = { c, out };
	char *text = NULL;
	size_t len = 0;

	audit(c, is_show(m) ? 111009 : 111008, m);
	if (!c->json || !is_show(m)) {
		m->row->run(m, &call);
		return;
	}
	call.out = open_memstream(&text, &len);
	if (call.out == NULL)
		abort();
	m->row->run(m, &call);
	fclose(call.out);
	if (text[0] == '{' || strncmp(text, "ERROR", 5) == 0)
		fwrite(text, 1, len, out);
	else
		lines_as_json(text, out);
	free(text);
}

static char *
notices_get(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort();
	tls_notices(daemon_.config, f);
	fclose(f);
	return text;
}

/* What the change has brought about, not what was so before. */
static void
notices_new(const char *before, FILE *out)
{
	char *after = notices_get();

	for (char *line = strtok(after, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		if (strstr(before, line) == NULL)
			fprintf(out, "%s\n", line);
	}
	free(after);
}

static void
run_config(struct cli *c, struct config_line *line, FILE *out)
{
	char *before = notices_get();
	struct config *next;

	if (line->kind == CONFIG_LINE_MOVE) {
		config_apply(NULL, &c->cursor, line, out);
	} else {
		next = config_clone(daemon_.config);
		if (config_apply(next, &c->cursor, line, out) != 0 ||
		    (next->session_limit != daemon_.config->session_limit && !limits_hold(next->session_limit, out))) {
			config_free(next);
			free(before);
			return;
		}
		audit(c, 111008, &line->match);
		audit(c, 111010, &line->match);
		daemon_.changed_at = time(NULL);
		snprintf(daemon_.changed_by, sizeof(daemon_.changed_by), "%s", c->user);
		daemon_config_swap(next, out);
		notices_new(before, out);
	}
	free(before);
	if (c->cursor.done) {
		c->configuring = false;
		config_cursor_clear(&c->cursor);
		config_cursor_init(&c->cursor);
	}
}

static void
config_line_take(struct cli *c, const char *text, FILE *out)
{
	static struct config_line line; /* large; one command at a time */
	struct cmd_error error;
	char prompt[160];

	if (config_match(daemon_.config, &c->cursor, text, cli_tables, cli_table_count, &line, &error) != 0) {
		cli_prompt(c, prompt, sizeof(prompt));
		cmd_error_print(&error, strlen(prompt), out);
		return;
	}
	switch (line.kind) {
	case CONFIG_LINE_EMPTY:
		break;
	case CONFIG_LINE_EXTRA:
		run_exec(c, &line.match, out);
		break;
	case CONFIG_LINE_MOVE:
	case CONFIG_LINE_CHANGE:
		if (line.kind != CONFIG_LINE_CHANGE || !crypto_removal_asks(c, &line.match, out))
			run_config(c, &line, out);
		break;
	}
}

/* Without privilege: what shows, and what moves about. */
static bool
is_harmless(const struct cmd_match *m)
{
	static const char *const words[] = { "show ", "enable", "disable", "exit", "quit", "logout", "terminal ", "wait " };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strncmp(m->row->syntax, words[i], strlen(words[i])) == 0)
			return true;
	}
	return false;
}

static void
exec_line_take(struct cli *c, const char *text, FILE *out)
{
	static struct cmd_match match;
	struct cmd_error error;
	char prompt[160];

	if (command_match(cli_tables, cli_table_count, text, &match, &error) == 0) {
		if (c->privileged || is_harmless(&match)) {
			run_exec(c, &match, out);
			return;
		}
		if (c->read_only) {
			fputs("ERROR: Command authorization failed\n", out);
			return;
		}
		memset(&error, 0, sizeof(error)); /* to such a user there is no such command */
		error.kind = CMD_ERROR_INVALID;
		error.column = match.args[0].column;
	}
	if (error.kind == CMD_ERROR_EMPTY)
		return;
	cli_prompt(c, prompt, sizeof(prompt));
	cmd_error_print(&error, strlen(prompt), out);
}

/* ---- what can come next ---- */

void
cli_help(struct cli *c, const char *prefix, FILE *out)
{
	struct cmd_error error;
	int r;

	if (c->on_block != NULL || c->on_answer != NULL)
		return;
	if (c->configuring)
		r = config_help(&c->cursor, prefix, cli_tables, cli_table_count, out, &error);
	else
		r = command_help(cli_tables, cli_table_count, prefix, out, &error);
	if (r != 0)
		cmd_error_print(&error, 0, out);
}

void
cli_complete(struct cli *c, const char *prefix, FILE *out)
{
	if (c->on_block != NULL || c->on_answer != NULL)
		return;
	if (c->configuring)
		config_complete(&c->cursor, prefix, cli_tables, cli_table_count, out);
	else
		command_complete(cli_tables, cli_table_count, prefix, out);
}

/* A line that ends in "?" asks what may come there. */
static bool
help_line(struct cli *c, const char *line, FILE *out)
{
	size_t len = strlen(line);
	char *prefix;

	while (len > 0 && strchr(" \t\r", line[len - 1]) != NULL)
		len--;
	if (len == 0 || line[len - 1] != '?' || memchr(line, '"', len) != NULL)
		return false;
	prefix = strndup(line, len - 1);
	if (prefix == NULL)
		abort();
	cli_help(c, prefix, out);
	free(prefix);
	return true;
}

/* ---- answers in parts, and filtered ---- */

void
cli_continue(struct cli *c, bool (*more)(struct cli *, FILE *), void *state, void (*free_fn)(void *))
{
	c->more = more;
	c->more_state = state;
	c->more_free = free_fn;
}

static void
more_end(struct cli *c)
{
	if (c->more != NULL && c->more_free != NULL)
		c->more_free(c->more_state);
	c->more = NULL;
	c->more_state = NULL;
}

void
cli_interrupt(struct cli *c)
{
	more_end(c);
	cli_filter_free(c->filter);
	c->filter = NULL;
}

/* JSON is one line, and nothing to filter. */
static void
pass(struct cli *c, const char *text, size_t len, FILE *out)
{
	if (c->filter == NULL || c->json)
		fwrite(text, 1, len, out);
	else
		cli_filter_write(c->filter, text, len, out);
	if (c->more != NULL || c->filter == NULL)
		return;
	if (c->json)
		cli_filter_free(c->filter);
	else
		cli_filter_end(c->filter, out);
	c->filter = NULL;
}

bool
cli_more(struct cli *c, FILE *out)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f;

	if (c->more == NULL)
		return false;
	if ((f = open_memstream(&text, &len)) == NULL)
		abort();
	if (!c->more(c, f))
		more_end(c);
	fclose(f);
	pass(c, text, len, out);
	free(text);
	return c->more != NULL;
}

static void
command_take(struct cli *c, const char *line, FILE *out)
{
	char *copy = xstrdup(line), *text = NULL, prompt[160];
	size_t len = 0;
	FILE *f;

	cli_prompt(c, prompt, sizeof(prompt));
	if (cli_filter_cut(copy, strlen(prompt), &c->filter, out)) {
		if ((f = open_memstream(&text, &len)) == NULL)
			abort();
		if (c->configuring)
			config_line_take(c, copy, f);
		else
			exec_line_take(c, copy, f);
		fclose(f);
		pass(c, text, len, out);
		free(text);
	}
	explicit_bzero(copy, strlen(copy));
	free(copy);
}

void
cli_line(struct cli *c, const char *line, FILE *out)
{
	if (c->on_block != NULL)
		block_line(c, line, out);
	else if (c->on_answer != NULL)
		answer_line(c, line, out);
	else if (strchr("!", line[strspn(line, " \t\r")]) != NULL && !c->cursor.block.open)
		return; /* a comment, or nothing at all */
	else if (help_line(c, line, out))
		return;
	else
		command_take(c, line, out);
	if (c->on_block == NULL && c->on_answer == NULL && !c->busy)
		forget_dialogue(c);
}
