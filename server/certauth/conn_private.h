/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker's connection as the files about it share it. */
#ifndef OFFHOOK_AUTH_CONN_PRIVATE_H
#define OFFHOOK_AUTH_CONN_PRIVATE_H

#include "server/certauth/conn.h"
#include "server/certauth/proof.h"

struct login;

struct auth_conn {
	struct certauth *ca;
	struct ipc_chan chan;
	uint64_t conn_id;
	struct addr peer;
	char *nameif;
	unsigned key_ops, asks, failures;
	uint8_t random[HELLO_RANDOM_BYTES]; /* of its ServerHello, drawn here */
	struct login *login;                /* under way: waits for a helper */
};

/* A message of the catalogue about the connection, and the answer to its worker. */
void auth_log(struct auth_conn *c, unsigned number, const char *arg1, const char *arg2, const char *arg3, const char *arg4);
void auth_refuse(struct auth_conn *c, const char *reason);

#endif
