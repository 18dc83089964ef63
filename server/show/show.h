/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The show commands. Each writes the ASA's text, or with json one JSON document from the same walk. */
#ifndef OFFHOOK_SHOW_H
#define OFFHOOK_SHOW_H

#include <stdbool.h>
#include <stdio.h>

void show_sessiondb_anyconnect(FILE *f, bool json);
void show_sessiondb_summary(FILE *f, bool json);
void show_ip_local_pool(const char *name, FILE *f, bool json);

#endif
