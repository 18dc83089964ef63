/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/request.h"

#include <stdlib.h>

#include "common/mem.h"

struct request {
	struct request *next;
	uint32_t number;
	request_fn done;
	void *ctx; /* NULL: the asker has left */
	request_orphan_fn orphan;
	char *name;
};

static struct request *requests;
static uint32_t last_number;

static void
request_free(struct request *r)
{
	free(r->name);
	free(r);
}

uint32_t
request_new_named(request_fn done, void *ctx, request_orphan_fn orphan, const char *name)
{
	struct request *r = xcalloc(1, sizeof(*r));

	r->number = ++last_number;
	r->done = done;
	r->ctx = ctx;
	r->orphan = orphan;
	r->name = name != NULL ? xstrdup(name) : NULL;
	r->next = requests;
	requests = r;
	return r->number;
}

uint32_t
request_new(request_fn done, void *ctx)
{
	return request_new_named(done, ctx, NULL, NULL);
}

void
request_cancel(void *ctx)
{
	for (struct request **at = &requests; *at != NULL;) {
		struct request *r = *at;

		if (r->ctx != ctx || r->orphan != NULL) {
			if (r->ctx == ctx)
				r->ctx = NULL;
			at = &r->next;
			continue;
		}
		*at = r->next;
		request_free(r);
	}
}

/* Out of the list; NULL: no such. */
static struct request *
request_take(uint32_t number)
{
	for (struct request **at = &requests; *at != NULL; at = &(*at)->next) {
		struct request *r = *at;

		if (r->number != number)
			continue;
		*at = r->next;
		return r;
	}
	return NULL;
}

void
request_drop(uint32_t number)
{
	struct request *r = request_take(number);

	if (r != NULL)
		request_free(r);
}

static void
request_end(struct request *r, const struct ipc_auth_done *answer)
{
	if (r->ctx != NULL)
		r->done(r->ctx, answer);
	else
		r->orphan(r->name, answer);
	request_free(r);
}

void
request_done(const struct ipc_auth_done *answer)
{
	struct request *r = request_take(answer->request);

	if (r != NULL)
		request_end(r, answer);
}

void
request_abort_all(void)
{
	while (requests != NULL)
		request_end(request_take(requests->number), NULL);
}
