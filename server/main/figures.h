/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All figures of the metrics, collected in one pass. */
#ifndef OFFHOOK_FIGURES_H
#define OFFHOOK_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A configuration was put in force. */
void figures_configure(void);

/*
 * The figures of now, as figure_put() writes them, in pieces of at most `size`
 * bytes; `room` is used for that. last: no piece follows.
 */
void figures_collect(uint8_t *room, size_t size, void (*piece)(void *ctx, const uint8_t *rows, size_t len, bool last), void *ctx);

#endif
