/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/notify.h"

#include <errno.h>
#include <ev.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "server/main/daemon.h"
#include "server/main/session.h"

static struct {
	struct sockaddr_un sun;
	socklen_t len;
	int fd;
	bool ready;
	double watchdog_s; /* 0: none */
	ev_timer ping;
} notify = { .fd = -1 };

/* This process's own, not one inherited through a program in between. */
static double
watchdog_of_environment(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (usec == NULL || (pid != NULL && strtol(pid, NULL, 10) != getpid()))
		return 0.0;
	return strtod(usec, NULL) / 1e6;
}

void
notify_start(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	if (path != NULL && (path[0] == '/' || path[0] == '@') && strlen(path) < sizeof(notify.sun.sun_path)) {
		notify.sun.sun_family = AF_UNIX;
		memcpy(notify.sun.sun_path, path, strlen(path));
		notify.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
		if (path[0] == '@')
			notify.sun.sun_path[0] = '\0';
		notify.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		notify.watchdog_s = watchdog_of_environment();
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static void __attribute__((format(printf, 1, 2)))
notify_send(const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int len;

	if (notify.fd < 0)
		return;
	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (sendto(notify.fd, text, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&notify.sun, notify.len) < 0)
		log_debug("service manager: %s", strerror(errno));
}

static void
ping_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	notify_send("WATCHDOG=1\nSTATUS=%u sessions", session_count());
}

void
notify_ready(void)
{
	notify.ready = true;
	notify_send("READY=1\nSTATUS=Ready");
	if (notify.watchdog_s > 0 && !ev_is_active(&notify.ping)) {
		ev_timer_init(&notify.ping, ping_cb, 0.0, notify.watchdog_s / 3);
		ev_timer_start(daemon_.loop, &notify.ping);
	}
}

void
notify_reloading(void)
{
	struct timespec now;

	if (!notify.ready)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	notify_send("RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=Reading the startup-config",
	    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void
notify_reloaded(void)
{
	if (notify.ready)
		notify_send("READY=1\nSTATUS=%u sessions", session_count());
}

void
notify_stopping(void)
{
	notify_send("STOPPING=1\nSTATUS=Saying goodbye to %u sessions", session_count());
}
