/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crypto ca export: the identity certificate as PEM, or key and certificates as PKCS#12. */
#include <string.h>

#include "common/buf.h"
#include "server/config/config.h"
#include "server/main/asalog.h"
#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/exec_crypto.h"
#include "server/main/identity.h"
#include "server/main/pem.h"

/* NULL: there is none, and out says so. */
static const struct main_identity *
identity_take(struct cli *c, const struct cmd_match *m, FILE *out)
{
	const struct main_identity *id;

	if (crypto_trustpoint(c, m, out) == NULL)
		return NULL;
	id = main_identity_find(c->trustpoint);
	if (id == NULL)
		fprintf(out, "ERROR: trustpoint %s has no identity certificate\n", c->trustpoint);
	return id;
}

int
run_export_certificate(const struct cmd_match *m, void *context)
{
	FILE *out = ((struct cli_call *)context)->out;
	const struct main_identity *id = identity_take(((struct cli_call *)context)->cli, m, out);

	if (id == NULL)
		return 0;
	fprintf(out, "The PEM encoded identity certificate follows:\n");
	pem_put("CERTIFICATE", id->leaf, id->leaf_len, out);
	return 0;
}

static void
export_done(void *ctx, const struct ipc_auth_done *answer)
{
	struct cli *c = ctx;
	struct reply r;

	reply_open(&r);
	if (answer == NULL || answer->failed) {
		fprintf(r.f, "ERROR: PKCS12 export failed for trustpoint %s: %s\n", c->trustpoint, answer == NULL ? CERTAUTH_DIED : answer->text);
		asalog(717004, NULL, NULL, c->trustpoint, NULL, NULL, NULL);
	} else {
		fprintf(r.f, "Exported pkcs12 follows:\n");
		pem_put("PKCS12", answer->result.data, answer->result.len, r.f);
		asalog(717005, NULL, NULL, c->trustpoint, NULL, NULL, NULL);
	}
	explicit_bzero(c->passphrase, sizeof(c->passphrase));
	reply_send(&r, c);
}

int
run_export_p12(const struct cmd_match *m, void *context)
{
	static uint8_t extra[IPC_CHAIN_MAX];
	struct cli *c = ((struct cli_call *)context)->cli;
	FILE *out = ((struct cli_call *)context)->out;
	const struct main_identity *id = identity_take(c, m, out);
	const struct cfg_trustpoint *tp;
	struct ipc_export_p12 ask = { .trustpoint = c->trustpoint, .passphrase = c->passphrase };
	struct wr w, before;

	if (id == NULL || !crypto_passphrase(c, m, out))
		return 0;
	/* what is served, and the CA certificate even where it is a root too large for that */
	w = wr_init(extra, sizeof(extra));
	wr_room(&w, identity_chain_complete(daemon_.config, id, extra, sizeof(extra), NULL, 0));
	tp = config_trustpoint(daemon_.config, c->trustpoint);
	before = w;
	if (tp->ca.len > 0) {
		wr_u32(&w, (uint32_t)tp->ca.len);
		wr_bytes(&w, tp->ca.data, tp->ca.len);
	}
	if (w.bad)
		w = before;
	ask.extra = (struct ipc_blob){ extra, (uint32_t)(w.p - extra) };
	ask.request = request_new(export_done, c);
	crypto_send(c, MSG_export_p12, &ask, ask.request, out);
	return 0;
}
