/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text inside XML and HTML. */
#ifndef OFFHOOK_MARKUP_H
#define OFFHOOK_MARKUP_H

#include <stdio.h>

/* With &, <, > and " as entities, and without control characters. */
void markup_text(FILE *f, const char *s);

#endif
