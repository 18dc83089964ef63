/* SPDX-License-Identifier: GPL-2.0-or-later */
/* logging buffered: the newest lines, in a ring of so many bytes. */
#ifndef OFFHOOK_LOG_BUFFER_H
#define OFFHOOK_LOG_BUFFER_H

#include <stddef.h>
#include <stdio.h>

/* Make it so large; the newest lines that fit stay. */
void log_buffer_size(size_t bytes);

void log_buffer_put(const char *line);
void log_buffer_clear(void);

/* All lines, oldest first. */
void log_buffer_print(FILE *f);

#endif
