/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is named must exist and stay; what is unset is inherited; what would keep phones out is said. */
#include "tests/unit/config_unit.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <time.h>

#include "server/config/cursor.h"

#define GROUP "tunnel-group t type remote-access\n"
#define POLICY "group-policy g internal\ngroup-policy g attributes\n"

/* Warnings are findings, but no errors. */
static void
check_warning(const char *text, const char *want)
{
	config_free(good(text));
	check_finding(text, want);
}

static void
what_decides_over_access_must_exist(void **state)
{
	(void)state;
	check_finding(POLICY " vpn-filter value x\n", "f:3:13: access-list <x> does not exist");
	check_finding(POLICY " vpn-access-hours value x\n", "f:3:19: time-range x does not exist");
	check_finding(POLICY " address-pools value x\n", "f:3:22: Address pool x does not exist");
	check_finding("username u nopassword\nusername u attributes\n vpn-group-policy x\n", "f:3:19: Group policy x does not exist");
	check_finding("username u nopassword\nusername u attributes\n vpn-filter value x\n", "access-list <x> does not exist");
	check_finding(GROUP "tunnel-group t general-attributes\n authorization-server-group x\n",
	    "f:3:29: aaa-server group x does not exist");
	check_finding("webvpn\n certificate-group-map x 10 t\n", "f:2:24: Certificate map x does not exist");
	check_finding("webvpn\n certificate-group-map x 10 t\n", "f:2:29: Tunnel group t does not exist");
	check_finding(GROUP "crypto ca certificate map x 20\nwebvpn\n certificate-group-map x 10 t\n",
	    "Certificate map x 10 does not exist");
	check_finding("logging trap list x\n", "f:1:19: logging list x does not exist");
	check_finding("aaa-server x (inside) host 10.0.0.1\n", "aaa-server group x does not exist");
}

static void
what_only_shapes_the_client_is_a_warning(void **state)
{
	(void)state;
	check_warning(POLICY " split-tunnel-network-list value x\n", "warning: access-list <x> does not exist");
	check_warning(POLICY " group-lock value x\n", "warning: Tunnel group x does not exist");
	check_warning("route x 0.0.0.0 0.0.0.0 10.0.0.1\n", "f:1:7: warning: Interface x does not exist");
	check_warning("access-group a in interface x\n", "warning: access-list <a> does not exist");
	check_warning("logging host x 10.0.0.1\n", "warning: Interface x does not exist");
	check_warning(GROUP "tunnel-group t webvpn-attributes\n authentication aaa multiple-certificate\n",
	    "warning: tunnel-group t: of multiple-certificate one certificate is asked for and checked");
	check_warning(GROUP "tunnel-group t general-attributes\n username-from-certificate use-script\n",
	    "warning: tunnel-group t: username-from-certificate use-script finds no user name");
}

static void
the_order_in_a_file_does_not_matter(void **state)
{
	struct config *cfg = good(POLICY " vpn-filter value x\n vpn-access-hours value tr\n address-pools value p\n"
	                          "username u nopassword\nusername u attributes\n vpn-group-policy later\n"
	                          "webvpn\n certificate-group-map m 10 t\n" GROUP "group-policy later internal\n"
	                          "ip local pool p 10.0.0.1-10.0.0.9\ncrypto ca certificate map m 10\n"
	                          "access-list x extended permit ip any any\ntime-range tr\n");

	(void)state;
	config_free(config_clone(cfg));
	config_free(cfg);
}

