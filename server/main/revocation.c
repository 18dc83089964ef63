/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/revocation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"
#include "server/main/daemon.h"
#include "server/main/introduce.h"
#include "server/main/request.h"

#define FILE_BYTES_MAX (32u * 1024 * 1024) /* server/revoke/crl.h takes no more */
#define PIECE_BYTES    65536
#define POLL_S         2.0  /* of a file's time stamp, where inotify does not serve */
#define WAITING_MAX    32

struct crl_file {
	struct crl_file *next;
	char *url;  /* file:///PATH */
	ev_stat watch;
	bool wanted;
};

static struct crl_file *files;
static struct crl_info *crls;
static uint32_t waiting[WAITING_MAX]; /* requests that the helper has not answered; 0 free */

bool
revocation_wanted(const struct config *cfg)
{
	for (const struct cfg_trustpoint *tp = cfg->trustpoints; tp != NULL; tp = tp->next) {
		for (size_t i = 0; i < sizeof(tp->revocation); i++) {
			if (tp->revocation[i] == REVOKE_CRL || tp->revocation[i] == REVOKE_OCSP)
				return true;
		}
	}
	return false;
}

uint32_t
revocation_flags(const struct cfg_trustpoint *tp)
{
	return (tp->ocsp_no_nonce ? TP_OCSP_NO_NONCE : 0u) | (tp->no_ca_check ? TP_NO_CA_CHECK : 0u) |
	    (tp->no_weak_crypto ? TP_NO_WEAK_CRYPTO : 0u) | (tp->crl_no_next_update ? TP_NO_NEXT_UPDATE : 0u) |
	    (tp->no_subordinates ? TP_NO_SUBORDINATES : 0u);
}

void
revocation_urls(const struct cfg_trustpoint *tp, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(tp->crl_urls) / sizeof(tp->crl_urls[0]) && at < size; i++) {
		if (tp->crl_urls[i] != NULL)
			at += (size_t)snprintf(out + at, size - at, "%s\n", tp->crl_urls[i]);
	}
}

/* ---- files ---- */

/* Bytes only: what they mean is for the helper to find out. */
static void
file_send(const struct crl_file *f)
{
	struct ipc_revoke_file m = { .url = f->url };
	const char *path = f->url + strlen("file://");
	uint8_t *piece = xmalloc(PIECE_BYTES);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t total = 0;
	struct stat st;
	ssize_t n = 0;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		log_err("CRL file %s: %s", path, fd < 0 ? strerror(errno) : "not a regular file");
	} else {
		while ((n = read(fd, piece, PIECE_BYTES)) > 0 && (total += (size_t)n) <= FILE_BYTES_MAX) {
			m.piece = (struct ipc_blob){ piece, (uint32_t)n };
			ipc_send(&daemon_.revoker, MSG_revoke_file, &m);
		}
		if (total > FILE_BYTES_MAX)
			log_err("CRL file %s: larger than %u bytes", path, FILE_BYTES_MAX);
	}
	m.piece = (struct ipc_blob){ piece, 0 };
	m.last = 1;
	ipc_send(&daemon_.revoker, MSG_revoke_file, &m);
	if (fd >= 0)
		close(fd);
	free(piece);
}

static void
file_changed_cb(struct ev_loop *loop, ev_stat *w, int revents)
{
	const struct crl_file *f = w->data;

	(void)loop, (void)revents;
	if (!daemon_.revoker_ready)
		return;
	log_info("CRL file %s has changed", f->url);
	file_send(f);
}

static bool
is_file(const char *url)
{
	return url != NULL && strncasecmp(url, "file:///", 8) == 0;
}

