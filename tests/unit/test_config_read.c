/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/config_unit.h"

#include <dirent.h>

static void
check_pair(const char *dir, const char *name)
{
	char path[1024];
	char *in, *ok, *out;
	struct config *cfg;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	in = file_text(path);
	strcpy(strrchr(path, '.'), ".ok");
	ok = file_text(path);
	cfg = good(in);
	out = config_text(cfg, NULL, CONFIG_PRINT_SECRETS);
	if (strcmp(out, ok) != 0)
		fail_msg("%s prints\n%s", name, out);
	config_free(cfg);
	free(out);
	cfg = good(ok);
	out = config_text(cfg, NULL, CONFIG_PRINT_SECRETS);
	if (strcmp(out, ok) != 0)
		fail_msg("what %s prints, prints\n%s", name, out);
	config_free(cfg);
	free(in);
	free(ok);
	free(out);
}

static void
each_golden_input_prints_its_golden_output_twice(void **state)
{
	char *dir = top_path("tests/unit/config");
	DIR *d = opendir(dir);
	struct dirent *e;
	int pairs = 0;

	(void)state;
	if (d == NULL)
		fail_msg("%s: run from the top of the tree or set OFFHOOK_TOP", dir);
	while ((e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);

		if (len < 4 || strcmp(e->d_name + len - 3, ".in") != 0)
			continue;
		check_pair(dir, e->d_name);
		pairs++;
	}
	closedir(d);
	free(dir);
	assert_true(pairs >= 9);
}

/* The same text without indentation, or with four times as much, blank lines and CRLF. */
static char *
relaid(const char *text, bool flat)
{
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	for (const char *line = text; *line != '\0'; line += *line == '\n') {
		size_t blanks = strspn(line, " "), end = strcspn(line, "\n");

		fprintf(f, "%*s%.*s", flat ? 0 : (int)blanks * 4, "", (int)(end - blanks), line + blanks);
		fputs(flat ? "\n" : "\r\n \r\n", f);
		line += end;
	}
	fclose(f);
	return out;
}

static void
check_layouts(const char *file)
{
	char *path = top_path(file), *text = file_text(path);
	struct config *cfg = good(text);
	char *want = config_text(cfg, NULL, CONFIG_PRINT_SECRETS);

	config_free(cfg);
	for (int flat = 0; flat < 2; flat++) {
		char *other = relaid(text, flat), *out;

		cfg = good(other);
		out = config_text(cfg, NULL, CONFIG_PRINT_SECRETS);
		assert_string_equal(out, want);
		free(out);
		free(other);
		config_free(cfg);
	}
	free(want);
	free(text);
	free(path);
}

static void
a_whole_asa_configuration_loads_in_any_layout(void **state)
{
	(void)state;
	check_layouts("tests/unit/config/asav-whole.in");
	check_layouts("tests/unit/config/asav-916.in");
}

/* Submodes that nobody listed, where the indentation tells. */
static void
lines_below_an_ignored_one_belong_to_it(void **state)
{
	(void)state;
	check_findings("sla monitor 1\n  unheard of\n   and deeper\nfailover\n  more of it\nhostname h\n",
	    "f: warning: 5 lines have no effect here: sla (1), failover (1)\n");
	check_finding("failover\nunheard of\n", "f:2:1: Invalid input");
	check_finding("hostname h\n  unheard of\n", "f:2:3: Invalid input");
}

/* Of what is too long the excess is not stored. */
static void
banners_and_blocks_have_a_limit(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	fputs("group-policy g internal\ngroup-policy g attributes\n", f);
	for (int i = 0; i < 100; i++)
		fprintf(f, " banner value %099d\n", i);
	fclose(f);
	check_finding(text, "f:43:9: the text is longer than 4000 characters");
	free(text);
	f = open_memstream(&text, &len);
	fputs("crypto ca trustpoint t\ncrypto ca certificate chain t\n certificate ca 01\n", f);
	for (int i = 0; i < 2000; i++)
		fputs("    30820122 300d0609 2a864886 f70d0101 01050003 82010f00 3082010a 02820101\n", f);
	fputs("  quit\n", f);
	fclose(f);
	check_finding(text, "f:3:17: the certificate block is longer than 65536 hex digits");
	*strstr(text, "  quit") = '\0';
	check_finding(text, "f:3:1: the certificate block is not ended by \"quit\"");
	free(text);
}

