/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/err.h"

static const char *const err_texts[ERR_COUNT] = {
#define X(name, text) [ERR_INDEX_##name] = text,
#include "common/err.def"
#undef X
};

const char *
err_str(int code)
{
	int index = -1 - code;

	if (code == 0)
		return "no error";
	if (index < 0 || index >= ERR_COUNT)
		return "unknown error";
	return err_texts[index];
}
