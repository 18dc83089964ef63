/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/revoke.h"

#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/certauth/cert_map.h"

struct revoke_job {
	struct revoke_job *next;
	uint32_t request;
	bool fallback; /* "none" is among the methods: no answer is an answer */
	void (*fn)(void *ctx, enum revoke_verdict verdict, const char *text);
	void *ctx;
};

static struct ipc_chan chan; /* loop NULL: no helper */
static struct revoke_job *jobs;
static uint32_t last_request;

static bool
has_method(const struct auth_trustpoint *tp, uint8_t method)
{
	return memchr(tp->methods, method, sizeof(tp->methods)) != NULL;
}

bool
revoke_wanted(const struct auth_policy *p, const struct chain_result *r)
{
	return (has_method(r->by, REVOKE_CRL) || has_method(r->by, REVOKE_OCSP)) &&
	    cert_exception(p, r->by, EXCEPTION_NO_REVOCATION, r->path[0]) == NULL;
}

static void
job_end(struct revoke_job *job, enum revoke_verdict verdict, const char *text)
{
	void (*fn)(void *, enum revoke_verdict, const char *) = job->fn;
	void *ctx = job->ctx;

	revoke_cancel(job);
	fn(ctx, verdict, text);
}

static void
job_unanswered(struct revoke_job *job)
{
	job_end(job, job->fallback ? REVOKE_UNCHECKED : REVOKE_FAILED, "the revocation helper does not answer");
}

void
revoke_cancel(struct revoke_job *job)
{
	for (struct revoke_job **at = &jobs; *at != NULL; at = &(*at)->next) {
		if (*at != job)
			continue;
		*at = job->next;
		free(job);
		return;
	}
}

static void
answer_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_revoke_answer *m = msg;
	struct revoke_job *job = jobs;

	(void)owner, (void)fds, (void)nfds;
	while (job != NULL && job->request != m->request)
		job = job->next;
	if (job != NULL)
		job_end(job, m->verdict <= REVOKE_FAILED ? (enum revoke_verdict)m->verdict : REVOKE_FAILED, m->text);
}

static const struct ipc_handler handlers[] = {
	{ MSG_revoke_answer, answer_handle },
};

static void
helper_closed(void *owner, int err)
{
	struct revoke_job *job;

	(void)owner;
	if (err == ERR_BAD_MESSAGE)
		log_err("the revocation helper breaks the protocol");
	ipc_chan_stop(&chan);
	while ((job = jobs) != NULL)
		job_unanswered(job);
}

void
revoke_connect(struct ev_loop *loop, int fd)
{
	if (chan.loop != NULL)
		helper_closed(NULL, ERR_CLOSED);
	ipc_chan_start(&chan, loop, fd, IPC_CERTAUTH, IPC_REVOKER, handlers, sizeof(handlers) / sizeof(handlers[0]),
	    helper_closed, NULL);
}

/* The path as messages carry it. False: too long. */
static bool
path_put(const struct chain_result *r, struct wr *w)
{
	for (unsigned i = 0; i < r->path_count; i++) {
		gnutls_datum_t der;

		if (gnutls_x509_crt_export2(r->path[i], GNUTLS_X509_FMT_DER, &der) < 0)
			return false;
		wr_u32(w, der.size);
		wr_bytes(w, der.data, der.size);
		gnutls_free(der.data);
	}
	return !w->bad;
}

struct revoke_job *
revoke_start(const struct auth_policy *p, const struct chain_result *r,
    void (*fn)(void *ctx, enum revoke_verdict verdict, const char *text), void *ctx)
{
	static uint8_t bytes[IPC_CHAIN_MAX];
	const struct auth_trustpoint *tp = r->by;
	const struct auth_exception *ocsp = cert_exception(p, tp, EXCEPTION_OCSP, r->path[0]);
	const struct auth_exception *cdp = cert_exception(p, tp, EXCEPTION_CDP, r->path[0]);
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct revoke_job *job = xcalloc(1, sizeof(*job));
	struct ipc_revoke_ask m = {
		.request = ++last_request,
		.trustpoint = tp->name,
		.methods = { tp->methods, sizeof(tp->methods) },
		.flags = tp->flags,
		.ocsp_url = tp->ocsp_url,
		.crl_policy = tp->crl_policy,
		.crl_cache_s = tp->crl_cache_s,
		.crl_urls = tp->crl_urls,
		.leaf_ocsp_url = ocsp != NULL ? ocsp->url : "",
		.leaf_crl_url = cdp != NULL ? cdp->url : "",
	};

	if (ocsp != NULL)
		m.ocsp_signer = ocsp->signer;
	job->request = m.request;
	job->fallback = has_method(tp, REVOKE_NONE);
	job->fn = fn;
	job->ctx = ctx;
	job->next = jobs;
	jobs = job;
	if (path_put(r, &w)) {
		m.chain = (struct ipc_blob){ bytes, (uint32_t)(w.p - bytes) };
		if (chan.loop != NULL && ipc_send(&chan, MSG_revoke_ask, &m) == 0)
			return job;
	}
	job_unanswered(job);
	return NULL;
}