static void
sample_configuration_has_no_findings(void **state)
{
	char *path = top_path("configs/vpn-phone.cfg"), *text = file_text(path);

	(void)state;
	check_findings(text, "");
	free(text);
	free(path);
}

static void
sample_configuration_says_what_the_guide_says(void **state)
{
	char *path = top_path("configs/vpn-phone.cfg"), *text = file_text(path);
	struct config *cfg = good(text);
	struct cfg_tunnel_group *t = config_tunnel_group(cfg, "vpn-phone-group");
	struct cfg_policy_attrs attrs;
	int anchors = 0;

	(void)state;
	assert_string_equal(cfg->hostname, "asav");
	assert_string_equal(cfg->domain_name, "sckiewer.lab");
	assert_int_equal(config_pool(cfg, "vpn-phone-pool")->first, 0x0a0a0101);
	assert_int_equal(config_pool(cfg, "vpn-phone-pool")->last, 0x0a0a01fe);
	assert_string_equal(config_interface(cfg, "outside")->hw_name, "GigabitEthernet0/0");
	assert_int_equal(t->authentication, AUTH_CERTIFICATE);
	assert_string_equal(t->urls->host, "asav.sckiewer.lab");
	assert_string_equal(t->urls->path, "/phone");
	assert_string_equal(t->urls->next->host, "172.16.1.250");
	assert_true(t->urls->https && t->urls->enabled && t->urls->port == 0);
	assert_string_equal(t->address_pools[0], "vpn-phone-pool");
	assert_string_equal(cfg->webvpn.enables->nameif, "outside");
	assert_true(cfg->webvpn.anyconnect_enable);
	assert_string_equal(cfg->ssl.trustpoints->trustpoint, "asa-identity-cert");
	assert_string_equal(cfg->ssl.trustpoints->nameif, "outside");
	assert_int_equal(config_trustpoint(cfg, "asa-identity-cert")->enrollment, ENROLL_SELF);
	assert_string_equal(config_trustpoint(cfg, "asa-identity-cert")->subject_name, "CN=asav.sckiewer.lab");
	for (struct cfg_trustpoint *tp = cfg->trustpoints; tp != NULL; tp = tp->next)
		anchors += tp->enrollment == ENROLL_TERMINAL;
	assert_true(anchors >= 4);
	config_policy_resolve(cfg, NULL, "vpn-phone-policy", &attrs);
	assert_int_equal(attrs.vpn_tunnel_protocol, PROTO_SSL_CLIENT);
	assert_int_equal(attrs.vpn_idle_timeout, 30);
	config_free(cfg);
	free(text);
	free(path);
}

