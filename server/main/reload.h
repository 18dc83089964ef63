/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration read whole from a file while sessions run: all of it is taken, or nothing. */
#ifndef OFFHOOK_RELOAD_H
#define OFFHOOK_RELOAD_H

#include <stdio.h>

/* 0, or ERR_CONFIG: everything stays as it was. All findings go to out, one "FILE:LINE:COL: text" each. */
int reload_file(const char *path, FILE *out);

/* SIGHUP: startup-config again; findings go to the log. */
void reload_startup(void);

#endif
