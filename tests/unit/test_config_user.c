/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Usernames and secrets: hashed, masked, saved, never said. */
#include "tests/unit/config_unit.h"

#include <gnutls/crypto.h>

#include "server/config/cursor.h"

#define HASH "$sha512$5000$AAECAwQFBgcICQoLDA0ODw==$EBESExQVFhcYGRobHB0eHw=="

static void
a_clear_password_becomes_a_pbkdf2_hash(void **state)
{
	struct config *cfg = good("username bob password Geheim12 privilege 15\nusername eve password Geheim12\n");
	const struct cfg_user *bob = config_user(cfg, "bob"), *eve = config_user(cfg, "eve");
	uint8_t salt[64], hash[16];
	gnutls_datum_t text, key = { (unsigned char *)"Geheim12", 8 }, salted, again;
	char *out, copy[128], *salt_text, *hash_text;

	(void)state;
	assert_int_equal(bob->password_kind, PASSWORD_PBKDF2);
	assert_int_equal(bob->privilege, 15);
	assert_memory_equal(bob->password, "$sha512$5000$", 13);
	assert_string_not_equal(bob->password, eve->password); /* salted */
	strcpy(copy, bob->password + 13);
	salt_text = strtok(copy, "$");
	hash_text = strtok(NULL, "$");
	text = (gnutls_datum_t){ (unsigned char *)salt_text, (unsigned)strlen(salt_text) };
	assert_int_equal(gnutls_base64_decode2(&text, &salted), 0);
	assert_int_equal(salted.size, 16);
	memcpy(salt, salted.data, 16);
	gnutls_free(salted.data);
	salted = (gnutls_datum_t){ salt, 16 };
	assert_int_equal(gnutls_pbkdf2(GNUTLS_MAC_SHA512, &key, &salted, 5000, hash, sizeof(hash)), 0);
	text = (gnutls_datum_t){ (unsigned char *)hash_text, (unsigned)strlen(hash_text) };
	assert_int_equal(gnutls_base64_decode2(&text, &again), 0);
	assert_int_equal(again.size, 16);
	assert_memory_equal(again.data, hash, 16);
	gnutls_free(again.data);
	out = config_text(cfg, NULL, CONFIG_PRINT_SECRETS);
	assert_null(strstr(out, "Geheim12"));
	free(out);
	config_free(cfg);
}

static void
a_clone_keeps_the_hash(void **state)
{
	struct config *cfg = good("username bob password Geheim12\nenable password Geheim13\n");
	struct config *clone = config_clone(cfg);
	char *a = config_text(cfg, NULL, 0), *b = config_text(clone, NULL, 0);

	(void)state;
	assert_string_equal(a, b);
	assert_non_null(strstr(a, "enable password $sha512$5000$"));
	free(a);
	free(b);
	config_free(cfg);
	config_free(clone);
}

static void
pasted_hashes_stay_as_they_are(void **state)
{
	(void)state;
	check_same("username", "username a password " HASH " pbkdf2 privilege 15\n");
	check_same("username", "username a password 3USUcOPFUiMCO4Jk encrypted\n");
	check_same("username", "username a password DLaUiAX3l78qgoB5c7iVNw== nt-encrypted privilege 3\n");
	check_same("username", "username a password DLaUiAX3l78qgoB5c7iVNw== mschap\n");
	check_same("username", "username a nopassword privilege 0\n");
	check_finding("username a password geheim pbkdf2\n", "f:1:21: this is no hash as \"pbkdf2\" has it\nusername a password *****");
	check_finding("username a password geheim encrypted\n", "this is no hash as \"encrypted\"");
	check_finding("username a password geheim mschap\n", "this is no hash as \"mschap\"");
}

static void
a_masked_password_is_not_taken(void **state)
{
	struct config *cfg = good("username a password " HASH " pbkdf2\nusername a password ***** pbkdf2\n");

	(void)state;
	assert_string_equal(config_user(cfg, "a")->password, HASH);
	config_free(cfg);
	check_finding("username a password ***** pbkdf2\n", "f:1:21: warning: the password is masked, set it again");
	check_finding("username a password ***** pbkdf2\n", "f:1:10: warning: username a has no password");
	cfg = good("username a password ***** pbkdf2\n");
	assert_int_equal(config_user(cfg, "a")->password_kind, PASSWORD_UNSET);
	config_free(config_clone(cfg));
	config_free(cfg);
}

static void
attributes_of_a_user_are_kept_apart_and_printed(void **state)
{
	static const char text[] = "username a nopassword\nusername a attributes\n vpn-group-policy g\n vpn-idle-timeout 5\n"
	                           " vpn-framed-ip-address 10.0.0.7 255.255.255.0\n service-type remote-access\n webvpn\n"
	                           "  anyconnect mtu 1200\n";
	struct config *cfg;
	const struct cfg_user *u;
	char *whole;

	(void)state;
	assert_true(asprintf(&whole, "group-policy g internal\n%s", text) > 0);
	cfg = good(whole);
	u = config_user(cfg, "a");
	assert_string_equal(u->vpn_group_policy, "g");
	assert_int_equal(u->attrs.vpn_idle_timeout, 5);
	assert_int_equal(u->attrs.mtu, 1200);
	assert_int_equal(u->service_type, SERVICE_REMOTE_ACCESS);
	assert_true(u->has_framed_ip);
	check_printed(cfg, "username a", 0, text);
	check_printed(cfg, "username a", CONFIG_PRINT_ALL, text);
	free(whole);
	config_free(cfg);
}

