/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures as Prometheus' text format, version 0.0.4. */
#ifndef OFFHOOK_METRICS_TEXT_H
#define OFFHOOK_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Every metric of the catalogue with HELP and TYPE, and of the figures in rows
 * (as figure_put() writes them, in any order) the samples. False: the rows are none.
 */
bool metrics_text(const void *rows, size_t len, FILE *out);

#endif
