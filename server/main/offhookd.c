/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offhookd: the main process. Privileged, so it parses the administrator's files and never a byte from the network. */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"
#include "common/note.h"
#include "server/config/config.h"
#include "server/main/aaa.h"
#include "server/main/admission.h"
#include "server/main/asalog.h"
#include "server/main/child.h"
#include "server/main/conn.h"
#include "server/main/control.h"
#include "server/main/daemon.h"
#include "server/main/figures.h"
#include "server/main/filter.h"
#include "server/main/identity.h"
#include "server/main/lease.h"
#include "server/main/limits.h"
#include "server/main/listener.h"
#include "server/main/metrics.h"
#include "server/main/notify.h"
#include "server/main/publish.h"
#include "server/main/reload.h"
#include "server/main/revocation.h"
#include "server/main/session.h"
#include "server/main/steer.h"
#include "server/main/tls_notice.h"
#include "server/main/tun.h"
#include "server/show/json.h"

#define STARTUP_DEFAULT OFFHOOK_ETC "/startup-config"
#define HOST_DEFAULT    OFFHOOK_ETC "/offhookd.conf"
#define OPEN_TRIES    20
#define STOP_TELL_S     0.5  /* for workers to say goodbye */
#define STOP_WAIT_MS    1000 /* for children to end */

struct daemon daemon_ = { .counters_fd = -1, .tun_fds = { [0 ... FORWARDERS_MAX - 1] = -1 } };

static struct options {
	const char *startup, *host;
	bool host_given, foreground, check;
	int ready_fd;
	int parent_fd; /* in the background: where the starter waits */
} options = { .startup = STARTUP_DEFAULT, .host = HOST_DEFAULT, .ready_fd = -1, .parent_fd = -1 };

static const char usage_text[] =
    "Usage: offhookd [options]\n"
    "The ASA side of a Cisco VPN phone.\n\n"
    "  -c, --config FILE       startup-config, in ASA syntax (" STARTUP_DEFAULT ")\n"
    "  -o, --host-config FILE  offhookd.conf, what is this host's (" HOST_DEFAULT ", if there)\n"
    "  -f, --foreground        stay in the foreground, log to standard error\n"
    "  -t, --check             check both files, exit 0 or 1\n"
    "      --ready-fd N        write one line of JSON to descriptor N once everything listens\n"
    "  -d, --debug             log for developers\n"
    "  -V, --version           print the version\n"
    "  -h, --help              print this\n";

static void
options_parse(int argc, char **argv)
{
	enum { READY_FD = 256 };
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "host-config", required_argument, NULL, 'o' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "check", no_argument, NULL, 't' },
		{ "ready-fd", required_argument, NULL, READY_FD },
		{ "debug", no_argument, NULL, 'd' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	char *end;
	int opt;

	while ((opt = getopt_long(argc, argv, "c:o:ftdVh", longs, NULL)) != -1) {
		switch (opt) {
		case 'c':
			options.startup = optarg;
			break;
		case 'o':
			options.host = optarg;
			options.host_given = true;
			break;
		case 'f':
			options.foreground = true;
			break;
		case 't':
			options.check = true;
			break;
		case READY_FD:
			options.ready_fd = (int)strtol(optarg, &end, 10);
			if (*end != '\0' || *optarg == '\0' || fcntl(options.ready_fd, F_GETFD) < 0) {
				fprintf(stderr, "offhookd: --ready-fd %s: not an open descriptor\n", optarg);
				exit(2);
			}
			fcntl(options.ready_fd, F_SETFD, FD_CLOEXEC);
			break;
		case 'd':
			daemon_.debug = true;
			break;
		case 'V':
			printf("offhookd %s\n", OFFHOOK_VERSION);
			exit(0);
		case 'h':
			fputs(usage_text, stdout);
			exit(0);
		default:
			fputs("Try offhookd --help\n", stderr);
			exit(2);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "offhookd: unexpected argument %s\nTry offhookd --help\n", argv[optind]);
		exit(2);
	}
}

/* Both files; all their errors are printed together. False when there was one. */
static bool
files_read(void)
{
	struct mem *mem = mem_new(NULL);
	struct config_report host_report, report;
	bool ok = true;

	config_report_init(&host_report, mem);
	config_report_init(&report, mem);
	if (options.host_given || access(options.host, F_OK) == 0) {
		ok = host_config_read_file(options.host, &daemon_.host, &host_report) == 0;
		config_report_print(&host_report, options.host, stderr);
	} else {
		host_config_defaults(&daemon_.host);
	}
	daemon_.config = config_new();
	if (options.check)
		config_check_only(daemon_.config);
	if (config_read_file(daemon_.config, options.startup, &report) != 0)
		ok = false;
	config_report_print(&report, options.startup, stderr);
	mem_free(mem);
	return ok;
}

