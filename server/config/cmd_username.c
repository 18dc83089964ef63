/* SPDX-License-Identifier: GPL-2.0-or-later */
/* username: local users, their hashed passwords and attributes (asa-reference 1.12). */
#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "server/config/param.h"
#include "server/config/policy_rows.h"

#define PBKDF2_ROUNDS 5000
#define PBKDF2_BYTES 16
#define PASSWORD_MAX 127

WORDS(service_words, "", "admin", "nas-prompt", "remote-access");
static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static const struct {
	enum user_password kind;
	const char *word; /* behind the password */
} password_words[] = {
	{ PASSWORD_PBKDF2, "pbkdf2" },
	{ PASSWORD_ENCRYPTED, "encrypted" },
	{ PASSWORD_NT, "nt-encrypted" },
	{ PASSWORD_MSCHAP, "mschap" },
};

static void *
user_object(struct config *cfg, const char *name)
{
	return object_user(cfg, name, false);
}

/* --- hashes ------------------------------------------------------------------ */

static void
base64(const uint8_t *data, size_t len, char *out)
{
	for (size_t i = 0; i < len; i += 3) {
		unsigned long v = (unsigned long)data[i] << 16 | (i + 1 < len ? (unsigned long)data[i + 1] << 8 : 0) |
		    (i + 2 < len ? data[i + 2] : 0);

		*out++ = base64_digits[v >> 18 & 63];
		*out++ = base64_digits[v >> 12 & 63];
		*out++ = i + 1 < len ? base64_digits[v >> 6 & 63] : '=';
		*out++ = i + 2 < len ? base64_digits[v & 63] : '=';
	}
	*out = '\0';
}

/* "$sha512$5000$SALT$HASH" as an ASA makes it; NULL: no randomness or no such function. */
static char *
password_hash(struct mem *mem, const char *clear)
{
	gnutls_datum_t key = { (unsigned char *)clear, (unsigned)strlen(clear) };
	uint8_t salt[PBKDF2_BYTES], hash[PBKDF2_BYTES];
	gnutls_datum_t salted = { salt, sizeof(salt) };
	char salt_text[2 * PBKDF2_BYTES], hash_text[2 * PBKDF2_BYTES];

	if (gnutls_rnd(GNUTLS_RND_RANDOM, salt, sizeof(salt)) != 0 ||
	    gnutls_pbkdf2(GNUTLS_MAC_SHA512, &key, &salted, PBKDF2_ROUNDS, hash, sizeof(hash)) != 0)
		return NULL;
	base64(salt, sizeof(salt), salt_text);
	base64(hash, sizeof(hash), hash_text);
	return mem_printf(mem, "$sha512$%d$%s$%s", PBKDF2_ROUNDS, salt_text, hash_text);
}

static size_t
base64_span(const char *text)
{
	size_t n = strspn(text, base64_digits);

	return n + strspn(text + n, "=");
}

static bool
pbkdf2_fits(const char *hash)
{
	size_t n;

	if (strncmp(hash, "$sha512$", 8) != 0)
		return false;
	hash += 8;
	n = strspn(hash, "0123456789");
	if (n < 1 || n > 7 || atol(hash) < 1 || hash[n] != '$')
		return false;
	hash += n + 1;
	n = base64_span(hash);
	if (n < 4 || n > 128 || hash[n] != '$')
		return false;
	hash += n + 1;
	n = base64_span(hash);
	return n >= 4 && n <= 128 && hash[n] == '\0';
}

