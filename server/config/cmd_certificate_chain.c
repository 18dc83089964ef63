/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crypto ca certificate chain: certificates as hex, one block each, ended by
 * "quit" (asa-reference 1.10). A CA certificate and the public part of an
 * identity; keys are never in a configuration.
 */
#include <ctype.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "server/config/grammar.h"

#define CHAIN_HEX_MAX (64 * 1024)
#define SERIAL_MAX 64

static void *
chain_object(struct config *cfg, const char *name)
{
	return object_trustpoint(cfg, name, false);
}

static int
chain_enter(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");

	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", name);
	if (object_trustpoint(ch->cfg, name, false) != NULL)
		return 0;
	change_error(ch, "name", "Trustpoint %s does not exist", name);
	if (ch->report != NULL)
		object_trustpoint(ch->cfg, name, true); /* its blocks are still checked */
	return ERR_CONFIG;
}

static int
chain_clear(struct config_change *ch)
{
	struct cfg_trustpoint *t = object_trustpoint(ch->cfg, cmd_str(ch->m, "name"), false);

	if (t == NULL)
		return change_error(ch, "name", "Trustpoint %s does not exist", cmd_str(ch->m, "name"));
	t->ca = t->identity = (struct cfg_blob){ 0 };
	return 0;
}

static int
certificate_apply(struct config_change *ch)
{
	struct cfg_trustpoint *t = ch->object;
	struct config_block *b = ch->block;

	if (ch->m->no) {
		*(cmd_word(ch->m, "ca") ? &t->ca : &t->identity) = (struct cfg_blob){ 0 };
		return 0;
	}
	if (strlen(cmd_str(ch->m, "hex")) >= sizeof(b->serial))
		return change_error(ch, "hex", "the serial number is too long");
	b->open = true;
	b->ca = cmd_word(ch->m, "ca");
	b->len = 0;
	snprintf(b->serial, sizeof(b->serial), "%s", cmd_str(ch->m, "hex"));
	change_place(ch, t, "hex");
	return 0;
}

int
chain_block_line(struct config_block *b, const char *line, size_t *bad)
{
	size_t len = strlen(line), at = strspn(line, " \t");

	while (len > at && isspace((unsigned char)line[len - 1]))
		len--;
	if (len - at == 4 && strncasecmp(line + at, "quit", 4) == 0)
		return 0;
	for (size_t i = at; i < len; i++) {
		if (!isxdigit((unsigned char)line[i]) && !isspace((unsigned char)line[i])) {
			*bad = i;
			return -1;
		}
	}
	if (b->len > CHAIN_HEX_MAX)
		return 1; /* said at its end */
	if (b->len + len > b->room) {
		b->room = (b->len + len) * 2;
		b->hex = xrealloc(b->hex, b->room);
	}
	for (size_t i = at; i < len; i++) {
		if (!isspace((unsigned char)line[i]))
			b->hex[b->len++] = line[i];
	}
	return 1;
}