static void
ready_line(FILE *f)
{
	const struct main_identity *id = NULL;
	struct json j = { .f = f };
	char ip[ADDR_STR];

	/* the identity of the first binding that has one */
	for (const struct cfg_ssl_trustpoint *t = daemon_.config->ssl.trustpoints; t != NULL && id == NULL; t = t->next)
		id = main_identity_find(t->trustpoint);
	json_object(&j, NULL);
	json_int(&j, "pid", getpid());
	json_array(&j, "listeners");
	for (const struct listener *l = listener_first(); l != NULL; l = l->next) {
		json_object(&j, NULL);
		json_str(&j, "nameif", l->nameif);
		json_str(&j, "address", addr_ip_str(&l->tcp, ip));
		json_int(&j, "tcp_port", l->tcp.port);
		json_int(&j, "udp_port", l->udp.port);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_str(&j, "metrics", metrics_address());
	json_str(&j, "control_socket", daemon_.host.control_socket);
	json_str(&j, "show_socket", daemon_.host.show_socket);
	json_str(&j, "sha1", id != NULL ? id->sha1 : NULL);
	json_str(&j, "sha256", id != NULL ? id->sha256 : NULL);
	json_end_object(&j);
	fputc('\n', f);
}

static void
everything_ready(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f;

	tls_notices_start();
	log_info("ready");
	if (options.ready_fd >= 0 && (f = open_memstream(&text, &len)) != NULL) {
		ready_line(f);
		fclose(f);
		if (write(options.ready_fd, text, len) < 0)
			log_warn("--ready-fd %d: %s", options.ready_fd, strerror(errno));
		close(options.ready_fd);
		free(text);
	}
	notify_ready();
	if (options.parent_fd >= 0) {
		(void)!write(options.parent_fd, "", 1);
		close(options.parent_fd);
		/* the terminal is left only now, so that an error at start is seen */
		log_use_syslog();
		int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		for (int fd = 0; fd < 3 && null_fd >= 0; fd++)
			dup2(null_fd, fd);
	}
}

/* Open and close listeners as the configuration says; problems go to the log, and to out as warnings. */
static int
listeners_apply(const struct config *cfg, FILE *out)
{
	char *problems = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&problems, &len);
	int bad;

	if (f == NULL)
		abort();
	bad = listener_configure(cfg, f);
	fclose(f);
	for (char *line = strtok(problems, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		log_err("%s", line);
		if (out != NULL)
			fprintf(out, "WARNING: %s\n", line);
	}
	free(problems);
	return bad;
}

void
daemon_config_swap(struct config *next, FILE *out)
{
	struct config *old = daemon_.config;

	daemon_.config = next;
	figures_configure();
	asalog_configure(next, daemon_.foreground);
	lease_configure(next);
	revocation_configure(next);
	aaa_configure(next);
	children_configure();
	identity_reconcile(next);
	filter_configure(next);
	listeners_apply(next, out);
	if (daemon_.tun_fds[0] >= 0)
		tun_configure(daemon_.host.tun_device, next);
	if (daemon_.certauth_ready)
		publish_certauth(next);
	if (daemon_.spawner_ready)
		publish_spawner(next);
	if (old != NULL)
		config_free(old);
}

static void
stop_now_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)w;
	(void)revents;
	ev_break(loop, EVBREAK_ALL);
}

void
daemon_stop(void)
{
	static ev_timer timer;

	if (daemon_.stopping)
		return;
	daemon_.stopping = true;
	log_info("stopping");
	notify_stopping();
	listener_close_all();
	while (session_first() != NULL)
		session_finish(session_first(), END_ADMIN_SHUTDOWN);
	conn_close_all(END_ADMIN_SHUTDOWN);
	ev_timer_init(&timer, stop_now_cb, conn_count() > 0 ? STOP_TELL_S : 0.0, 0.0);
	ev_timer_start(daemon_.loop, &timer);
}

static void
signal_cb(struct ev_loop *loop, ev_signal *w, int revents)
{
	(void)loop;
	(void)revents;
	switch (w->signum) {
	case SIGCHLD:
		children_reap();
		break;
	case SIGHUP:
		notify_reloading();
		reload_startup();
		notify_reloaded();
		break;
	default:
		daemon_stop();
		break;
	}
}

