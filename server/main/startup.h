/* SPDX-License-Identifier: GPL-2.0-or-later */
/* startup-config: the file that "write memory" replaces. */
#ifndef OFFHOOK_STARTUP_H
#define OFFHOOK_STARTUP_H

#include <stdio.h>

/* Save the running configuration, atomically; the ASA's lines, or an ERROR, go to out. 0 or ERR_SYSTEM. */
int startup_save(FILE *out);

#endif