static void
unset_attributes_come_from_the_default_policy_then_the_built_in(void **state)
{
	struct config *cfg = good("group-policy DfltGrpPolicy attributes\n vpn-idle-timeout none\n webvpn\n"
	                          "  anyconnect mtu 1200\ngroup-policy g internal\ngroup-policy g attributes\n"
	                          " vpn-simultaneous-logins 1\n default-domain value a.b\n webvpn\n  anyconnect ssl dtls none\n");
	struct cfg_policy_attrs a;

	(void)state;
	config_policy_resolve(cfg, NULL, "g", &a);
	assert_int_equal(a.vpn_simultaneous_logins, 1);
	assert_int_equal(a.vpn_idle_timeout, SETTING_NONE);
	assert_int_equal(a.mtu, 1200);
	assert_int_equal(a.ssl_dtls, 0);
	assert_int_equal(a.keepalive_s, 20);
	assert_int_equal(a.dpd_gateway_s, 30);
	assert_int_equal(a.dpd_client_s, 30);
	assert_int_equal(a.vpn_session_timeout, SETTING_NONE);
	assert_int_equal(a.split_tunnel_policy, 0);
	assert_int_equal(a.address_pools_count, SETTING_NONE);
	assert_int_equal(a.dns_count, SETTING_NONE);
	assert_string_equal(a.default_domain, "a.b");
	config_policy_resolve(cfg, NULL, NULL, &a);
	assert_int_equal(a.vpn_simultaneous_logins, 3);
	assert_int_equal(a.ssl_dtls, 1);
	assert_string_equal(a.default_domain, "");
	assert_int_equal(a.vpn_tunnel_protocol, PROTO_IKEV1 | PROTO_IKEV2 | PROTO_L2TP | PROTO_SSL_CLIENTLESS);
	config_free(cfg);
}

static void
unknown_word_gets_line_column_and_caret(void **state)
{
	(void)state;
	check_findings("hostname a\n  foobar baz\n", "f:2:3: Invalid input detected at '^' marker\n  foobar baz\n  ^\n");
}

static void
bad_value_is_pointed_at(void **state)
{
	(void)state;
	check_findings("group-policy DfltGrpPolicy attributes\n vpn-idle-timeout 0\n",
	    "f:2:19: Invalid input detected at '^' marker: not a number from 1 to 35791394\n vpn-idle-timeout 0\n"
	    "                  ^\n");
	check_finding("group-policy DfltGrpPolicy attributes\n webvpn\n  anyconnect mtu 9000\n",
	    "f:3:18: Invalid input detected at '^' marker: not a number from 256 to 1462\n");
	check_finding("ssl cipher tlsv1 custom \"AES256-SHA:NOPE\"\n", "f:1:37: ");
	check_finding("ssl cipher tlsv1 custom \"AES256-SHA:RC4-MD5\"\n", "warning: left out, since never spoken here: RC4-MD5");
}

static void
incomplete_and_ambiguous_are_said(void **state)
{
	(void)state;
	check_finding("crypto ca\n", "f:1:10: Incomplete command: expected ");
	check_finding("l\n", "f:1:1: Ambiguous command:  \"l\"\n");
}

static void
errors_of_syntax_and_meaning_come_together_in_order_of_lines(void **state)
{
	(void)state;
	check_findings("ssl trust-point nope outside\nbogus\nwebvpn\n enable inside\n",
	    "f:1:17: Trustpoint nope does not exist\nssl trust-point nope outside\n                ^\n"
	    "f:1:22: Interface outside does not exist\nssl trust-point nope outside\n                     ^\n"
	    "f:2:1: Invalid input detected at '^' marker\nbogus\n^\n"
	    "f:4:9: Interface inside does not exist\n enable inside\n        ^\n");
}

static void
pools_are_checked(void **state)
{
	(void)state;
	check_finding("ip local pool p 10.0.0.9-10.0.0.1\n", "f:1:17: the pool's first address is above its last");
	check_finding("ip local pool p 10.0.0.1-10.0.1.1 mask 255.255.255.0\n", "f:1:40: the range does not lie within");
	check_finding("ip local pool p 10.0.0.1-10.0.0.9\nip local pool p 10.0.0.1-10.0.0.8\n", "f:2:15: Pool (p) already");
	check_finding("ip local pool a 10.0.0.1-10.0.0.9\nip local pool b 10.0.0.9-10.0.0.20\n",
	    "f:2:17: Pool b overlaps with pool a (10.0.0.1-10.0.0.9)");
	check_finding("ip local pool b 10.0.0.9-10.0.0.20\nip local pool a 10.0.0.1-10.0.0.9\n",
	    "f:2:17: Pool a overlaps with pool b");
	check_finding("ip local pool a 10.0.0.300-10.0.0.9\n", "f:1:17: ");
}

