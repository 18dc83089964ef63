/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/listener.h"

#include <errno.h>
#include <ev.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"
#include "server/config/model.h"
#include "server/main/admission.h"
#include "server/main/conn.h"
#include "server/main/daemon.h"
#include "server/main/session.h"
#include "server/main/steer.h"
#include "server/main/wait.h"

#define BACKLOG          8192 /* those who wait for their turn (admission.h); the kernel has a limit of its own */
#define ACCEPTS_PER_CALL 64
#define UDP_BUFFER_BYTES (4 * 1024 * 1024)
#define PAUSE_S          1.0 /* without descriptors or memory */
#define UDP_SWEEP_S      5.0

/*
 * A UDP socket outlives its listener while sessions of its address may still
 * use it, and is found again when the same is wanted anew.
 */
struct udp_socket {
	struct udp_socket *next;
	int fds[FORWARDERS_MAX]; /* one for each forwarder, in its order: the kernel knows them by that */
	uint32_t id; /* the forwarder's name for it */
	struct addr wanted, local;
	bool cuts;      /* takes UDP_SEGMENT */
	unsigned users; /* listeners */
};

struct socket { /* a listener with what the others need not see */
	struct listener l; /* first: listener_first() walks these */
	int tcp_fd;
	struct udp_socket *udp; /* NULL: TLS only */
	ev_io accept;
	struct addr wanted_tcp, wanted_udp;
	bool keep;
};

static struct listener *listeners;
static struct udp_socket *udps;
static bool accepting;
static uint32_t last_id;

const struct listener *
listener_first(void)
{
	return listeners;
}

static void
pause_over_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	listener_again();
}

/* The kernel goes on saying that a connection waits; without a pause we would ask all the time. */
static void
accept_pause(ev_io *w, int err)
{
	static ev_timer timer;

	log_err("no connection can be accepted for a while: %s", strerror(err));
	ev_io_stop(daemon_.loop, w);
	if (ev_is_active(&timer))
		return;
	ev_timer_init(&timer, pause_over_cb, PAUSE_S, 0.0);
	ev_timer_start(daemon_.loop, &timer);
}

/* Then nobody is accepted until listener_again() is called. */
static bool
full(void)
{
	if (admission_room())
		return false;
	for (struct listener *l = listeners; l != NULL; l = l->next)
		ev_io_stop(daemon_.loop, &((struct socket *)l)->accept);
	return true;
}

static void
accept_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct socket *s = w->data;

	(void)loop;
	(void)revents;
	for (int i = 0; i < ACCEPTS_PER_CALL && accepting && !full(); i++) {
		struct sockaddr_storage ss = { 0 };
		struct addr peer, local = s->l.tcp;
		socklen_t len = sizeof(ss);
		int fd = accept4(s->tcp_fd, (struct sockaddr *)&ss, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
				accept_pause(w, errno);
			return;
		}
		peer = addr_from_sockaddr(&ss);
		len = sizeof(ss);
		if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0)
			local = addr_from_sockaddr(&ss);
		conn_accept(fd, s->l.nameif, &local, &peer);
	}
}

static int
bound_socket(int type, const struct addr *want, struct addr *got, bool group, char *why, size_t size)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(want, &ss);
	int fd = socket(ss.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0) {
		snprintf(why, size, "%s", strerror(errno));
		return -1;
	}
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (group)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (want->family == 6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&ss, len) != 0 || (type == SOCK_STREAM && listen(fd, BACKLOG) != 0)) {
		snprintf(why, size, "%s", strerror(errno));
		close(fd);
		return -1;
	}
	len = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &len);
	*got = addr_from_sockaddr(&ss);
	return fd;
}

int
listener_bind(int type, const struct addr *want, struct addr *got, char *why, size_t size)
{
	return bound_socket(type, want, got, false, why, size);
}

/*
 * DF set, and no path MTU that spoofed ICMP could lower for others; what
 * routers say is read from the queue of errors, for the peer that it names
 * (protocol.md 2.3). A socket with several addresses is told which one was asked (7, 29).
 */
static void
path_options(int fd, bool ip6)
{
	int probe = ip6 ? IPV6_PMTUDISC_PROBE : IP_PMTUDISC_PROBE, on = 1, level = ip6 ? IPPROTO_IPV6 : IPPROTO_IP;

	setsockopt(fd, level, ip6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &probe, sizeof(probe));
	setsockopt(fd, level, ip6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof(on));
	setsockopt(fd, level, ip6 ? IPV6_RECVPKTINFO : IP_PKTINFO, &on, sizeof(on));
}

