/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports, protocols and ICMP types by the ASA's names; tables of facts. */
#include "server/config/acl_name.h"

#include <stddef.h>
#include <strings.h>

#include "server/config/param.h"

enum { TCP = 1, UDP = 2, BOTH = 3 };

/* Of two names of a number the first is printed. */
static const struct {
	const char *name;
	int port, protocols;
} ports[] = {
	{ "echo", 7, BOTH }, { "discard", 9, BOTH }, { "daytime", 13, TCP }, { "chargen", 19, TCP }, { "ftp-data", 20, TCP },
	{ "ftp", 21, TCP }, { "ssh", 22, TCP }, { "telnet", 23, TCP }, { "smtp", 25, TCP }, { "time", 37, UDP },
	{ "nameserver", 42, UDP }, { "whois", 43, TCP }, { "tacacs", 49, BOTH }, { "domain", 53, BOTH }, { "bootps", 67, UDP },
	{ "bootpc", 68, UDP }, { "tftp", 69, UDP }, { "gopher", 70, TCP }, { "finger", 79, TCP }, { "www", 80, BOTH },
	{ "http", 80, BOTH }, { "hostname", 101, TCP }, { "pop2", 109, TCP }, { "pop3", 110, TCP }, { "sunrpc", 111, BOTH },
	{ "ident", 113, TCP }, { "nntp", 119, TCP }, { "ntp", 123, UDP }, { "netbios-ns", 137, UDP },
	{ "netbios-dgm", 138, UDP }, { "netbios-ssn", 139, TCP }, { "imap4", 143, TCP }, { "snmp", 161, UDP },
	{ "snmptrap", 162, UDP }, { "xdmcp", 177, UDP }, { "bgp", 179, TCP }, { "irc", 194, TCP }, { "dnsix", 195, UDP },
	{ "ldap", 389, TCP }, { "mobile-ip", 434, UDP }, { "https", 443, TCP }, { "pim-auto-rp", 496, BOTH },
	{ "isakmp", 500, UDP }, { "exec", 512, TCP }, { "biff", 512, UDP }, { "login", 513, TCP }, { "who", 513, UDP },
	{ "rsh", 514, TCP }, { "cmd", 514, TCP }, { "syslog", 514, UDP }, { "lpd", 515, TCP }, { "talk", 517, BOTH },
	{ "rip", 520, UDP }, { "uucp", 540, TCP }, { "klogin", 543, TCP }, { "kshell", 544, TCP }, { "rtsp", 554, TCP },
	{ "ldaps", 636, TCP }, { "kerberos", 750, BOTH }, { "lotusnotes", 1352, TCP }, { "citrix-ica", 1494, TCP },
	{ "sqlnet", 1521, TCP }, { "radius", 1645, UDP }, { "radius-acct", 1646, UDP }, { "h323", 1720, TCP },
	{ "pptp", 1723, TCP }, { "nfs", 2049, BOTH }, { "ctiqbe", 2748, TCP }, { "cifs", 3020, BOTH }, { "sip", 5060, BOTH },
	{ "vxlan", 4789, UDP }, { "aol", 5190, TCP }, { "secureid-udp", 5510, UDP }, { "pcanywhere-data", 5631, TCP },
	{ "pcanywhere-status", 5632, UDP },
};

static const struct {
	const char *name;
	int number;
} protocols[] = {
	{ "ip", 0 }, { "icmp", 1 }, { "igmp", 2 }, { "ipinip", 4 }, { "tcp", 6 }, { "igrp", 9 }, { "udp", 17 }, { "gre", 47 },
	{ "esp", 50 }, { "ah", 51 }, { "icmp6", 58 }, { "eigrp", 88 }, { "ospf", 89 }, { "nos", 94 }, { "pim", 103 },
	{ "pcp", 108 }, { "snp", 109 }, { "sctp", 132 }, { "pptp", 47 }, { "ipsec", 50 },
}, icmp_types[] = {
	{ "echo-reply", 0 }, { "unreachable", 3 }, { "source-quench", 4 }, { "redirect", 5 }, { "alternate-address", 6 },
	{ "echo", 8 }, { "router-advertisement", 9 }, { "router-solicitation", 10 }, { "time-exceeded", 11 },
	{ "parameter-problem", 12 }, { "timestamp-request", 13 }, { "timestamp-reply", 14 }, { "information-request", 15 },
	{ "information-reply", 16 }, { "mask-request", 17 }, { "mask-reply", 18 }, { "traceroute", 30 },
	{ "conversion-error", 31 }, { "mobile-redirect", 32 },
}, icmp6_types[] = {
	{ "unreachable", 1 }, { "packet-too-big", 2 }, { "time-exceeded", 3 }, { "parameter-problem", 4 }, { "echo", 128 },
	{ "echo-reply", 129 }, { "membership-query", 130 }, { "membership-report", 131 }, { "membership-reduction", 132 },
	{ "router-solicitation", 133 }, { "router-advertisement", 134 }, { "neighbor-solicitation", 135 },
	{ "neighbor-advertisement", 136 }, { "neighbor-redirect", 137 }, { "router-renumbering", 138 },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int
number_upto(const char *word, long long max)
{
	long long value;

	return param_number(word, &value) && value <= max ? (int)value : -1;
}

int
acl_port(const char *word, bool udp)
{
	for (size_t i = 0; i < COUNT(ports); i++) {
		if (strcasecmp(ports[i].name, word) == 0 && (ports[i].protocols & (udp ? UDP : TCP)))
			return ports[i].port;
	}
	return number_upto(word, 65535);
}

const char *
acl_port_name(int port, bool udp)
{
	for (size_t i = 0; i < COUNT(ports); i++) {
		if (ports[i].port == port && (ports[i].protocols & (udp ? UDP : TCP)))
			return ports[i].name;
	}
	return NULL;
}

int
acl_protocol(const char *word)
{
	for (size_t i = 0; i < COUNT(protocols); i++) {
		if (strcasecmp(protocols[i].name, word) == 0)
			return protocols[i].number;
	}
	return number_upto(word, 255);
}

const char *
acl_protocol_name(int protocol)
{
	for (size_t i = 0; i < COUNT(protocols); i++) {
		if (protocols[i].number == protocol)
			return protocols[i].name;
	}
	return NULL;
}

int
acl_icmp_type(const char *word, bool icmp6)
{
	for (size_t i = 0; i < (icmp6 ? COUNT(icmp6_types) : COUNT(icmp_types)); i++) {
		if (strcasecmp(icmp6 ? icmp6_types[i].name : icmp_types[i].name, word) == 0)
			return icmp6 ? icmp6_types[i].number : icmp_types[i].number;
	}
	return number_upto(word, 255);
}

const char *
acl_icmp_name(int type, bool icmp6)
{
	for (size_t i = 0; i < (icmp6 ? COUNT(icmp6_types) : COUNT(icmp_types)); i++) {
		if ((icmp6 ? icmp6_types[i].number : icmp_types[i].number) == type)
			return icmp6 ? icmp6_types[i].name : icmp_types[i].name;
	}
	return NULL;
}
