/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/filter.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <jansson.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/addr.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/main/daemon.h"
#include "server/main/filter_rule.h"
#include "server/main/flows.h"

/*
 * packets that come from, or go to, the TUN device, this host's own among them
 *   -> map by the session's address -> chain of its list, per direction
 *   -> what is known goes on, each rule, then nothing (an access list denies what it does not permit)
 * What is known to the kernel of an address goes when a session gets it.
 */
struct list { /* an access list in use */
	struct list *next;
	char *acl;
	unsigned id;
	char *rules; /* as the kernel has them */
};

static struct {
	struct nft_ctx *nft; /* NULL: no filters here */
	char table[64];      /* "inet offhook_DEVICE" */
	char device[32];
	struct list *lists;
	unsigned last_id;
} self;

/* ---- nft ---- */

struct script {
	char *text;
	size_t len;
	FILE *f;
};

static void
script_open(struct script *s)
{
	s->f = open_memstream(&s->text, &s->len);
	if (s->f == NULL)
		abort();
}

/* All of it is done, or nothing. */
static bool
script_run(struct script *s)
{
	bool good;

	fclose(s->f);
	good = nft_run_cmd_from_buffer(self.nft, s->text) == 0;
	if (!good)
		log_err("nftables: %.400s", nft_ctx_get_error_buffer(self.nft));
	free(s->text);
	return good;
}

/* Where packets meet the lists. They are put in with the first list: until then no packet pays for them. */
static void
hooks_put(FILE *f)
{
	static const char *const hooks[] = { "forward", "input", "output" };

	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		const char *hook = hooks[i];

		fprintf(f, "add chain %s %s { type filter hook %s priority 0; policy accept; }\n", self.table, hook, hook);
		if (strcmp(hook, "output") != 0) {
			fprintf(f, "add rule %s %s iifname \"%s\" ip saddr vmap @from\n", self.table, hook, self.device);
			fprintf(f, "add rule %s %s iifname \"%s\" ip6 saddr vmap @from6\n", self.table, hook, self.device);
		}
		if (strcmp(hook, "input") != 0) {
			fprintf(f, "add rule %s %s oifname \"%s\" ip daddr vmap @to\n", self.table, hook, self.device);
			fprintf(f, "add rule %s %s oifname \"%s\" ip6 daddr vmap @to6\n", self.table, hook, self.device);
		}
	}
}

void
filter_start(const char *device)
{
	struct script s;

	if (device == NULL)
		return;
	snprintf(self.device, sizeof(self.device), "%s", device);
	snprintf(self.table, sizeof(self.table), "inet offhook_%s", device);
	for (char *p = self.table + strlen("inet "); *p != '\0'; p++) {
		if (!isalnum((unsigned char)*p))
			*p = '_';
	}
	self.nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (self.nft == NULL)
		return;
	nft_ctx_buffer_error(self.nft);
	nft_ctx_buffer_output(self.nft);
	script_open(&s);
	/* one left behind by a daemon that was killed goes first */
	fprintf(s.f, "add table %s\ndelete table %s\nadd table %s\n", self.table, self.table, self.table);
	fprintf(s.f, "add map %s from { type ipv4_addr : verdict; }\nadd map %s to { type ipv4_addr : verdict; }\n", self.table, self.table);
	fprintf(s.f, "add map %s from6 { type ipv6_addr : verdict; }\nadd map %s to6 { type ipv6_addr : verdict; }\n", self.table, self.table);
	if (script_run(&s))
		return;
	log_warn("no nftables here: sessions with a vpn-filter are refused");
	nft_ctx_free(self.nft);
	self.nft = NULL;
}

void
filter_stop(void)
{
	struct script s;

	if (self.nft == NULL)
		return;
	script_open(&s);
	fprintf(s.f, "delete table %s\n", self.table);
	script_run(&s);
	nft_ctx_free(self.nft);
	self.nft = NULL;
}

/* ---- lists ---- */

static struct list *
list_find(const char *acl)
{
	struct list *l = self.lists;

	while (l != NULL && strcmp(l->acl, acl) != 0)
		l = l->next;
	return l;
}

/* The rules of both directions; NULL when one cannot be expressed, and the log says which. */
static char *
rules_make(const struct config *cfg, const struct cfg_acl *acl, unsigned id)
{
	const struct cfg_acl_rule *bad;
	char chain[32], prefix[32];
	struct script s;
	bool good = true;

	script_open(&s);
	snprintf(prefix, sizeof(prefix), "a%u", id);
	for (int to = 0; to < 2 && good; to++) {
		snprintf(chain, sizeof(chain), "a%u_%s", id, to ? "to" : "from");
		fprintf(s.f, "add rule %s %s ct state established,related accept\n", self.table, chain);
		good = filter_rules(cfg, acl, to == 1, self.table, chain, prefix, s.f, &bad);
		fprintf(s.f, "add rule %s %s drop\n", self.table, chain);
	}
	fclose(s.f);
	if (good)
		return s.text;
	log_err("access-list %s cannot be a vpn-filter here: \"%s\"", acl->name, bad->text);
	free(s.text);
	return NULL;
}

static void
counters_put(FILE *f, const struct cfg_acl *acl, unsigned id)
{
	for (uint32_t i = 0; i < acl->count; i++)
		fprintf(f, "add counter %s a%u_%u\n", self.table, id, i);
}

