/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /metrics, served by libmicrohttpd inside our event loop. */
#ifndef OFFHOOK_METRICS_HTTP_H
#define OFFHOOK_METRICS_HTTP_H

#include <ev.h>
#include <stddef.h>

/*
 * Serve on a listening socket, which is the server's from here on. want() is
 * called when a request waits for figures; http_figures() answers all that wait. 0 or ERR_SYSTEM.
 */
int http_start(struct ev_loop *loop, int fd, void (*want)(void));

/* The text for those who wait; NULL: there is none. */
void http_figures(const char *text, size_t len);

#endif
