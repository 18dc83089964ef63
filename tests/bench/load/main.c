/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load: many sessions of a gateway in one process, and traffic over them.
 * Commands come as arguments, or as lines on standard input; each prints one
 * line of JSON when it is done.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "inside.h"
#include "load.h"
#include "session.h"
#include "traffic.h"

#define TIMES_MAX 100000

static struct load load;
static char **arguments;	/* commands that are still to be done */
static ev_io input_io;
static struct buf input;
static bool busy, input_ended;

/* What "open" is doing. */
static struct {
	unsigned first, goal, next, active, at_once, up, failed, syns_again, hellos_again;
	int64_t start_us;
	struct timespec cpu;
	char error[220];
} opening;

static void commands_next(void);

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: load [OPTION]... URL [COMMAND]...\n"
	    "Open sessions of offhook or ocserv and send packets over them.\n"
	    "\n"
	    "  --cert FILE, --key FILE  certificate and key; %%d stands for the session's number\n"
	    "  --ca FILE, --ca-key FILE make certificates with this CA, all for the key of --key\n"
	    "  --cipher NAME            of DTLS:");
	cipher_print_all();
	fprintf(out, "; none: TLS alone\n"
	    "  --tls-ciphers LIST       of TLS 1.2, OpenSSL's names (ECDHE-RSA-AES256-GCM-SHA384)\n"
	    "  --mtu N                  inner MTU asked for (1390)\n"
	    "  --phone                  log in as a phone does, with its User-Agent and TLS suites; offhook only\n"
	    "  --one-connection         CONNECT on the connection of the login\n"
	    "  --timeout S              for a session to come up (60)\n"
	    "  --inside ADDRESS         where packets go and come from: UDP port %d\n"
	    "  --inside-ns FILE         ... in this network namespace\n"
	    "\n"
	    "Commands, as arguments or lines of standard input; each prints a line of JSON:\n"
	    "  open N [AT-ONCE]         have N sessions in all, new ones so many at a time (8)\n"
	    "  relay N ADDRESS:PORT INNER  N sessions that are bare datagrams to a relay; inner addresses from INNER on\n"
	    "  direct LOCAL             one that sends straight to the inside, from its own address LOCAL\n"
	    "  bulk up|down BYTES [SIZE [BATCH [WINDOW [SESSIONS]]]]  SIZE of inner packets (1390), BATCH packets\n"
	    "                           in one call (32), WINDOW on their way (64), over the first SESSIONS (1)\n"
	    "  rate PER-S SIZE SECONDS  packets per second each way in each session\n"
	    "  count                    how many sessions are up\n"
	    "  close                    leave all sessions\n"
	    "At the end of the commands all sessions are left.\n", TRAFFIC_PORT);
}

static void
fatal(const char *what, const char *why)
{
	fprintf(stderr, "load: %s: %s\n", what, why);
	exit(1);
}

static void
command_end(void)
{
	busy = false;
	fflush(stdout);
	commands_next();
}

static void
command_done(struct load *l)
{
	(void)l;
	command_end();
}

static void
command_wrong(const char *what)
{
	printf("{\"error\": \"%s\"}\n", what);
	command_end();
}

/* ---- open, close ---- */

static int
us_compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
open_report(void)
{
	static int64_t times[TIMES_MAX];
	struct timespec cpu;
	unsigned i, n = 0;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	for (i = opening.first; i < load.session_count && n < TIMES_MAX; i++)
		if (load.sessions[i]->state == SESSION_UP)
			times[n++] = load.sessions[i]->ready_us;
	qsort(times, n, sizeof(*times), us_compare);
	printf("{\"up\": %u, \"failed\": %u, \"syns_again\": %u, \"hellos_again\": %u, \"seconds\": %.6f, \"load_cpu_us\": %.0f, \"ready_ms\": {\"p50\": %.1f, "
	    "\"p99\": %.1f, \"max\": %.1f}, \"error\": \"%s\"}\n", opening.up, opening.failed, opening.syns_again, opening.hellos_again,
	    (double)(clock_us() - opening.start_us) / 1e6,
	    (double)(cpu.tv_sec - opening.cpu.tv_sec) * 1e6 + (double)(cpu.tv_nsec - opening.cpu.tv_nsec) / 1e3,
	    n ? (double)times[n / 2] / 1e3 : 0, n ? (double)times[n * 99 / 100] / 1e3 : 0, n ? (double)times[n - 1] / 1e3 : 0,
	    opening.error);
	command_end();
}

