/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show running-config: its sections in the ASA's order (asa-reference 1.3), the whole and its checksum. */
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/config/grammar.h"

#define VERSION_LINE "ASA Version 9.12(2)9"

struct config_section {
	const char *name; /* "ip local pool" */
	void (*print)(struct config_printer *, const char *name); /* name NULL: all objects */
	const struct command_table *table; /* without print: its rows that begin with the section's name */
};

/* Objects stand before what names them. */
static const struct config_section sections[] = {
	{ "terminal", NULL, &system_global },
	{ "hostname", NULL, &basic_global },
	{ "domain-name", NULL, &basic_global },
	{ "enable password", NULL, &system_global },
	{ "passwd", NULL, &system_global },
	{ "names", NULL, &system_global },
	{ "name", NULL, &system_global },
	{ "ip local pool", print_pools, NULL },
	{ "ipv6 local pool", print_ipv6_pools, NULL },
	{ "interface", print_interfaces, NULL },
	{ "ftp", NULL, &system_global },
	{ "clock", NULL, &system_global },
	{ "dns", NULL, &network_global },
	{ "dns-group", NULL, &network_global },
	{ "same-security-traffic", NULL, &network_global },
	{ "object network", print_network_objects, NULL },
	{ "object service", print_service_objects, NULL },
	{ "object-group", print_object_groups, NULL },
	{ "time-range", print_time_ranges, NULL },
	{ "access-list", print_acls, NULL },
	{ "pager", NULL, &system_global },
	{ "logging", NULL, &logging_global },
	{ "mtu", NULL, &network_global },
	{ "access-group", NULL, &acl_global },
	{ "route", NULL, &network_global },
	{ "ipv6 route", NULL, &network_global },
	{ "timeout", NULL, &system_global },
	{ "aaa-server", print_aaa_servers, NULL },
	{ "aaa", NULL, &aaa_global },
	{ "sysopt", NULL, &network_global },
	{ "crypto ca permit-weak-crypto", NULL, &trustpoint_global },
	{ "crypto ca trustpoint", print_trustpoints, NULL },
	{ "crypto ca trustpool", NULL, &trustpoint_global },
	{ "crypto ca certificate map", print_cert_maps, NULL },
	{ "crypto ca certificate chain", print_chains, NULL },
	{ "console", NULL, &system_global },
	{ "vpn load-balancing", print_load_balancing, NULL },
	{ "vpn-sessiondb", NULL, &network_global },
	{ "vpn-addr-assign", NULL, &pool_global },
	{ "ipv6-vpn-addr-assign", NULL, &pool_global },
	{ "ntp", NULL, &network_global },
	{ "ssl", NULL, &ssl_global },
	{ "webvpn", print_webvpn, NULL },
	{ "group-policy", print_group_policies, NULL },
	{ "username", print_users, NULL },
	{ "tunnel-group", print_tunnel_groups, NULL },
	{ "tunnel-group-map", NULL, &tunnel_group_global },
	{ "prompt", NULL, &system_global },
};

static void
section_print(struct config_printer *p, const struct config_section *s, const char *name)
{
	if (s->print != NULL)
		s->print(p, name);
	else
		printer_table(p, s->table, s->name);
}

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

/* "ssl" in full never means another section: an exact first word shuts out abbreviations. */
static bool
first_word_is(const char *name, const char *typed)
{
	size_t len = strcspn(typed, " \t");

	return strcspn(name, " ") == len && strncasecmp(name, typed, len) == 0;
}

static void
object_name(const char *rest, char *out, size_t size)
{
	size_t len = strcspn(rest, " \t");

	if (strncmp(rest, "id ", 3) == 0)
		rest += 3;
	len = strcspn(rest, " \t");
	if (*rest == '"')
		len = strcspn(++rest, "\"");
	snprintf(out, size, "%.*s", (int)len, rest);
}

static bool
print_sections(struct config_printer *p, const char *typed)
{
	const char *rest;
	bool any = false, exact = false;
	char name[CONFIG_NAME_MAX + 1];

	typed += strspn(typed, " \t");
	if (*typed == '\0')
		return false;
	for (size_t i = 0; i < COUNT(sections); i++)
		exact |= first_word_is(sections[i].name, typed);
	for (size_t i = 0; i < COUNT(sections); i++) {
		if (exact && !first_word_is(sections[i].name, typed))
			continue;
		if (!section_named(sections[i].name, typed, &rest))
			continue;
		any = true;
		if (p == NULL)
			continue;
		if (rest != NULL)
			object_name(rest, name, sizeof(name));
		section_print(p, &sections[i], rest != NULL ? name : NULL);
	}
	return any;
}

bool
config_section_known(const char *section)
{
	return print_sections(NULL, section);
}

static char *
print_body(const struct config *cfg, unsigned flags, size_t *len)
{
	struct config_printer p = { .cfg = cfg, .all = flags & CONFIG_PRINT_ALL, .secrets = flags & CONFIG_PRINT_SECRETS };
	char *text = NULL;

	if ((p.out = open_memstream(&text, len)) == NULL)
		abort();
	fputs(VERSION_LINE "\n!\n", p.out);
	for (size_t i = 0; i < COUNT(sections); i++)
		section_print(&p, &sections[i], NULL);
	fclose(p.out);
	return text;
}

static void
text_free(char *text, size_t len, unsigned flags)
{
	if (flags & CONFIG_PRINT_SECRETS)
		explicit_bzero(text, len);
	free(text);
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
	char *text = print_body(cfg, 0, &len);

	text_checksum(text, len, out);
	free(text);
}

void
config_print(const struct config *cfg, const char *section, unsigned flags, FILE *out)
{
	struct config_printer p = { .cfg = cfg, .all = flags & CONFIG_PRINT_ALL, .secrets = flags & CONFIG_PRINT_SECRETS,
		.out = out };
	char checksum[33], *text;
	size_t len;

	if (section != NULL && section[strspn(section, " \t")] != '\0') {
		print_sections(&p, section);
		return;
	}
	text = print_body(cfg, flags, &len);
	text_checksum(text, len, checksum);
	fprintf(out, ": Saved\n:\n%sCryptochecksum:%s\n: end\n", text, checksum);
	text_free(text, len, flags);
}

void
config_print_body(const struct config *cfg, FILE *out)
{
	size_t len;
	char *text = print_body(cfg, CONFIG_PRINT_SECRETS, &len);

	fwrite(text, 1, len, out);
	text_free(text, len, CONFIG_PRINT_SECRETS);
}
