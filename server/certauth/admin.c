/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What takes long goes aside with a copy of the request (a job); the store is
 * touched by the event loop only. Each request gets one auth_done, behind the
 * news of what it changed.
 */
#include "server/certauth/admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/buf.h"
#include "common/err.h"
#include "common/mem.h"
#include "server/certauth/aside.h"
#include "server/certauth/enroll.h"
#include "server/certauth/import.h"

#define PUBLIC_MAX 2048

static struct certauth *certauth;

void
admin_init(struct certauth *ca)
{
	certauth = ca;
}

/* ---- telling main ---- */

static void
identity_tell(const char *trustpoint)
{
	static uint8_t chain[IPC_CHAIN_MAX];
	const struct identity *id = store_find(&certauth->store, trustpoint);
	struct ipc_identity m = { .trustpoint = trustpoint, .chain = { chain, 0 } };

	if (id != NULL) {
		m.key_algo = (uint32_t)id->key_algo;
		m.key_bits = id->key_bits;
		m.chain.len = (uint32_t)identity_chain_put(id, chain, sizeof(chain));
	}
	ipc_send(&certauth->main, MSG_identity, &m);
}

/* SubjectPublicKeyInfo of a key; its length, 0 when it cannot be had. */
static uint32_t
public_put(gnutls_x509_privkey_t key, uint8_t out[PUBLIC_MAX])
{
	gnutls_privkey_t private = NULL;
	gnutls_pubkey_t public = NULL;
	size_t size = PUBLIC_MAX;

	if (gnutls_privkey_init(&private) < 0 || gnutls_pubkey_init(&public) < 0 ||
	    gnutls_privkey_import_x509(private, key, 0) < 0 || gnutls_pubkey_import_privkey(public, private, 0, 0) < 0 ||
	    gnutls_pubkey_export(public, GNUTLS_X509_FMT_DER, out, &size) < 0)
		size = 0;
	if (public != NULL)
		gnutls_pubkey_deinit(public);
	if (private != NULL)
		gnutls_privkey_deinit(private);
	return (uint32_t)size;
}

static void
key_tell(const char *label)
{
	const struct keypair *k = store_keypair(&certauth->store, label);
	uint8_t public[PUBLIC_MAX];
	struct ipc_key_info m = { .label = label, .public = { public, 0 } };

	if (k != NULL) {
		m.algo = (uint32_t)k->algo;
		m.bits = k->bits;
		m.made = k->made;
		m.public.len = public_put(k->key, public);
	}
	ipc_send(&certauth->main, MSG_key_info, &m);
}

static void
csr_tell(const char *trustpoint)
{
	const struct csr *c = store_csr(&certauth->store, trustpoint);
	struct ipc_csr_pending m = { .trustpoint = trustpoint };

	if (c != NULL && c->der.size <= IPC_CHAIN_MAX)
		m.csr = (struct ipc_blob){ c->der.data, c->der.size };
	ipc_send(&certauth->main, MSG_csr_pending, &m);
}

void
admin_tell_all(void)
{
	for (struct identity *id = certauth->store.first; id != NULL; id = id->next)
		identity_tell(id->trustpoint);
	for (struct keypair *k = certauth->store.keypairs; k != NULL; k = k->next)
		key_tell(k->label);
	for (struct csr *c = certauth->store.csrs; c != NULL; c = c->next)
		csr_tell(c->trustpoint);
}

static void
answer(uint32_t request, int r, const char *text, const gnutls_datum_t *ca, const gnutls_datum_t *result)
{
	struct ipc_auth_done done = { .request = request, .failed = r != 0, .text = text };

	if (ca != NULL && ca->size <= IPC_DER_MAX)
		done.ca = (struct ipc_blob){ ca->data, ca->size };
	if (r == 0 && result != NULL)
		done.result = (struct ipc_blob){ result->data, result->size };
	if (result != NULL && result->size > IPC_P12_MAX) {
		done.failed = true;
		done.text = "the answer is too large";
		done.result.len = 0;
	}
	ipc_send(&certauth->main, MSG_auth_done, &done);
}

/* ---- key pairs ---- */