static void
references_must_exist(void **state)
{
	(void)state;
	check_finding("group-policy g internal\ngroup-policy g attributes\n address-pools value a b\n",
	    "f:3:22: Address pool a does not exist");
	check_finding("group-policy g internal\ngroup-policy g attributes\n address-pools value a b\n",
	    "f:3:24: Address pool b does not exist");
	check_finding("tunnel-group t type remote-access\ntunnel-group t general-attributes\n address-pool x\n",
	    "f:3:15: Address pool x does not exist");
	check_finding("tunnel-group t type remote-access\ntunnel-group t general-attributes\n default-group-policy x\n",
	    "f:3:23: Group policy x does not exist");
	check_finding("group-policy g attributes\n", "f:1:14: Group policy g does not exist");
	check_finding("group-policy g internal from x\n", "Group policy x does not exist");
	check_finding("crypto ca certificate chain x\n", "f:1:29: Trustpoint x does not exist");
}

static void
tunnel_group_needs_its_type_first(void **state)
{
	(void)state;
	check_finding("tunnel-group t general-attributes\n", "f:1:14: Tunnel group t does not exist");
}

static void
group_urls_are_checked(void **state)
{
	(void)state;
	check_finding("tunnel-group t type remote-access\ntunnel-group t webvpn-attributes\n group-url ftp://x enable\n",
	    "f:3:12: Invalid input detected at '^' marker: not a URL");
	check_finding("tunnel-group t type remote-access\ntunnel-group t webvpn-attributes\n group-url https://x:0/ enable\n",
	    "f:3:12: group-url must be a URL");
	check_finding("tunnel-group t type remote-access\ntunnel-group t webvpn-attributes\n group-url https://x/a enable\n"
	              "tunnel-group u type remote-access\ntunnel-group u webvpn-attributes\n group-url https://X:443/a/ enable\n",
	    "f:6:12: group-url https://X:443/a/ is already used by tunnel-group t");
}

static void
interfaces_are_checked(void **state)
{
	(void)state;
	check_finding("interface foo0/0\n nameif a\n", "f:1:11: \"foo0/0\" is not the name of an interface");
	check_finding("interface g0/0\n nameif a\ninterface g0/1\n nameif a\n",
	    "f:4:9: Name \"a\" has been assigned to interface GigabitEthernet0/0");
	check_finding("interface g0/0\n ip address 10.0.0.1 255.0.0.0\ninterface g0/1\n ip address 10.1.0.1 255.255.0.0\n",
	    "f:4:13: Failed to apply IP address to interface GigabitEthernet0/1, as the network overlaps with interface "
	    "GigabitEthernet0/0. Two interfaces cannot be in the same subnet.");
	check_finding("interface g0/0\n ip address 10.0.0.0 255.0.0.0\n", "network or broadcast");
	check_finding("interface g0/0\n ip address 10.0.0.1 255.0.255.0\n", "f:2:22: Invalid input detected at '^' marker: "
	                                                                   "not a network mask");
}

static void
hostname_must_be_one(void **state)
{
	(void)state;
	check_finding("hostname -a\n", "f:1:10: % Invalid Hostname");
	check_finding("hostname a_b\n", "% Invalid Hostname");
}

static void
dtls_minimum_needs_its_tls_version(void **state)
{
	(void)state;
	check_finding("ssl server-version tlsv1 dtlsv1.2\n", "f:1:26: DTLSv1.2 as the minimum needs TLSv1.2");
}

