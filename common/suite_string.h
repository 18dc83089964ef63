/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The strings of "ssl cipher ... custom": OpenSSL's cipher list format
 * (ciphers(1)), read over the suites of suite.h. An element is a suite, or
 * aliases joined by "+" ("ECDHE+AESGCM"), with "!", "-" or "+" in front.
 */
#ifndef OFFHOOK_SUITE_STRING_H
#define OFFHOOK_SUITE_STRING_H

#include "common/suite.h"

/* Is it such a string? If not, *bad is the offset of the element that is none and why (size bytes) says so. */
bool suite_string_check(const char *text, size_t *bad, char *why, size_t size);

/* Its suites of one version, in its order. */
void suite_string_list(enum suite_version version, const char *text, struct suite_list *out);

/* The suites it asks for by name that offhook never speaks, as "A, B" (cut to size). False: none. */
bool suite_string_refused(const char *text, char *out, size_t size);

#endif
