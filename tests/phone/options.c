/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options: one row each, which serves parsing and --help. */

#include "options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include "bytes.h"
#include "stage.h"

enum option_type { O_HEAD, O_TEXT, O_FLAG, O_NUMBER, O_CHOICE, O_CALL };

struct option_row {
	const char *name;
	char letter;
	enum option_type type;
	size_t at;				/* field in struct options */
	const char *arg;			/* how --help names the argument */
	const char *help;
	long min, max;				/* O_NUMBER */
	const char *const *choices;		/* O_CHOICE: NULL ended */
	bool (*call)(struct options *, const char *);	/* O_CALL */
};

static const char *const bye_names[] = { "disconnect", "empty", "close", "abrupt", "vanish", NULL };
static const char *const channel_choices[] = { "auto", "dtls", "cstp", "both", NULL };
static const struct { const char *name; int version; } tls_versions[] = {
	{ "1.0", TLS1_VERSION }, { "1.1", TLS1_1_VERSION },
	{ "1.2", TLS1_2_VERSION }, { "1.3", TLS1_3_VERSION },
};

static bool call_pin(struct options *o, const char *text);
static bool call_ping(struct options *o, const char *text);
static bool call_udp_echo(struct options *o, const char *text);
static bool call_tls_min(struct options *o, const char *text);
static bool call_tls_max(struct options *o, const char *text);
static bool call_old_firmware(struct options *o, const char *text);
static bool call_dtls_via(struct options *o, const char *text);

#define HEAD(text) { .type = O_HEAD, .help = text }
#define TEXT(name, letter, field, arg, help) \
	{ name, letter, O_TEXT, offsetof(struct options, field), arg, help, 0, 0, NULL, NULL }
#define FLAG(name, letter, field, help) \
	{ name, letter, O_FLAG, offsetof(struct options, field), NULL, help, 0, 0, NULL, NULL }
#define NUMBER(name, letter, field, arg, min, max, help) \
	{ name, letter, O_NUMBER, offsetof(struct options, field), arg, help, min, max, NULL, NULL }
#define CHOICE(name, letter, field, arg, list, help) \
	{ name, letter, O_CHOICE, offsetof(struct options, field), arg, help, 0, 0, list, NULL }
#define CALL(name, letter, fn, arg, help) \
	{ name, letter, O_CALL, 0, arg, help, 0, 0, NULL, fn }

