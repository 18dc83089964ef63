/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/remote.h"

#include <stdlib.h>

#include "common/log.h"
#include "common/mem.h"

struct remote_ask {
	struct remote_ask *next;
	uint32_t request;
	void (*fn)(void *ctx, const struct ipc_aaa_answer *a);
	void *ctx;
};

static struct ipc_chan chan; /* loop NULL: no helper */
static struct remote_ask *asks;
static uint32_t last_request;

/* Out of the list, freed. False: no such. */
static bool
ask_remove(struct remote_ask *ask)
{
	for (struct remote_ask **at = &asks; *at != NULL; at = &(*at)->next) {
		if (*at != ask)
			continue;
		*at = ask->next;
		free(ask);
		return true;
	}
	return false;
}

static void
ask_end(struct remote_ask *ask, const struct ipc_aaa_answer *a)
{
	void (*fn)(void *, const struct ipc_aaa_answer *) = ask->fn;
	void *ctx = ask->ctx;

	ask_remove(ask);
	fn(ctx, a);
}

static void
answer_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_aaa_answer *m = msg;
	struct remote_ask *ask = asks;

	(void)owner, (void)fds, (void)nfds;
	while (ask != NULL && ask->request != m->request)
		ask = ask->next;
	if (ask != NULL)
		ask_end(ask, m);
}

static const struct ipc_handler handlers[] = {
	{ MSG_aaa_answer, answer_handle },
};

static void
helper_closed(void *owner, int err)
{
	static const struct ipc_aaa_answer dead = {
		.outcome = AAA_DEAD, .server = "", .group_policy = "", .filter = "", .message = "",
	};

	(void)owner;
	if (err == ERR_BAD_MESSAGE)
		log_err("the AAA helper breaks the protocol");
	ipc_chan_stop(&chan);
	while (asks != NULL)
		ask_end(asks, &dead);
}

void
remote_connect(struct ev_loop *loop, int fd)
{
	if (chan.loop != NULL)
		helper_closed(NULL, ERR_CLOSED);
	ipc_chan_start(&chan, loop, fd, IPC_CERTAUTH, IPC_AAA, handlers, sizeof(handlers) / sizeof(handlers[0]),
	    helper_closed, NULL);
}

struct remote_ask *
remote_start(struct ipc_aaa_ask *m, void (*fn)(void *ctx, const struct ipc_aaa_answer *a), void *ctx)
{
	struct remote_ask *ask;

	m->request = ++last_request;
	if (chan.loop == NULL || ipc_send(&chan, MSG_aaa_ask, m) != 0)
		return NULL;
	ask = xcalloc(1, sizeof(*ask));
	ask->request = m->request;
	ask->fn = fn;
	ask->ctx = ctx;
	ask->next = asks;
	asks = ask;
	return ask;
}

void
remote_cancel(struct remote_ask *ask)
{
	struct ipc_aaa_drop m = { .request = ask->request };

	if (ask_remove(ask) && chan.loop != NULL)
		ipc_send(&chan, MSG_aaa_drop, &m);
}