/* asa: these are stars in show, clear in what is saved */
#define SECRETS                                                                                                        \
	"aaa-server r protocol radius\naaa-server r (inside) host 10.0.0.1 GEHEIM0\n radius-common-pw GEHEIM1\n"         \
	"aaa-server l protocol ldap\naaa-server l (inside) host 10.0.0.2\n ldap-login-password GEHEIM2\n"                \
	"crypto ca trustpoint t\n password GEHEIM3\n"                                                                  \
	"vpn load-balancing\n cluster key GEHEIM4\n"                                                                   \
	"ntp authentication-key 1 md5 GEHEIM5\n"                                                                       \
	"group-policy x external server-group r password GEHEIM6\n"                                                    \
	"tunnel-group g type remote-access\ntunnel-group g ipsec-attributes\n ikev1 pre-shared-key GEHEIM7\n"

static void
secrets_are_shown_as_stars_and_saved(void **state)
{
	struct config *cfg = good("interface g0/0\n nameif inside\n" SECRETS);
	char *shown = config_text(cfg, NULL, 0), *saved = config_text(cfg, NULL, CONFIG_PRINT_SECRETS), *again;
	struct config *clone = config_clone(cfg);
	char word[32];

	(void)state;
	assert_null(strstr(shown, "GEHEIM"));
	assert_non_null(strstr(shown, " key *****\n"));
	for (int i = 0; i < 8; i++) {
		snprintf(word, sizeof(word), "GEHEIM%d\n", i);
		assert_non_null(strstr(saved, word));
	}
	again = config_text(clone, NULL, CONFIG_PRINT_SECRETS);
	assert_string_equal(again, saved);
	free(shown);
	free(saved);
	free(again);
	config_free(clone);
	config_free(cfg);
}

static void
a_pasted_mask_leaves_the_secret_as_it_was(void **state)
{
	struct config *cfg = good("tunnel-group g type remote-access\ntunnel-group g ipsec-attributes\n"
	                          " ikev1 pre-shared-key one\n ikev1 pre-shared-key *****\n");

	(void)state;
	check_printed(cfg, "tunnel-group g", CONFIG_PRINT_SECRETS, " ikev1 pre-shared-key one\n");
	config_free(cfg);
	check_finding("tunnel-group g type remote-access\ntunnel-group g ipsec-attributes\n ikev1 pre-shared-key *****\n",
	    "f:3:23: warning: the pre-shared-key is masked, set it again");
}

static void
a_typed_secret_is_wiped_when_it_was_taken(void **state)
{
	struct config *cfg = config_new();
	struct config_cursor cursor;
	static struct config_line line;
	struct cmd_error error;
	char *answer = NULL;
	size_t len;
	FILE *out = open_memstream(&answer, &len);

	(void)state;
	config_cursor_init(&cursor);
	assert_int_equal(config_match(cfg, &cursor, "username bob password Geheim12 privilege 3", NULL, 0, &line, &error), 0);
	assert_int_equal(config_apply(cfg, &cursor, &line, out), 0);
	fclose(out);
	assert_string_equal(line.match.line, "username bob password ******** privilege 3");
	assert_null(memmem(&line, sizeof(line), "Geheim12", 8));
	assert_string_equal(answer, "");
	free(answer);
	config_cursor_clear(&cursor);
	config_free(cfg);
}

static void
checking_alone_hashes_nothing(void **state)
{
	struct mem *mem = mem_new(NULL);
	struct config *cfg = config_new();
	struct config_report report;

	(void)state;
	config_report_init(&report, mem);
	config_check_only(cfg);
	assert_int_equal(config_read(cfg, "username bob password Geheim12\n", 31, &report), 0);
	assert_string_equal(config_user(cfg, "bob")->password, "");
	config_free(cfg);
	mem_free(mem);
}

static void
no_and_clear_configure_remove_users(void **state)
{
	struct config *cfg = good("username a nopassword\nusername b nopassword\nusername c nopassword\n"
	                          "username a attributes\nvpn-idle-timeout 5\nno username a attributes\nno username b\n"
	                          "clear configure username c\n");

	(void)state;
	assert_int_equal(config_user(cfg, "a")->attrs.vpn_idle_timeout, SETTING_UNSET);
	assert_null(config_user(cfg, "b"));
	assert_null(config_user(cfg, "c"));
	config_free(cfg);
	check_finding("no username x\n", "username x does not exist");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clear_password_becomes_a_pbkdf2_hash),
		cmocka_unit_test(a_clone_keeps_the_hash),
		cmocka_unit_test(pasted_hashes_stay_as_they_are),
		cmocka_unit_test(a_masked_password_is_not_taken),
		cmocka_unit_test(attributes_of_a_user_are_kept_apart_and_printed),
		cmocka_unit_test(secrets_are_shown_as_stars_and_saved),
		cmocka_unit_test(a_pasted_mask_leaves_the_secret_as_it_was),
		cmocka_unit_test(a_typed_secret_is_wiped_when_it_was_taken),
		cmocka_unit_test(checking_alone_hashes_nothing),
		cmocka_unit_test(no_and_clear_configure_remove_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
