/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as what a client sends before its tunnel: requests, forms, login documents. */
#include <stdlib.h>
#include <string.h>

#include "server/worker/config_auth.h"
#include "server/worker/form.h"
#include "server/worker/http.h"
#include "tests/fuzz/fuzz.h"

static void
body_read(const char *body, size_t len)
{
	static const char *const names[] = { "username", "password", "group_list" };
	struct config_auth x;
	char out[257];

	for (size_t i = 0; i < 3; i++) {
		if (form_get(body, len, names[i], out, sizeof(out)) && memchr(out, '\0', sizeof(out)) == NULL)
			abort();
	}
	config_auth_parse(body, len, &x);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size > 0 ? size : 1); /* the parser cuts strings in place */
	size_t at = 0;

	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	body_read(copy, size);
	while (at < size) {
		struct http_request r;
		char cookie[129];

		if (http_parse(copy + at, size - at, &r) != HTTP_COMPLETE)
			break;
		if (r.total == 0 || r.total > size - at)
			abort();
		http_header(&r, "Host");
		http_cookie(&r, "webvpn", cookie, sizeof(cookie));
		body_read(r.body, r.body_len);
		at += r.total;
	}
	free(copy);
	return 0;
}