static void
what_is_in_use_stays(void **state)
{
	(void)state;
	check_finding(POLICY " vpn-filter value x\naccess-list x extended permit ip any any\nclear configure access-list x\n",
	    "access-list x is in use by group-policy g (vpn-filter), cannot be deleted");
	check_finding(POLICY " vpn-filter value x\naccess-list x extended permit ip any any\nno access-list x extended permit ip any any\n",
	    "access-list x is in use by group-policy g (vpn-filter), cannot be deleted");
	check_finding(POLICY "time-range x\ngroup-policy g attributes\n vpn-access-hours value x\nno time-range x\n",
	    "time-range x is in use by group-policy g (vpn-access-hours), cannot be deleted");
	check_finding(POLICY "username u nopassword\nusername u attributes\n vpn-group-policy g\nno group-policy g\n",
	    "Group policy g is in use by username u (vpn-group-policy), cannot be deleted");
	check_finding(GROUP "crypto ca certificate map m 10\nwebvpn\n certificate-group-map m 10 t\nno tunnel-group t\n",
	    "Tunnel group t is in use by \"certificate-group-map\", cannot be deleted");
	check_finding(GROUP "crypto ca certificate map m 10\nwebvpn\n certificate-group-map m 10 t\nno crypto ca certificate map m\n",
	    "Certificate map m is in use by \"certificate-group-map\", cannot be deleted");
	check_finding("aaa-server r protocol radius\n" GROUP "tunnel-group t general-attributes\n accounting-server-group r\n"
	              "no aaa-server r\n", "aaa-server group r is in use by tunnel-group t (accounting-server-group)");
	check_finding("ipv6 local pool p 2001:db8::/64 10\n" POLICY " ipv6-address-pools value p\nno ipv6 local pool p\n",
	    "Pool (p) in use, cannot be deleted");
}

/* --- inheritance -------------------------------------------------------------------- */

static void
each_attribute_comes_from_the_nearest_that_sets_it(void **state)
{
	struct config *cfg = good("group-policy DfltGrpPolicy attributes\n vpn-idle-timeout 1\n vpn-session-timeout 2\n banner value d\n"
	                          POLICY " vpn-session-timeout 3\n vpn-simultaneous-logins 4\n split-dns value a b\n webvpn\n  anyconnect mtu 1300\n"
	                          "username u nopassword\nusername u attributes\n vpn-simultaneous-logins 5\n vpn-filter none\n"
	                          " webvpn\n  anyconnect ssl keepalive 77\n");
	const struct cfg_user *u = config_user(cfg, "u");
	struct cfg_policy_attrs a;

	(void)state;
	config_policy_resolve(cfg, u, "g", &a);
	assert_int_equal(a.vpn_simultaneous_logins, 5); /* user */
	assert_int_equal(a.keepalive_s, 77);
	assert_string_equal(a.vpn_filter, "");
	assert_int_equal(a.vpn_session_timeout, 3); /* group-policy */
	assert_int_equal(a.mtu, 1300);
	assert_string_equal(a.split_dns, "a b");
	assert_int_equal(a.vpn_idle_timeout, 1); /* DfltGrpPolicy */
	assert_string_equal(a.banner, "d");
	assert_int_equal(a.dpd_client_s, 30); /* built in */
	assert_int_equal(a.wins_count, SETTING_NONE);
	assert_int_equal(a.idle_alert_min, 1);
	assert_int_equal(a.keep_installer, 1);
	assert_int_equal(a.rekey_min, SETTING_NONE);
	assert_string_equal(a.ask, "none default webvpn");
	assert_string_equal(a.gateway_fqdn, "");
	config_policy_resolve(cfg, u, NULL, &a);
	assert_int_equal(a.vpn_session_timeout, 2);
	assert_int_equal(a.vpn_simultaneous_logins, 5);
	config_policy_resolve(cfg, NULL, "g", &a);
	assert_int_equal(a.vpn_simultaneous_logins, 4);
	config_free(cfg);
}

static void
nothing_is_unset_after_inheritance(void **state)
{
	struct config *cfg = config_new();
	struct cfg_policy_attrs a;
	const int32_t *words = (const int32_t *)&a;

	(void)state;
	config_policy_resolve(cfg, NULL, NULL, &a);
	for (size_t i = 0; i < sizeof(a) / sizeof(*words); i++)
		assert_int_not_equal(words[i], SETTING_UNSET);
	assert_non_null(a.default_domain);
	assert_non_null(a.vpn_filter);
	assert_non_null(a.split_tunnel_network_list);
	assert_non_null(a.vpn_access_hours);
	assert_non_null(a.group_lock);
	assert_non_null(a.banner);
	assert_non_null(a.password_storage);
	config_free(cfg);
}