struct key_work {
	uint32_t algo, bits;
	gnutls_x509_privkey_t key; /* NULL: failed */
	int gnutls_code;
};

static void
key_generate(struct key_work *w)
{
	gnutls_pk_algorithm_t algo = w->algo == GNUTLS_PK_ECDSA ? GNUTLS_PK_ECDSA : GNUTLS_PK_RSA;
	unsigned bits = w->bits;

	if (algo == GNUTLS_PK_ECDSA)
		bits = GNUTLS_CURVE_TO_BITS(bits == 384 ? GNUTLS_ECC_CURVE_SECP384R1 : bits == 521 ? GNUTLS_ECC_CURVE_SECP521R1 : GNUTLS_ECC_CURVE_SECP256R1);
	else if (bits < MODULUS_MIN || bits > MODULUS_MAX)
		bits = 2048; /* main checks what it is asked for */
	w->gnutls_code = gnutls_x509_privkey_init(&w->key);
	if (w->gnutls_code < 0)
		return;
	w->gnutls_code = gnutls_x509_privkey_generate(w->key, algo, bits, 0);
	if (w->gnutls_code < 0) {
		gnutls_x509_privkey_deinit(w->key);
		w->key = NULL;
	}
}

/* Keep a key that was made under its label; its owner still frees it. */
static int
key_keep(const char *label, const struct key_work *w, char *text)
{
	int r;

	if (w->key == NULL)
		return enroll_fail(text, ERR_KEY, "the key could not be made", w->gnutls_code);
	r = store_keypair_put(&certauth->store, label, w->key, (uint64_t)time(NULL));
	if (r != 0)
		return enroll_store_fail(text, r);
	key_tell(label);
	return 0;
}

struct key_job {
	struct mem *mem;
	uint32_t request;
	const char *label;
	struct key_work work;
};

static void
key_job_work(void *arg)
{
	key_generate(&((struct key_job *)arg)->work);
}

static void
key_job_done(void *arg)
{
	struct key_job *job = arg;
	char text[ENROLL_TEXT_MAX] = "";
	int r = key_keep(job->label, &job->work, text);

	if (job->work.key != NULL)
		gnutls_x509_privkey_deinit(job->work.key);
	answer(job->request, r, text, NULL, NULL);
	mem_free(job->mem);
}

void
admin_key_make(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_key_make *m = msg;
	struct mem *mem = mem_new(NULL);
	struct key_job *job = mem_alloc(mem, sizeof(*job));

	(void)owner, (void)fds, (void)nfds;
	*job = (struct key_job){ .mem = mem, .request = m->request, .label = mem_strdup(mem, m->label),
		.work = { .algo = m->algo, .bits = m->bits } };
	aside_run(key_job_work, key_job_done, job);
}

/* Is a word one of the lines of a list. */
static bool
listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n') {
		if (strcspn(p, "\n") == len && strncmp(p, word, len) == 0)
			return true;
	}
	return false;
}

static void
identities_remove(const struct ipc_key_zeroize *m, const struct keypair *k)
{
	struct identity *next;

	for (struct identity *id = certauth->store.first; id != NULL; id = next) {
		bool gone = k != NULL ? listed(m->trustpoints, id->trustpoint) && key_is_of_identity(k->key, id) :
		    (uint32_t)id->key_algo == m->algo;
		char *name;

		next = id->next;
		if (!gone)
			continue;
		name = xstrdup(id->trustpoint);
		store_remove(&certauth->store, name);
		identity_tell(name);
		free(name);
	}
}

static void
keypair_forget(const char *label)
{
	char *name = xstrdup(label);

	store_keypair_remove(&certauth->store, name);
	key_tell(name);
	free(name);
}

void
admin_key_zeroize(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_key_zeroize *m = msg;
	struct keypair *k = m->label[0] != '\0' ? store_keypair(&certauth->store, m->label) : NULL, *next;

	(void)owner, (void)fds, (void)nfds;
	if (m->label[0] != '\0' && (k == NULL || (uint32_t)k->algo != m->algo)) {
		answer(m->request, ERR_NOT_FOUND, "there is no such key pair", NULL, NULL);
		return;
	}
	identities_remove(m, k);
	if (k != NULL)
		keypair_forget(k->label);
	for (k = m->label[0] == '\0' ? certauth->store.keypairs : NULL; k != NULL; k = next) {
		next = k->next;
		if ((uint32_t)k->algo == m->algo)
			keypair_forget(k->label);
	}
	answer(m->request, 0, "", NULL, NULL);
}

