/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ASA commands of other subjects: known by their first words, counted, without
 * effect. Those that open a submode list the words that may stand in it, so
 * that a flat paste can be told from the next command.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "server/config/grammar.h"

struct ignored {
	const char *words;    /* first words of the command */
	const char *mode;     /* submode's prompt; NULL: none */
	const char *subwords; /* first words of the submode's lines */
};

static const struct ignored ignored[] = {
	/* system */
	{ "admin-context", NULL, NULL },
	{ "alias", NULL, NULL },
	{ "allocate-interface", NULL, NULL },
	{ "app-agent", NULL, NULL },
	{ "arp", NULL, NULL },
	{ "arp-inspection", NULL, NULL },
	{ "as-path", NULL, NULL },
	{ "asdm", NULL, NULL },
	{ "asp", NULL, NULL },
	{ "auth-prompt", NULL, NULL },
	{ "auto-update", NULL, NULL },
	{ "banner", NULL, NULL },
	{ "bfd", NULL, NULL },
	{ "bfd-template", "config-bfd", "interval echo authentication" },
	{ "boot", NULL, NULL },
	{ "call-home reporting", NULL, NULL },
	{ "call-home", "cfg-call-home",
	    "profile active destination subscribe-to-alert-group contact-email-addr contact-name customer-id "
	    "phone-number site-id street-address sender mail-server rate-limit alert-group alert-group-config "
	    "snapshot syslog vrf source-interface reporting" },
	{ "checkheaps", NULL, NULL },
	{ "chunk-stat", NULL, NULL },
	{ "class-map", "config-cmap", "match description" },
	{ "client-update", NULL, NULL },
	{ "cluster", "cfg-cluster", "key local-unit cluster-interface priority health-check clacp enable conn-rebalance trustpoint "
	                            "console-replicate mtu site-id unit director-localization flow-mobility" },
	{ "cluster-member-limit", NULL, NULL },
	{ "command-alias", NULL, NULL },
	{ "community-list", NULL, NULL },
	{ "compression", NULL, NULL },
	{ "conn", NULL, NULL },
	{ "context", "config-ctx", "allocate-interface allocate-ips config-url description join-failover-group member "
	                           "scansafe storage-url" },
	{ "coredump", NULL, NULL },
	{ "crashinfo", NULL, NULL },
	{ "crypto ca server", "config-ca-server", "cdp-url database enrollment-retrieval issuer-name keysize lifetime "
	                                          "otp passphrase publish-crl renewal-reminder shutdown smtp "
	                                          "subject-name-default" },
	{ "crypto ca alerts", NULL, NULL },
	{ "crypto ca crl", NULL, NULL },
	{ "crypto ca reference-identity", "config-ca-ref-identity", "dns-id cn-id srv-id uri-id" },
	{ "crypto dynamic-map", NULL, NULL },
	{ "crypto engine", NULL, NULL },
	{ "crypto ikev1", NULL, NULL },
	{ "crypto ikev1 policy", "config-ikev1-policy", "authentication encryption hash group lifetime prf" },
	{ "crypto ikev2", NULL, NULL },
	{ "crypto ikev2 policy", "config-ikev2-policy", "encryption integrity group prf lifetime protocol additional-key-exchange1" },
	{ "crypto ipsec", NULL, NULL },
	{ "crypto ipsec ikev2 ipsec-proposal", "config-ipsec-proposal", "protocol encryption integrity set responder-only" },
	{ "crypto ipsec profile", "config-ipsec-profile", "set responder-only" },
	{ "crypto isakmp", NULL, NULL },
	{ "crypto isakmp policy", "config-isakmp-policy", "authentication encryption hash group lifetime" },
	{ "crypto key", NULL, NULL },
	{ "crypto map", NULL, NULL },
	{ "crypto large-cert-acceleration", NULL, NULL },
	{ "cts", NULL, NULL },
	{ "ctl-file", "config-ctl-file", "record-entry cluster-ctl-file sast shutdown" },
	{ "ctl-provider", "config-ctl-provider", "client ctl export service" },
	{ "cxsc", NULL, NULL },
	{ "dap", NULL, NULL },
	{ "ddns", "DDNS-update-method", "ddns interval web" },
	{ "device-sensor", NULL, NULL },
	{ "dhcp-client", NULL, NULL },
	{ "dhcpd", NULL, NULL },
	{ "dhcprelay", NULL, NULL },
	{ "dns-guard", NULL, NULL },
	{ "dynamic-access-policy-config", NULL, NULL },
	{ "dynamic-access-policy-record", "config-dynamic-access-policy-record",
	    "action description network-acl priority user-message webvpn file-browsing file-entry http-proxy url-entry "
	    "url-list port-forward svc anyconnect appl-acl always-on-vpn" },
	{ "dynamic-filter", NULL, NULL },
	{ "eigrp", NULL, NULL },
	{ "eool", NULL, NULL },
	{ "established", NULL, NULL },
	{ "event", "config-applet", "action event description output" },
	{ "failover", NULL, NULL },
	{ "failover group", "config-fover-group", "preempt primary secondary replication polltime interface-policy mac" },
	{ "filter", NULL, NULL },
	{ "fips", NULL, NULL },
	{ "firewall", NULL, NULL },
	{ "fixup", NULL, NULL },
	{ "flow-export", NULL, NULL },
	{ "flow-offload", NULL, NULL },
	{ "fragment", NULL, NULL },
	{ "ftp-map", NULL, NULL },
	{ "fxos", NULL, NULL },
	{ "global", NULL, NULL },
	{ "gtp-map", NULL, NULL },
	{ "h225-map", NULL, NULL },
	{ "hpm", NULL, NULL },
	{ "http", NULL, NULL },
	{ "http-map", NULL, NULL },
	{ "hw-module", NULL, NULL },
	{ "icmp", NULL, NULL },
	{ "igmp", NULL, NULL },
	{ "imap4s", "config-imap4s", "server authentication port outstanding name-separator server-separator "
	                             "default-group-policy enable accounting-server-group authentication-server-group" },
	{ "ip audit", NULL, NULL },
	{ "ip-client", NULL, NULL },
	{ "ip verify", NULL, NULL },
	{ "ipv6 access-list", NULL, NULL },
	{ "ipv6 dhcprelay", NULL, NULL },
	{ "ipv6 dhcp", NULL, NULL },
	{ "ipv6 enforce-eui64", NULL, NULL },
	{ "ipv6 general-prefix", NULL, NULL },
	{ "ipv6 icmp", NULL, NULL },
	{ "ipv6 neighbor", NULL, NULL },
	{ "ipv6 router", "config-rtr",
	    "area passive-interface redistribute router-id default-information distance log-adjacency-changes "
	    "log-adj-changes summary-prefix timers maximum-paths" },
	{ "ipv6 unicast-routing", NULL, NULL },
	{ "isakmp", NULL, NULL },
	{ "isakmp policy", "config-isakmp-policy", "authentication encryption hash group lifetime" },
	{ "isis", NULL, NULL },
	{ "jumbo-frame", NULL, NULL },
	{ "key", "config-keychain", "key key-string cryptographic-algorithm accept-lifetime send-lifetime" },
	{ "l2tp", NULL, NULL },
	{ "lacp", NULL, NULL },
	{ "ldap", "config-ldap-attribute-map", "map-name map-value" },
	{ "license", "config-smart-lic", "smart feature throughput privacy http-proxy server" },
	{ "mac-address", NULL, NULL },
	{ "mac-address-table", NULL, NULL },
	{ "mac-learn", NULL, NULL },
	{ "mac-list", NULL, NULL },
	{ "management-access", NULL, NULL },
	{ "mdm-proxy", "config-mdm-proxy", "enable port session-limit keepout" },
	{ "media-termination", "config-media-termination", "address udp-min-port rtp-min-port" },
	{ "mfib", NULL, NULL },
	{ "mgcp-map", NULL, NULL },
	{ "migrate", NULL, NULL },
	{ "mode", NULL, NULL },
	{ "monitor-interface", NULL, NULL },
	{ "mount", "config-mount-cifs", "domain password server share status username type path" },
	{ "mrib", NULL, NULL },
	{ "mroute", NULL, NULL },
	{ "multicast", NULL, NULL },
	{ "multicast-routing", NULL, NULL },
	{ "nac-policy", "config-nac-policy-nac-framework", "authentication-server-group default-acl exempt-list "
	                                                   "reval-period sq-period" },
	{ "nat", NULL, NULL },
	{ "nat-control", NULL, NULL },
	{ "nve", "config-nve", "encapsulation source-interface" },
	{ "object-group-search", NULL, NULL },
	{ "password encryption", NULL, NULL },
	{ "password-policy", NULL, NULL },
	{ "phone-proxy", "config-phone-proxy", "media-termination tftp-server cluster-mode cipc tls-proxy ctl-file "
	                                       "disable proxy-server" },
	{ "pim", NULL, NULL },
	{ "policy-list", "config-policy-list", "match" },
	{ "policy-map", "config-pmap",
	    "class inspect parameters match set police priority service-policy shape description drop drop-connection "
	    "log mask rate-limit reset message-length id-mismatch id-randomization nat-rewrite protocol-enforcement "
	    "protocol-violation dns-guard tsig user-statistics cxsc ips csc sfr flow-export inspect-id eool nop router-alert "
	    "max-forwards-validation traffic-non-sip im state-checking strict-header-validation rtp-conformance "
	    "software-version uri-non-sip trust-verification-server permit-errors timeout random-sequence-number "
	    "exceed-mss tcp-inspection allow-tls mask-banner mask-syst-reply mail-relay special-character "
	    "call-party-numbers call-duration-limit h245-tunnel-block hsi-group hsi endpoint media-type ras-rcf-pinholes "
	    "ip-address-privacy reserve-port-protect url-length-limit enforce-registration message-ID sccp-prefix-len "
	    "rtp-conformance tunnel-limit request-queue gsn mcc permit endpoint-mapper esp ah validate-attribute "
	    "command-queue gateway call-agent basic-security commercial-security ss7 body-match-maximum spoof-server" },
	{ "pop3s", "config-pop3s", "server authentication port outstanding name-separator server-separator "
	                           "default-group-policy enable accounting-server-group authentication-server-group" },
	{ "port-channel", NULL, NULL },
	{ "prefix-list", NULL, NULL },
	{ "priority-queue", "config-priority-queue", "queue-limit tx-ring-limit" },
	{ "privilege", NULL, NULL },
	{ "ptp", NULL, NULL },
	{ "quota", NULL, NULL },
	{ "redundant-interface", NULL, NULL },
	{ "regex", NULL, NULL },
	{ "resource", NULL, NULL },
	{ "rest-api", NULL, NULL },
	{ "rip", NULL, NULL },
	{ "route-map", "config-route-map", "match set description continue" },
	{ "router", "config-router",
	    "network neighbor passive-interface redistribute area router-id auto-summary default-information "
	    "default-metric distance distribute-list log-adj-changes log-adjacency-changes summary-address timers version eigrp "
	    "ospf address-family exit-address-family bgp maximum-paths nsf no-summary graceful-restart compatible "
	    "aggregate-address synchronization" },
	{ "scansafe", "cfg-scansafe", "server retry-count license health-check" },
	{ "schedule", NULL, NULL },
	{ "sctp-map", NULL, NULL },
	{ "service", NULL, NULL },
	{ "service-interface", NULL, NULL },
	{ "service-module", NULL, NULL },
	{ "service-policy", NULL, NULL },
	{ "sla", "config-sla-monitor", "type num-packets timeout frequency threshold tos request-data-size" },
	{ "smtp-server", NULL, NULL },
	{ "smtps", "config-smtps", "server authentication port outstanding name-separator server-separator "
	                           "default-group-policy enable accounting-server-group authentication-server-group" },
	{ "snmp", NULL, NULL },
	{ "snmp-map", "config-snmp-map", "deny" },
	{ "snmp-server", NULL, NULL },
	{ "ssh", NULL, NULL },
	{ "ssh pubkey-chain", "config-ssh-pubkey-chain", "server key-string key-hash" },
	{ "static", NULL, NULL },
	{ "strong-encryption-disable", NULL, NULL },
	{ "sunrpc-server", NULL, NULL },
	{ "tcp-map", "config-tcp-map", "check-retransmission checksum-verification exceed-mss queue-limit "
	                               "reserved-bits seq-past-window synack-data syn-data tcp-options ttl-evasion-protection "
	                               "urgent-flag window-variation invalid-ack" },
	{ "telemetry", NULL, NULL },
	{ "telnet", NULL, NULL },
	{ "tftp-server", NULL, NULL },
	{ "threat-detection", NULL, NULL },
	{ "timeout", NULL, NULL },
	{ "tls-proxy", "config-tlsp", "server client" },
	{ "track", NULL, NULL },
	{ "uc-ime", NULL, NULL },
	{ "url-block", NULL, NULL },
	{ "url-cache", NULL, NULL },
	{ "url-server", NULL, NULL },
	{ "user-identity", NULL, NULL },
	{ "virtual", NULL, NULL },
	{ "vnmc", NULL, NULL },
	{ "vpdn", NULL, NULL },
	{ "vpn-mode", NULL, NULL },
	{ "vpnclient", NULL, NULL },
	{ "vpnsetup", NULL, NULL },
	{ "vxlan", NULL, NULL },
	{ "wccp", NULL, NULL },
	{ "xlate", NULL, NULL },
	{ "xlate-bypass", NULL, NULL },
	{ "zone", "config-zone", "zone-member" },
	{ "zonelabs-integrity", NULL, NULL },
	{ "lldp", NULL, NULL },
	{ "sfr", NULL, NULL },
};

