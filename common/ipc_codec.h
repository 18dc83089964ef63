/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the channel needs to know of a message besides its bytes. */
#ifndef OFFHOOK_IPC_CODEC_H
#define OFFHOOK_IPC_CODEC_H

#include "common/ipc.h"

struct ipc_field;

struct ipc_desc {
	const char *name;
	enum ipc_party from, to;
	unsigned phase;
	size_t (*fields)(const struct ipc_field **out);
};

/* NULL: no such message. */
const struct ipc_desc *ipc_desc(unsigned id);

#endif
