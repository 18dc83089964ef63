/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a unit test includes first: cmocka wants these headers before its own. */
#ifndef OFFHOOK_UNIT_H
#define OFFHOOK_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define T(name) static void name(void **state)
#define UNUSED  (void)state

/* A copy that ends exactly at the end of its block, so that a sanitizer sees each byte read too many. */
static inline uint8_t *
exact(const void *data, size_t len)
{
	uint8_t *p = malloc(len ? len : 1);

	if (p == NULL)
		abort();
	if (len > 0)
		memcpy(p, data, len);
	return p;
}

#endif
