/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/config/param.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/suite.h"

#define PARAM_NAME_MAX 128 /* trustpoint names, the longest an ASA takes */

bool
param_ip(const char *text, struct in_addr *out)
{
	return strlen(text) < INET_ADDRSTRLEN && inet_pton(AF_INET, text, out) == 1;
}

bool
param_mask(const char *text, struct in_addr *out)
{
	uint32_t host;

	if (!param_ip(text, out))
		return false;
	host = ~ntohl(out->s_addr);
	return (host & (host + 1)) == 0;
}

bool
param_range(const char *text, uint32_t *first, uint32_t *last)
{
	const char *dash = strchr(text, '-');
	char head[INET_ADDRSTRLEN];
	struct in_addr a, b;

	if (dash == NULL || (size_t)(dash - text) >= sizeof(head))
		return false;
	memcpy(head, text, (size_t)(dash - text));
	head[dash - text] = '\0';
	if (!param_ip(head, &a) || !param_ip(dash + 1, &b))
		return false;
	*first = ntohl(a.s_addr);
	*last = ntohl(b.s_addr);
	return true;
}

bool
param_number(const char *text, long long *out)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 18 || text[digits] != '\0')
		return false;
	*out = strtoll(text, NULL, 10);
	return true;
}

/* Names are printable ASCII; free text may hold anything that a line may. */
static bool
check_word(const char *text, size_t *bad, const char **why)
{
	for (const char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e) {
			*bad = (size_t)(p - text);
			*why = "only printable ASCII characters are allowed here";
			return false;
		}
	}
	if (text[0] == '(') {
		*bad = 0;
		*why = "";
		return false;
	}
	return true;
}

static bool
check_name(const char *text, size_t *bad, const char **why)
{
	if (!check_word(text, bad, why))
		return false;
	if (*text == '\0') {
		*bad = 0;
		*why = "a name cannot be empty";
		return false;
	}
	if (strlen(text) > PARAM_NAME_MAX) {
		*bad = PARAM_NAME_MAX;
		*why = "a name has at most 128 characters";
		return false;
	}
	return true;
}

static bool
check_line(const char *text, size_t *bad, const char **why)
{
	(void)text, (void)bad, (void)why;
	return true;
}

static bool
check_ip(const char *text, size_t *bad, const char **why)
{
	struct in_addr a;

	*bad = 0;
	*why = "not an IPv4 address";
	return param_ip(text, &a);
}

static bool
check_mask(const char *text, size_t *bad, const char **why)
{
	struct in_addr a;

	*bad = 0;
	*why = "not a network mask";
	return param_mask(text, &a);
}

static bool
check_range(const char *text, size_t *bad, const char **why)
{
	uint32_t first, last;

	*bad = 0;
	*why = "not a range of IPv4 addresses (A.B.C.D-A.B.C.D)";
	return param_range(text, &first, &last);
}

static bool
check_url(const char *text, size_t *bad, const char **why)
{
	const char *host;

	if (!check_word(text, bad, why))
		return false;
	*bad = 0;
	*why = "not a URL (https://host[/path])";
	if (strncasecmp(text, "https://", 8) == 0)
		host = text + 8;
	else if (strncasecmp(text, "http://", 7) == 0)
		host = text + 7;
	else
		return false;
	*bad = (size_t)(host - text);
	return *host != '\0' && strchr("/:?#", *host) == NULL;
}

static bool
check_hex(const char *text, size_t *bad, const char **why)
{
	*bad = strspn(text, "0123456789abcdefABCDEF");
	*why = "not a hexadecimal number";
	return text[0] != '\0' && text[*bad] == '\0';
}

static bool
check_number(const char *text, size_t *bad, const char **why)
{
	long long value;

	*bad = 0;
	*why = "not a number";
	return param_number(text, &value);
}

/* "(outside)": an interface in parentheses. */
static bool
check_paren(const char *text, size_t *bad, const char **why)
{
	size_t len = strlen(text);

	*bad = 0;
	*why = "not an interface name in parentheses";
	return len > 2 && text[0] == '(' && text[len - 1] == ')';
}

/* "A:B:C" with OpenSSL names; a name may stand twice (the guide's list does). */
static bool
check_ciphers(const char *text, size_t *bad, const char **why)
{
	const char *p = text;

	for (;;) {
		size_t len = strcspn(p, ":");
		char name[64] = "";

		if (len < sizeof(name))
			memcpy(name, p, len);
		*bad = (size_t)(p - text);
		*why = "unknown cipher suite";
		if (len == 0 || len >= sizeof(name))
			return false;
		if (suite_name_refused(name)) {
			*why = "this cipher suite is too weak and never spoken here";
			return false;
		}
		if (suite_by_name(name) == NULL)
			return false;
		p += len;
		if (*p == '\0')
			return true;
		p++;
	}
}

static const struct param_type types[] = {
	{ "word", "WORD", { "x1", "x2", "x3" }, false, false, 1, check_word },
	{ "name", "WORD", { "n1", "n2", "n3" }, false, false, 1, check_name },
	{ "line", "LINE", { "some text", "other text", "a" }, true, false, 0, check_line },
	{ "ip", "A.B.C.D", { "10.1.2.3", "10.1.2.4", "10.1.2.5" }, false, false, 2, check_ip },
	{ "mask", "A.B.C.D (mask)", { "255.255.255.0", "255.255.0.0", "255.255.254.0" }, false, false, 2, check_mask },
	{ "range", "A.B.C.D-A.B.C.D", { "10.9.1.1-10.9.1.9", "10.9.2.1-10.9.2.9", NULL }, false, false, 2, check_range },
	{ "url", "URL", { "https://h.example/a", "https://h.example/b", NULL }, false, false, 2, check_url },
	{ "hex", "HEX", { "01", "0a", NULL }, false, false, 2, check_hex },
	{ "number", "NUMBER", { "1", "2", "3" }, false, false, 2, check_number },
	{ "secret", "WORD", { "s3cret", "other", NULL }, false, true, 1, check_word },
	{ "paren", "(IFNAME)", { "(outside)", NULL, NULL }, false, false, 2, check_paren },
	{ "ciphers", "\"SUITE:SUITE...\"", { "AES256-SHA:AES128-SHA", "AES128-SHA", NULL }, false, false, 2, check_ciphers },
};

const struct param_type *
param_type_find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strlen(types[i].name) == len && memcmp(types[i].name, name, len) == 0)
			return &types[i];
	}
	return NULL;
}
