/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as the document of a login: what is taken of it are whole strings, and nothing of one that is refused counts. */
#include <stdlib.h>
#include <string.h>

#include "server/worker/config_auth.h"
#include "tests/fuzz/fuzz.h"

static void
whole(const char *text, size_t size)
{
	if (memchr(text, '\0', size) == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_auth x;

	if (config_auth_parse((const char *)data, size, &x) != 0)
		return 0;
	whole(x.username, sizeof(x.username));
	whole(x.password, sizeof(x.password));
	whole(x.group_select, sizeof(x.group_select));
	whole(x.tunnel_group, sizeof(x.tunnel_group));
	whole(x.group_access, sizeof(x.group_access));
	whole(x.session_token, sizeof(x.session_token));
	if ((x.username[0] != '\0' && !x.has_username) || (x.password[0] != '\0' && !x.has_password))
		abort();
	return 0;
}
