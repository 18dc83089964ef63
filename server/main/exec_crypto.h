/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crypto ca enroll, authenticate, import, export. */
#ifndef OFFHOOK_EXEC_CRYPTO_H
#define OFFHOOK_EXEC_CRYPTO_H

#include "server/config/command.h"

extern struct command_table exec_crypto_table;

#endif
