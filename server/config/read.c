/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a startup-config: any bytes in, a model and a list of findings out.
 * Indentation is optional. Where it is there it helps: a line as far left as
 * the one that opened the mode belongs to the modes above.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "common/err.h"
#include "server/config/cursor_private.h"
#include "server/config/grammar.h"
#include "server/config/token.h"

#define FILE_MAX_BYTES (256u << 20)
#define READ_BYTES 65536
#define LOOK_AHEAD_LINES 64

struct reader {
	struct config *cfg;
	struct config_report *report;
	struct config_cursor cursor;
	const char **starts; /* of each line */
	int lines, at;       /* at: index of the current line */
	const char *end;
	char text[CMD_LINE_MAX + 1]; /* the current line */
	int indent;
	int failed_indent;   /* lines deeper than a line in error are not reported again; -1 */
	int ignored_indent;  /* lines deeper than an ignored line belong to it; -1 */
	int block_line;      /* where the open certificate block began */
	bool after_bad_block;
	bool skip_block;     /* pasted text of a command that is not for files */
	struct config_line line;
	struct cmd_error error;
};

/* Commands of the prompt that a transcript may hold. */
static const struct command file_commands[] = {
	{ .syntax = "configure [<line>]", .help = "Enter configuration mode" },
	{ .syntax = "crypto ca enroll [<line>]", .cls = CMD_IGNORED },
	{ .syntax = "crypto ca authenticate [<line>]", .cls = CMD_IGNORED },
	{ .syntax = "crypto ca import [<line>]", .cls = CMD_IGNORED },
	{ .syntax = "crypto ca export [<line>]", .cls = CMD_IGNORED },
	{ .syntax = "crypto key {generate | zeroize} [<line>]", .cls = CMD_IGNORED },
	{ .syntax = "write [<line>]", .cls = CMD_IGNORED },
	{ .syntax = "copy [<line>]", .cls = CMD_IGNORED },
	{ .syntax = "show [<line>]", .cls = CMD_IGNORED },
};

static struct command_table file_rows = COMMAND_TABLE("file", file_commands);
static struct command_table *const file_tables[] = { &file_rows };

static size_t
line_length(const struct reader *rd, int line)
{
	const char *start = rd->starts[line];
	const char *end = line + 1 < rd->lines ? rd->starts[line + 1] - 1 : rd->end;

	while (end > start && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (size_t)(end - start);
}

static bool
is_comment(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && (text[i] == ' ' || text[i] == '\t'))
		i++;
	return i == len || text[i] == '!' || text[i] == ':';
}

/* Copy line number `line` to out; false when it is not fit to be one (reported, if report is set). */
static bool
line_get(struct reader *rd, int line, char *out, bool report)
{
	const char *start = rd->starts[line];
	size_t len = line_length(rd, line), bad;
	bool comment = is_comment(start, len);

	out[0] = '\0';
	if (comment)
		return true;
	if (len > CMD_LINE_MAX) {
		memcpy(out, start, CMD_LINE_MAX);
		out[CMD_LINE_MAX] = '\0';
		if (report)
			report_add_source(rd->report, false, line + 1, 1, out, NULL,
			    "the line has %zu characters; at most %d are allowed", len, CMD_LINE_MAX);
		return false;
	}
	memcpy(out, start, len);
	out[len] = '\0';
	if ((bad = token_bad_byte(start, len)) < len) {
		if (report)
			report_add_source(rd->report, false, line + 1, (int)bad + 1, out, NULL,
			    "byte 0x%02x is not allowed: a configuration is text, ASCII or UTF-8", (unsigned char)start[bad]);
		return false;
	}
	return true;
}

static int
line_indent(const char *text)
{
	int n = 0;

	for (; *text == ' ' || *text == '\t'; text++)
		n = *text == '\t' ? (n | 7) + 1 : n + 1;
	return n;
}

/* --- certificate blocks ------------------------------------------------------- */

static void
block_unterminated(struct reader *rd, int column)
{
	if (column > 0)
		report_add(rd->report, rd->cfg, false, rd->at + 1, column,
		    "not hex: the certificate block of line %d ends with \"quit\"", rd->block_line);
	else
		report_add(rd->report, rd->cfg, false, rd->block_line, 1, "the certificate block is not ended by \"quit\"");
	rd->cursor.block.open = false;
	rd->after_bad_block = true;
}

