/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the service manager is told, sd_notify(3): ready, reloading, stopping,
 * alive. Without $NOTIFY_SOCKET all of this does nothing.
 */
#ifndef OFFHOOK_NOTIFY_H
#define OFFHOOK_NOTIFY_H

/* Take what the environment says, and remove it there: it is not for children. */
void notify_start(void);

/* Everything listens. From now on the event loop pings the watchdog, if there is one. */
void notify_ready(void);
/* A new configuration is read, from here to there. */
void notify_reloading(void);
void notify_reloaded(void);
void notify_stopping(void);

#endif