bool
user_password_fits(enum user_password kind, const char *hash)
{
	size_t len = strlen(hash);

	switch (kind) {
	case PASSWORD_PBKDF2:
		return pbkdf2_fits(hash);
	case PASSWORD_ENCRYPTED: /* MD5 in crypt's alphabet */
		return len == 16 && strspn(hash, "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == len;
	case PASSWORD_NT: /* 16 bytes, in base64 or hex */
	case PASSWORD_MSCHAP:
		return (len == 24 && base64_span(hash) == len) || (len == 32 && strspn(hash, "0123456789abcdefABCDEF") == len);
	default:
		return false;
	}
}

char *
user_password_hash(struct config *cfg, const char *clear)
{
	return cfg->tables->check_only ? mem_strdup(cfg->mem, "") : password_hash(cfg->mem, clear);
}

/* --- username NAME ... --------------------------------------------------------- */

static int
user_password(struct config_change *ch, struct cfg_user *u)
{
	const char *password = cmd_str(ch->m, "password");

	for (size_t i = 0; i < COUNT(password_words); i++) {
		if (!cmd_word(ch->m, password_words[i].word))
			continue;
		if (!user_password_fits(password_words[i].kind, password))
			return change_error(ch, "password", "this is no hash as \"%s\" has it", password_words[i].word);
		u->password_kind = password_words[i].kind;
		u->password = mem_strdup(ch->cfg->mem, password);
		return 0;
	}
	if (*password == '\0' || strlen(password) > PASSWORD_MAX)
		return change_error(ch, "password", "a password has 1 to %d characters", PASSWORD_MAX);
	u->password_kind = PASSWORD_PBKDF2;
	u->password = user_password_hash(ch->cfg, password);
	return u->password != NULL ? 0 : change_error(ch, "password", "the password cannot be hashed");
}

int
user_delete(struct config_change *ch, struct cfg_user *u)
{
	kept_clear(ch->cfg, &u->kept);
	kept_clear(ch->cfg, &u->webvpn_kept);
	object_remove(ch->cfg, INDEX_USER, u->name, u);
	return 0;
}

static int
user_apply(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_user *u = object_user(ch->cfg, name, !ch->m->no);
	long long privilege;

	if (ch->m->no)
		return u != NULL ? user_delete(ch, u) : change_error(ch, "name", "username %s does not exist", name);
	change_place(ch, u, "name");
	if (!cmd_word(ch->m, "nopassword") && change_secret_masked(ch))
		return 0;
	if (cmd_int(ch->m, "privilege", &privilege))
		u->privilege = (int32_t)privilege;
	if (cmd_word(ch->m, "nopassword")) {
		u->password_kind = PASSWORD_NOPASSWORD;
		u->password = NULL;
		return 0;
	}
	return user_password(ch, u);
}

static int
user_attributes(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_user *u = object_user(ch->cfg, name, !ch->m->no);

	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", name);
	change_place(ch, u, "name");
	if (!ch->m->no)
		return 0;
	if (u == NULL)
		return change_error(ch, "name", "username %s does not exist", name);
	if (u->password_kind == PASSWORD_UNSET)
		return user_delete(ch, u); /* it had nothing else */
	policy_attrs_unset(&u->attrs);
	u->service_type = SERVICE_UNSET;
	u->vpn_group_policy = NULL;
	u->has_framed_ip = false;
	kept_clear(ch->cfg, &u->kept);
	kept_clear(ch->cfg, &u->webvpn_kept);
	return 0;
}

/* --- attributes that only a username has: their fields are not among the policy's ---- */

static int
service_apply(struct config_change *ch)
{
	struct cfg_user *u = ch->object;

	u->service_type = ch->m->no ? SERVICE_UNSET : words_given(&service_words, ch->m);
	return 0;
}

static void
service_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_user *u = object;

	(void)row;
	if (u->service_type != SERVICE_UNSET)
		printer_line(p, "service-type %s", service_words_list[u->service_type]);
}

static int
group_policy_apply(struct config_change *ch)
{
	struct cfg_user *u = ch->object;

	u->vpn_group_policy = ch->m->no ? NULL : mem_strdup(ch->cfg->mem, cmd_str(ch->m, "policy"));
	change_place(ch, &u->vpn_group_policy, "policy");
	return 0;
}

static void
group_policy_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_user *u = object;

	(void)row;
	if (u->vpn_group_policy != NULL)
		printer_line(p, "vpn-group-policy %s", quoted(u->vpn_group_policy));
}

static int
framed_apply(struct config_change *ch)
{
	struct cfg_user *u = ch->object;
	const char *mask = cmd_str(ch->m, "mask");

	u->has_framed_ip = !ch->m->no;
	if (ch->m->no)
		return 0;
	param_ip(cmd_str(ch->m, "ip"), &u->framed_ip);
	u->framed_mask.s_addr = INADDR_BROADCAST;
	if (mask != NULL)
		param_mask(mask, &u->framed_mask);
	change_place(ch, &u->framed_ip, "ip");
	return 0;
}

static void
framed_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_user *u = object;
	char ip[INET_ADDRSTRLEN], mask[INET_ADDRSTRLEN];

	(void)row;
	if (u->has_framed_ip)
		printer_line(p, "vpn-framed-ip-address %s %s", inet_ntop(AF_INET, &u->framed_ip, ip, sizeof(ip)),
		    inet_ntop(AF_INET, &u->framed_mask, mask, sizeof(mask)));
}