static void
certificate_blocks_are_checked(void **state)
{
	(void)state;
	check_findings("crypto ca trustpoint t\ncrypto ca certificate chain t\n certificate ca 01\n 3082\n  quit\nhostname a\n",
	    "f:3:17: the block is not a certificate\n certificate ca 01\n                ^\n");
	check_findings("crypto ca trustpoint t\ncrypto ca certificate chain t\n certificate ca 01\n 3082\n",
	    "f:3:1: the certificate block is not ended by \"quit\"\n certificate ca 01\n^\n");
	check_findings("crypto ca trustpoint t\ncrypto ca certificate chain t\n certificate ca 01\n 3082\nhostname a\n",
	    "f:5:1: not hex: the certificate block of line 3 ends with \"quit\"\nhostname a\n^\n");
	check_findings("crypto ca trustpoint t\ncrypto ca certificate chain t\n certificate 01\n    30820000 3082000x 30820000\n"
	               "    30820000\n  quit\nhostname a\n",
	    "f:4:21: not hex: the certificate block of line 3 ends with \"quit\"\n    30820000 3082000x 30820000\n"
	    "                    ^\n");
	check_finding("crypto ca trustpoint t\ncrypto ca certificate chain t\n certificate 01\n  quit\n", "block is empty");
}

static void
bound_trustpoint_without_identity_is_no_finding(void **state)
{
	(void)state;
	check_findings("interface g0/0\n nameif outside\ncrypto ca trustpoint t\n enrollment self\nssl trust-point t outside\n", "");
}

static void
other_asa_commands_are_one_warning(void **state)
{
	(void)state;
	check_findings("failover\nclass-map c\n match any\npolicy-map p\n class c\n  inspect dns m\n!\nhostname a\n"
	               "object network n\nhost 10.0.0.1\nno snmp-server location\n",
	    "f: warning: 7 lines have no effect here: failover (1), class-map (1), policy-map (1), snmp-server (1)\n");
}

static void
check_revocation(const char *words, uint8_t a, uint8_t b, uint8_t c)
{
	char text[200];
	struct config *cfg;
	const struct cfg_trustpoint *t;

	snprintf(text, sizeof(text), "crypto ca trustpoint t\n revocation-check %s\n", words);
	check_findings(text, "");
	cfg = good(text);
	t = config_trustpoint(cfg, "t");
	assert_int_equal(t->revocation[0], a);
	assert_int_equal(t->revocation[1], b);
	assert_int_equal(t->revocation[2], c);
	config_free(cfg);
}

static void
revocation_check_takes_its_methods_in_their_order(void **state)
{
	(void)state;
	check_revocation("none", REVOKE_NONE, REVOKE_END, REVOKE_END);
	check_revocation("crl", REVOKE_CRL, REVOKE_END, REVOKE_END);
	check_revocation("crl none", REVOKE_CRL, REVOKE_NONE, REVOKE_END);
	check_revocation("crl ocsp", REVOKE_CRL, REVOKE_OCSP, REVOKE_END);
	check_revocation("crl ocsp none", REVOKE_CRL, REVOKE_OCSP, REVOKE_NONE);
	check_revocation("ocsp", REVOKE_OCSP, REVOKE_END, REVOKE_END);
	check_revocation("ocsp none", REVOKE_OCSP, REVOKE_NONE, REVOKE_END);
	check_revocation("ocsp crl", REVOKE_OCSP, REVOKE_CRL, REVOKE_END);
	check_revocation("ocsp crl none", REVOKE_OCSP, REVOKE_CRL, REVOKE_NONE);
	check_finding("crypto ca trustpoint t\n revocation-check crl crl\n", "f:2:19: crl stands twice");
	check_finding("crypto ca trustpoint t\n revocation-check none crl\n", "f:2:24: nothing can follow none");
}

static void
prompt_commands_in_a_file_are_said_and_skipped(void **state)
{
	(void)state;
	check_findings("configure terminal\nhostname a\n", "");
	check_finding("crypto ca enroll t noconfirm\n", "f:1:1: warning: a command for the prompt");
	check_findings("crypto ca import t pkcs12 geheim\n"
	               "MIIKMIIKMIIKMIIKMIIKMIIKMIIKMIIKMIIKMIIKMIIKMIIKMIIK\nquit\nhostname a\n",
	    "f:1:1: warning: a command for the prompt, not for the configuration: not done\n"
	    "crypto ca import t pkcs12 *****\n^\n");
}