/*
 * Datagrams of one size from one client come, and go, many at a time where the kernel
 * joins and cuts them (Linux 5.0). Returns whether it takes UDP_SEGMENT.
 */
static bool
udp_offload(int fd)
{
	int value = 1;
	socklen_t len = sizeof(value);

	if (daemon_.host.offload_udp_receive)
		setsockopt(fd, SOL_UDP, UDP_GRO, &value, sizeof(value));
	return daemon_.host.offload_udp_send && getsockopt(fd, SOL_UDP, UDP_SEGMENT, &value, &len) == 0;
}

/* As listener_bind(); in a group with one that is bound there already, if so wanted. */
static int
udp_bind(const struct addr *want, struct addr *got, bool group, char *why, size_t size)
{
	int bytes = UDP_BUFFER_BYTES, fd = bound_socket(SOCK_DGRAM, want, got, group, why, size);

	if (fd < 0)
		return -1;
	path_options(fd, want->family == 6);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	return fd;
}

/* UDP on the same number as TCP where it is left to us and free (phones use one number: protocol.md 4.5). */
static int
bind_udp(const struct addr *wanted, uint16_t tcp_port, struct addr *local, char *why, size_t size)
{
	struct addr want = *wanted;
	int fd;

	if (want.port == 0) {
		want.port = tcp_port;
		if ((fd = udp_bind(&want, local, false, why, size)) >= 0)
			return fd;
		want.port = 0;
	}
	return udp_bind(&want, local, false, why, size);
}

static void
forwarder_tell(const struct udp_socket *u, unsigned forwarder)
{
	struct ipc_fwd_udp m = { .socket_id = u->id, .local = u->local, .cuts = u->cuts };

	if (daemon_.forwarder_ready[forwarder])
		ipc_send_fds(&daemon_.forwarders[forwarder], MSG_fwd_udp, &m, &u->fds[forwarder], 1);
}

void
listener_forwarder_new(unsigned forwarder)
{
	for (const struct udp_socket *u = udps; u != NULL; u = u->next)
		forwarder_tell(u, forwarder);
}

static void
udp_close(struct udp_socket *u)
{
	for (unsigned i = 0; i < daemon_.host.forwarders; i++) {
		if (u->fds[i] >= 0)
			close(u->fds[i]);
	}
	free(u);
}

/*
 * The sockets of the other forwarders, in a group with the first: that was bound alone, so that it would
 * have met another daemon's. False, and why: the kernel does not want them.
 */
static bool
udp_group(struct udp_socket *u, char *why, size_t size)
{
	int on = 1;

	if (daemon_.host.forwarders == 1)
		return true;
	if (setsockopt(u->fds[0], SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0) {
		snprintf(why, size, "SO_REUSEPORT: %s", strerror(errno));
		return false;
	}
	for (unsigned i = 1; i < daemon_.host.forwarders; i++) {
		struct addr local;

		if ((u->fds[i] = udp_bind(&u->local, &local, true, why, size)) < 0)
			return false;
		udp_offload(u->fds[i]);
	}
	steer_udp(u->fds[0]);
	return true;
}

/* NULL, and why. */
static struct udp_socket *
udp_open(const struct addr *wanted, uint16_t tcp_port, char *why, size_t size)
{
	struct udp_socket *u = xcalloc(1, sizeof(*u));

	for (unsigned i = 0; i < FORWARDERS_MAX; i++)
		u->fds[i] = -1;
	u->fds[0] = bind_udp(wanted, tcp_port, &u->local, why, size);
	if (u->fds[0] < 0 || !udp_group(u, why, size)) {
		udp_close(u);
		return NULL;
	}
	u->cuts = udp_offload(u->fds[0]);
	u->id = ++last_id;
	u->wanted = *wanted;
	return u;
}

static struct udp_socket *
udp_take(const struct addr *wanted, uint16_t tcp_port, char *why, size_t size)
{
	struct udp_socket *u = udps;

	while (u != NULL && !addr_equal(&u->wanted, wanted))
		u = u->next;
	if (u == NULL) {
		if ((u = udp_open(wanted, tcp_port, why, size)) == NULL)
			return NULL;
		u->next = udps;
		udps = u;
		for (unsigned i = 0; i < daemon_.host.forwarders; i++)
			forwarder_tell(u, i);
	}
	u->users++;
	return u;
}

static bool
udp_in_use(const struct udp_socket *u)
{
	static const uint8_t any[sizeof(u->local.ip)];
	const struct session *s = session_first();

	if (memcmp(u->local.ip, any, sizeof(any)) == 0)
		return s != NULL;
	while (s != NULL && memcmp(s->local_addr.ip, u->local.ip, sizeof(u->local.ip)) != 0)
		s = s->next;
	return s != NULL;
}

static void udps_sweep_cb(struct ev_loop *loop, ev_timer *w, int revents);

/* Close those that neither a listener nor a session needs; look again while some are left to sessions. */
static void
udps_sweep(void)
{
	static ev_timer timer;
	bool later = false;

	for (struct udp_socket **at = &udps; *at != NULL;) {
		struct udp_socket *u = *at;
		struct ipc_fwd_udp_del m = { .socket_id = u->id };

		if (u->users > 0 || udp_in_use(u)) {
			later |= u->users == 0;
			at = &u->next;
			continue;
		}
		*at = u->next;
		for (unsigned i = 0; i < daemon_.host.forwarders; i++) {
			if (daemon_.forwarder_ready[i])
				ipc_send(&daemon_.forwarders[i], MSG_fwd_udp_del, &m);
		}
		udp_close(u);
	}
	if (!later || ev_is_active(&timer))
		return;
	ev_timer_init(&timer, udps_sweep_cb, UDP_SWEEP_S, 0.0);
	ev_timer_start(daemon_.loop, &timer);
}

static void
udps_sweep_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	udps_sweep();
}