/* ---- enroll ---- */

struct enroll_job {
	struct mem *mem;
	struct ipc_enroll ask; /* its strings are the job's */
	struct key_work work;
};

static int
enroll_csr(gnutls_x509_privkey_t key, const struct ipc_enroll *ask, gnutls_datum_t *der, char *text)
{
	int r = enroll_request(key, ask, der, text);

	if (r == 0 && (r = store_csr_put(&certauth->store, ask->trustpoint, der)) != 0)
		enroll_store_fail(text, r);
	if (r == 0)
		csr_tell(ask->trustpoint);
	return r;
}

static void
enroll_with(gnutls_x509_privkey_t key, const struct ipc_enroll *ask)
{
	char text[ENROLL_TEXT_MAX] = "";
	gnutls_datum_t der = { 0 };
	int r;

	if (ask->csr) {
		r = enroll_csr(key, ask, &der, text);
	} else if ((r = enroll_self(&certauth->store, key, ask, text)) == 0) {
		store_csr_remove(&certauth->store, ask->trustpoint);
		csr_tell(ask->trustpoint);
		identity_tell(ask->trustpoint);
	}
	answer(ask->request, r, text, NULL, &der);
	gnutls_free(der.data);
}

static void
enroll_job_work(void *arg)
{
	key_generate(&((struct enroll_job *)arg)->work);
}

static void
enroll_job_done(void *arg)
{
	struct enroll_job *job = arg;
	char text[ENROLL_TEXT_MAX] = "";
	int r = 0;

	if (store_keypair(&certauth->store, job->ask.keypair) == NULL) /* else another was faster */
		r = key_keep(job->ask.keypair, &job->work, text);
	if (r != 0)
		answer(job->ask.request, r, text, NULL, NULL);
	else
		enroll_with(store_keypair(&certauth->store, job->ask.keypair)->key, &job->ask);
	if (job->work.key != NULL)
		gnutls_x509_privkey_deinit(job->work.key);
	mem_free(job->mem);
}

void
admin_enroll(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_enroll *m = msg;
	struct keypair *k = store_keypair(&certauth->store, m->keypair);
	struct enroll_job *job;
	struct mem *mem;

	(void)owner, (void)fds, (void)nfds;
	if (k != NULL) {
		enroll_with(k->key, m);
		return;
	}
	if (m->bits == 0) {
		answer(m->request, ERR_NOT_FOUND, "its key pair does not exist", NULL, NULL);
		return;
	}
	mem = mem_new(NULL);
	job = mem_alloc(mem, sizeof(*job));
	*job = (struct enroll_job){ .mem = mem, .ask = *m, .work = { .algo = GNUTLS_PK_RSA, .bits = m->bits } };
	job->ask.trustpoint = mem_strdup(mem, m->trustpoint);
	job->ask.subject = mem_strdup(mem, m->subject);
	job->ask.names = mem_strdup(mem, m->names);
	job->ask.keypair = mem_strdup(mem, m->keypair);
	job->ask.fqdn = mem_strdup(mem, m->fqdn);
	job->ask.ip = mem_strdup(mem, m->ip);
	job->ask.serial = mem_strdup(mem, m->serial);
	aside_run(enroll_job_work, enroll_job_done, job);
}

/* ---- import and export ---- */

void
admin_import_crt(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_import_crt *m = msg;
	char text[ENROLL_TEXT_MAX] = "";
	gnutls_datum_t ca = { 0 };
	int r = import_certificate(&certauth->store, m, &ca, text);

	(void)owner, (void)fds, (void)nfds;
	if (r == 0) {
		csr_tell(m->trustpoint);
		identity_tell(m->trustpoint);
	}
	answer(m->request, r, text, &ca, NULL);
	gnutls_free(ca.data);
}

