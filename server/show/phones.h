/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions of phones, one line or JSON object each: for session_list.c. */
#ifndef OFFHOOK_PHONES_H
#define OFFHOOK_PHONES_H

#include "server/show/session_view.h"

void phone_heading(FILE *f);
void phone_text(const struct session_view *v, FILE *f);
void phone_json(const struct session_view *v, struct json *j);

#endif
