/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a form's fields: a value fits its room with its end, whatever the room. */
#include <stdlib.h>
#include <string.h>

#include "server/worker/form.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "username", "password", "group_list", "" };
	static const size_t rooms[] = { 1, 2, 129, 257 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (size_t k = 0; k < sizeof(rooms) / sizeof(rooms[0]); k++) {
			char *out = malloc(rooms[k]); /* of its very size, so that one byte more is seen */

			if (out == NULL)
				abort();
			if (form_get((const char *)data, size, names[i], out, rooms[k]) && strnlen(out, rooms[k]) >= rooms[k])
				abort();
			free(out);
		}
	}
	return 0;
}