static void *
no_object(struct config *cfg, const char *name)
{
	(void)name;
	return cfg;
}

static struct mem *
process_mem(void)
{
	static struct mem *mem;

	if (mem == NULL)
		mem = mem_new(NULL);
	return mem;
}

static struct command
ignored_row(const char *words, size_t len)
{
	struct command row = { .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO };

	row.syntax = mem_printf(process_mem(), "%.*s [<line>]", (int)len, words);
	return row;
}

/* A submode whose lines are ignored: one row per word. */
static const struct config_mode *
ignored_mode(const struct ignored *ig)
{
	struct mem *mem = process_mem();
	struct config_mode *mode = mem_alloc(mem, sizeof(*mode));
	struct command_table *table = mem_alloc(mem, sizeof(*table));
	struct command *rows = mem_alloc(mem, (strlen(ig->subwords) / 2 + 1) * sizeof(*rows));

	for (const char *p = ig->subwords; *p != '\0'; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");

		rows[table->count++] = ignored_row(p, len);
		p += len;
	}
	table->name = ig->words;
	table->rows = rows;
	mode->name = ig->mode;
	mode->table = table;
	mode->object = no_object;
	mode->swallow = true;
	return mode;
}

/* "clear configure SUBJECT": one row; of words that other commands begin with as well, theirs knows what to do. */
static struct command
clear_row(void)
{
	static const char *const ours[] = { "crypto", "ip", "ipv6" };
	struct command row = ignored_row("", 0);
	char *words = NULL;
	const char *last = "";
	size_t len;
	FILE *out = open_memstream(&words, &len);

	if (out == NULL)
		abort();
	for (size_t i = 0; i < COUNT(ignored); i++) {
		size_t first = strcspn(ignored[i].words, " ");
		bool skip = strncmp(last, ignored[i].words, first) == 0 && strcspn(last, " ") == first;

		for (size_t k = 0; k < COUNT(ours) && !skip; k++)
			skip = strlen(ours[k]) == first && strncmp(ours[k], ignored[i].words, first) == 0;
		if (skip)
			continue;
		last = ignored[i].words;
		fprintf(out, "%s%.*s", ftell(out) > 0 ? " | " : "", (int)first, last);
	}
	fclose(out);
	row.syntax = mem_printf(process_mem(), "clear configure {%s} [<line>]", words);
	row.flags = 0;
	free(words);
	return row;
}

struct command_table *
ignored_global(void)
{
	static struct command_table table;
	struct command *rows;

	if (table.rows != NULL)
		return &table;
	rows = mem_alloc(process_mem(), (COUNT(ignored) + 1) * sizeof(*rows));
	for (size_t i = 0; i < COUNT(ignored); i++) {
		rows[i] = ignored_row(ignored[i].words, strlen(ignored[i].words));
		if (ignored[i].mode != NULL)
			rows[i].enter = ignored_mode(&ignored[i]);
	}
	rows[COUNT(ignored)] = clear_row();
	table.name = "ignored";
	table.count = COUNT(ignored) + 1;
	table.rows = rows;
	return &table;
}
