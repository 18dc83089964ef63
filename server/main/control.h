/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control socket: operators' connections, each with a command line of its own. */
#ifndef OFFHOOK_MAIN_CONTROL_H
#define OFFHOOK_MAIN_CONTROL_H

/* Listen at path, mode 0600. Ends the process with a message when it cannot (or another daemon answers there). */
void control_start(const char *path);
/* Close all and remove the socket file. */
void control_stop(void);

#endif