static void
tunnel_groups_inherit_from_the_default_of_their_kind(void **state)
{
	struct config *cfg = good("ip local pool p 10.0.0.1-10.0.0.9\ngroup-policy g internal\n"
	                          "tunnel-group DefaultWEBVPNGroup general-attributes\n address-pool p\n default-group-policy g\n"
	                          " authorization-required\n authorization-server-group LOCAL\n"
	                          "tunnel-group DefaultWEBVPNGroup webvpn-attributes\n authentication certificate\n"
	                          "tunnel-group a type remote-access\ntunnel-group b type ipsec-l2l\n"
	                          "tunnel-group c type webvpn\ntunnel-group c webvpn-attributes\n authentication aaa\n"
	                          "tunnel-group c general-attributes\n authorization-server-group none\n");
	struct cfg_group_resolved r;
	struct config *clone = config_clone(cfg);

	(void)state;
	config_tunnel_group_resolve(clone, config_tunnel_group(clone, "a"), &r);
	assert_int_equal(r.authentication, AUTH_CERTIFICATE);
	assert_string_equal(r.default_group_policy, "g");
	assert_int_equal(r.address_pools_count, 1);
	assert_true(r.authorization_required);
	assert_string_equal(r.authorization_group, "LOCAL");
	assert_string_equal(r.authentication_group, "LOCAL");
	config_tunnel_group_resolve(clone, config_tunnel_group(clone, "b"), &r);
	assert_int_equal(r.authentication, AUTH_AAA);
	assert_string_equal(r.default_group_policy, "DfltGrpPolicy");
	config_tunnel_group_resolve(clone, config_tunnel_group(clone, "c"), &r);
	assert_int_equal(r.authentication, AUTH_AAA); /* said, so not inherited, though it is the default */
	assert_string_equal(r.authorization_group, "");
	check_printed(clone, "tunnel-group a", CONFIG_PRINT_ALL, " default-group-policy g\n");
	check_printed(clone, "tunnel-group a", CONFIG_PRINT_ALL, " authentication certificate\n");
	config_free(clone);
	config_free(cfg);
}

/* --- ciphers and certificates --------------------------------------------------------- */

#define ENABLED "interface g0/0\n nameif outside\nwebvpn\n enable outside\n"

static void
ciphers_that_leave_phones_outside_are_said(void **state)
{
	(void)state;
	check_findings(ENABLED, "");
	check_warning(ENABLED "ssl cipher dtlsv1 custom \"DHE-RSA-AES256-SHA\"\n",
	    "warning: ssl cipher leaves TLS and DTLS no common cipher suite that phones know");
	check_findings("interface g0/0\n nameif outside\nwebvpn\n enable outside tls-only\nssl cipher dtlsv1 custom \"DHE-RSA-AES256-SHA\"\n", "");
	check_warning(ENABLED "ssl cipher tlsv1 custom \"AES256-GCM-SHA384\"\n",
	    "f:5:25: warning: ssl cipher leaves no cipher suite for tlsv1, nobody can use it");
	check_findings(ENABLED "ssl server-version tlsv1.2\nssl cipher tlsv1 custom \"AES256-GCM-SHA384\"\n", "");
	check_finding("ssl cipher tlsv1 custom \"AES256-SHA:NO-SUCH\"\n", "unknown cipher suite");
	check_findings("ssl cipher tlsv1 custom \"AES256-SHA:NO-SUCH\"\n",
	    "f:1:37: Invalid input detected at '^' marker: unknown cipher suite NO-SUCH\n"
	    "ssl cipher tlsv1 custom \"AES256-SHA:NO-SUCH\"\n                                    ^\n");
}

static char *
live(struct config *cfg, const char *text)
{
	struct config_cursor cursor;
	static struct config_line line;
	struct cmd_error error;
	char *answer = NULL;
	size_t len;
	FILE *out = open_memstream(&answer, &len);

	config_cursor_init(&cursor);
	assert_int_equal(config_match(cfg, &cursor, text, NULL, 0, &line, &error), 0);
	config_apply(cfg, &cursor, &line, out);
	fclose(out);
	config_cursor_clear(&cursor);
	return answer;
}