static void
secrets_are_not_echoed(void **state)
{
	char *out;
	const char *text = "usrname bob password geheim encrypted\ntunnel-group t ipsec-attributes\n"
	                   " ikev1 preshared-key geheim\nenble password geheim\nusername x passwordd geheim\n"
	                   "crypto ca trustpoint t\n password geheim foo\nusername bob \"password\" geheim\n";

	(void)state;
	out = findings(text, strlen(text));
	assert_null(strstr(out, "geheim"));
	free(out);
}

static void
submode_lines_leave_the_mode_when_they_fit_above(void **state)
{
	struct config *cfg = good("group-policy g internal\ngroup-policy g attributes\nvpn-idle-timeout 5\n"
	                          "hostname x\ntunnel-group t type remote-access\ntunnel-group t webvpn-attributes\n"
	                          "authentication certificate\ntunnel-group t general-attributes\ndefault-group-policy g\n"
	                          "exit\nend\nquit\nwebvpn\nport 444\nlogging enable\n");

	(void)state;
	assert_string_equal(cfg->hostname, "x");
	assert_int_equal(config_group_policy(cfg, "g")->attrs.vpn_idle_timeout, 5);
	assert_int_equal(config_tunnel_group(cfg, "t")->authentication, AUTH_CERTIFICATE);
	assert_int_equal(cfg->webvpn.port, 444);
	assert_int_equal(cfg->logging.enable, 1);
	config_free(cfg);
}

static void
check_webvpn(const char *text, bool global, int32_t mtu)
{
	struct config *cfg = good(text);

	assert_int_equal(cfg->webvpn.anyconnect_enable, global);
	assert_int_equal(config_group_policy(cfg, "g")->attrs.mtu, mtu);
	config_free(cfg);
}

#define POLICY "group-policy g internal\ngroup-policy g attributes\n"

static void
webvpn_behind_a_group_policy_is_told_apart(void **state)
{
	(void)state;
	check_webvpn(POLICY "vpn-idle-timeout 5\nwebvpn\nanyconnect enable\n", true, SETTING_UNSET);
	check_webvpn(POLICY "vpn-idle-timeout 5\nwebvpn\nanyconnect mtu 1300\n", false, 1300);
	check_webvpn(POLICY "webvpn\n! c\n\n anyconnect enable\n", true, SETTING_UNSET);
	check_webvpn(POLICY " vpn-idle-timeout 5\nwebvpn\n anyconnect enable\n", true, SETTING_UNSET);
	check_webvpn(POLICY " webvpn\n  anyconnect mtu 1300\nwebvpn\n anyconnect enable\n", true, 1300);
	check_webvpn(POLICY "webvpn\nanyconnect mtu 1300\nwebvpn\nanyconnect enable\n", true, 1300);
	check_webvpn(POLICY "    webvpn\n        anyconnect mtu 1300\n    vpn-idle-timeout 5\nwebvpn\n    anyconnect enable\n",
	    true, 1300);
}

static void
names_of_before_8_4_are_read_and_the_new_ones_printed(void **state)
{
	struct config *cfg = good("webvpn\n svc image disk0:/a.pkg 1\n svc image disk0:/b.pkg 2\n no svc image disk0:/b.pkg\n svc enable\n"
	                          POLICY " vpn-tunnel-protocol svc webvpn\n webvpn\n  svc dtls enable\n  svc keepalive 120\n"
	                          "  svc ask none default svc\n  svc rekey time 30\n  svc profiles value p\n");

	(void)state;
	check_printed(cfg, "webvpn", 0, "webvpn\n anyconnect image disk0:/a.pkg 1\n anyconnect enable\n");
	check_printed(cfg, "group-policy g", 0,
	    " vpn-tunnel-protocol ssl-client ssl-clientless\n webvpn\n  anyconnect ssl dtls enable\n"
	    "  anyconnect ssl rekey time 30\n  anyconnect ssl keepalive 120\n  anyconnect profiles value p\n"
	    "  anyconnect ask none default anyconnect\n");
	config_free(cfg);
}