static void
open_more(void)
{
	while (opening.active < opening.at_once && opening.next < load.session_count) {
		opening.active++;
		session_start(load.sessions[opening.next++]);
	}
}

static void
settled(struct load *l, struct session *s)
{
	char *p;

	(void)l;
	opening.active--;
	opening.syns_again += s->syns_again;
	opening.hellos_again += s->hellos_again;
	if (s->state == SESSION_UP) {
		opening.up++;
	} else {
		opening.failed++;
		if (opening.error[0] == '\0')
			text_set(opening.error, sizeof(opening.error), s->error);
		for (p = opening.error; *p; p++)
			if (*p == '"' || *p == '\\' || (unsigned char)*p < ' ')
				*p = '.';
	}
	open_more();
	if (opening.active == 0 && opening.next == load.session_count)
		open_report();
}

static struct session *
session_add(enum session_kind kind)
{
	struct session *s;

	if (load.session_count == load.session_cap) {
		load.session_cap = load.session_cap ? 2 * load.session_cap : 64;
		load.sessions = realloc(load.sessions, load.session_cap * sizeof(struct session *));
		if (load.sessions == NULL)
			fatal("memory", "none");
	}
	s = session_new(&load, kind, load.session_count + 1);
	load.sessions[load.session_count++] = s;
	return s;
}

static void
command_open(unsigned n, unsigned at_once)
{
	memset(&opening, 0, sizeof(opening));
	opening.first = opening.next = load.session_count;
	opening.at_once = at_once;
	while (load.session_count < n)
		if (session_identity(session_add(KIND_TUNNEL)) != 0) {
			command_wrong("no certificate");
			return;
		}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &opening.cpu);
	opening.start_us = clock_us();
	ev_now_update(load.loop);
	if (opening.next == load.session_count)
		open_report();
	else
		open_more();
}

static void
command_plain(enum session_kind kind, unsigned n, const char *to_text, const char *addr_text)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(TRAFFIC_PORT), .sin_addr = load.inside_addr };
	struct in_addr addr, own;
	char host[64];
	unsigned i;

	if (to_text) {
		text_set(host, sizeof(host), to_text);
		host[strcspn(host, ":")] = '\0';
		to.sin_port = htons((uint16_t)atoi(strchr(to_text, ':') ? strchr(to_text, ':') + 1 : "0"));
		inet_pton(AF_INET, host, &to.sin_addr);
	}
	if (inet_pton(AF_INET, addr_text, &addr) != 1) {
		command_wrong("no address");
		return;
	}
	for (i = 0; i < n; i++) {
		own.s_addr = htonl(ntohl(addr.s_addr) + i);
		if (session_start_plain(session_add(kind), own, &to) != 0) {
			command_wrong(strerror(errno));
			return;
		}
	}
	printf("{\"up\": %u}\n", n);
	command_end();
}

static void
sessions_leave(void)
{
	unsigned i;

	for (i = 0; i < load.session_count; i++)
		session_free(load.sessions[i]);
	load.session_count = 0;
}

static ev_timer leave_timer;

static void
leave_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)revents;
	if (conn_lingering() > 0)
		return;
	ev_timer_stop(loop, w);
	printf("{\"closed\": true}\n");
	command_end();
}

static void
command_close(void)
{
	sessions_leave();
	ev_timer_init(&leave_timer, leave_cb, 0.01, 0.01);
	ev_timer_start(load.loop, &leave_timer);
}

static void
command_count(void)
{
	unsigned i, up = 0, bad = 0;
	const char *error = "";

	for (i = 0; i < load.session_count; i++) {
		up += load.sessions[i]->state == SESSION_UP;
		bad += load.sessions[i]->bad;
		if (load.sessions[i]->state == SESSION_FAILED)
			error = load.sessions[i]->error;
	}
	printf("{\"up\": %u, \"of\": %u, \"bad_records\": %u, \"error\": \"%s\"}\n", up, load.session_count, bad, error);
	command_end();
}

/* ---- commands ---- */