static void
a_live_change_tells_the_warnings_that_it_brings(void **state)
{
	struct config *cfg = good(ENABLED POLICY " split-tunnel-network-list value missing\n");
	char *answer = live(cfg, "ssl cipher dtlsv1 custom \"DHE-RSA-AES256-SHA\"");

	(void)state;
	assert_string_equal(answer, "WARNING: ssl cipher leaves TLS and DTLS no common cipher suite that phones know "
	                            "(AES256-SHA, AES128-SHA): they get no DTLS\n");
	free(answer);
	answer = live(cfg, "hostname other");
	assert_string_equal(answer, "");
	free(answer);
	answer = live(cfg, "mtu outside 1400");
	assert_string_equal(answer, "WARNING: \"mtu\" has no effect here\n");
	free(answer);
	config_free(cfg);
}

static void
a_new_binding_replaces_the_one_of_the_same_kind(void **state)
{
	struct config *cfg = good("interface g0/0\n nameif outside\ncrypto ca trustpoint a\ncrypto ca trustpoint b\n"
	                          "ssl trust-point a outside\nssl trust-point b outside\nssl trust-point a\nssl trust-point a domain x.example\n");

	(void)state;
	check_printed(cfg, "ssl", 0, "ssl trust-point b outside\nssl trust-point a\nssl trust-point a domain x.example\n");
	config_free(cfg);
}

static void
identity_set(struct config *cfg, const char *trustpoint, gnutls_pk_algorithm_t kind)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
	gnutls_datum_t der;

	gnutls_x509_privkey_init(&key);
	gnutls_x509_crt_init(&crt);
	assert_int_equal(gnutls_x509_privkey_generate(key, kind,
	    kind == GNUTLS_PK_RSA ? 2048 : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0), 0);
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_serial(crt, "\x05", 1);
	gnutls_x509_crt_set_activation_time(crt, time(NULL));
	gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 86400);
	gnutls_x509_crt_set_dn(crt, "CN=x", NULL);
	gnutls_x509_crt_set_key(crt, key);
	assert_int_equal(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
	assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der), 0);
	assert_int_equal(config_trustpoint_set_identity(cfg, trustpoint, der.data, der.size), 0);
	gnutls_free(der.data);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
}

static void
one_rsa_and_one_ecdsa_trustpoint_serve_an_interface(void **state)
{
	struct config *cfg = good("interface g0/0\n nameif outside\ncrypto ca trustpoint rsa\ncrypto ca trustpoint ec\n"
	                          "crypto ca trustpoint ec2\ncrypto ca trustpoint plain\nssl trust-point rsa outside\n");
	struct config *clone;
	char *answer;

	(void)state;
	identity_set(cfg, "rsa", GNUTLS_PK_RSA);
	identity_set(cfg, "ec", GNUTLS_PK_ECDSA);
	identity_set(cfg, "ec2", GNUTLS_PK_ECDSA);
	free(live(cfg, "ssl trust-point ec outside"));
	check_printed(cfg, "ssl", 0, "ssl trust-point rsa outside\nssl trust-point ec outside\n");
	free(live(cfg, "ssl trust-point ec2 outside")); /* replaces the other ECDSA */
	check_printed(cfg, "ssl", 0, "ssl trust-point rsa outside\nssl trust-point ec2 outside\n");
	clone = config_clone(cfg);
	check_printed(clone, "ssl", 0, "ssl trust-point rsa outside\nssl trust-point ec2 outside\n");
	answer = live(cfg, "ssl trust-point plain outside"); /* no certificate yet: counts as RSA, and must not take one away */
	assert_string_equal(answer, "ERROR: Trustpoint plain is not enrolled. Please enroll it and try again.\n");
	free(answer);
	check_printed(cfg, "ssl", 0, "ssl trust-point rsa outside\nssl trust-point ec2 outside\n");
	free(live(cfg, "no ssl trust-point rsa outside"));
	free(live(cfg, "ssl trust-point plain outside"));
	check_printed(cfg, "ssl", 0, "ssl trust-point ec2 outside\nssl trust-point plain outside\n");
	config_free(clone);
	config_free(cfg);
}

/* --- objects with rules of their own ------------------------------------------------------ */

