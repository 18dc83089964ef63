/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page for a person with a browser: what this is, and which certificate it has. */
#ifndef OFFHOOK_PAGE_H
#define OFFHOOK_PAGE_H

#include <stdbool.h>

struct worker;

void page_answer(struct worker *w, bool close);

#endif