static void
command_run(char *line)
{
	char *save, *words[8] = { 0 };
	const char *wrong = NULL;
	unsigned n = 0;

	for (save = strtok(line, " \t\r\n"); save && n < ARRAY_LEN(words) - 1; save = strtok(NULL, " \t\r\n"))
		words[n++] = save;
	if (n == 0)
		return;
	busy = true;
	if (strcmp(words[0], "open") == 0 && n >= 2) {
		command_open((unsigned)atoi(words[1]), n > 2 ? (unsigned)atoi(words[2]) : 8);
	} else if (strcmp(words[0], "relay") == 0 && n == 4) {
		command_plain(KIND_RELAY, (unsigned)atoi(words[1]), words[2], words[3]);
	} else if (strcmp(words[0], "direct") == 0 && n == 2) {
		command_plain(KIND_DIRECT, 1, NULL, words[1]);
	} else if (strcmp(words[0], "bulk") == 0 && n >= 3) {
		struct bulk_order order = { strcmp(words[1], "up") == 0 ? WAY_UP : WAY_DOWN, (uint64_t)atof(words[2]),
			n > 3 ? (size_t)atoi(words[3]) : 1390, n > 4 ? (unsigned)atoi(words[4]) : 32,
			n > 5 ? (unsigned)atoi(words[5]) : 64, n > 6 ? (unsigned)atoi(words[6]) : 1 };

		if (order.sessions < 1 || order.batch < 1 || order.batch > SESSION_BATCH_MAX || order.window < order.batch)
			wrong = "no such batch or window";
		else
			wrong = traffic_bulk(&load, &order, command_done);
	} else if (strcmp(words[0], "rate") == 0 && n == 4) {
		struct rate_order order = { atof(words[1]), (size_t)atoi(words[2]), atof(words[3]) };

		wrong = order.per_s > 0 ? traffic_rate(&load, &order, command_done) : "no such rate";
	} else if (strcmp(words[0], "count") == 0) {
		command_count();
	} else if (strcmp(words[0], "close") == 0) {
		command_close();
	} else {
		wrong = "no such command";
	}
	if (wrong != NULL)
		command_wrong(wrong);
}

static char *
input_line(void)
{
	uint8_t *end = input.len ? memchr(input.data, '\n', input.len) : NULL;
	char *line;

	if (end == NULL)
		return NULL;
	*end = '\0';
	line = mem_strdup((char *)input.data);
	buf_consume(&input, (size_t)(end - input.data) + 1);
	return line;
}

static bool next_running;	/* a command that is done at once must not recurse */

static void
commands_next(void)
{
	char *line;

	if (next_running)
		return;
	next_running = true;
	while (!busy) {
		if (arguments && *arguments)
			line = mem_strdup(*arguments++);
		else if ((line = input_line()) == NULL)
			break;
		command_run(line);
		free(line);
	}
	next_running = false;
	if (!busy && ((arguments && *arguments == NULL) || input_ended))
		ev_break(load.loop, EVBREAK_ALL);
}

static void
input_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	char data[4096];
	ssize_t n = read(w->fd, data, sizeof(data));

	(void)revents;
	if (n > 0) {
		buf_add(&input, data, (size_t)n);
	} else if (n == 0) {
		ev_io_stop(loop, w);
		input_ended = true;
	}
	commands_next();
}

static void
signal_cb(struct ev_loop *loop, ev_signal *w, int revents)
{
	(void)w;
	(void)revents;
	ev_break(loop, EVBREAK_ALL);
}

/* ---- start ---- */

static void
url_set(struct options *o, const char *url)
{
	char *at, *path;

	if (strncmp(url, "https://", 8) != 0)
		fatal(url, "no https URL");
	text_set(o->host, sizeof(o->host), url + 8);
	o->port = 443;
	path = strchr(o->host, '/');
	text_set(o->path, sizeof(o->path), path ? path : "/");
	if (path)
		*path = '\0';
	if ((at = strchr(o->host, ':')) != NULL) {
		o->port = (uint16_t)atoi(at + 1);
		*at = '\0';
	}
}

static void
target_set(void)
{
	struct sockaddr_in *to = (struct sockaddr_in *)&load.to.addr;

	to->sin_family = AF_INET;
	to->sin_port = htons(load.o.port);
	load.to.addr_len = sizeof(*to);
	if (inet_pton(AF_INET, load.o.host, &to->sin_addr) != 1)
		fatal(load.o.host, "no IPv4 address");
}