static void
no_returns_to_unset(void **state)
{
	struct config *cfg = good(POLICY "vpn-idle-timeout 5\nvpn-simultaneous-logins 9\nno vpn-idle-timeout\nwebvpn\n"
	                                 "anyconnect mtu 1300\nno anyconnect mtu\n"
	                                 "crypto ca trustpoint t\nno validation-usage\n"
	                                 "logging enable\nno logging enable\nno hostname\n"
	                                 "group-policy h internal\nno group-policy h\n");

	(void)state;
	assert_int_equal(config_group_policy(cfg, "g")->attrs.vpn_idle_timeout, SETTING_UNSET);
	assert_int_equal(config_group_policy(cfg, "g")->attrs.mtu, SETTING_UNSET);
	assert_int_equal(config_trustpoint(cfg, "t")->validation_usage, 0);
	assert_int_equal(cfg->logging.enable, 0);
	assert_null(config_group_policy(cfg, "h"));
	config_free(cfg);
}

static void
check_section(const struct config *cfg, const char *section, const char *want)
{
	char *out = config_text(cfg, section, false);

	assert_string_equal(out, want);
	free(out);
}

static void
sections_print_alone(void **state)
{
	struct config *cfg = good("group-policy a internal\ngroup-policy b internal\nip local pool p 10.0.0.1-10.0.0.2 mask 255.0.0.0\n"
	                          "crypto ca trustpoint t\ntunnel-group g type remote-access\nlogging enable\n");

	(void)state;
	check_section(cfg, "group-policy", "group-policy a internal\ngroup-policy b internal\n");
	check_section(cfg, "group-p b", "group-policy b internal\n");
	check_section(cfg, "ip local pool", "ip local pool p 10.0.0.1-10.0.0.2 mask 255.0.0.0\n");
	check_section(cfg, "crypto ca", "crypto ca trustpoint t\n crl configure\n");
	check_section(cfg, "crypto ca trustpoint t", "crypto ca trustpoint t\n crl configure\n");
	check_section(cfg, "tun", "tunnel-group g type remote-access\n");
	check_section(cfg, "logging", "logging enable\n");
	check_section(cfg, "webvpn", "");
	assert_true(config_section_known("ssl"));
	assert_false(config_section_known("nonsense"));
	config_free(cfg);
}

static void
hostile_bytes_give_one_clear_error(void **state)
{
	char *out, *big;

	(void)state;
	out = findings("hostname a\nhost\0name b\nfoo\n", 27);
	assert_string_equal(out, "f:2:5: a NUL byte: this is not a text file; nothing behind it was read\n");
	free(out);
	check_findings("hostname a\nhostname \xff\xfe\n", "f:2:10: byte 0xff is not allowed: a configuration is text, ASCII or "
	                                                "UTF-8\nhostname ??\n         ^\n");
	check_finding("hostname b\xc3\xbcro\n", "f:1:11: Invalid input detected at '^' marker: only printable ASCII");
	check_findings("! b\xc3\xbcro \xff\ninterface g0/0\n description b\xc3\xbcro\n", "");
	check_finding("hostname a\x1b[31m\n", "f:1:11: byte 0x1b is not allowed");
	check_findings("\xef\xbb\xbfhostname a\r\n", "");
	big = calloc(1, 5000 + sizeof("hostname b"));
	memset(big, ' ', 5000);
	strcat(big, "hostname b");
	check_finding(big, "f:1:1: the line has 5010 characters; at most 4096 are allowed");
	free(big);
	big = malloc(10 << 20);
	memset(big, 'x', 10 << 20);
	out = findings(big, 10 << 20);
	assert_non_null(strstr(out, "f:1:1: the line has 10485760 characters; at most 4096 are allowed\n"));
	assert_true(strlen(out) < 500);
	free(out);
	free(big);
}

