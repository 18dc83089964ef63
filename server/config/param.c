/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/config/param.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/suite_string.h"
#include "server/config/acl_name.h"

#define PARAM_NAME_MAX 128 /* trustpoint names, the longest an ASA takes */

bool
param_ip(const char *text, struct in_addr *out)
{
	return strlen(text) < INET_ADDRSTRLEN && inet_pton(AF_INET, text, out) == 1;
}

bool
param_ip6(const char *text, struct in6_addr *out)
{
	return strlen(text) < INET6_ADDRSTRLEN && inet_pton(AF_INET6, text, out) == 1;
}

bool
param_prefix6(const char *text, struct in6_addr *out, int *len)
{
	const char *slash = strchr(text, '/');
	char head[INET6_ADDRSTRLEN];
	long long bits;

	if (slash == NULL || (size_t)(slash - text) >= sizeof(head))
		return false;
	memcpy(head, text, (size_t)(slash - text));
	head[slash - text] = '\0';
	if (!param_number(slash + 1, &bits) || bits > 128 || !param_ip6(head, out))
		return false;
	*len = (int)bits;
	return true;
}

bool
param_time(const char *text, int *minutes)
{
	size_t hour = strspn(text, "0123456789"), minute;
	int h, m;

	if (hour < 1 || hour > 2 || text[hour] != ':')
		return false;
	minute = strspn(text + hour + 1, "0123456789");
	if (minute != 2 || text[hour + 3] != '\0')
		return false;
	h = atoi(text);
	m = atoi(text + hour + 1);
	*minutes = h * 60 + m;
	return h < 24 && m < 60;
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

/* A list's name, where a number means a level. */
static bool
check_list(const char *text, size_t *bad, const char **why)
{
	*bad = 0;
	*why = "";
	return text[strspn(text, "0123456789")] != '\0' && check_name(text, bad, why);
}

/* An address or the name of a host: 10.1.2.300 is neither. */
static bool
check_host(const char *text, size_t *bad, const char **why)
{
	struct in_addr a;

	if (text[strspn(text, "0123456789.")] != '\0' || param_ip(text, &a))
		return check_name(text, bad, why);
	*bad = 0;
	*why = "not an IP address";
	return false;
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

static bool check_url(const char *text, size_t *bad, const char **why);

static bool
check_ip6(const char *text, size_t *bad, const char **why)
{
	struct in6_addr a;

	*bad = 0;
	*why = "not an IPv6 address";
	return param_ip6(text, &a);
}

static bool
check_prefix6(const char *text, size_t *bad, const char **why)
{
	struct in6_addr a;
	int len;

	*bad = 0;
	*why = "not an IPv6 prefix (ADDRESS/LENGTH)";
	return param_prefix6(text, &a, &len);
}

static bool
check_time(const char *text, size_t *bad, const char **why)
{
	int minutes;

	*bad = 0;
	*why = "not a time (HH:MM)";
	return param_time(text, &minutes);
}

/* "22:00" or "22:00:00" */
static bool
check_seconds(const char *text, size_t *bad, const char **why)
{
	char minutes[6];
	size_t len = strlen(text);
	bool seconds = len == 8 && text[5] == ':' && text[6] >= '0' && text[6] <= '5' && isdigit((unsigned char)text[7]);

	if (!seconds)
		return check_time(text, bad, why);
	snprintf(minutes, sizeof(minutes), "%.5s", text);
	return check_time(minutes, bad, why);
}

/* A port of an access list: its number, or the ASA's name for it. */
static bool
check_port(const char *text, size_t *bad, const char **why)
{
	*bad = 0;
	*why = "not a port: a number from 0 to 65535, or a name such as www or https";
	return acl_port(text, false) >= 0 || acl_port(text, true) >= 0;
}

static bool
check_protocol(const char *text, size_t *bad, const char **why)
{
	*bad = 0;
	*why = "not a protocol: a number from 0 to 255, or a name such as tcp";
	return acl_protocol(text) >= 0;
}

static bool
check_icmp(const char *text, size_t *bad, const char **why)
{
	*bad = 0;
	*why = "not an ICMP type: a number from 0 to 255, or a name such as echo";
	return acl_icmp_type(text, false) >= 0 || acl_icmp_type(text, true) >= 0;
}

/* "url 1": where a file is fetched from, a file of this host included. */
static bool
check_file_url(const char *text, size_t *bad, const char **why)
{
	*bad = 0;
	*why = "not a URL (http://host/path, ldap://host/..., file:///path)";
	if (strncasecmp(text, "file:///", 8) == 0)
		return text[8] != '\0' && check_word(text, bad, why);
	if (strncasecmp(text, "ldap://", 7) == 0)
		return text[7] != '\0' && check_word(text, bad, why);
	return check_url(text, bad, why);
}

/* "0" is short for 0.0.0.0 */
static bool
check_ip0(const char *text, size_t *bad, const char **why)
{
	return strcmp(text, "0") == 0 || check_ip(text, bad, why);
}

static bool
check_hours(const char *text, size_t *bad, const char **why)
{
	long long hours;

	*bad = 0;
	*why = "not a number from -23 to 23";
	return param_number(text + (*text == '-'), &hours) && hours <= 23;
}

static bool
check_address(const char *text, size_t *bad, const char **why)
{
	struct in_addr a;
	struct in6_addr b;

	*bad = 0;
	*why = "not an IP address";
	return param_ip(text, &a) || param_ip6(text, &b);
}

/* "302013" or "302013-302016": numbers of syslog messages */
static bool
check_messages(const char *text, size_t *bad, const char **why)
{
	size_t n = strspn(text, "0123456789"), m;

	*bad = 0;
	*why = "not the number of a message, or a range of them";
	if (n != 6)
		return false;
	if (text[6] == '\0')
		return true;
	m = strspn(text + 7, "0123456789");
	return text[6] == '-' && m == 6 && text[13] == '\0';
}

static bool
check_mac(const char *text, size_t *bad, const char **why)
{
	*bad = strspn(text, "0123456789abcdefABCDEF.:-");
	*why = "not a MAC address";
	return strlen(text) >= 12 && text[*bad] == '\0';
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

/* An OpenSSL cipher string; a name may stand twice (the guide's list does). */
static bool
check_ciphers(const char *text, size_t *bad, const char **why)
{
	static char reason[96];

	*why = reason;
	return suite_string_check(text, bad, reason, sizeof(reason));
}

static const struct param_type types[] = {
	{ "word", "WORD", { "x1", "x2", "x3" }, false, false, 1, check_word },
	{ "name", "WORD", { "n1", "n2", "n3" }, false, false, 1, check_name },
	{ "line", "LINE", { "some text", "other text", "a" }, true, false, 0, check_line },
	{ "ip", "A.B.C.D", { "10.1.2.3", "10.1.2.4", "10.1.2.5" }, false, false, 2, check_ip },
	{ "mask", "A.B.C.D (mask)", { "255.255.255.0", "255.255.0.0", "255.255.254.0" }, false, false, 2, check_mask },
	{ "range", "A.B.C.D-A.B.C.D", { "10.9.1.1-10.9.1.9", "10.9.2.1-10.9.2.9", NULL }, false, false, 2, check_range },
	{ "host", "A.B.C.D, X:X::X or a name", { "10.1.2.3", "10.1.2.4", "2001:db8::1" }, false, false, 1, check_host },
	{ "list", "WORD", { "n1", "n2", "n3" }, false, false, 1, check_list },
	{ "ip6", "X:X::X", { "2001:db8::1", "2001:db8::2", NULL }, false, false, 2, check_ip6 },
	{ "prefix6", "X:X::X/<0-128>", { "2001:db8::/64", "2001:db8:1::/48", NULL }, false, false, 2, check_prefix6 },
	{ "time", "HH:MM", { "08:00", "18:30", NULL }, false, false, 2, check_time },
	{ "seconds", "HH:MM[:SS]", { "22:00:00", "06:30", NULL }, false, false, 2, check_seconds },
	{ "port", "<0-65535> or a name", { "www", "5061", "sip" }, false, false, 2, check_port },
	{ "protocol", "<0-255> or a name", { "tcp", "udp", "89" }, false, false, 2, check_protocol },
	{ "icmp", "<0-255> or a name", { "echo", "echo-reply", "8" }, false, false, 2, check_icmp },
	{ "ip0", "A.B.C.D", { "10.1.0.0", "0.0.0.0", "255.255.0.0" }, false, false, 2, check_ip0 },
	{ "hours", "<-23 - 23>", { "1", "-5", "0" }, false, false, 2, check_hours },
	{ "fileurl", "URL", { "http://h.example/a.crl", "file:///etc/a.crl", NULL }, false, false, 2, check_file_url },
	{ "address", "A.B.C.D or X:X::X", { "10.1.2.3", "2001:db8::1", NULL }, false, false, 2, check_address },
	{ "messages", "<100000-999999>[-<100000-999999>]", { "302013", "302013-302016", NULL }, false, false, 2,
	    check_messages },
	{ "mac", "H.H.H", { "0011.2233.4455", "0011.2233.4456", NULL }, false, false, 2, check_mac },
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
