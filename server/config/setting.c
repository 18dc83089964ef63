/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types of settings: how a field is read from a match and printed again, side by side. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/config/grammar.h"
#include "server/config/param.h"

static const struct cmd_arg *
setting_arg(const struct config_change *ch, int nth)
{
	int i = ch->m->leading + nth;

	return i < ch->m->argc ? &ch->m->args[i] : NULL;
}

/* --- numbers, or "none" ------------------------------------------------- */

static int
int_parse(struct config_change *ch, const struct command *row, void *field)
{
	const struct cmd_arg *a = setting_arg(ch, 0);
	long long value = SETTING_NONE;

	(void)row;
	if (!a->keyword)
		param_number(a->value, &value);
	*(int32_t *)field = (int32_t)value;
	return 0;
}

static void
int_print(const struct command *row, const void *field, FILE *out)
{
	int32_t value = *(const int32_t *)field;

	(void)row;
	if (value == SETTING_NONE)
		fputs("none", out);
	else
		fprintf(out, "%d", value);
}

static bool
int_is_set(const void *field)
{
	return *(const int32_t *)field != SETTING_UNSET;
}

static void
int_unset(void *field)
{
	*(int32_t *)field = SETTING_UNSET;
}

const struct setting_type t_int = { "number", sizeof(int32_t), int_parse, int_print, int_is_set, int_unset, NULL };

/* --- words that are there or not ---------------------------------------- */

static int
flag_parse(struct config_change *ch, const struct command *row, void *field)
{
	(void)ch, (void)row;
	*(bool *)field = true;
	return 0;
}

static void
flag_print(const struct command *row, const void *field, FILE *out)
{
	(void)row, (void)field, (void)out;
}

static bool
flag_is_set(const void *field)
{
	return *(const bool *)field;
}

static void
flag_unset(void *field)
{
	*(bool *)field = false;
}

const struct setting_type t_flag = { "flag", sizeof(bool), flag_parse, flag_print, flag_is_set, flag_unset, NULL };

/* --- the same in an int32_t: unset, off or on; only "on" is printed ------ */

static int
on_parse(struct config_change *ch, const struct command *row, void *field)
{
	(void)ch, (void)row;
	*(int32_t *)field = 1;
	return 0;
}

static bool
on_is_set(const void *field)
{
	return *(const int32_t *)field == 1;
}

static void
on_negate(void *field)
{
	*(int32_t *)field = 0;
}

const struct setting_type t_on = { "on", sizeof(int32_t), on_parse, flag_print, on_is_set, int_unset, on_negate };
const struct setting_type t_switch = { "switch", sizeof(int32_t), on_parse, flag_print, on_is_set, int_unset, NULL };

/* --- strings ------------------------------------------------------------- */

static int
string_parse(struct config_change *ch, const struct command *row, void *field)
{
	const struct cmd_arg *a = setting_arg(ch, 0);

	(void)row;
	*(char **)field = mem_strdup(ch->cfg->mem, a->keyword ? a->label : a->value);
	return 0;
}

static void
string_print(const struct command *row, const void *field, FILE *out)
{
	(void)row;
	cmd_print_word(*(char *const *)field, out);
}

static bool
string_is_set(const void *field)
{
	return *(char *const *)field != NULL;
}

static void
string_unset(void *field)
{
	*(char **)field = NULL;
}

const struct setting_type t_string = { "word", sizeof(char *), string_parse, string_print, string_is_set, string_unset,
	NULL };

/* Free text goes to the end of the line; quoted only where blanks would be lost. */
static void
line_print(const struct command *row, const void *field, FILE *out)
{
	const char *text = *(char *const *)field;
	size_t len = strlen(text);
	bool quote = len == 0 || strchr(" \t", text[0]) != NULL || strchr(" \t", text[len - 1]) != NULL;

	(void)row;
	fprintf(out, quote ? "\"%s\"" : "%s", text);
}

const struct setting_type t_line = { "text", sizeof(char *), string_parse, line_print, string_is_set, string_unset,
	NULL };

/* All words behind the leading ones, in full spelling; an empty rest is "". */
static int
tail_parse(struct config_change *ch, const struct command *row, void *field)
{
	char *text = NULL;
	size_t len;
	struct cmd_match *rest;
	FILE *out = open_memstream(&text, &len);

	(void)row;
	if (out == NULL)
		abort();
	rest = xmalloc(sizeof(*rest));
	rest->argc = ch->m->argc - ch->m->leading;
	memcpy(rest->args, ch->m->args + ch->m->leading, (size_t)rest->argc * sizeof(rest->args[0]));
	cmd_print(rest, out);
	free(rest);
	fclose(out);
	*(char **)field = mem_strdup(ch->cfg->mem, text);
	free(text);
	return 0;
}

static void
raw_print(const struct command *row, const void *field, FILE *out)
{
	(void)row;
	fputs(*(char *const *)field, out);
}

const struct setting_type t_tail = { "words", sizeof(char *), tail_parse, raw_print, string_is_set, string_unset, NULL };

