/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offhook-snmp: the session counters of an ASA for SNMP, as a subagent of
 * snmpd (AgentX). It knows what the monitoring socket tells everybody who may
 * read it, and needs no other right.
 */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "server/snmp/ask.h"
#include "server/snmp/mib.h"

#define SOCKET_DEFAULT "/run/offhook/show.sock"
#define PING_S         15 /* how soon a snmpd that was started again is found */

static volatile sig_atomic_t ending;

static const char usage_text[] =
    "Usage: offhook-snmp [options]\n"
    "Session counters of offhookd for snmpd (AgentX; CISCO-REMOTE-ACCESS-MONITOR-MIB).\n\n"
    "  -s, --socket PATH   offhookd's monitoring socket (" SOCKET_DEFAULT ")\n"
    "  -x, --agentx WHERE  snmpd's AgentX socket: a path, or tcp:HOST:PORT (net-snmp's default)\n"
    "  -V, --version       print the version\n"
    "  -h, --help          print this\n";

static void
end_signal(int number)
{
	(void)number;
	ending = 1;
}

static const char *
options_parse(int argc, char **argv, const char *path)
{
	static const struct option longs[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "agentx", required_argument, NULL, 'x' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "s:x:Vh", longs, NULL)) != -1) {
		switch (opt) {
		case 's':
			path = optarg;
			break;
		case 'x':
			netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, optarg);
			break;
		case 'V':
			printf("offhook-snmp %s\n", OFFHOOK_VERSION);
			exit(0);
		case 'h':
			fputs(usage_text, stdout);
			exit(0);
		default:
			fputs("Try offhook-snmp --help\n", stderr);
			exit(2);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "offhook-snmp: unexpected argument %s\nTry offhook-snmp --help\n", argv[optind]);
		exit(2);
	}
	return path;
}

int
main(int argc, char **argv)
{
	struct sigaction end = { .sa_handler = end_signal }; /* without SA_RESTART: the wait ends */

	ask_init(options_parse(argc, argv, SOCKET_DEFAULT));
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
	snmp_enable_stderrlog();
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
	netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL, PING_S);
	/* neither a file of its own nor MIB files: numbers are all it needs */
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	setenv("MIBS", "", 1);
	init_agent("offhook-snmp");
	scalars_register();
	session_table_register();
	init_snmp("offhook-snmp");
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &end, NULL);
	while (!ending)
		agent_check_and_process(1);
	snmp_shutdown("offhook-snmp");
	_exit(0); /* what net-snmp does not free is nobody's concern */
}