static void
signals_start(void)
{
	static const int all[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	static ev_signal watchers[4];

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < 4; i++) {
		ev_signal_init(&watchers[i], signal_cb, all[i]);
		ev_signal_start(daemon_.loop, &watchers[i]);
	}
}

/* The starter waits until we are ready, or gone. */
static void
background(void)
{
	int fds[2];
	char c;

	if (pipe2(fds, O_CLOEXEC) != 0)
		fatal("pipe: %s", strerror(errno));
	switch (fork()) {
	case -1:
		fatal("fork: %s", strerror(errno));
	case 0:
		close(fds[0]);
		options.parent_fd = fds[1];
		setsid();
		return;
	default:
		close(fds[1]);
		_exit(read(fds[0], &c, 1) == 1 ? 0 : 1);
	}
}

static void
counters_make(void)
{
	size_t size = notes_size(SESSION_SLOTS);

	daemon_.counters_fd = memfd_create("offhook-counters", MFD_CLOEXEC);
	if (daemon_.counters_fd < 0 || ftruncate(daemon_.counters_fd, (off_t)size) != 0)
		fatal("counters: %s", strerror(errno));
	daemon_.counters = mmap(NULL, size, PROT_READ, MAP_SHARED, daemon_.counters_fd, 0);
	if (daemon_.counters == MAP_FAILED)
		fatal("counters: %s", strerror(errno));
}

static void
limits_check(void)
{
	limits_raise();
	if (!limits_hold(daemon_.config->session_limit, stderr))
		exit(1);
}

/* A forwarder whose main was killed just now may hold its sockets a moment longer. */
static void
listeners_open(void)
{
	const struct timespec step = { .tv_nsec = 50 * 1000 * 1000 };

	for (int tries = 0; tries < OPEN_TRIES && listener_would_fail(daemon_.config); tries++)
		nanosleep(&step, NULL);
	if (listeners_apply(daemon_.config, NULL) > 0)
		exit(1);
	if (listener_first() == NULL)
		log_warn("webvpn is enabled on no interface: nothing listens");
}

static void
data_path_open(void)
{
	if (daemon_.host.data_path == DATA_PATH_ECHO)
		return;
	for (unsigned i = 0; i < daemon_.host.forwarders; i++)
		daemon_.tun_fds[i] = tun_open(daemon_.host.tun_device, i > 0);
	steer_tun(daemon_.tun_fds[0]);
	daemon_.tun_offload = tun_offload(daemon_.tun_fds[0], daemon_.host.offload_tun);
	if (daemon_.host.offload_tun && daemon_.tun_offload != (TUN_OFFLOAD_TCP | TUN_OFFLOAD_UDP))
		log_info("%s: this kernel joins and cuts %s for it", daemon_.host.tun_device,
		    daemon_.tun_offload != 0 ? "TCP segments, but no UDP datagrams (Linux 6.2)" : "no packets");
	tun_configure(daemon_.host.tun_device, daemon_.config);
	tun_check_forwarding(daemon_.config);
	filter_start(daemon_.host.tun_device);
}

int
main(int argc, char **argv)
{
	log_init("offhookd", LOG_LVL_INFO);
	options_parse(argc, argv);
	log_use_journal();
	notify_start();
	if (!files_read())
		return 1;
	if (options.check)
		return 0;
	if (daemon_.debug)
		log_init("offhookd", LOG_LVL_DEBUG);
	daemon_.foreground = options.foreground;
	daemon_.startup_path = options.startup;
	if (!options.foreground)
		background();
	/* not libev's default loop, which would reap our children itself */
	daemon_.loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
	if (daemon_.loop == NULL)
		fatal("no event loop");
	daemon_.started = ev_now(daemon_.loop);
	signals_start();
	admission_init(listener_again);
	limits_check();
	asalog_configure(daemon_.config, daemon_.foreground);
	lease_configure(daemon_.config);
	revocation_configure(daemon_.config);
	figures_configure();
	counters_make();
	if (daemon_.host.forwarders > 1)
		steer_open(daemon_.host.forwarders, daemon_.host.steering);
	listeners_open();
	metrics_open(&daemon_.host);
	data_path_open();
	children_start(everything_ready);
	control_start(&daemon_.host);
	if (daemon_.host.lab)
		log_warn("lab = true: \"lab\" commands may spoil what clients get; not for a gateway that people use");
	ev_run(daemon_.loop, 0);

	control_stop();
	filter_stop();
	children_stop(STOP_WAIT_MS);
	log_info("ended");
	return 0;
}