static void
long_lines_are_echoed_cut_around_the_column(void **state)
{
	char line[1000] = "ssl cipher tlsv1 custom \"";
	char *out, *nl;

	(void)state;
	for (int i = 0; i < 60; i++)
		strcat(line, "AES256-SHA:");
	strcat(line, "BAD\"\n");
	out = findings(line, strlen(line));
	assert_non_null(strstr(out, "f:1:686: "));
	nl = strchr(out, '\n') + 1;
	assert_memory_equal(nl, "...", 3);
	assert_true(strchr(nl, '\n') - nl < 210);
	assert_memory_equal(nl + (strchr(strchr(nl, '\n') + 1, '^') - strchr(nl, '\n') - 1), "BAD", 3);
	free(out);
}

static void
deeper_lines_under_a_bad_line_are_not_reported_again(void **state)
{
	(void)state;
	check_findings("grop-policy g attributes\n vpn-idle 3\n foo\nhostname a\n",
	    "f:1:1: Invalid input detected at '^' marker\ngrop-policy g attributes\n^\n");
}

static void
unreadable_files_are_said(void **state)
{
	struct mem *mem = mem_new(NULL);
	struct config *cfg = config_new();
	struct config_report report;

	(void)state;
	config_report_init(&report, mem);
	assert_int_not_equal(config_read_file(cfg, "/nonexistent", &report), 0);
	assert_string_equal(report.first->text, "cannot be read: No such file or directory");
	config_free(cfg);
	cfg = config_new();
	assert_int_not_equal(config_read_file(cfg, "/", &report), 0);
	assert_int_equal(report.errors, 2);
	config_free(cfg);
	mem_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_golden_input_prints_its_golden_output_twice),
		cmocka_unit_test(a_whole_asa_configuration_loads_in_any_layout),
		cmocka_unit_test(banners_and_blocks_have_a_limit),
		cmocka_unit_test(lines_below_an_ignored_one_belong_to_it),
		cmocka_unit_test(sample_configuration_has_no_findings),
		cmocka_unit_test(sample_configuration_says_what_the_guide_says),
		cmocka_unit_test(unset_attributes_come_from_the_default_policy_then_the_built_in),
		cmocka_unit_test(unknown_word_gets_line_column_and_caret),
		cmocka_unit_test(bad_value_is_pointed_at),
		cmocka_unit_test(incomplete_and_ambiguous_are_said),
		cmocka_unit_test(errors_of_syntax_and_meaning_come_together_in_order_of_lines),
		cmocka_unit_test(pools_are_checked),
		cmocka_unit_test(references_must_exist),
		cmocka_unit_test(tunnel_group_needs_its_type_first),
		cmocka_unit_test(group_urls_are_checked),
		cmocka_unit_test(interfaces_are_checked),
		cmocka_unit_test(hostname_must_be_one),
		cmocka_unit_test(dtls_minimum_needs_its_tls_version),
		cmocka_unit_test(certificate_blocks_are_checked),
		cmocka_unit_test(bound_trustpoint_without_identity_is_no_finding),
		cmocka_unit_test(other_asa_commands_are_one_warning),
		cmocka_unit_test(revocation_check_takes_its_methods_in_their_order),
		cmocka_unit_test(prompt_commands_in_a_file_are_said_and_skipped),
		cmocka_unit_test(secrets_are_not_echoed),
		cmocka_unit_test(submode_lines_leave_the_mode_when_they_fit_above),
		cmocka_unit_test(webvpn_behind_a_group_policy_is_told_apart),
		cmocka_unit_test(names_of_before_8_4_are_read_and_the_new_ones_printed),
		cmocka_unit_test(no_returns_to_unset),
		cmocka_unit_test(sections_print_alone),
		cmocka_unit_test(hostile_bytes_give_one_clear_error),
		cmocka_unit_test(long_lines_are_echoed_cut_around_the_column),
		cmocka_unit_test(deeper_lines_under_a_bad_line_are_not_reported_again),
		cmocka_unit_test(unreadable_files_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
