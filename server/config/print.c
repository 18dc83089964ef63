/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show running-config: sections in the ASA's order, rows of each object in table order. */
#include <gnutls/crypto.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/config/grammar.h"

#define VERSION_LINE "ASA Version 9.12(2)9"

const char *
quoted(const char *word)
{
	static char ring[8][CMD_LINE_MAX + 3];
	static int at;
	char *out = ring[at = (at + 1) % 8];

	if (*word != '\0' && strpbrk(word, " \t") == NULL)
		return word;
	snprintf(out, sizeof(ring[0]), "\"%s\"", word);
	return out;
}

static void
printer_indent(struct config_printer *p, int indent)
{
	fprintf(p->out, "%*s", indent, "");
}

void
printer_open(struct config_printer *p, const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	p->pending[p->pending_count].text = text;
	p->pending[p->pending_count++].indent = p->indent++;
}

void
printer_header(struct config_printer *p)
{
	for (int i = 0; i < p->pending_count; i++) {
		if (p->pending[i].text == NULL)
			continue;
		printer_indent(p, p->pending[i].indent);
		fprintf(p->out, "%s\n", p->pending[i].text);
		free(p->pending[i].text);
		p->pending[i].text = NULL;
	}
}

void
printer_close(struct config_printer *p)
{
	p->indent--;
	free(p->pending[--p->pending_count].text);
}

void
printer_line(struct config_printer *p, const char *fmt, ...)
{
	va_list ap;

	printer_header(p);
	printer_indent(p, p->indent);
	va_start(ap, fmt);
	vfprintf(p->out, fmt, ap);
	va_end(ap);
	putc('\n', p->out);
}

static void
setting_line(struct config_printer *p, const struct command *row, const char *value)
{
	char keyword[96];

	command_keyword(row, keyword, sizeof(keyword));
	printer_line(p, "%s%s%s", keyword, *value != '\0' ? " " : "", value);
}

/* What show prints for a setting: what was set; with "all" also what is inherited or the default. */
static void
printer_setting(struct config_printer *p, const struct command *row, const void *object)
{
	const void *field = (const char *)object + row->offset;
	char *value = NULL;
	size_t len;
	FILE *out;

	if (!row->type->is_set(field) && p->all && p->inherit != NULL)
		field = (const char *)p->inherit + row->offset;
	if (!row->type->is_set(field)) {
		if (p->all && row->dflt != NULL)
			setting_line(p, row, row->dflt);
		return;
	}
	if ((out = open_memstream(&value, &len)) == NULL)
		abort();
	row->type->print(row, field, out);
	fclose(out);
	if (p->all || (row->flags & CMD_INHERIT) || row->dflt == NULL || strcmp(value, row->dflt) != 0)
		setting_line(p, row, value);
	free(value);
}

void
printer_rows(struct config_printer *p, const struct command_table *table, const void *object,
    struct cfg_kept *const *kept)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct command *row = &table->rows[i];

		if (row->flags & CMD_ALIAS)
			continue;
		if (row->print != NULL)
			row->print(p, row, object);
		else if (row->type != NULL)
			printer_setting(p, row, object);
		for (const struct cfg_kept *k = row->cls == CMD_KEPT ? *kept : NULL; k != NULL; k = k->next) {
			if (k->row == row)
				printer_line(p, "%s", k->line);
		}
	}
}

static void
print_hostname(struct config_printer *p, const char *name)
{
	const struct command *row = &basic_global.rows[0];

	(void)name;
	row->print(p, row, p->cfg);
}

static void
print_domain_name(struct config_printer *p, const char *name)
{
	(void)name;
	if (p->cfg->domain_name != NULL)
		printer_line(p, "domain-name %s", quoted(p->cfg->domain_name));
}

/* asa-reference 1.3; pools stand behind the names, before the interfaces. */
static const struct config_section sections[] = {
	{ "hostname", print_hostname },
	{ "domain-name", print_domain_name },
	{ "ip local pool", print_pools },
	{ "interface", print_interfaces },
	{ "logging", print_logging },
	{ "crypto ca trustpoint", print_trustpoints },
	{ "crypto ca certificate chain", print_chains },
	{ "ssl", print_ssl },
	{ "webvpn", print_webvpn },
	{ "group-policy", print_group_policies },
	{ "tunnel-group", print_tunnel_groups },
};

/* Does what was typed name the section? Words may be abbreviated; *rest is what follows them. */
static bool
section_named(const char *name, const char *typed, const char **rest)
{
	for (;;) {
		size_t want = strcspn(name, " "), have;

		typed += strspn(typed, " \t");
		have = strcspn(typed, " \t");
		if (have == 0) { /* "crypto ca" names every section that begins so */
			*rest = NULL;
			return true;
		}
		if (have > want || strncasecmp(name, typed, have) != 0)
			return false;
		typed += have;
		if (name[want] == '\0')
			break;
		name += want + 1;
	}
	typed += strspn(typed, " \t");
	*rest = *typed != '\0' ? typed : NULL;
	return true;
}

/* Exactly typed first word beats abbreviation: "ssl" never means another section. */
static bool
print_sections(struct config_printer *p, const char *typed)
{
	const char *rest;
	bool any = false;
	char name[CONFIG_NAME_MAX + 1];

	typed += strspn(typed, " \t");
	if (*typed == '\0')
		return false;
	for (size_t i = 0; i < COUNT(sections); i++) {
		if (!section_named(sections[i].name, typed, &rest))
			continue;
		any = true;
		if (p == NULL)
			continue;
		if (rest != NULL) {
			size_t len = strcspn(rest, *rest == '"' ? "" : " \t");

			if (*rest == '"') {
				rest++;
				len = strcspn(rest, "\"");
			}
			snprintf(name, sizeof(name), "%.*s", (int)len, rest);
		}
		sections[i].print(p, rest != NULL ? name : NULL);
	}
	return any;
}

bool
config_section_known(const char *section)
{
	return print_sections(NULL, section);
}

static char *
print_body(const struct config *cfg, bool all, size_t *len)
{
	struct config_printer p = { .cfg = cfg, .all = all };
	char *text = NULL;

	if ((p.out = open_memstream(&text, len)) == NULL)
		abort();
	fputs(VERSION_LINE "\n!\n", p.out);
	for (size_t i = 0; i < COUNT(sections); i++)
		sections[i].print(&p, NULL);
	fclose(p.out);
	return text;
}

static void
text_checksum(const char *text, size_t len, char out[33])
{
	uint8_t digest[16];

	strcpy(out, "00000000000000000000000000000000");
	if (gnutls_hash_fast(GNUTLS_DIG_MD5, text, len, digest) != 0)
		return;
	for (int i = 0; i < 16; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

void
config_checksum(const struct config *cfg, char out[33])
{
	size_t len;
	char *text = print_body(cfg, false, &len);

	text_checksum(text, len, out);
	free(text);
}

void
config_print(const struct config *cfg, const char *section, bool with_defaults, FILE *out)
{
	struct config_printer p = { .cfg = cfg, .all = with_defaults, .out = out };
	char checksum[33], *text;
	size_t len;

	if (section != NULL && section[strspn(section, " \t")] != '\0') {
		print_sections(&p, section);
		return;
	}
	text = print_body(cfg, with_defaults, &len);
	text_checksum(text, len, checksum);
	fprintf(out, ": Saved\n:\n%sCryptochecksum:%s\n: end\n", text, checksum);
	free(text);
}
