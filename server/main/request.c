/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/request.h"

#include <stdlib.h>

#include "common/mem.h"

struct request {
	struct request *next;
	uint32_t number;
	request_fn done;
	void *ctx;
};

static struct request *requests;
static uint32_t last_number;

uint32_t
request_new(request_fn done, void *ctx)
{
	struct request *r = xcalloc(1, sizeof(*r));

	r->number = ++last_number;
	r->done = done;
	r->ctx = ctx;
	r->next = requests;
	requests = r;
	return r->number;
}

void
request_cancel(void *ctx)
{
	for (struct request **at = &requests; *at != NULL;) {
		struct request *r = *at;

		if (r->ctx != ctx) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		free(r);
	}
}

void
request_done(const struct ipc_auth_done *answer)
{
	for (struct request **at = &requests; *at != NULL; at = &(*at)->next) {
		struct request *r = *at;

		if (r->number != answer->request)
			continue;
		*at = r->next;
		r->done(r->ctx, answer);
		free(r);
		return;
	}
}

void
request_abort_all(void)
{
	struct request *r;

	while ((r = requests) != NULL) {
		requests = r->next;
		r->done(r->ctx, NULL);
		free(r);
	}
}