/* In force, in the place of what the list was. False: it stays as it was. */
static bool
list_load(struct list *l, const struct cfg_acl *acl, const char *rules)
{
	struct script s;

	script_open(&s);
	if (self.lists == NULL)
		hooks_put(s.f);
	for (int to = 0; to < 2; to++) {
		const char *direction = to ? "to" : "from";

		fprintf(s.f, "add chain %s a%u_%s\nflush chain %s a%u_%s\n", self.table, l->id, direction, self.table, l->id, direction);
	}
	counters_put(s.f, acl, l->id);
	fputs(rules, s.f);
	return script_run(&s);
}

static struct list *
list_need(const char *name)
{
	const struct cfg_acl *acl = config_acl(daemon_.config, name);
	struct list *l = list_find(name);
	char *rules;

	if (l != NULL)
		return l;
	if (acl == NULL) {
		log_err("vpn-filter %s: there is no such access-list", name);
		return NULL;
	}
	if ((rules = rules_make(daemon_.config, acl, self.last_id + 1)) == NULL)
		return NULL;
	l = xcalloc(1, sizeof(*l));
	l->acl = xstrdup(name);
	l->id = ++self.last_id;
	l->rules = rules;
	if (!list_load(l, acl, rules)) {
		free(l->acl);
		free(l->rules);
		free(l);
		return NULL;
	}
	l->next = self.lists;
	self.lists = l;
	return l;
}

void
filter_configure(const struct config *cfg)
{
	for (struct list *l = self.lists; l != NULL && self.nft != NULL; l = l->next) {
		const struct cfg_acl *acl = config_acl(cfg, l->acl);
		char *rules = acl != NULL ? rules_make(cfg, acl, l->id) : NULL;

		if (rules == NULL || strcmp(rules, l->rules) == 0 || !list_load(l, acl, rules)) {
			free(rules); /* what cannot be put in force leaves the old list to its sessions */
			continue;
		}
		free(l->rules);
		l->rules = rules;
	}
}

/* ---- sessions ---- */

/* family: "" or "6", what the names of the maps end with. */
static void
element_remove(const char *family, const char *ip)
{
	char *command;

	if (self.nft == NULL || self.lists == NULL)
		return;
	if (asprintf(&command, "delete element %s from%s { %s }\ndelete element %s to%s { %s }\n", self.table, family, ip,
	        self.table, family, ip) < 0)
		abort();
	nft_run_cmd_from_buffer(self.nft, command); /* no such element: nothing to remove */
	nft_ctx_get_error_buffer(self.nft);
	free(command);
}

static bool
element_add(const char *acl, const char *family, const char *ip, const struct addr *a)
{
	struct script s;
	struct list *l;

	if (self.nft == NULL) {
		log_err("vpn-filter %s: there is no nftables here, the session is refused", acl);
		return false;
	}
	if ((l = list_need(acl)) == NULL)
		return false;
	element_remove(family, ip);
	script_open(&s);
	fprintf(s.f, "add element %s from%s { %s : jump a%u_from }\n", self.table, family, ip, l->id);
	fprintf(s.f, "add element %s to%s { %s : jump a%u_to }\n", self.table, family, ip, l->id);
	if (!script_run(&s))
		return false;
	flows_forget(a);
	return true;
}

static const char *
ip4_str(uint32_t ip, char text[INET_ADDRSTRLEN])
{
	return inet_ntop(AF_INET, &(struct in_addr){ htonl(ip) }, text, INET_ADDRSTRLEN);
}

bool
filter_add(const char *acl, uint32_t ip)
{
	struct addr a = addr_from_ip4((struct in_addr){ htonl(ip) }, 0);
	char text[INET_ADDRSTRLEN];

	return element_add(acl, "", ip4_str(ip, text), &a);
}

void
filter_remove(uint32_t ip)
{
	char text[INET_ADDRSTRLEN];

	element_remove("", ip4_str(ip, text));
}

bool
filter6_add(const char *acl, const struct in6_addr *ip)
{
	struct addr a = { .family = 6 };
	char text[INET6_ADDRSTRLEN];

	memcpy(a.ip, ip, sizeof(a.ip));
	return element_add(acl, "6", inet_ntop(AF_INET6, ip, text, sizeof(text)), &a);
}

void
filter6_remove(const struct in6_addr *ip)
{
	char text[INET6_ADDRSTRLEN];

	element_remove("6", inet_ntop(AF_INET6, ip, text, sizeof(text)));
}

/* ---- counters ---- */

static void
hits_take(json_t *root, unsigned id, uint64_t *hits, uint32_t count)
{
	json_t *items = json_object_get(root, "nftables"), *item;
	size_t at;

	json_array_foreach(items, at, item) {
		json_t *counter = json_object_get(item, "counter");
		const char *name = json_string_value(json_object_get(counter, "name"));
		unsigned list, rule;

		if (name != NULL && sscanf(name, "a%u_%u", &list, &rule) == 2 && list == id && rule < count)
			hits[rule] = (uint64_t)json_integer_value(json_object_get(counter, "packets"));
	}
}

bool
filter_hits(const char *acl, uint64_t *hits, uint32_t count)
{
	const struct list *l = list_find(acl);
	char command[128];
	json_t *root;

	if (self.nft == NULL || l == NULL)
		return false;
	nft_ctx_output_set_flags(self.nft, NFT_CTX_OUTPUT_JSON);
	snprintf(command, sizeof(command), "list counters table %s\n", self.table);
	if (nft_run_cmd_from_buffer(self.nft, command) == 0 &&
	    (root = json_loads(nft_ctx_get_output_buffer(self.nft), 0, NULL)) != NULL) {
		hits_take(root, l->id, hits, count);
		json_decref(root);
	}
	nft_ctx_output_set_flags(self.nft, 0);
	return true;
}
