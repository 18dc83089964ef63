/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers and certauth talk to each other; main gives them the channel. */
#ifndef OFFHOOK_INTRODUCE_H
#define OFFHOOK_INTRODUCE_H

#include "common/ipc.h"

/* A new channel for certauth and a helper: each gets an end with its message (whose one field is a number). */
void introduce(struct ipc_chan *helper, enum ipc_id to_helper, enum ipc_id to_certauth);

#endif