/* True when the line was eaten by the block. */
static bool
block_line(struct reader *rd)
{
	struct config_cursor *c = &rd->cursor;
	struct config_change ch = { .cfg = rd->cfg, .report = rd->report, .line = rd->block_line, .m = &rd->line.match };
	size_t bad;
	int r = chain_block_line(&c->block, rd->text, &bad);

	if (r > 0)
		return true;
	if (r < 0) {
		block_unterminated(rd, (int)bad + 1);
		/* what looks like damaged hex is not read as a command */
		return bad > strspn(rd->text, " \t") + 7 ||
		    cursor_match(rd->cfg, c, c->depth, rd->text, file_tables, 1, &rd->line, &rd->error) != 0;
	}
	c->block.open = false;
	/* rd->line still is the "certificate" line */
	chain_block_finish(&ch, c->frames[c->depth].name, &c->block);
	return true;
}

/* Hex and "quit" left over behind a block that was given up. */
static bool
block_remains(struct reader *rd)
{
	struct config_block scratch = { 0 };
	size_t bad;
	int r;

	if (!rd->after_bad_block)
		return false;
	r = chain_block_line(&scratch, rd->text, &bad);
	free(scratch.hex);
	if (r < 0 || rd->text[0] == '\0')
		rd->after_bad_block = false;
	return r >= 0;
}

/* --- the webvpn of a group-policy, or the global one? --------------------------- */

/* The next lines decide: the first that only one of the two modes knows. */
static bool
webvpn_is_global(struct reader *rd)
{
	char *next = xmalloc(CMD_LINE_MAX + 1);
	bool global = false;

	for (int i = rd->at + 1; i < rd->lines && i <= rd->at + LOOK_AHEAD_LINES; i++) {
		bool inner, outer;

		if (!line_get(rd, i, next, false) || *next == '\0')
			continue;
		inner = mode_knows(&mode_group_webvpn, next);
		outer = mode_knows(&mode_webvpn, next);
		if (inner && outer)
			continue;
		global = outer;
		break;
	}
	free(next);
	return global;
}

/* In flat text a "webvpn" inside another mode may be meant as the global one. */
static void
webvpn_decide(struct reader *rd)
{
	const struct config_frame *frame = &rd->cursor.frames[rd->line.depth];

	if (rd->line.depth == 0 || rd->line.match.no || strcmp(rd->line.match.args[0].label, "webvpn") != 0)
		return;
	if (rd->indent > frame->indent || !webvpn_is_global(rd))
		return;
	cursor_match(rd->cfg, &rd->cursor, 0, rd->text, NULL, 0, &rd->line, &rd->error);
}

/* --- one line ------------------------------------------------------------------- */

static void
line_error(struct reader *rd)
{
	const struct cmd_error *e = &rd->error;
	const char *expected = e->expected[0] != '\0' ? ": expected " : "";

	if (rd->failed_indent >= 0 && rd->indent > rd->failed_indent)
		return;
	rd->failed_indent = rd->indent;
	if (e->kind == CMD_ERROR_AMBIGUOUS)
		report_add_source(rd->report, false, rd->at + 1, e->column, rd->text, NULL, "Ambiguous command:  \"%s\"",
		    e->ambiguous);
	else if (e->kind == CMD_ERROR_INCOMPLETE)
		report_add_source(rd->report, false, rd->at + 1, e->column, rd->text, NULL, "Incomplete command%s%s",
		    expected, e->expected);
	else if (e->reason[0] != '\0')
		report_add_source(rd->report, false, rd->at + 1, e->column, rd->text, NULL,
		    "Invalid input detected at '^' marker: %s", e->reason);
	else
		report_add_source(rd->report, false, rd->at + 1, e->column, rd->text, NULL,
		    "Invalid input detected at '^' marker%s%s", expected, e->expected);
}