static const struct option_row rows[] = {
	HEAD("Which phone, where to"),
	TEXT("model", 'm', model_name, "NAME", "phone model, see below (8861)"),
	TEXT("connect", 'c', connect, "HOST[:PORT]", "really connect there; the Host header stays that of the URL"),
	TEXT("bind", 'b', bind, "ADDR", "local address of TCP and UDP"),
	TEXT("dtls-port", 0, dtls_port, "PORT", "number, \"phone\" = 443 as the phones do, or \"header\" = X-DTLS-Port (header)"),
	CALL("dtls-via", 0, call_dtls_via, "ADDR:PORT", "send DTLS there, to a relay, whatever the port"),
	TEXT("user-agent", 0, user_agent, "TEXT", "instead of the phone's own"),
	HEAD("Who it is (%d in names is the phone's number)"),
	TEXT("cert", 0, cert, "FILE", "client certificate, PEM, chain may follow"),
	TEXT("key", 0, key, "FILE", "its private key, PEM"),
	TEXT("name", 0, name, "NAME", "X-CSTP-Hostname instead of SEP + last 12 of the CN"),
	NUMBER("auth", 'a', auth, "0|1|2", 0, 2, "authMethod: user and password, password only, certificate (2)"),
	TEXT("user", 'u', user, "NAME", "for --auth 0; sent with --auth 1 too if given"),
	TEXT("password", 'p', password, "TEXT", "for --auth 0 and 1"),
	HEAD("What it checks"),
	CALL("pin", 0, call_pin, "HASH", "SHA-1 of the server certificate: base64 (certHash) or hex; repeatable"),
	FLAG("host-id-check", 0, host_id_check, "URL's host must be CN or SAN, no wildcards"),
	FLAG("strict", 0, strict, "what would only be a warning fails (header a phone should not be sent)"),
	HEAD("TLS and login"),
	TEXT("ciphers", 0, ciphers, "LIST", "TLS ciphers instead of the model's"),
	CALL("tls-min", 0, call_tls_min, "1.0|1.1|1.2|1.3", "lowest TLS version (1.0)"),
	CALL("tls-max", 0, call_tls_max, "1.0|1.1|1.2|1.3", "highest TLS version (the model's)"),
	FLAG("sni", 0, sni, "send the server name in the TLS hello"),
	FLAG("modern", 0, modern, "send extended-master-secret and encrypt-then-MAC, as OpenSSL >= 1.1 does"),
	FLAG("one-connection", '1', one_connection, "CONNECT on the connection of the login"),
	FLAG("no-narrow", 0, no_narrow, "offer the whole cipher list for CONNECT too"),
	FLAG("forget-cookies", 0, forget_cookies, "do not send webvpnlogin back with the POST"),
	HEAD("Tunnel"),
	NUMBER("mtu", 0, mtu, "N", 576, 9000, "X-CSTP-MTU (1290)"),
	FLAG("no-dtls", 0, no_dtls, "send no X-DTLS lines"),
	FLAG("require-dtls", 0, require_dtls, "fail when the server offers no DTLS"),
	FLAG("dtls-fallback", 0, dtls_fallback, "go on over CSTP when DTLS fails (a phone does not)"),
	TEXT("dtls-ciphers", 0, dtls_ciphers, "LIST", "X-DTLS-CipherSuite; \"none\" = leave the line out"),
	TEXT("dtls12-ciphers", 0, dtls12_ciphers, "LIST", "X-DTLS12-CipherSuite; \"none\" = leave the line out"),
	CALL("old-firmware", 0, call_old_firmware, NULL, "fail unless TLS and DTLS ciphers are equal"),
	NUMBER("dtls-tries", 0, dtls_tries, "N", 1, 100, "DTLS handshakes before it gives up (3)"),
	HEAD("Traffic, once the tunnel is up"),
	CALL("ping", 'P', call_ping, "ADDR", "ICMP echo to this address; repeatable"),
	CALL("udp-echo", 'U', call_udp_echo, "ADDR:PORT", "UDP echo to this address; repeatable"),
	NUMBER("ping-count", 'n', ping_count, "N", 1, 60000, "echoes per target and channel (3)"),
	NUMBER("ping-size", 's', ping_size, "N", 0, 15000, "payload bytes of an echo (56)"),
	NUMBER("ping-interval", 'i', ping_interval_ms, "MS", 0, 3600000, "between echoes (100)"),
	NUMBER("ping-wait", 'W', ping_wait_ms, "MS", 1, 600000, "for the answers, after the last echo (2000)"),
	NUMBER("max-loss", 0, max_loss, "PERCENT", 0, 99, "lost echoes that are no failure (0)"),
	CHOICE("channel", 0, channel, "auto|dtls|cstp|both", channel_choices, "auto = DTLS if up; both = DTLS, then CSTP (auto)"),
	FLAG("dpd-check", 0, dpd_check, "one DPD on each channel after the echoes, must be answered with the same payload"),
	HEAD("Staying and leaving"),
	NUMBER("hold", 'H', hold_s, "SECONDS", -1, 31536000, "stay this long; -1 = until a signal or the server ends it (0)"),
	FLAG("keepalive-only", 0, keepalive_only, "send keepalives but no DPD of its own"),
	FLAG("mute", 0, mute, "after the echoes send nothing any more and answer nothing"),
	NUMBER("dpd", 0, dpd_s, "SECONDS", 0, 86400, "own DPD interval instead of the server's; 0 = none"),
	NUMBER("keepalive", 0, keepalive_s, "SECONDS", 0, 86400, "keepalive interval instead of the server's; 0 = none"),
	NUMBER("reconnect", 'r', reconnects, "N", 0, 1000000, "drop the connection after the echoes and CONNECT again, N times"),
	CHOICE("drop", 0, drop, "HOW", bye_names, "how --reconnect and SIGUSR1 drop it, as --bye (abrupt)"),
	CHOICE("bye", 0, bye, "HOW", bye_names, "disconnect (type 5, B0, text), empty (type 5), close (TLS close),\n"
	    "abrupt (TCP reset), vanish (nothing: sockets stay open) (disconnect)"),
	TEXT("cookie", 0, cookie_file, "FILE", "write the webvpn cookie there"),
	TEXT("resume", 0, resume_file, "FILE", "no login: CONNECT with the cookie in FILE"),
	HEAD("Run"),
	NUMBER("count", 'N', count, "N", 1, 100000, "phones in this process (1)"),
	NUMBER("first", 0, first, "N", 0, 1000000, "number of the first phone (1)"),
	NUMBER("stagger", 0, stagger_ms, "MS", 0, 3600000, "between two starts (0)"),
	NUMBER("timeout", 't', timeout_s, "SECONDS", 1, 86400, "per stage: TCP, TLS, GET, POST, DPD check (10)"),
	NUMBER("fail-connect-time", 0, fail_connect_s, "SECONDS", 1, 86400, "CONNECT and DTLS together (30)"),
	NUMBER("deadline", 0, deadline_s, "SECONDS", 0, 31536000, "for the whole run; 0 = none (0)"),
	FLAG("json", 'j', json, "JSON lines: a summary per phone, with --events each event"),
	FLAG("events", 'e', events, "a line for each event at once (in text: default for one phone)"),
	FLAG("quiet", 'q', quiet, "no event lines"),
	FLAG("show-cookie", 0, show_cookie, "print the webvpn cookie in the summary"),
	FLAG("help", 'h', quiet, "this text"),
};

