/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an administrator should know of the certificates and ciphers in force,
 * before a phone finds out: said when the configuration changes, and daily.
 */
#ifndef OFFHOOK_TLS_NOTICE_H
#define OFFHOOK_TLS_NOTICE_H

#include <stdio.h>
#include <time.h>

struct config;

/* One line each: "WARNING: ...". Bound trustpoints without identity, ciphers that cannot be served, expiry within 30 days. */
void tls_notices(const struct config *cfg, FILE *out);

/* The same into the log, and messages 717054 and 717055 for what expires: now, and each day. */
void tls_notices_start(void);

/* Whole days from now to then; negative when it has passed. */
int days_until(time_t then, time_t now);

#endif