static void
certificate_maps_are_sorted_and_lower_case(void **state)
{
	struct config *cfg = good("crypto ca certificate map m 20\n subject-name co Phone\ncrypto ca certificate map m 10\n"
	                          " issuer-name attr cn eq Cisco CA\n extended-key-usage co clientauth\n alt-subject-name nc x\n"
	                          "crypto ca certificate map 5\n subject-name attr ou ne Y\n");
	const struct cfg_cert_map *map = config_cert_map(cfg, "m", 10);

	(void)state;
	assert_int_equal(map->rules->field, CERT_ISSUER);
	assert_string_equal(map->rules->attr, "cn");
	assert_string_equal(map->rules->value, "cisco ca");
	check_printed(cfg, "crypto ca certificate map", 0,
	    "crypto ca certificate map DefaultCertificateMap 5\n subject-name attr ou ne y\n"
	    "crypto ca certificate map m 10\n issuer-name attr cn eq cisco ca\n extended-key-usage co clientauth\n"
	    " alt-subject-name nc x\ncrypto ca certificate map m 20\n subject-name co phone\n");
	config_free(cfg);
}

static void
a_trustpoint_says_how_revocation_is_checked(void **state)
{
	static const char text[] = "crypto ca trustpoint t\n revocation-check ocsp crl none\n email a@b\n serial-number\n"
	                           " no ca-check\n no permit-weak-crypto\n ocsp url http://o.example/\n ocsp disable-nonce\n crl configure\n"
	                           "  policy both\n  url 1 http://c.example/a.crl\n  url 5 file:///etc/a.crl\n  cache-time 5\n"
	                           "  no enforcenextupdate\n";
	struct config *cfg = good(text);
	const struct cfg_trustpoint *t = config_trustpoint(cfg, "t");

	(void)state;
	check_same("crypto ca trustpoint", text);
	assert_true(t->no_ca_check && t->no_weak_crypto && t->ocsp_no_nonce && t->crl_no_next_update && t->serial_number);
	assert_int_equal(t->crl_policy, CRL_BOTH);
	assert_int_equal(t->crl_cache_min, 5);
	assert_string_equal(t->crl_urls[4], "file:///etc/a.crl");
	config_free(cfg);
	check_findings(text, "");
	check_finding("crypto ca trustpoint t\n crl configure\n  url 6 http://x/\n", "f:3:7: ");
	check_finding("crypto ca trustpoint t\n crl configure\n  url 1 ftp://x/\n", "not a URL");
}

static void
logging_says_where_each_message_goes(void **state)
{
	static const char text[] = "logging enable\nlogging timestamp rfc5424\nlogging list l level errors class vpn\nlogging list l message 722022-722037\n"
	                           "logging buffer-size 8192\nlogging console critical\nlogging buffered list l\nlogging trap informational\n"
	                           "logging facility 23\nlogging device-id string gw\nlogging host inside 10.0.0.5 tcp/1470 secure\n"
	                           "logging host inside 10.0.0.6 format emblem\nno logging hide username\nlogging class auth trap alerts\n"
	                           "logging message 113009 level warnings\nno logging message 302013\n";
	char *whole;
	struct config *cfg;
	const struct cfg_logging *l;

	(void)state;
	assert_true(asprintf(&whole, "interface g0/0\n nameif inside\n%s", text) > 0);
	check_findings(whole, "");
	cfg = good(whole);
	l = &cfg->logging;
	check_printed(cfg, "logging", 0, text);
	assert_int_equal(l->to[LOG_CONSOLE].level, 2);
	assert_string_equal(l->to[LOG_BUFFERED].list, "l");
	assert_int_equal(l->to[LOG_MONITOR].level, SETTING_UNSET);
	assert_int_equal(l->lists->level, 3);
	assert_string_equal(l->lists->class, "vpn");
	assert_int_equal(l->lists->next->first, 722022);
	assert_true(l->hosts->tcp && l->hosts->secure);
	assert_int_equal(l->hosts->next->port, 514);
	assert_true(l->hosts->next->emblem);
	assert_int_equal(l->classes->destination, LOG_TRAP);
	assert_int_equal(l->messages->level, 4);
	assert_true(l->messages->next->off);
	assert_true(l->no_hide_username);
	assert_int_equal(l->device_id, DEVICE_ID_STRING);
	config_free(cfg);
	free(whole);
}