static int
user_webvpn(struct config_change *ch)
{
	struct cfg_user *u = ch->object;

	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", ch->name);
	for (size_t i = 0; ch->m->no && i < group_webvpn_rows.count; i++) {
		const struct command *row = &group_webvpn_rows.rows[i];

		if (row->type != NULL)
			row->type->unset((char *)&u->attrs + row->offset);
	}
	if (ch->m->no)
		kept_clear(ch->cfg, &u->webvpn_kept);
	return 0;
}

static void
user_webvpn_print(struct config_printer *p, const struct command *row, const void *object)
{
	(void)row;
	printer_open(p, "webvpn");
	printer_rows(p, &mode_user_webvpn, object);
	printer_close(p);
}

static const struct command rows[] = {
	{ .syntax = "vpn-group-policy <policy:name>", .help = "Group policy of the user", .flags = CMD_NO,
	    .apply = group_policy_apply, .print = group_policy_print },
	POLICY_ACCESS_ROWS,
	{ .syntax = "vpn-framed-ip-address <ip> [<mask>]", .help = "Address that the user always gets", .flags = CMD_NO,
	    .apply = framed_apply, .print = framed_print },
	KEPT("vpn-framed-ipv6-address <prefix6>", "IPv6 address that the user always gets"),
	{ .syntax = "service-type {admin | nas-prompt | remote-access}", .help = "What the user may do", .flags = CMD_NO,
	    .apply = service_apply, .print = service_print },
	KEPT("memberof <line>", "Groups of the user"),
	KEPT_MULTI("ssh authentication {publickey <word> [hashed] | pkf <line>}", "Public key of an administrator"),
	IGNORED("{auto-signon | url-list | homepage | filter | customization | port-forward} [<line>]"),
	{ .syntax = "webvpn", .help = "Configure the user for WebVPN", .flags = CMD_NO, .apply = user_webvpn,
	    .print = user_webvpn_print, .enter = &mode_user_webvpn },
};

static struct command_table username_rows = COMMAND_TABLE("username", rows);

static const struct command global[] = {
	{ .syntax = "username <name> {nopassword | password <password:secret> [encrypted | pbkdf2 | nt-encrypted | mschap]} "
	            "[privilege <0-15>]",
	    .help = "Create a local user, or change the password", .flags = CMD_NO, .no_args = 1, .apply = user_apply },
	{ .syntax = "username <name> attributes", .help = "Configure the attributes of a user", .flags = CMD_NO, .no_args = 2,
	    .apply = user_attributes, .enter = &mode_username },
};

struct command_table username_global = COMMAND_TABLE("username", global);

const struct config_mode mode_username = { .name = "config-username", .table = &username_rows, .object = user_object,
	.kept = offsetof(struct cfg_user, kept), .fields = offsetof(struct cfg_user, attrs) };
const struct config_mode mode_user_webvpn = { .name = "config-username-webvpn", .table = &group_webvpn_rows,
	.object = user_object, .kept = offsetof(struct cfg_user, webvpn_kept), .fields = offsetof(struct cfg_user, attrs) };

static void
user_line(struct config_printer *p, const struct cfg_user *u)
{
	char privilege[24] = "";

	if (u->privilege != SETTING_UNSET)
		snprintf(privilege, sizeof(privilege), " privilege %d", u->privilege);
	if (u->password_kind == PASSWORD_NOPASSWORD)
		printer_line(p, "username %s nopassword%s", quoted(u->name), privilege);
	for (size_t i = 0; i < COUNT(password_words); i++) {
		if (password_words[i].kind == u->password_kind)
			printer_line(p, "username %s password %s %s%s", quoted(u->name), u->password, password_words[i].word,
			    privilege);
	}
}

void
print_users(struct config_printer *p, const char *name)
{
	bool all = p->all;

	p->all = false; /* what a user leaves unset is the group-policy's */
	for (const struct cfg_user *u = p->cfg->users; u != NULL; u = u->next) {
		if (name != NULL && strcmp(u->name, name) != 0)
			continue;
		user_line(p, u);
		printer_open(p, "username %s attributes", quoted(u->name));
		if (u->password_kind == PASSWORD_UNSET)
			printer_header(p);
		printer_rows(p, &mode_username, u);
		printer_close(p);
	}
	p->all = all;
}