static const struct option_row *
row_of(int value)
{
	if (value >= 1000 && (size_t)(value - 1000) < ARRAY_LEN(rows))
		return &rows[value - 1000];
	return NULL;
}

const char *
bye_name(int bye)
{
	return bye_names[bye];
}

const char *
channel_name(int channel)
{
	return channel == CHANNEL_DTLS ? "dtls" : "cstp";
}

const char *
tls_version_name(int version)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(tls_versions); i++)
		if (tls_versions[i].version == version)
			return tls_versions[i].name;
	return "?";
}

static bool
version_get(const char *text, int *version)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(tls_versions); i++) {
		if (strcmp(tls_versions[i].name, text) == 0) {
			*version = tls_versions[i].version;
			return true;
		}
	}
	return false;
}

static bool
call_tls_min(struct options *o, const char *text)
{
	return version_get(text, &o->tls_min);
}

static bool
call_tls_max(struct options *o, const char *text)
{
	return version_get(text, &o->tls_max);
}

static bool
call_old_firmware(struct options *o, const char *text)
{
	(void)text;
	o->old_firmware = o->old_firmware_set = true;
	return true;
}

/* certHash is base64 of 20 bytes = 28 characters, one of them padding. */
static bool
pin_base64(uint8_t *out, const char *text)
{
	unsigned char raw[24];

	if (strlen(text) != 28 || text[27] != '=')
		return false;
	if (EVP_DecodeBlock(raw, (const unsigned char *)text, 28) != 21)
		return false;
	memcpy(out, raw, 20);
	return true;
}

static bool
call_pin(struct options *o, const char *text)
{
	char hex[64];
	size_t n = 0;
	const char *p;

	if (o->pin_count == OPT_PINS_MAX)
		return false;
	for (p = text; *p && n + 1 < sizeof(hex); p++)
		if (*p != ':')
			hex[n++] = *p;
	hex[n] = '\0';
	if (!pin_base64(o->pins[o->pin_count], text) && !hex_get(o->pins[o->pin_count], 20, hex))
		return false;
	o->pin_count++;
	return true;
}

static bool
target_add(struct options *o, const char *addr, uint16_t port)
{
	if (o->target_count == OPT_TARGETS_MAX)
		return false;
	if (inet_pton(AF_INET, addr, &o->targets[o->target_count].addr) != 1)
		return false;
	o->targets[o->target_count++].port = port;
	return true;
}

static bool
call_ping(struct options *o, const char *text)
{
	return target_add(o, text, 0);
}

static bool
number_get(const char *text, long min, long max, long *out)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(text, &end, 10);
	if (*text == '\0' || *end != '\0' || errno != 0 || v < min || v > max)
		return false;
	*out = v;
	return true;
}

/* "address:port"; addr has 64 bytes. */
static bool
addr_port_get(const char *text, char *addr, long *port)
{
	const char *colon = strrchr(text, ':');

	if (colon == NULL || (size_t)(colon - text) >= 64)
		return false;
	memcpy(addr, text, (size_t)(colon - text));
	addr[colon - text] = '\0';
	return number_get(colon + 1, 1, 65535, port);
}