static void
every_section_prints_alone_and_by_name(void **state)
{
	char *path = top_path("tests/unit/config/asav-whole.in"), *text = file_text(path);
	struct config *cfg = good(text);
	static const struct {
		const char *section, *begins;
	} sections[] = {
		{ "hostname", "hostname asav\n" }, { "interface outside", "!\ninterface GigabitEthernet0/0\n" },
		{ "interface Management0/0", "!\ninterface Management0/0\n" }, { "access-list split", "access-list split standard" },
		{ "object network", "object network lan\n" }, { "object network cucm-sub", "object network cucm-sub\n host 172.16.100.11\n" },
		{ "object-group id mixed", "object-group service mixed\n" }, { "aaa-server", "aaa-server ISE protocol radius\n" },
		{ "username admin", "username admin password $sha512$" }, { "time-range", "time-range office\n absolute" },
		{ "ip local pool staff-pool", "ip local pool staff-pool 10.20.0.10" }, { "ipv6 local pool", "ipv6 local pool staff-v6" },
		{ "crypto ca trustpoint cert1", "crypto ca trustpoint cert1\n revocation" }, { "crypto ca certificate map", "crypto ca certificate map phones 10\n" },
		{ "crypto ca certificate chain cert1", "crypto ca certificate chain cert1\n certificate ca 6ecc" },
		{ "ssl", "ssl cipher tlsv1.2 custom" }, { "webvpn", "webvpn\n enable outside\n" }, { "group-policy staff", "group-policy staff internal\n" },
		{ "tunnel-group staff", "tunnel-group staff type" }, { "tunnel-group-map", "tunnel-group-map phones 10" }, { "logging", "logging enable\n" },
		{ "route", "route outside 0.0.0.0 0.0.0.0 172.16.1.1 1\n" }, { "mtu", "mtu outside 1500\n" }, { "names", "names\n" },
		{ "name", "name 172.16.100.10 cucm" }, { "sysopt", "no sysopt connection permit-vpn\n" }, { "vpn-addr-assign", "no vpn-addr-assign dhcp\n" },
		{ "clock", "clock timezone CET 1\n" }, { "dns", "dns domain-lookup inside\n" }, { "ntp", "ntp server 172.16.100.5" },
		{ "vpn load-balancing", "vpn load-balancing\n interface lbpublic" }, { "vpn-sessiondb", "vpn-sessiondb max-any" },
		{ "prompt", "prompt hostname context\n" }, { "enable", "enable password $sha512$" }, { "access-group", "access-group outside_in in" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		char *out = config_text(cfg, sections[i].section, 0);

		assert_true(config_section_known(sections[i].section));
		if (strncmp(out, sections[i].begins, strlen(sections[i].begins)) != 0)
			fail_msg("\"%s\" prints\n%s", sections[i].section, out);
		free(out);
	}
	config_free(cfg);
	free(text);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_decides_over_access_must_exist),
		cmocka_unit_test(what_only_shapes_the_client_is_a_warning),
		cmocka_unit_test(the_order_in_a_file_does_not_matter),
		cmocka_unit_test(what_is_in_use_stays),
		cmocka_unit_test(each_attribute_comes_from_the_nearest_that_sets_it),
		cmocka_unit_test(nothing_is_unset_after_inheritance),
		cmocka_unit_test(tunnel_groups_inherit_from_the_default_of_their_kind),
		cmocka_unit_test(ciphers_that_leave_phones_outside_are_said),
		cmocka_unit_test(a_live_change_tells_the_warnings_that_it_brings),
		cmocka_unit_test(a_new_binding_replaces_the_one_of_the_same_kind),
		cmocka_unit_test(one_rsa_and_one_ecdsa_trustpoint_serve_an_interface),
		cmocka_unit_test(certificate_maps_are_sorted_and_lower_case),
		cmocka_unit_test(a_trustpoint_says_how_revocation_is_checked),
		cmocka_unit_test(logging_says_where_each_message_goes),
		cmocka_unit_test(every_section_prints_alone_and_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
