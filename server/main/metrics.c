/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/metrics.h"

#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "server/main/daemon.h"
#include "server/main/figures.h"
#include "server/main/listener.h"

#define PAUSE_S 0.2 /* between two answers: what asks all the time shall not cost main its time */

static struct {
	int fd;
	struct addr local;
	char text[ADDR_STR + 16];
	double answered; /* loop time */
	ev_timer later;
	uint32_t request;
} self = { .fd = -1 };

static bool
is_loopback(const struct addr *a)
{
	struct in6_addr six;

	memcpy(&six, a->ip, sizeof(six));
	return a->family == 6 ? IN6_IS_ADDR_LOOPBACK(&six) : a->ip[0] == 127;
}

void
metrics_open(const struct host_config *host)
{
	char why[128], ip[ADDR_STR];

	if (!host->has_metrics)
		return;
	self.fd = listener_bind(SOCK_STREAM, &host->metrics, &self.local, why, sizeof(why));
	if (self.fd < 0)
		fatal("metrics: %s port %u: %s", addr_ip_str(&host->metrics, ip), host->metrics.port, why);
	snprintf(self.text, sizeof(self.text), self.local.family == 6 ? "[%s]:%u" : "%s:%u", addr_ip_str(&self.local, ip),
	    self.local.port);
	if (!is_loopback(&self.local))
		log_warn("metrics are served to everybody who reaches %s", self.text);
}

const char *
metrics_address(void)
{
	return self.fd >= 0 ? self.text : NULL;
}

bool
metrics_wanted(const struct config *cfg)
{
	(void)cfg;
	return self.fd >= 0;
}

void
metrics_helper_up(void)
{
	ipc_send_fds(&daemon_.metrics, MSG_metrics_listen, &(struct ipc_metrics_listen){ self.local }, &self.fd, 1);
}

void
metrics_helper_down(void)
{
	ev_timer_stop(daemon_.loop, &self.later);
}

static void
piece_send(void *ctx, const uint8_t *rows, size_t len, bool last)
{
	struct ipc_metrics_figures m = { .request = self.request, .last = last, .rows = { rows, (uint32_t)len } };

	(void)ctx;
	ipc_send(&daemon_.metrics, MSG_metrics_figures, &m);
}

static void
answer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	static uint8_t room[METRICS_ROWS_MAX];

	(void)w, (void)revents;
	self.answered = ev_now(loop);
	figures_collect(room, sizeof(room), piece_send, NULL);
}

void
metrics_ask(const struct ipc_metrics_ask *m)
{
	double wait = self.answered + PAUSE_S - ev_now(daemon_.loop);

	self.request = m->request;
	if (ev_is_active(&self.later))
		return;
	ev_timer_init(&self.later, answer_cb, wait > 0 ? wait : 0.0, 0.0);
	ev_timer_start(daemon_.loop, &self.later);
}