static bool
call_udp_echo(struct options *o, const char *text)
{
	char addr[64];
	long port;

	return addr_port_get(text, addr, &port) && target_add(o, addr, (uint16_t)port);
}

static bool
call_dtls_via(struct options *o, const char *text)
{
	char addr[64];
	long port;

	if (!addr_port_get(text, addr, &port) || inet_pton(AF_INET, addr, &o->via.sin_addr) != 1)
		return false;
	o->via.sin_family = AF_INET;
	o->via.sin_port = htons((uint16_t)port);
	o->dtls_via = text;
	return true;
}

static bool
choice_get(const char *text, const char *const *choices, int *out)
{
	int i;

	for (i = 0; choices[i]; i++) {
		if (strcmp(choices[i], text) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool
row_apply(struct options *o, const struct option_row *row, const char *text)
{
	char *field = (char *)o + row->at;

	switch (row->type) {
	case O_TEXT:
		*(const char **)(void *)field = text;
		return true;
	case O_FLAG:
		*(bool *)field = true;
		return true;
	case O_NUMBER:
		return number_get(text, row->min, row->max, (long *)(void *)field);
	case O_CHOICE:
		return choice_get(text, row->choices, (int *)(void *)field);
	case O_CALL:
		return row->call(o, text);
	case O_HEAD:
		break;
	}
	return false;
}

static void
row_print(const struct option_row *row)
{
	char left[80];
	const char *help = row->help, *nl;

	if (row->type == O_HEAD) {
		printf("\n%s:\n", row->help);
		return;
	}
	snprintf(left, sizeof(left), "%c%c --%s%s%s", row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
	    row->name, row->arg ? " " : "", row->arg ? row->arg : "");
	while ((nl = strchr(help, '\n')) != NULL) {
		printf("  %-34s %.*s\n", left, (int)(nl - help), help);
		left[0] = '\0';
		help = nl + 1;
	}
	printf("  %-34s %s\n", left, help);
}

static void
help_print(void)
{
	size_t i;

	printf("usage: phone [options] https://HOST[:PORT]/PATH\n"
	    "A client that does what the VPN client of a Cisco phone does.\n");
	for (i = 0; i < ARRAY_LEN(rows); i++)
		row_print(&rows[i]);
	printf("\nModels:\n");
	model_print_all(stdout);
	printf("\nSignals: SIGTERM and SIGINT leave as --bye says and exit 0; SIGUSR1 drops the\n"
	    "connection as --drop says and connects again with the cookie.\n"
	    "\nExit status (with many phones that of the first one to fail):\n");
#define STAGE_HELP(id, status, name, about) printf("  %2d %-8s %s\n", status, name, about);
	STAGES(STAGE_HELP)
#undef STAGE_HELP
}

static int
options_error(const char *what, const char *value, const char *expected)
{
	fprintf(stderr, "phone: usage: %s%s%s%s%s\n", what, value ? " \"" : "", value ? value : "",
	    value ? "\"" : "", expected ? expected : "");
	return -1;
}

/* https://host[:port][/path], host may be [IPv6]. */
static bool
url_get(struct options *o, const char *url)
{
	const char *host = url + 8, *path, *end, *colon;
	long port = 443;

	if (strncasecmp(url, "https://", 8) != 0)
		return false;
	path = host + strcspn(host, "/");
	end = path;
	if (*host == '[') {
		host++;
		if ((end = memchr(host, ']', (size_t)(path - host))) == NULL)
			return false;
		colon = end + 1 < path ? end + 1 : NULL;
	} else if ((colon = memchr(host, ':', (size_t)(path - host))) != NULL) {
		end = colon;
	}
	if (colon != NULL) {
		char digits[8];

		if (*colon != ':' || path - colon - 1 >= (long)sizeof(digits))
			return false;
		memcpy(digits, colon + 1, (size_t)(path - colon - 1));
		digits[path - colon - 1] = '\0';
		if (!number_get(digits, 1, 65535, &port))
			return false;
	}
	if (end == host || (size_t)(end - host) >= sizeof(o->host) || strlen(path) >= sizeof(o->path))
		return false;
	memcpy(o->host, host, (size_t)(end - host));
	o->host[end - host] = '\0';
	text_set(o->path, sizeof(o->path), *path ? path : "/");
	o->port = (uint16_t)port;
	return true;
}

static void
options_defaults(struct options *o)
{
	*o = (struct options){
		.model_name = "8861", .auth = 2, .mtu = 1290, .dtls_port = "header", .dtls_tries = 3,
		.ping_count = 3, .ping_size = 56, .ping_interval_ms = 100, .ping_wait_ms = 2000,
		.dpd_s = -1, .keepalive_s = -1, .drop = BYE_ABRUPT, .tls_min = TLS1_VERSION,
		.user_agent = "Cisco SVC IPPhone Client v1.0 (1.0)",
		.count = 1, .first = 1, .timeout_s = 10, .fail_connect_s = 30,
	};
}

static const char *
list_or(const char *given, const char *fallback)
{
	if (given == NULL)
		return fallback;
	return strcmp(given, "none") == 0 ? NULL : given;
}

/* Fill what was not given from the model; check what belongs together. */
static int
options_finish(struct options *o)
{
	long port;

	if ((o->model = model_find(o->model_name)) == NULL)
		return options_error("no such model", o->model_name, ", see --help");
	if (o->tls_max == 0)
		o->tls_max = o->model->tls_max;
	if (o->tls_min > o->tls_max)
		return options_error("--tls-min is above --tls-max", NULL, NULL);
	if (o->ciphers == NULL)
		o->ciphers = o->model->ciphers;
	o->dtls_ciphers = list_or(o->dtls_ciphers, o->model->dtls_ciphers);
	o->dtls12_ciphers = list_or(o->dtls12_ciphers, o->model->dtls12_ciphers);
	if (o->dtls_ciphers == NULL && o->dtls12_ciphers == NULL)
		o->no_dtls = true;
	if (!o->old_firmware_set)
		o->old_firmware = o->model->old_firmware;
	if ((o->cert == NULL) != (o->key == NULL))
		return options_error("--cert and --key belong together", NULL, NULL);
	if (o->auth == 0 && (o->user == NULL || o->password == NULL))
		return options_error("--auth 0 needs --user and --password", NULL, NULL);
	if (o->auth == 1 && o->password == NULL)
		return options_error("--auth 1 needs --password", NULL, NULL);
	if (o->no_dtls && (o->require_dtls || o->channel == CHOOSE_DTLS || o->channel == CHOOSE_BOTH))
		return options_error("--no-dtls contradicts --require-dtls or --channel", NULL, NULL);
	if (strcmp(o->dtls_port, "phone") != 0 && strcmp(o->dtls_port, "header") != 0 &&
	    !number_get(o->dtls_port, 1, 65535, &port))
		return options_error("--dtls-port", o->dtls_port, ": expected a port, phone or header");
	return 0;
}

static void
getopt_fill(struct option *longs, char *letters)
{
	size_t i, n = 0;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].type == O_HEAD)
			continue;
		longs[n++] = (struct option){ rows[i].name, rows[i].arg != NULL, NULL, 1000 + (int)i };
		if (rows[i].letter) {
			*letters++ = rows[i].letter;
			if (rows[i].arg)
				*letters++ = ':';
		}
	}
	longs[n] = (struct option){ 0 };
	*letters = '\0';
}

static const struct option_row *
row_by_letter(int c)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].letter && rows[i].letter == c)
			return &rows[i];
	return NULL;
}

int
options_parse(struct options *o, int argc, char **argv)
{
	struct option longs[ARRAY_LEN(rows) + 1];
	char letters[2 * ARRAY_LEN(rows) + 1], expected[128];
	const struct option_row *row;
	int c;

	options_defaults(o);
	getopt_fill(longs, letters);
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if ((row = row_of(c)) == NULL && (row = row_by_letter(c)) == NULL)
			return -1;	/* getopt has said why */
		if (row->letter == 'h') {
			help_print();
			return 1;
		}
		if (!row_apply(o, row, optarg)) {
			snprintf(expected, sizeof(expected), ": expected %s", row->arg ? row->arg : "?");
			return options_error(row->name, optarg, expected);
		}
	}
	if (optind + 1 != argc)
		return options_error("expected one URL, see --help", NULL, NULL);
	if (!url_get(o, argv[optind]))
		return options_error("no usable URL", argv[optind], ": expected https://HOST[:PORT]/PATH");
	return options_finish(o);
}
