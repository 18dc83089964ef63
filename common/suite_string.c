/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/suite_string.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SEPARATORS ":, "
#define NAME_MAX_  64

/* What an alias stands for; members of the enums as bits, 0: any. */
struct alias {
	const char *name;
	unsigned kx;
	const char *cipher, *mac; /* beginnings of the keywords; NULL: any, "-": none at all */
	unsigned since;
	bool no_3des;
};

#define KX(k)  (1u << KX_##k)
#define NONE   .cipher = "-"
#define OLD    (1u << SUITE_TLS10)
#define NEW    (1u << SUITE_TLS12)

static const struct alias aliases[] = {
	{ "ALL", .kx = 0 }, { "DEFAULT", .no_3des = true }, { "HIGH", .no_3des = true }, { "MEDIUM", .cipher = "3DES" },
	{ "kRSA", .kx = KX(RSA) }, { "RSA", .kx = KX(RSA) }, { "aRSA", .kx = KX(RSA) | KX(DHE_RSA) | KX(ECDHE_RSA) },
	{ "kDHE", .kx = KX(DHE_RSA) }, { "kEDH", .kx = KX(DHE_RSA) }, { "DHE", .kx = KX(DHE_RSA) }, { "EDH", .kx = KX(DHE_RSA) },
	{ "DH", .kx = KX(DHE_RSA) }, { "kECDHE", .kx = KX(ECDHE_RSA) | KX(ECDHE_ECDSA) },
	{ "kEECDH", .kx = KX(ECDHE_RSA) | KX(ECDHE_ECDSA) }, { "ECDHE", .kx = KX(ECDHE_RSA) | KX(ECDHE_ECDSA) },
	{ "EECDH", .kx = KX(ECDHE_RSA) | KX(ECDHE_ECDSA) }, { "ECDH", .kx = KX(ECDHE_RSA) | KX(ECDHE_ECDSA) },
	{ "aECDSA", .kx = KX(ECDHE_ECDSA) }, { "ECDSA", .kx = KX(ECDHE_ECDSA) },
	{ "AES", .cipher = "AES" }, { "AES128", .cipher = "AES-128" }, { "AES256", .cipher = "AES-256" },
	{ "AESGCM", .cipher = "AES", .mac = "AEAD" }, { "CHACHA20", .cipher = "CHACHA20" }, { "3DES", .cipher = "3DES" },
	{ "SHA", .mac = "SHA1" }, { "SHA1", .mac = "SHA1" }, { "SHA256", .mac = "SHA256" }, { "SHA384", .mac = "SHA384" },
	{ "TLSv1.2", .since = NEW }, { "TLSv1.0", .since = OLD }, { "TLSv1", .since = OLD }, { "SSLv3", .since = OLD },
	/* what is never spoken here */
	{ "COMPLEMENTOFALL", NONE }, { "COMPLEMENTOFDEFAULT", NONE }, { "LOW", NONE }, { "EXP", NONE }, { "EXPORT", NONE },
	{ "EXPORT40", NONE }, { "EXPORT56", NONE }, { "eNULL", NONE }, { "NULL", NONE }, { "aNULL", NONE }, { "ADH", NONE },
	{ "AECDH", NONE }, { "RC4", NONE }, { "RC2", NONE }, { "DES", NONE }, { "MD5", NONE }, { "PSK", NONE }, { "kPSK", NONE },
	{ "aPSK", NONE }, { "SRP", NONE }, { "DSS", NONE }, { "aDSS", NONE }, { "CAMELLIA", NONE }, { "CAMELLIA128", NONE },
	{ "CAMELLIA256", NONE }, { "SEED", NONE }, { "IDEA", NONE }, { "ARIA", NONE }, { "AESCCM", NONE }, { "AESCCM8", NONE },
	{ "aECDH", NONE }, { "kECDHr", NONE }, { "kECDHe", NONE }, { "kDHr", NONE }, { "kDHd", NONE }, { "aDH", NONE },
	{ "KRB5", NONE }, { "kGOST", NONE }, { "aGOST", NONE }, { "SSLv2", NONE },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct element {
	char op; /* '!', '-', '+' or 0 */
	const char *name;
	size_t len;
	size_t at; /* offset of it, operator included */
};

/* The next element; false at the end. */
static bool
element_next(const char *text, size_t *at, struct element *e)
{
	*at += strspn(text + *at, SEPARATORS);
	if (text[*at] == '\0')
		return false;
	e->at = *at;
	e->op = strchr("!-+", text[*at]) != NULL ? text[*at] : 0;
	e->name = text + *at + (e->op != 0);
	e->len = strcspn(e->name, SEPARATORS);
	*at = (size_t)(e->name - text) + e->len;
	return true;
}

static const struct alias *
alias_find(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT(aliases); i++) {
		if (strlen(aliases[i].name) == len && strncasecmp(aliases[i].name, name, len) == 0)
			return &aliases[i];
	}
	return NULL;
}