static void
socket_free(struct socket *s)
{
	ev_io_stop(daemon_.loop, &s->accept);
	if (s->tcp_fd >= 0)
		close(s->tcp_fd);
	if (s->udp != NULL)
		s->udp->users--;
	free(s);
}

static int
socket_open(const char *nameif, const struct addr *tcp, const struct addr *udp, FILE *problems)
{
	struct socket *s = xcalloc(1, sizeof(*s));
	char why[128], ip[ADDR_STR];
	struct listener **at;

	snprintf(s->l.nameif, sizeof(s->l.nameif), "%s", nameif);
	s->wanted_tcp = *tcp;
	s->wanted_udp = *udp;
	s->keep = true;
	s->tcp_fd = listener_bind(SOCK_STREAM, tcp, &s->l.tcp, why, sizeof(why));
	if (s->tcp_fd < 0) {
		fprintf(problems, "cannot listen on %s, TCP %s port %u: %s\n", nameif, addr_ip_str(tcp, ip), tcp->port, why);
		free(s);
		return 1;
	}
	if (udp->family != 0 && (s->udp = udp_take(udp, s->l.tcp.port, why, sizeof(why))) == NULL) {
		fprintf(problems, "cannot listen on %s, UDP %s port %u: %s\n", nameif, addr_ip_str(udp, ip), udp->port, why);
		close(s->tcp_fd);
		free(s);
		return 1;
	}
	if (s->udp != NULL)
		s->l.udp = s->udp->local;
	ev_io_init(&s->accept, accept_cb, s->tcp_fd, EV_READ);
	s->accept.data = s;
	if (accepting)
		ev_io_start(daemon_.loop, &s->accept);
	for (at = &listeners; *at != NULL; at = &(*at)->next)
		;
	*at = &s->l;
	return 0;
}

struct endpoint { /* what a listener is to be */
	struct addr tcp, udp; /* udp.family 0: no DTLS */
};

#define ENDPOINTS_MAX 2 /* IPv4 and IPv6 */

/* Addresses and ports: the host file's word first, then the ASA configuration's. How many. */
static size_t
endpoints_of(const struct config *cfg, const struct cfg_webvpn_enable *e, struct endpoint out[ENDPOINTS_MAX])
{
	const struct cfg_interface *itf = config_interface(cfg, e->nameif);
	const struct host_interface *host = host_interface(&daemon_.host, e->nameif);
	uint16_t tcp_port = cfg->webvpn.port > 0 ? (uint16_t)cfg->webvpn.port : 443;
	uint16_t udp_port = cfg->webvpn.dtls_port > 0 ? (uint16_t)cfg->webvpn.dtls_port : 443;
	struct in6_addr ip6;
	size_t n = 0;

	if (host != NULL && host->has_tcp_port)
		tcp_port = host->tcp_port;
	if (host != NULL && host->has_udp_port)
		udp_port = host->udp_port;
	if (host != NULL && host->has_address)
		out[n++].tcp = addr_from_ip4(host->address, tcp_port);
	else if (itf != NULL && itf->has_addr)
		out[n++].tcp = addr_from_ip4(itf->addr, tcp_port);
	if (itf != NULL && config_interface_ip6(itf, &ip6)) {
		out[n].tcp = (struct addr){ .family = 6, .port = tcp_port };
		memcpy(out[n++].tcp.ip, &ip6, sizeof(ip6));
	}
	for (size_t i = 0; i < n; i++) {
		out[i].udp = e->tls_only ? (struct addr){ 0 } : out[i].tcp;
		out[i].udp.port = e->tls_only ? 0 : udp_port;
	}
	return n;
}