/* "value X" or "none", which is "" in the field. */
static int
value_parse(struct config_change *ch, const struct command *row, void *field)
{
	(void)row;
	if (setting_arg(ch, 0)->keyword && strcmp(setting_arg(ch, 0)->label, "none") == 0)
		*(char **)field = (char *)"";
	else
		*(char **)field = mem_strdup(ch->cfg->mem, setting_arg(ch, 1)->value);
	return 0;
}

static void
value_print(const struct command *row, const void *field, FILE *out)
{
	const char *text = *(char *const *)field;

	(void)row;
	fputs(*text == '\0' ? "none" : "value ", out);
	if (*text != '\0')
		cmd_print_word(text, out);
}

const struct setting_type t_value = { "value", sizeof(char *), value_parse, value_print, string_is_set, string_unset,
	NULL };

static void
value_line_print(const struct command *row, const void *field, FILE *out)
{
	fputs(**(char *const *)field == '\0' ? "none" : "value ", out);
	if (**(char *const *)field != '\0')
		line_print(row, field, out);
}

const struct setting_type t_value_line = { "value", sizeof(char *), value_parse, value_line_print, string_is_set,
	string_unset, NULL };

/* A word or "none", which is "" in the field. */
static int
word_none_parse(struct config_change *ch, const struct command *row, void *field)
{
	const struct cmd_arg *a = setting_arg(ch, 0);

	(void)row;
	if (a->keyword && strcmp(a->label, "none") == 0)
		*(char **)field = (char *)"";
	else
		*(char **)field = mem_strdup(ch->cfg->mem, a->keyword ? a->label : a->value);
	return 0;
}

static void
word_none_print(const struct command *row, const void *field, FILE *out)
{
	const char *text = *(char *const *)field;

	(void)row;
	if (*text == '\0')
		fputs("none", out);
	else
		cmd_print_word(text, out);
}

const struct setting_type t_word_none = { "word or none", sizeof(char *), word_none_parse, word_none_print,
	string_is_set, string_unset, NULL };

/* "value LINE" again and again adds lines, '\n' between them; "none" is "". The row prints them. */
#define TEXTS_MAX 4000 /* an ASA's banner */

static int
texts_parse(struct config_change *ch, const struct command *row, void *field)
{
	const char *before = *(char **)field, *text;

	(void)row;
	if (setting_arg(ch, 0)->keyword && strcmp(setting_arg(ch, 0)->label, "none") == 0) {
		*(char **)field = (char *)"";
		return 0;
	}
	text = setting_arg(ch, 1) != NULL ? setting_arg(ch, 1)->value : " "; /* an empty line; "" is none */
	if (before == NULL || *before == '\0')
		*(char **)field = mem_strdup(ch->cfg->mem, text);
	else if (strlen(before) + strlen(text) > TEXTS_MAX)
		return change_error(ch, NULL, "the text is longer than %d characters", TEXTS_MAX);
	else
		*(char **)field = mem_printf(ch->cfg->mem, "%s\n%s", before, text);
	return 0;
}

static void
texts_print(const struct command *row, const void *field, FILE *out)
{
	(void)row;
	fputs(**(char *const *)field == '\0' ? "none" : "value", out);
}

const struct setting_type t_texts = { "lines", sizeof(char *), texts_parse, texts_print, string_is_set, string_unset,
	NULL };

/* --- one word of a list, several words of a list -------------------------- */

int
words_find(const struct setting_words *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcasecmp(list->words[i], word) == 0)
			return (int)i;
	}
	return -1;
}

int
words_given(const struct setting_words *list, const struct cmd_match *m)
{
	for (size_t i = 0; i < list->count; i++) {
		if (cmd_word(m, list->words[i]))
			return (int)i;
	}
	return -1;
}

static int
enum_parse(struct config_change *ch, const struct command *row, void *field)
{
	const struct cmd_arg *a = setting_arg(ch, 0);
	long long number = -1;

	if (a->keyword)
		number = words_find(row->arg, a->label);
	else
		param_number(a->value, &number);
	*(int32_t *)field = (int32_t)number;
	return 0;
}

static void
enum_print(const struct command *row, const void *field, FILE *out)
{
	const struct setting_words *list = row->arg;

	fputs(list->words[*(const int32_t *)field], out);
}

const struct setting_type t_enum = { "choice", sizeof(int32_t), enum_parse, enum_print, int_is_set, int_unset, NULL };

static int
bits_parse(struct config_change *ch, const struct command *row, void *field)
{
	int32_t bits = 0;

	for (int i = ch->m->leading; i < ch->m->argc; i++)
		bits |= 1 << words_find(row->arg, ch->m->args[i].label);
	*(int32_t *)field = bits;
	return 0;
}

static void
bits_print(const struct command *row, const void *field, FILE *out)
{
	const struct setting_words *list = row->arg;
	int32_t bits = *(const int32_t *)field;
	bool first = true;

	for (size_t i = 0; i < list->count; i++) {
		if (bits & (1 << i)) {
			fprintf(out, "%s%s", first ? "" : " ", list->words[i]);
			first = false;
		}
	}
}

const struct setting_type t_bits = { "words", sizeof(int32_t), bits_parse, bits_print, int_is_set, int_unset, NULL };
