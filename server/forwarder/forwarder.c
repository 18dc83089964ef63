/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forwarder as a process: what main tells it. The packets are data.c's.
 */
#include <ev.h>
#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/err.h"
#include "common/ipc.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/note.h"
#include "common/sandbox.h"
#include "server/forwarder/backend.h"
#include "server/forwarder/channel.h"
#include "server/forwarder/data.h"
#include "server/forwarder/dgram.h"
#include "server/forwarder/fastpath.h"
#include "server/forwarder/forwarder.h"
#include "server/forwarder/outside.h"
#include "server/forwarder/siblings.h"
#include "server/forwarder/steering.h"
#include "server/forwarder/table.h"
#include "server/forwarder/udp.h"

struct forwarder fwd;

/* What a worker sends is its own affair: it may be no packet, and it will hear from its client. */
static void
dropped_take(const struct udp_socket *u, const struct addr *peer, unsigned datagrams, bool too_big)
{
	struct peer *p = table_up_at(&fwd.table, u, peer);

	if (p != NULL && p->session->record != NULL)
		data_dropped(p->session, datagrams, too_big);
}

static const struct udp_owner udp_owner = { outside_datagram, outside_too_big, dropped_take, data_done };

/* ---- messages of main ---- */

static const struct backend_owner backend_owner = { data_inside, data_inside_large, data_done };

/* Takes fd. */
static void *
shared_map(int fd, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		fatal("forwarder: cannot map what is shared: %s", strerror(errno));
	close(fd);
	return memory;
}

/* Descriptors: the counters, with others beside us the memory that we share, and with a device our queue of it. */
static void
fwd_init_handle(void *arg, const void *msg, const int *fds, int nfds)
{
	const struct ipc_fwd_init *m = msg;
	bool shared = m->forwarders > 1;
	int at = 0;

	(void)arg;
	if (nfds != 1 + shared + (m->data_path != DATA_PATH_ECHO) || m->slots > SESSION_SLOTS ||
	    m->forwarders > FORWARDERS_MAX || m->index >= FORWARDERS_MAX)
		fatal("forwarder: fwd_init is not whole");
	fwd.slots = m->slots;
	fwd.counters = shared_map(fds[at++], notes_size(m->slots));
	fwd.strange = (struct counters_strange *)&fwd.counters[m->slots] + m->index;
	if (shared)
		steering_start(shared_map(fds[at++], STEER_BYTES), m->index, m->forwarders, m->steer_seed);
	if (m->data_path == DATA_PATH_ECHO)
		backend_echo_start(&fwd.backend, &backend_owner);
	else
		backend_tun_start(&fwd.backend, fwd.loop, fds[at], m->tun_offload, &backend_owner);
}

static void
fwd_sibling_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_fwd_sibling *m = msg;

	(void)owner;
	if (nfds != 1 || m->index >= FORWARDERS_MAX || fwd.counters == NULL)
		fatal("forwarder: fwd_sibling is not whole");
	siblings_add(m->index, fds[0]);
}

static void
fwd_udp_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_fwd_udp *m = msg;

	(void)owner;
	if (nfds != 1)
		fatal("forwarder: fwd_udp without its socket");
	udp_add(fds[0], m->socket_id, &m->local, m->cuts != 0);
}

static void
fwd_udp_del_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_fwd_udp_del *m = msg;
	struct udp_socket *u = udp_find(m->socket_id);

	(void)owner, (void)fds, (void)nfds;
	if (u == NULL)
		return;
	table_socket_gone(&fwd.table, u);
	udp_del(u);
}

static void
fwd_session_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_fwd_session *m = msg;
	struct fwd_session *s;

	(void)owner;
	if (nfds != 1 || fwd.counters == NULL || m->slot >= fwd.slots || m->dtls_id.len != DTLS_ID_BYTES)
		fatal("forwarder: fwd_session is not whole");
	s = table_slot(&fwd.table, m->slot);
	if (s == NULL)
		s = table_add(&fwd.table, m->slot);
	data_done();
	fast_keys_forget(s); /* and what is noted, but for a session that a predecessor had */
	s->counters = &fwd.counters[m->slot];
	s->note = note_of(fwd.counters, fwd.slots, m->slot);
	s->mtu_bytes = s->path_mtu_bytes = m->mtu_bytes;
	table_set(&fwd.table, s, addr_ip4(&m->address), m->address6.family == 6 ? m->address6.ip : NULL, m->dtls_id.data);
	channel_start(s, fds[0]);
}

static void
fwd_session_del_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_fwd_session_del *m = msg;
	struct fwd_session *s = table_slot(&fwd.table, m->slot);

	(void)owner, (void)fds, (void)nfds;
	if (s == NULL)
		return;
	data_done();
	fast_keys_forget(s);
	table_remove(&fwd.table, s);
	channel_close(s);
	free(s);
}

static const struct ipc_handler handlers[] = {
	{ MSG_fwd_init, fwd_init_handle },
	{ MSG_fwd_udp, fwd_udp_handle },
	{ MSG_fwd_udp_del, fwd_udp_del_handle },
	{ MSG_fwd_session, fwd_session_handle },
	{ MSG_fwd_session_del, fwd_session_del_handle },
	{ MSG_fwd_sibling, fwd_sibling_handle },
};

static void
main_closed(void *owner, int err)
{
	(void)owner, (void)err;
	_exit(0);
}

static void
second_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	fast_watch_all();
}

static const int forwarder_calls[] = { SCMP_SYS(recvmmsg), SCMP_SYS(sendmmsg) };

static void
enter_sandbox(const struct child_args *args)
{
	const struct sandbox_filter own = { forwarder_calls, sizeof(forwarder_calls) / sizeof(forwarder_calls[0]) };

	if (sandbox_isolate(args) != 0 || sandbox_identity(args) != 0)
		fatal("forwarder: cannot give up privileges");
	if (args->sandbox && sandbox_filter((struct sandbox_filter[]){ sandbox_base, own }, 2) != 0)
		fatal("forwarder: no seccomp; offhookd.conf: sandbox = false runs without it");
}

int
main(int argc, char **argv)
{
	struct ipc_fwd_ready ready;
	struct child_args args;
	ev_timer second;

	child_args_parse(argc, argv, &args);
	log_init("offhook-forwarder", args.debug ? LOG_LVL_DEBUG : LOG_LVL_INFO);
	fwd.loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV | EVFLAG_NOTIMERFD);
	table_init(&fwd.table);
	udp_start(fwd.loop, &udp_owner);
	ev_timer_init(&second, second_cb, 1.0, 1.0);
	ev_timer_start(fwd.loop, &second);
	enter_sandbox(&args);
	ipc_chan_start(&fwd.main, fwd.loop, CHILD_CHANNEL_FD, IPC_FORWARDER, IPC_MAIN, handlers,
	    sizeof(handlers) / sizeof(handlers[0]), main_closed, NULL);
	ready.pid = (uint32_t)getpid();
	ipc_send(&fwd.main, MSG_fwd_ready, &ready);
	ev_run(fwd.loop, 0);
	return 0;
}
