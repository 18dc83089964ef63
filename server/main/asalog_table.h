/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OFFHOOK_ASALOG_TABLE_H
#define OFFHOOK_ASALOG_TABLE_H

#include "server/main/asalog.h"

struct asa_message {
	unsigned number, severity;
	enum asalog_from from; /* who may ask for it */
	const char *text;
};

const struct asa_message *asa_message_find(unsigned number);

/* "svc", "webvpn", ... as "logging class" names it; "" for none. */
const char *asa_message_class(unsigned number);

#endif
