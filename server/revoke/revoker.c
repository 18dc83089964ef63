/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The revocation helper: fetches CRLs and OCSP responses and reads them, all of
 * it from strangers. It has the network and no key; certauth asks it.
 */
#include <ev.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/ipc.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/sandbox.h"
#include "server/revoke/check.h"
#include "server/revoke/crl.h"
#include "server/revoke/fetch.h"
#include "server/revoke/ocsp.h"

#define ISSUER_TEXT_MAX 1000

static struct {
	struct ev_loop *loop;
	struct ipc_chan main, certauth;
	uint64_t generation; /* of certauth's channel: answers to an older one are dropped */
	char *file_url;      /* the file that main is handing over */
	uint8_t *file;
	size_t file_len, file_room;
} self;

/* ---- what main is told ---- */

static void
main_log(unsigned number, const char *arg1, const char *arg2, const char *arg3)
{
	ipc_send(&self.main, MSG_revoke_log,
	    &(struct ipc_revoke_log){ .number = number, .arg1 = arg1, .arg2 = arg2, .arg3 = arg3 });
}

/* All CRLs of a source, one by one; size 0 first: what was there before is gone. */
static void
main_crl_changed(const char *url, const char *trustpoint)
{
	const struct crl_source *s = crl_source_find(url);
	struct ipc_revoke_crl m = { .url = url, .issuer = "", .trustpoint = trustpoint };

	ipc_send(&self.main, MSG_revoke_crl, &m);
	for (const struct crl *c = s != NULL ? s->crls : NULL; c != NULL; c = c->next) {
		char issuer[ISSUER_TEXT_MAX];

		snprintf(issuer, sizeof(issuer), "%s", c->issuer_text);
		m.issuer = issuer;
		m.this_update = (uint64_t)c->this_update;
		m.next_update = (uint64_t)c->next_update;
		m.size = c->der.size;
		m.revoked = (uint32_t)c->count;
		ipc_send(&self.main, MSG_revoke_crl, &m);
	}
}

/* ---- certauth's questions ---- */

struct question {
	uint32_t request;
	uint64_t generation;
};

static void
question_done(void *ctx, enum revoke_verdict verdict, const char *text)
{
	struct question *q = ctx;

	if (self.certauth.loop != NULL && q->generation == self.generation)
		ipc_send(&self.certauth, MSG_revoke_answer,
		    &(struct ipc_revoke_answer){ .request = q->request, .verdict = (uint8_t)verdict, .text = text });
	free(q);
}

static void
ask_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_revoke_ask *m = msg;
	struct question *q = xcalloc(1, sizeof(*q));
	struct revoke_settings s = {
		m->trustpoint, m->methods, m->flags, m->ocsp_url, m->crl_policy, m->crl_cache_s, m->crl_urls,
		m->leaf_ocsp_url, m->leaf_crl_url, m->ocsp_signer,
	};

	(void)owner, (void)fds, (void)nfds;
	q->request = m->request;
	q->generation = self.generation;
	check_start(&s, &m->chain, question_done, q);
}

static const struct ipc_handler certauth_handlers[] = {
	{ MSG_revoke_ask, ask_handle },
};

static void
certauth_closed(void *owner, int err)
{
	(void)owner, (void)err;
	ipc_chan_stop(&self.certauth);
}

static void
certauth_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg;
	if (nfds != 1)
		fatal("revoke_certauth without its descriptor");
	ipc_chan_stop(&self.certauth);
	self.generation++;
	ipc_chan_start(&self.certauth, self.loop, fds[0], IPC_REVOKER, IPC_CERTAUTH, certauth_handlers,
	    sizeof(certauth_handlers) / sizeof(certauth_handlers[0]), certauth_closed, NULL);
}

/* ---- main's orders ---- */

static void
file_forget(void)
{
	free(self.file_url);
	free(self.file);
	self.file_url = NULL;
	self.file = NULL;
	self.file_len = self.file_room = 0;
}