static void
files_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void
options_get(int argc, char **argv)
{
	enum { CERT = 1000, KEY, CA, CA_KEY, CIPHER, TLS_CIPHERS, MTU, ONE, PHONE, TIMEOUT, INSIDE, INSIDE_NS, HELP };
	static const struct option known[] = {
		{ "cert", 1, 0, CERT }, { "key", 1, 0, KEY }, { "ca", 1, 0, CA }, { "ca-key", 1, 0, CA_KEY },
		{ "cipher", 1, 0, CIPHER }, { "tls-ciphers", 1, 0, TLS_CIPHERS }, { "mtu", 1, 0, MTU },
		{ "one-connection", 0, 0, ONE }, { "phone", 0, 0, PHONE }, { "timeout", 1, 0, TIMEOUT }, { "inside", 1, 0, INSIDE },
		{ "inside-ns", 1, 0, INSIDE_NS }, { "help", 0, 0, HELP }, { 0 },
	};
	const char *ca = NULL, *ca_key = NULL, *ns = NULL, *cipher = "AES-256-GCM";
	struct options *o = &load.o;
	char err[300];
	int c;

	o->tls_min = o->tls_max = TLS1_2_VERSION;
	o->ciphers = "ECDHE-RSA-AES256-GCM-SHA384";
	o->user_agent = "AnyConnect-compatible OpenConnect VPN Agent v9.01";
	o->mtu = 1390;
	o->dpd_s = o->keepalive_s = -1;
	load.timeout_s = 60;
	while ((c = getopt_long(argc, argv, "h", known, NULL)) != -1)
		switch (c) {
		case CERT: o->cert = optarg; break;
		case KEY: o->key = optarg; break;
		case CA: ca = optarg; break;
		case CA_KEY: ca_key = optarg; break;
		case CIPHER: cipher = optarg; break;
		case TLS_CIPHERS: o->ciphers = optarg; break;
		case MTU: o->mtu = atol(optarg); break;
		case PHONE:
			load.phone = true;
			o->user_agent = "Cisco SVC IPPhone Client v1.0 (1.0)";
			o->ciphers = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA:AES128-SHA";
			break;
		case ONE: load.one_connection = true; break;
		case TIMEOUT: load.timeout_s = atol(optarg); break;
		case INSIDE:
			if (inet_pton(AF_INET, optarg, &load.inside_addr) != 1)
				fatal(optarg, "no IPv4 address");
			break;
		case INSIDE_NS: ns = optarg; break;
		case HELP: case 'h': usage(stdout); exit(0);
		default: usage(stderr); exit(1);
		}
	if (optind >= argc) {
		usage(stderr);
		exit(1);
	}
	if (strcmp(cipher, "none") == 0)
		o->no_dtls = true;
	else if ((load.cipher = cipher_find(cipher)) == NULL)
		fatal(cipher, "no such cipher");
	else
		o->dtls_ciphers = load.cipher->old, o->dtls12_ciphers = load.cipher->new;
	url_set(o, argv[optind]);
	target_set();
	if (argv[optind + 1])
		arguments = argv + optind + 1;
	if (ca && (ca_key == NULL || o->key == NULL))
		fatal("--ca", "needs --ca-key and --key");
	if (ca && issuer_load(&load.issuer, ca, ca_key, o->key, err, sizeof(err)) != 0)
		fatal("--ca", err);
	if (tls_contexts_new(&load.tls, o, err, sizeof(err)) != 0)
		fatal("TLS", err);
	load.inside_fd = -1;
	if (load.inside_addr.s_addr && (load.inside_fd = inside_open(ns, load.inside_addr)) < 0)
		fatal("--inside", strerror(errno));
}

int
main(int argc, char **argv)
{
	static ev_signal term, intr;

	signal(SIGPIPE, SIG_IGN);
	files_raise();
	options_get(argc, argv);
	load.session_settled = settled;
	if ((load.loop = ev_default_loop(EVFLAG_AUTO)) == NULL)
		fatal("event loop", "none");
	ev_signal_init(&term, signal_cb, SIGTERM);
	ev_signal_init(&intr, signal_cb, SIGINT);
	ev_signal_start(load.loop, &term);
	ev_signal_start(load.loop, &intr);
	if (arguments == NULL) {
		ev_io_init(&input_io, input_cb, STDIN_FILENO, EV_READ);
		ev_io_start(load.loop, &input_io);
	}
	commands_next();
	if (!(arguments && *arguments == NULL && !busy))
		ev_run(load.loop, 0);
	sessions_leave();
	while (conn_lingering() > 0)
		ev_run(load.loop, EVRUN_ONCE);
	return 0;
}
