/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The crypto commands: their table, and what those of one subject per file share. */
#ifndef OFFHOOK_EXEC_CRYPTO_H
#define OFFHOOK_EXEC_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/ipc.h"
#include "server/config/command.h"
#include "server/main/request.h"

struct cfg_trustpoint;
struct cli;

extern struct command_table exec_crypto_table;

/* The runs of its rows; context is a struct cli_call. */
int run_key_generate(const struct cmd_match *m, void *context);
int run_key_zeroize(const struct cmd_match *m, void *context);
int run_enroll(const struct cmd_match *m, void *context);
int run_authenticate(const struct cmd_match *m, void *context);
int run_import_p12(const struct cmd_match *m, void *context);
int run_import_certificate(const struct cmd_match *m, void *context);
int run_export_certificate(const struct cmd_match *m, void *context);
int run_export_p12(const struct cmd_match *m, void *context);

/* Before a configuration line is applied: true when it removes an enrolled trustpoint, and the operator is asked first. */
bool crypto_removal_asks(struct cli *c, const struct cmd_match *m, FILE *out);

/* The trustpoint that the command names, kept in c->trustpoint, too. NULL: there is none, and out says so. */
const struct cfg_trustpoint *crypto_trustpoint(struct cli *c, const struct cmd_match *m, FILE *out);

/* Put a certificate into a new snapshot and that in force. False: the trustpoint is gone. */
bool crypto_ca_keep(const char *trustpoint, const void *der, size_t len);
/* The same with what certauth told of the trustpoint's identity; false also when it told none. */
bool crypto_identity_keep(const char *trustpoint);

/* Host part and domain-name, or what "fqdn" says; "" for none. */
void crypto_fqdn(const struct cfg_trustpoint *tp, char *out, size_t size);

/* Fingerprints and certHash, each line behind "INFO: ". */
void crypto_certificate_info(const uint8_t *der, size_t len, FILE *out);
/* Say it when the issuer of the identity is in no trustpoint. */
void crypto_chain_info(const char *trustpoint, FILE *out);

/* Keep the passphrase that the command gives in c->passphrase. False: it is too long, and out says so. */
bool crypto_passphrase(struct cli *c, const struct cmd_match *m, FILE *out);

/* Send a request (of that number); the command waits for its done(). False: certauth is not there, and out says so. */
bool crypto_send(struct cli *c, enum ipc_id id, const void *msg, uint32_t request, FILE *out);
/* For a request whose asker left: put what certauth made of the trustpoint into the configuration. */
void crypto_orphan(const char *trustpoint, const struct ipc_auth_done *answer);

/* Text for an operator whose command waited. */
struct reply {
	char *text;
	size_t len;
	FILE *f;
};

void reply_open(struct reply *r);
void reply_send(struct reply *r, struct cli *c); /* the command is done */

#define CERTAUTH_DIED "certauth died; try again"

#endif