static int
hex_value(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* The certificate's serial number as an ASA prints it; false when der is no certificate. */
static bool
certificate_serial(const uint8_t *der, size_t len, char *out, size_t size)
{
	gnutls_datum_t data = { (unsigned char *)der, (unsigned)len };
	gnutls_x509_crt_t crt;
	uint8_t serial[SERIAL_MAX];
	size_t serial_len = sizeof(serial), from = 0;
	bool ok = false;

	if (gnutls_x509_crt_init(&crt) != 0)
		return false;
	if (gnutls_x509_crt_import(crt, &data, GNUTLS_X509_FMT_DER) == 0 &&
	    gnutls_x509_crt_get_serial(crt, serial, &serial_len) == 0 && size > 2 * sizeof(serial)) {
		while (from + 1 < serial_len && serial[from] == 0)
			from++;
		for (; from < serial_len; from++, out += 2)
			snprintf(out, 3, "%02x", serial[from]);
		ok = true;
	}
	gnutls_x509_crt_deinit(crt);
	return ok;
}

bool
chain_certificate_fits(const uint8_t *der, size_t len)
{
	char serial[2 * SERIAL_MAX + 2];

	return 2 * len <= CHAIN_HEX_MAX && certificate_serial(der, len, serial, sizeof(serial));
}

static const char *
serial_digits(const char *serial)
{
	while (serial[0] == '0' && serial[1] != '\0')
		serial++;
	return serial;
}

bool
chain_block_finish(struct config_change *ch, const char *trustpoint, struct config_block *b)
{
	struct cfg_trustpoint *t = object_trustpoint(ch->cfg, trustpoint, false);
	struct cfg_blob *blob;
	uint8_t *der;
	char serial[2 * SERIAL_MAX + 2];

	if (t == NULL)
		return change_error(ch, NULL, "Trustpoint %s does not exist", trustpoint) == 0;
	if (b->len == 0 || b->len % 2 != 0)
		return change_error(ch, "hex", b->len == 0 ? "the certificate block is empty" :
		    "the certificate block has an odd number of hex digits") == 0;
	if (b->len > CHAIN_HEX_MAX)
		return change_error(ch, "hex", "the certificate block is longer than %d hex digits", CHAIN_HEX_MAX) == 0;
	der = mem_alloc(ch->cfg->mem, b->len / 2);
	for (size_t i = 0; i < b->len / 2; i++)
		der[i] = (uint8_t)(hex_value(b->hex[2 * i]) << 4 | hex_value(b->hex[2 * i + 1]));
	if (!certificate_serial(der, b->len / 2, serial, sizeof(serial)))
		return change_error(ch, "hex", "the block is not a certificate") == 0;
	if (strcasecmp(serial_digits(serial), serial_digits(b->serial)) != 0)
		change_warning(ch, "hex", "the certificate's serial number is %s, not %s", serial, b->serial);
	blob = b->ca ? &t->ca : &t->identity;
	blob->data = der;
	blob->len = b->len / 2;
	return true;
}

static const struct command rows[] = {
	{ .syntax = "certificate [ca | self-signed | ra-general | ra-sign | ra-encrypt | rollover] <hex>",
	    .help = "A certificate by its serial number, as hex", .flags = CMD_NO, .no_args = 1, .apply = certificate_apply },
};

static struct command_table chain_rows = COMMAND_TABLE("crypto ca certificate chain", rows);

static const struct command global[] = {
	{ .syntax = "crypto ca certificate chain <name>", .help = "Certificates of a trustpoint", .apply = chain_enter,
	    .enter = &mode_chain },
	{ .syntax = "crypto ca certificate chain <name> [<line>]", .help = "Remove the certificates of a trustpoint",
	    .flags = CMD_ONLY_NO, .apply = chain_clear },
};

struct command_table chain_global = COMMAND_TABLE("crypto ca certificate chain", global);

const struct config_mode mode_chain = { .name = "config-cert-chain", .table = &chain_rows, .object = chain_object };

static void
blob_print(struct config_printer *p, const char *kind, const struct cfg_blob *blob)
{
	char serial[2 * SERIAL_MAX + 2] = "00";

	if (blob->len == 0)
		return;
	certificate_serial(blob->data, blob->len, serial, sizeof(serial));
	printer_line(p, "certificate %s%s", kind, serial);
	for (size_t i = 0; i < blob->len; i++) {
		if (i % 32 == 0)
			fputs(i == 0 ? "    " : "\n    ", p->out);
		else if (i % 4 == 0)
			putc(' ', p->out);
		fprintf(p->out, "%02x", blob->data[i]);
	}
	fputs("\n  quit\n", p->out);
}

void
print_chains(struct config_printer *p, const char *name)
{
	for (const struct cfg_trustpoint *t = p->cfg->trustpoints; t != NULL; t = t->next) {
		if (name != NULL && strcmp(t->name, name) != 0)
			continue;
		printer_open(p, "crypto ca certificate chain %s", quoted(t->name));
		blob_print(p, "", &t->identity);
		blob_print(p, "ca ", &t->ca);
		printer_close(p);
	}
}
