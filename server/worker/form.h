/* SPDX-License-Identifier: GPL-2.0-or-later */
/* application/x-www-form-urlencoded: the body of a phone's or a browser's login. Pure. */
#ifndef OFFHOOK_FORM_H
#define OFFHOOK_FORM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Value of a field, decoded. False when the field is missing, longer than
 * size - 1, or holds a NUL. Names match exactly, after decoding.
 */
bool form_get(const char *body, size_t len, const char *name, char *out, size_t size);

#endif