struct p12_job {
	struct mem *mem;
	uint32_t request;
	const char *trustpoint, *passphrase;
	gnutls_datum_t in;         /* the file, or the certificates to write behind each other */
	struct p12_parts parts;    /* import */
	gnutls_x509_privkey_t key; /* export */
	gnutls_datum_t certs[2 * STORE_CHAIN_MAX], out;
	unsigned count;
	int r;
	char text[ENROLL_TEXT_MAX];
};

static struct p12_job *
p12_job_new(uint32_t request, const char *trustpoint, const char *passphrase, const void *in, size_t len)
{
	struct mem *mem = mem_new(NULL);
	struct p12_job *job = mem_alloc(mem, sizeof(*job));
	char *secret = mem_strdup(mem, passphrase);

	mem_own_secret(mem, secret, strlen(secret));
	job->mem = mem;
	job->request = request;
	job->trustpoint = mem_strdup(mem, trustpoint);
	job->passphrase = secret;
	job->in = (gnutls_datum_t){ mem_dup(mem, in, len), (unsigned)len };
	return job;
}

static void
import_job_work(void *arg)
{
	struct p12_job *job = arg;

	job->r = p12_open(&job->in, job->passphrase, &job->parts, job->text);
}

static void
import_job_done(void *arg)
{
	struct p12_job *job = arg;
	gnutls_datum_t ca = { 0 };

	if (job->r == 0 && (job->r = p12_store(&certauth->store, job->trustpoint, &job->parts, &ca, job->text)) == 0) {
		key_tell(job->trustpoint);
		identity_tell(job->trustpoint);
	}
	answer(job->request, job->r, job->text, &ca, NULL);
	gnutls_free(ca.data);
	p12_parts_clear(&job->parts);
	mem_free(job->mem);
}

void
admin_import_p12(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_import_p12 *m = msg;

	(void)owner, (void)fds, (void)nfds;
	aside_run(import_job_work, import_job_done, p12_job_new(m->request, m->trustpoint, m->passphrase, m->p12.data, m->p12.len));
}

static void
export_job_work(void *arg)
{
	struct p12_job *job = arg;

	job->r = p12_make(job->key, job->certs, job->count, job->trustpoint, job->passphrase, &job->out, job->text);
}

static void
export_job_done(void *arg)
{
	struct p12_job *job = arg;

	answer(job->request, job->r, job->text, NULL, &job->out);
	gnutls_free(job->out.data);
	gnutls_x509_privkey_deinit(job->key);
	mem_free(job->mem);
}

static void
export_add(struct p12_job *job, const uint8_t *der, size_t len)
{
	if (der == NULL || job->count == sizeof(job->certs) / sizeof(job->certs[0]))
		return;
	for (unsigned i = 0; i < job->count; i++) {
		if (job->certs[i].size == len && memcmp(job->certs[i].data, der, len) == 0)
			return;
	}
	job->certs[job->count++] = (gnutls_datum_t){ mem_dup(job->mem, der, len), (unsigned)len };
}

void
admin_export_p12(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_export_p12 *m = msg;
	const struct identity *id = store_find(&certauth->store, m->trustpoint);
	gnutls_x509_privkey_t key = id != NULL ? identity_key_copy(id) : NULL;
	struct p12_job *job;
	struct rd r;

	(void)owner, (void)fds, (void)nfds;
	if (key == NULL) {
		answer(m->request, ERR_NOT_FOUND, "there is no identity with a private key", NULL, NULL);
		return;
	}
	job = p12_job_new(m->request, m->trustpoint, m->passphrase, m->extra.data, m->extra.len);
	job->key = key;
	for (unsigned i = 0; i < id->chain_count; i++)
		export_add(job, id->chain[i].data, id->chain[i].size);
	for (r = rd_init(job->in.data, job->in.size); rd_left(&r) > 0;) {
		uint32_t len = rd_u32(&r);

		export_add(job, rd_bytes(&r, len), len);
	}
	aside_run(export_job_work, export_job_done, job);
}

void
admin_forget(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_forget *m = msg;

	(void)owner, (void)fds, (void)nfds;
	if (store_remove(&certauth->store, m->trustpoint) == 0)
		identity_tell(m->trustpoint);
	if (store_csr_remove(&certauth->store, m->trustpoint) == 0)
		csr_tell(m->trustpoint);
}
