/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logging in, in the client's dialect: phone, aggregate authentication, legacy (protocol.md 1.2 to 1.4). */
#ifndef OFFHOOK_LOGIN_H
#define OFFHOOK_LOGIN_H

#include "common/ipc.h"

struct http_request;
struct worker;

void login_get(struct worker *w, const struct http_request *r);
void login_post(struct worker *w, const struct http_request *r);

/* Answers of certauth and main to the login under way; the client hears when both are there. */
void login_auth_result(struct worker *w, const struct ipc_auth_result *m);
void login_session(struct worker *w, const struct ipc_login_ok *m);
/* main does not want it: the policy is against this user. */
void login_denied(struct worker *w, const struct ipc_login_no *m);

#endif
