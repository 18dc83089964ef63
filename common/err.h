/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Error codes shared by all processes. 0 is success, codes are negative. */
#ifndef OFFHOOK_ERR_H
#define OFFHOOK_ERR_H

enum err_index {
#define X(name, text) ERR_INDEX_##name,
#include "common/err.def"
#undef X
	ERR_COUNT
};

enum err_code {
	ERR_OK = 0,
#define X(name, text) ERR_##name = -1 - ERR_INDEX_##name,
#include "common/err.def"
#undef X
};

/* Text of a code, a constant string; never NULL. */
const char *err_str(int code);

#endif
