/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates. */
#ifndef OFFHOOK_UTF8_H
#define OFFHOOK_UTF8_H

#include <stddef.h>

/* Bytes of the character at s (a string with its NUL; the NUL is one): 1 to 4. 0: those bytes are none. */
size_t utf8_len(const char *s);

#endif