static const struct suite *
element_suite(const struct element *e)
{
	char name[NAME_MAX_] = "";

	if (e->len >= sizeof(name))
		return NULL;
	memcpy(name, e->name, e->len);
	return suite_by_name(name);
}

static bool
element_is_refused(const struct element *e)
{
	char name[NAME_MAX_] = "";

	if (e->len >= sizeof(name))
		return false;
	memcpy(name, e->name, e->len);
	return suite_name_refused(name);
}

/* "@STRENGTH", "@SECLEVEL=1": about an order and limits that are ours. */
static bool
element_is_order(const struct element *e)
{
	return e->op == 0 && (strncmp(e->name, "@STRENGTH", 9) == 0 || strncmp(e->name, "@SECLEVEL=", 10) == 0);
}

static bool
begins(const char *text, const char *with)
{
	return with == NULL || strncmp(text, with, strlen(with)) == 0;
}

static bool
alias_has(const struct alias *a, const struct suite *s)
{
	if (s->kx == KX_PSK || (a->kx != 0 && s->kx != KX_ANY && (a->kx & (1u << s->kx)) == 0))
		return false;
	if (a->since != 0 && (a->since & (1u << s->since)) == 0)
		return false;
	if (a->mac != NULL && strcmp(a->mac, s->mac) != 0)
		return false;
	return begins(s->cipher, a->cipher) && !(a->no_3des && begins(s->cipher, "3DES"));
}

/* All aliases of "A+B" must have it. */
static bool
element_has(const struct element *e, const struct suite *s)
{
	const char *p = e->name, *end = e->name + e->len;

	if (element_suite(e) != NULL)
		return element_suite(e) == s;
	while (p < end) {
		size_t len = strcspn(p, "+" SEPARATORS);
		const struct alias *a = alias_find(p, len);

		if (a == NULL || !alias_has(a, s))
			return false;
		p += len + 1;
	}
	return true;
}

static bool
element_is_known(const struct element *e)
{
	const char *p = e->name, *end = e->name + e->len;

	if (e->len == 0)
		return false;
	if (element_suite(e) != NULL || element_is_refused(e) || element_is_order(e))
		return true;
	while (p < end) {
		size_t len = strcspn(p, "+" SEPARATORS);

		if (alias_find(p, len) == NULL)
			return false;
		p += len + 1;
	}
	return end[-1] != '+';
}

bool
suite_string_check(const char *text, size_t *bad, char *why, size_t size)
{
	struct element e;
	size_t at = 0, count = 0;

	for (; element_next(text, &at, &e); count++) {
		if (!element_is_known(&e)) {
			*bad = e.at;
			snprintf(why, size, "unknown cipher suite %.*s", e.len < 60 ? (int)e.len : 60, e.name);
			return false;
		}
	}
	*bad = 0;
	snprintf(why, size, "no cipher suite");
	return count > 0;
}

bool
suite_string_refused(const char *text, char *out, size_t size)
{
	struct element e;
	size_t at = 0, used = 0;

	out[0] = '\0';
	while (element_next(text, &at, &e)) {
		if (e.op == 0 && element_is_refused(&e) && used < size)
			used += (size_t)snprintf(out + used, size - used, "%s%.*s", used > 0 ? ", " : "", (int)e.len, e.name);
	}
	return out[0] != '\0';
}

/* ---- the list ---- */

static void
list_remove(struct suite_list *list, size_t i)
{
	memmove(&list->suites[i], &list->suites[i + 1], (list->count - i - 1) * sizeof(list->suites[0]));
	list->count--;
}

/* Take out what the element has; "+" puts it behind the others. */
static void
element_take(const struct element *e, struct suite_list *list)
{
	struct suite_list moved = { 0 };

	for (size_t i = 0; i < list->count;) {
		if (!element_has(e, list->suites[i])) {
			i++;
			continue;
		}
		moved.suites[moved.count++] = list->suites[i];
		list_remove(list, i);
	}
	for (size_t i = 0; e->op == '+' && i < moved.count; i++)
		list->suites[list->count++] = moved.suites[i];
}

static void
element_add(const struct element *e, enum suite_version version, const struct suite_list *killed, struct suite_list *list)
{
	for (size_t i = 0; suite_at(i) != NULL; i++) {
		const struct suite *s = suite_at(i);

		if (list->count < SUITE_LIST_MAX && suite_fits(s, version) && element_has(e, s) && !suite_list_has(list, s) &&
		    !suite_list_has(killed, s))
			list->suites[list->count++] = s;
	}
}

void
suite_string_list(enum suite_version version, const char *text, struct suite_list *out)
{
	struct suite_list killed = { 0 };
	struct element e;
	size_t at = 0;

	out->count = 0;
	while (element_next(text, &at, &e)) {
		if (element_is_refused(&e) || element_is_order(&e))
			continue;
		if (e.op == 0) {
			element_add(&e, version, &killed, out);
			continue;
		}
		if (e.op == '!')
			element_add(&e, version, &killed, &killed);
		element_take(&e, out);
	}
}