static void
file_want(const char *url)
{
	struct crl_file *f = files;

	while (f != NULL && strcmp(f->url, url) != 0)
		f = f->next;
	if (f == NULL) {
		f = xcalloc(1, sizeof(*f));
		f->url = xstrdup(url);
		f->next = files;
		files = f;
		ev_stat_init(&f->watch, file_changed_cb, f->url + strlen("file://"), POLL_S);
		f->watch.data = f;
		ev_stat_start(daemon_.loop, &f->watch);
		if (daemon_.revoker_ready)
			file_send(f);
	}
	f->wanted = true;
}

void
revocation_configure(const struct config *cfg)
{
	for (struct crl_file *f = files; f != NULL; f = f->next)
		f->wanted = false;
	for (const struct cfg_trustpoint *tp = cfg->trustpoints; tp != NULL; tp = tp->next) {
		for (size_t i = 0; i < sizeof(tp->crl_urls) / sizeof(tp->crl_urls[0]); i++) {
			if (is_file(tp->crl_urls[i]))
				file_want(tp->crl_urls[i]);
		}
	}
	for (struct crl_file **at = &files; *at != NULL;) {
		struct crl_file *f = *at;

		if (f->wanted) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		ev_stat_stop(daemon_.loop, &f->watch);
		free(f->url);
		free(f);
	}
}

/* ---- the helper ---- */

static void
crls_forget(const char *url)
{
	for (struct crl_info **at = &crls; *at != NULL;) {
		struct crl_info *c = *at;

		if (url != NULL && strcmp(c->url, url) != 0) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		free(c->url);
		free(c->issuer);
		free(c->trustpoint);
		free(c);
	}
}

void
revocation_helper_up(void)
{
	if (!daemon_.revoker_ready || daemon_.certauth.loop == NULL)
		return;
	introduce(&daemon_.revoker, MSG_revoke_certauth, MSG_auth_revoker);
	for (const struct crl_file *f = files; f != NULL; f = f->next)
		file_send(f);
}

void
revocation_helper_down(void)
{
	crls_forget(NULL);
	for (size_t i = 0; i < WAITING_MAX; i++) {
		if (waiting[i] != 0)
			request_done(&(struct ipc_auth_done){ .request = waiting[i], .failed = 1, .text = "the revocation helper died" });
		waiting[i] = 0;
	}
}

void
revocation_crl(const struct ipc_revoke_crl *m)
{
	struct crl_info *c;

	if (m->size == 0) {
		crls_forget(m->url);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->url = xstrdup(m->url);
	c->issuer = xstrdup(m->issuer);
	c->trustpoint = xstrdup(m->trustpoint);
	c->this_update = m->this_update;
	c->next_update = m->next_update;
	c->size = m->size;
	c->revoked = m->revoked;
	c->next = crls;
	crls = c;
}

const struct crl_info *
revocation_crls(void)
{
	return crls;
}

void
revocation_done(const struct ipc_revoke_done *m)
{
	for (size_t i = 0; i < WAITING_MAX; i++) {
		if (waiting[i] == m->request)
			waiting[i] = 0;
	}
	request_done(&(struct ipc_auth_done){ .request = m->request, .failed = m->failed, .text = m->text });
}

bool
revocation_fetch(const struct cfg_trustpoint *tp, uint32_t request)
{
	char urls[4096];
	struct ipc_revoke_fetch m = {
		.request = request,
		.trustpoint = tp->name,
		.ca = { tp->ca.data, (uint32_t)tp->ca.len },
		.methods = { tp->revocation, sizeof(tp->revocation) },
		.flags = revocation_flags(tp),
		.ocsp_url = "",
		.crl_policy = (uint8_t)(tp->crl_policy == SETTING_UNSET ? CRL_BOTH : tp->crl_policy),
		.crl_urls = urls,
	};

	revocation_urls(tp, urls, sizeof(urls));
	for (size_t i = 0; i < WAITING_MAX; i++) {
		if (waiting[i] != 0)
			continue;
		if (!daemon_.revoker_ready || ipc_send(&daemon_.revoker, MSG_revoke_fetch, &m) != 0)
			return false;
		waiting[i] = request;
		return true;
	}
	return false;
}