/* Match, giving the modes above the first chance when the line stands as far left as the mode's opening line. */
static int
line_match(struct reader *rd)
{
	struct config_cursor *c = &rd->cursor;
	struct cmd_error first;
	int base = c->depth;

	while (base > 0 && c->frames[base].indented && rd->indent <= c->frames[base].indent)
		base--;
	if (c->frames[base].mode->swallow && rd->indent > c->frames[base].indent) {
		rd->cfg->tables->ignored_lines++;
		c->frames[base].indented = true;
		c->depth = base;
		return ERR_AGAIN;
	}
	if (cursor_match(rd->cfg, c, base, rd->text, file_tables, 1, &rd->line, &rd->error) == 0)
		return 0;
	if (base == c->depth)
		return ERR_INVALID;
	first = rd->error;
	if (cursor_match(rd->cfg, c, c->depth, rd->text, file_tables, 1, &rd->line, &rd->error) == 0)
		return 0;
	if (first.words >= rd->error.words)
		rd->error = first;
	return ERR_INVALID;
}

/* A command of the prompt in a file: said, not done; the text pasted for it is skipped. */
static void
line_prompt_command(struct reader *rd)
{
	const struct cmd_match *m = &rd->line.match;
	char *next;
	size_t len = 0;

	if (m->row->cls != CMD_IGNORED)
		return;
	report_add_source(rd->report, true, rd->at + 1, m->args[0].column, rd->text, m,
	    "a command for the prompt, not for the configuration: not done");
	if (!cmd_word(m, "authenticate") && !cmd_word(m, "import"))
		return;
	next = xmalloc(CMD_LINE_MAX + 1);
	for (int i = rd->at + 1; i < rd->lines && len == 0; i++) {
		line_get(rd, i, next, false);
		len = strlen(next);
	}
	rd->skip_block = strncmp(next, "-----BEGIN", 10) == 0 || (len >= 40 && strcspn(next, " \t") == len);
	free(next);
}

static void
line_apply(struct reader *rd)
{
	struct config_cursor *c = &rd->cursor;
	struct config_change ch = { .cfg = rd->cfg, .report = rd->report, .line = rd->at + 1 };
	int level = rd->line.depth;

	if (level > 0 && rd->indent > c->frames[level].indent)
		c->frames[level].indented = true;
	if (rd->line.match.table == &file_rows) {
		line_prompt_command(rd);
		c->depth = level;
		return;
	}
	if (rd->line.match.table == &common_rows) {
		cursor_leave(c, rd->line.match.args[0].label);
		c->done = false;
		return;
	}
	if (rd->line.match.row->cls == CMD_IGNORED && rd->ignored_indent < 0)
		rd->ignored_indent = rd->indent;
	cursor_apply(c, &rd->line, &ch);
	if (c->depth > level)
		c->frames[c->depth].indent = rd->indent;
	if (c->block.open)
		rd->block_line = rd->at + 1;
}

static void
read_line(struct reader *rd)
{
	bool good = line_get(rd, rd->at, rd->text, true);
	int r;

	rd->indent = line_indent(rd->text);
	if (!good) {
		rd->failed_indent = rd->indent;
		return;
	}
	if (rd->skip_block) {
		rd->skip_block = strcasecmp(rd->text + strspn(rd->text, " \t"), "quit") != 0;
		return;
	}
	if (line_is_meta(rd->text))
		return;
	if ((rd->cursor.block.open && block_line(rd)) || block_remains(rd))
		return;
	r = line_match(rd);
	if (rd->indent <= rd->ignored_indent)
		rd->ignored_indent = -1;
	if (r == ERR_AGAIN)
		return;
	if (r != 0 && rd->ignored_indent >= 0) {
		rd->cfg->tables->ignored_lines++;
		return;
	}
	if (r != 0) {
		line_error(rd);
		return;
	}
	if (rd->indent <= rd->failed_indent)
		rd->failed_indent = -1;
	webvpn_decide(rd);
	line_apply(rd);
}

static void
report_ignored(struct reader *rd)
{
	const struct config_tables *t = rd->cfg->tables;
	char list[1024] = "";
	size_t used = 0;

	if (t->ignored_lines == 0)
		return;
	for (const struct ignored_count *c = t->ignored_first; c != NULL && used < sizeof(list) - 120; c = c->next)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s (%d)", used ? ", " : "", c->keyword, c->lines);
	report_add_source(rd->report, true, 0, 0, NULL, NULL, "%d %s no effect here: %s%s", t->ignored_lines,
	    t->ignored_lines == 1 ? "line has" : "lines have", list,
	    used >= sizeof(list) - 120 ? ", ..." : "");
}

