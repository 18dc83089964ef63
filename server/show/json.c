/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/show/json.h"

#include "common/utf8.h"

static void
quoted(FILE *f, const char *s)
{
	fputc('"', f);
	while (*s != '\0') {
		unsigned char c = (unsigned char)*s;
		size_t len = utf8_len(s);

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20 || c == 0x7f || len == 0) /* what is no UTF-8 stays readable as Latin-1 */
			fprintf(f, "\\u%04x", c);
		else
			fwrite(s, 1, len, f);
		s += len > 0 ? len : 1;
	}
	fputc('"', f);
}

static void
head(struct json *j, const char *name)
{
	if (j->comma)
		fputs(", ", j->f);
	j->comma = true;
	if (name != NULL) {
		quoted(j->f, name);
		fputs(": ", j->f);
	}
}

static void
json_open(struct json *j, const char *name, char c)
{
	head(j, name);
	fputc(c, j->f);
	j->comma = false;
}

static void
json_close(struct json *j, char c)
{
	fputc(c, j->f);
	j->comma = true;
}

void json_object(struct json *j, const char *name) { json_open(j, name, '{'); }
void json_array(struct json *j, const char *name) { json_open(j, name, '['); }
void json_end_object(struct json *j) { json_close(j, '}'); }
void json_end_array(struct json *j) { json_close(j, ']'); }

void
json_str(struct json *j, const char *name, const char *value)
{
	head(j, name);
	if (value == NULL)
		fputs("null", j->f);
	else
		quoted(j->f, value);
}

void
json_int(struct json *j, const char *name, int64_t value)
{
	head(j, name);
	fprintf(j->f, "%lld", (long long)value);
}

void
json_bool(struct json *j, const char *name, bool value)
{
	head(j, name);
	fputs(value ? "true" : "false", j->f);
}

void
json_list(struct json *j, const char *name)
{
	json_object(j, NULL);
	json_array(j, name);
}

void
json_end_list(struct json *j)
{
	json_end_array(j);
	json_end_object(j);
	fputc('\n', j->f);
}
