/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as lines of an operator: commands, configuration modes, pasted certificates, questions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/mem.h"
#include "server/config/config.h"
#include "server/main/asalog.h"
#include "server/main/cli.h"
#include "server/main/control.h"
#include "server/main/daemon.h"
#include "server/main/identity.h"
#include "server/main/lease.h"
#include "tests/fuzz/fuzz.h"

#define STARTUP "/nonexistent/startup-config" /* "write memory" fails */

struct daemon daemon_ = { .counters_fd = -1, .tun_fds = { -1 }, .host = { .forwarders = 1 }, .startup_path = STARTUP };

static const char lab[] =
    "hostname asav\ndomain-name sckiewer.lab\n"
    "interface GigabitEthernet0/0\n nameif outside\n ip address 172.16.1.250 255.255.255.0\n"
    "ip local pool p 10.10.1.1-10.10.1.254 mask 255.255.255.0\n"
    "crypto ca trustpoint tp\n enrollment self\n subject-name CN=asav.sckiewer.lab\n"
    "crypto ca trustpoint ca\n enrollment terminal\n"
    "ssl trust-point tp outside\nwebvpn\n enable outside\n anyconnect enable\n"
    "group-policy g internal\ngroup-policy g attributes\n vpn-tunnel-protocol ssl-client\n"
    "tunnel-group t type remote-access\ntunnel-group t general-attributes\n address-pool p\n default-group-policy g\n"
    "tunnel-group t webvpn-attributes\n authentication certificate\n group-url https://asav.sckiewer.lab/phone enable\n";

/* The daemon's own, without anybody to tell. */
void
daemon_config_swap(struct config *next, FILE *out)
{
	struct config *old = daemon_.config;

	(void)out;
	daemon_.config = next;
	asalog_configure(next, false);
	lease_configure(next);
	identity_reconcile(next);
	config_free(old);
}

void
daemon_stop(void)
{
}

static void
config_reset(void)
{
	struct mem *mem = mem_new(NULL);
	struct config *cfg = config_new();
	struct config_report report;

	config_report_init(&report, mem);
	if (config_read(cfg, lab, sizeof(lab) - 1, &report) != 0) {
		config_report_print(&report, "lab", stderr);
		abort();
	}
	mem_free(mem);
	daemon_config_swap(cfg, NULL);
}

static void
resumed(struct cli *c, const char *text)
{
	(void)c, (void)text;
}

static void
lines_feed(struct cli *c, const uint8_t *data, size_t size)
{
	FILE *null = fopen("/dev/null", "w");

	while (size > 0 && !c->left && !c->busy) {
		const uint8_t *nl = memchr(data, '\n', size);
		size_t len = nl != NULL ? (size_t)(nl - data) : size;
		char *line = strndup((const char *)data, len), prompt[512];

		if (line == NULL)
			abort();
		cli_line(c, line, null);
		cli_prompt(c, prompt, sizeof(prompt));
		free(line);
		data += len + (nl != NULL);
		size -= len + (nl != NULL);
	}
	fclose(null);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool begun;
	struct cli c;

	if (!begun) {
		log_init("fuzz", LOG_LVL_ERR);
		daemon_.loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
		begun = true;
	}
	config_reset();
	cli_init(&c, "fuzz", resumed, NULL);
	c.json = size > 0 && (data[0] & 1) != 0;
	lines_feed(&c, data, size);
	cli_clear(&c);
	return 0;
}