static void
reader_lines(struct reader *rd, const char *text, size_t len)
{
	const char *p = text;
	int room = 0;

	rd->end = text + len;
	while (p < rd->end) {
		const char *nl = memchr(p, '\n', (size_t)(rd->end - p));

		if (rd->lines == room) {
			room = room ? room * 2 : 256;
			rd->starts = xrealloc(rd->starts, (size_t)room * sizeof(*rd->starts));
		}
		rd->starts[rd->lines++] = p;
		p = nl != NULL ? nl + 1 : rd->end;
	}
}

static void
reader_close(struct reader *rd)
{
	struct config_tables *t = rd->cfg->tables;

	free(t->places);
	t->places = NULL;
	t->place_count = t->place_room = 0;
	t->source = NULL;
	t->source_lines = 0;
	free(rd->starts);
	config_cursor_clear(&rd->cursor);
	explicit_bzero(rd, sizeof(*rd)); /* the last lines may hold passwords */
	free(rd);
}

int
read_text(struct config *cfg, const char *text, size_t len, struct config_report *report, bool check)
{
	struct reader *rd = xcalloc(1, sizeof(*rd));
	const char *nul = memchr(text, '\0', len);
	int errors = report->errors;

	rd->cfg = cfg;
	rd->report = report;
	rd->failed_indent = rd->ignored_indent = -1;
	config_cursor_init(&rd->cursor);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	reader_lines(rd, text, len);
	cfg->tables->source = rd->starts;
	cfg->tables->source_lines = rd->lines;
	cfg->tables->source_end = rd->end;
	for (rd->at = 0; rd->at < rd->lines && (nul == NULL || rd->starts[rd->at] + line_length(rd, rd->at) <= nul); rd->at++)
		read_line(rd);
	if (nul != NULL)
		report_add_source(report, false, rd->at + 1, (int)(nul - rd->starts[rd->at]) + 1, NULL, NULL,
		    "a NUL byte: this is not a text file; nothing behind it was read");
	else if (rd->cursor.block.open)
		block_unterminated(rd, 0);
	if (check) {
		config_check(cfg, report);
		report_ignored(rd);
	}
	reader_close(rd);
	return report->errors == errors ? 0 : ERR_CONFIG;
}

int
config_read(struct config *cfg, const char *text, size_t len, struct config_report *report)
{
	return read_text(cfg, text, len, report, true);
}

int
config_read_file(struct config *cfg, const char *path, struct config_report *report)
{
	FILE *in = fopen(path, "re");
	struct stat st;
	char *text = NULL;
	size_t len = 0, room = 0;
	int r;

	if (in == NULL || fstat(fileno(in), &st) != 0) {
		report_add_source(report, false, 0, 0, NULL, NULL, "cannot be read: %s", strerror(errno));
		if (in != NULL)
			fclose(in);
		return ERR_CONFIG;
	}
	setvbuf(in, NULL, _IONBF, 0); /* no second copy of the file's passwords */
	for (;;) {
		if (len + READ_BYTES > room) {
			room = S_ISREG(st.st_mode) && room == 0 && st.st_size < FILE_MAX_BYTES ? (size_t)st.st_size + 2 * READ_BYTES :
			                                                                        2 * room + READ_BYTES;
			text = xrealloc(text, room);
		}
		size_t n = fread(text + len, 1, READ_BYTES, in);

		len += n;
		if (n == 0 || len > FILE_MAX_BYTES)
			break;
	}
	if (ferror(in) || len > FILE_MAX_BYTES) {
		report_add_source(report, false, 0, 0, NULL, NULL, "cannot be read: %s",
		    ferror(in) ? strerror(errno) : "larger than 256 MB");
		r = ERR_CONFIG;
	} else {
		r = config_read(cfg, text, len, report);
	}
	fclose(in);
	explicit_bzero(text, len);
	free(text);
	return r;
}