static void
file_take(const char *url)
{
	char why[160] = "";
	size_t too_many;
	struct crl *crls = self.file_len > 0 ? crls_read(self.file, self.file_len, why, sizeof(why), &too_many) : NULL;

	if (why[0] != '\0')
		log_err("%s: %s", url, why);
	/* a file that is spoilt does not take away what is known and still holds */
	if (crls == NULL && self.file_len > 0)
		return;
	crl_source_set(url, crls);
	main_crl_changed(url, "");
}

static void
file_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_revoke_file *m = msg;

	(void)owner, (void)fds, (void)nfds;
	if (self.file_url != NULL && strcmp(self.file_url, m->url) != 0)
		file_forget();
	if (self.file_url == NULL)
		self.file_url = xstrdup(m->url);
	if (self.file_len + m->piece.len > self.file_room) {
		self.file_room = (self.file_len + m->piece.len) * 2;
		self.file = xrealloc(self.file, self.file_room);
	}
	if (m->piece.len > 0)
		memcpy(self.file + self.file_len, m->piece.data, m->piece.len);
	self.file_len += m->piece.len;
	if (!m->last)
		return;
	file_take(m->url);
	file_forget();
}

static void
fetch_done(void *ctx, const char *text)
{
	uint32_t *request = ctx;

	ipc_send(&self.main, MSG_revoke_done,
	    &(struct ipc_revoke_done){ .request = *request, .failed = text[0] != '\0', .text = text });
	free(request);
}

static void
fetch_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_revoke_fetch *m = msg;
	struct revoke_settings s = {
		.trustpoint = m->trustpoint, .methods = m->methods, .flags = m->flags, .ocsp_url = m->ocsp_url,
		.crl_policy = m->crl_policy, .crl_cache_s = m->crl_cache_s, .crl_urls = m->crl_urls,
	};
	uint32_t *request = xmalloc(sizeof(*request));

	(void)owner, (void)fds, (void)nfds;
	*request = m->request;
	check_fetch_crls(&s, &m->ca, fetch_done, request);
}

/* What came from the network is fetched again when it is next needed; files stay. */
static void
clear_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	struct crl_source *next;

	(void)owner, (void)msg, (void)fds, (void)nfds;
	ocsp_forget_all();
	fetch_forget_failures();
	for (struct crl_source *s = crl_source_first(); s != NULL; s = next) {
		char *url = xstrdup(s->url);

		next = s->next;
		if (strncmp(url, "file:", 5) != 0) {
			crl_source_set(url, NULL);
			main_crl_changed(url, "");
		}
		free(url);
	}
}

static const struct ipc_handler main_handlers[] = {
	{ MSG_revoke_certauth, certauth_handle },
	{ MSG_revoke_file, file_handle },
	{ MSG_revoke_fetch, fetch_handle },
	{ MSG_revoke_clear, clear_handle },
};

static void
main_closed(void *owner, int err)
{
	(void)owner, (void)err;
	_exit(0);
}

static const int thread_calls[] = { /* libcurl resolves names in a thread */
	SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(eventfd2), SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(rseq),
	SCMP_SYS(set_tid_address),
};

int
main(int argc, char **argv)
{
	static const struct sandbox_filter threads = { thread_calls, sizeof(thread_calls) / sizeof(thread_calls[0]) };
	static const struct check_events told = { main_log, main_crl_changed };
	struct ipc_revoke_ready ready;
	struct child_args args;

	child_args_parse(argc, argv, &args);
	log_init("offhook-revoke", args.debug ? LOG_LVL_DEBUG : LOG_LVL_INFO);
	umask(077);
	self.loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
	check_init(&told);
	if (fetch_init(self.loop) != 0)
		fatal("libcurl does not start");
	sandbox_helper(&args, "revoke", &threads);
	ipc_chan_start(&self.main, self.loop, CHILD_CHANNEL_FD, IPC_REVOKER, IPC_MAIN, main_handlers,
	    sizeof(main_handlers) / sizeof(main_handlers[0]), main_closed, NULL);
	ready.pid = (uint32_t)getpid();
	ipc_send(&self.main, MSG_revoke_ready, &ready);
	ev_run(self.loop, 0);
	return 0;
}
