/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What main asks for an operator: keys, enrollment, import, export, and what it is told of them. */
#ifndef OFFHOOK_ADMIN_H
#define OFFHOOK_ADMIN_H

#include "server/certauth/conn.h"

/* The process that the handlers below work for. */
void admin_init(struct certauth *ca);
/* Tell main all key pairs, identities and requests. */
void admin_tell_all(void);

/* Handlers of main's messages of these names. */
void admin_enroll(void *owner, const void *msg, const int *fds, int nfds);
void admin_key_make(void *owner, const void *msg, const int *fds, int nfds);
void admin_key_zeroize(void *owner, const void *msg, const int *fds, int nfds);
void admin_import_crt(void *owner, const void *msg, const int *fds, int nfds);
void admin_import_p12(void *owner, const void *msg, const int *fds, int nfds);
void admin_export_p12(void *owner, const void *msg, const int *fds, int nfds);
void admin_forget(void *owner, const void *msg, const int *fds, int nfds);

#endif