static struct socket *
socket_find(const char *nameif, const struct addr *tcp, const struct addr *udp)
{
	for (struct listener *l = listeners; l != NULL; l = l->next) {
		struct socket *s = (struct socket *)l;

		if (strcmp(l->nameif, nameif) == 0 && addr_equal(&s->wanted_tcp, tcp) && addr_equal(&s->wanted_udp, udp))
			return s;
	}
	return NULL;
}

static void
sockets_sweep(bool all)
{
	for (struct listener **at = &listeners; *at != NULL;) {
		struct socket *s = (struct socket *)*at;

		if (s->keep && !all) {
			at = &(*at)->next;
			continue;
		}
		*at = (*at)->next;
		socket_free(s);
	}
}

/* Those that stay as they are. */
static void
sockets_keep(const struct config *cfg)
{
	for (struct listener *l = listeners; l != NULL; l = l->next)
		((struct socket *)l)->keep = false;
	for (const struct cfg_webvpn_enable *e = cfg->webvpn.enables; e != NULL; e = e->next) {
		struct endpoint want[ENDPOINTS_MAX];
		size_t n = endpoints_of(cfg, e, want);

		for (size_t i = 0; i < n; i++) {
			struct socket *s = socket_find(e->nameif, &want[i].tcp, &want[i].udp);

			if (s != NULL)
				s->keep = true;
		}
	}
}

int
listener_configure(const struct config *cfg, FILE *problems)
{
	int bad = 0;

	sockets_keep(cfg);
	sockets_sweep(false); /* before opening: a port may move from one interface to another */
	for (const struct cfg_webvpn_enable *e = cfg->webvpn.enables; e != NULL; e = e->next) {
		struct endpoint want[ENDPOINTS_MAX];
		size_t n = endpoints_of(cfg, e, want);

		if (n == 0) {
			fprintf(problems, "cannot listen on %s: it has no address here\n", e->nameif);
			bad++;
		}
		for (size_t i = 0; i < n; i++) {
			if (socket_find(e->nameif, &want[i].tcp, &want[i].udp) == NULL)
				bad += socket_open(e->nameif, &want[i].tcp, &want[i].udp, problems);
		}
	}
	udps_sweep();
	return bad;
}

static bool
udp_taken(const struct addr *udp)
{
	struct addr local;
	char why[128];
	int fd;

	if (udp->family == 0 || udp->port == 0)
		return false;
	if ((fd = listener_bind(SOCK_DGRAM, udp, &local, why, sizeof(why))) < 0)
		return errno == EADDRINUSE;
	close(fd);
	return false;
}

bool
listener_would_fail(const struct config *cfg)
{
	for (const struct cfg_webvpn_enable *e = cfg->webvpn.enables; e != NULL; e = e->next) {
		struct endpoint want[ENDPOINTS_MAX];
		size_t n = endpoints_of(cfg, e, want);

		for (size_t i = 0; i < n; i++) {
			if (udp_taken(&want[i].udp))
				return true;
		}
	}
	return false;
}

bool
listener_is_accepting(void)
{
	return accepting && listeners != NULL;
}

void
listener_again(void)
{
	listener_accepting(accepting);
}

void
listener_accepting(bool on)
{
	accepting = on;
	wait_wake();
	for (struct listener *l = listeners; l != NULL; l = l->next) {
		struct socket *s = (struct socket *)l;

		if (on)
			ev_io_start(daemon_.loop, &s->accept);
		else
			ev_io_stop(daemon_.loop, &s->accept);
	}
}

bool
listener_udp_port(const char *nameif, const struct addr *local, uint16_t *port)
{
	for (const struct listener *l = listeners; l != NULL; l = l->next) {
		if (strcmp(l->nameif, nameif) != 0 || l->udp.family == 0)
			continue;
		if (local->family == l->tcp.family && local->port == l->tcp.port) {
			*port = l->udp.port;
			return true;
		}
	}
	return false;
}

void
listener_close_all(void)
{
	sockets_sweep(true);
}
