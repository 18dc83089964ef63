/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types of command parameters: what a word must look like to be one. */
#ifndef OFFHOOK_PARAM_H
#define OFFHOOK_PARAM_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct param_type {
	const char *name;
	const char *shown;   /* in "?" and in "expected" */
	const char *samples[3];
	bool line, secret;
	int rank;            /* more specific types win */
	/* Is it one? *bad is the offset of the first bad character, *why the reason. */
	bool (*check)(const char *text, size_t *bad, const char **why);
};

/* NULL when there is no such type. */
const struct param_type *param_type_find(const char *name, size_t len);

bool param_ip(const char *text, struct in_addr *out);
bool param_ip6(const char *text, struct in6_addr *out);
/* "PREFIX/LEN" of IPv6. */
bool param_prefix6(const char *text, struct in6_addr *out, int *len);
/* "HH:MM" in minutes of the day. */
bool param_time(const char *text, int *minutes);
bool param_mask(const char *text, struct in_addr *out);
/* "A-B", host order; false when it is not two addresses (first may be above last). */
bool param_range(const char *text, uint32_t *first, uint32_t *last);
/* Decimal digits only, no sign. */
bool param_number(const char *text, long long *out);

#endif
