/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show access-list (asa-reference 1.4). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "server/main/daemon.h"
#include "server/main/filter.h"
#include "server/show/json.h"
#include "server/show/show.h"

/* What an ASA prints behind each name and rule; any number that stays the same serves. */
static uint32_t
hash_of(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static void
list_text(FILE *f, const struct cfg_acl *acl, const uint64_t *hits)
{
	unsigned line = 0, elements = 0;

	for (const struct cfg_acl_rule *r = acl->rules; r != NULL; r = r->next)
		elements += r->kind != ACL_REMARK;
	fprintf(f, "access-list %s; %u elements; name hash: 0x%08x\n", acl->name, elements, hash_of(acl->name));
	for (const struct cfg_acl_rule *r = acl->rules; r != NULL; r = r->next, line++) {
		fprintf(f, "access-list %s line %u %s", acl->name, line + 1, r->text);
		if (r->kind != ACL_REMARK)
			fprintf(f, " (hitcnt=%" PRIu64 ") 0x%08x ", hits[line], hash_of(r->text));
		fputc('\n', f);
	}
}

static void
list_json(struct json *j, const struct cfg_acl *acl, const uint64_t *hits, bool in_use)
{
	unsigned line = 0;

	json_object(j, NULL);
	json_str(j, "name", acl->name);
	json_bool(j, "vpn_filter_in_use", in_use);
	json_array(j, "rules");
	for (const struct cfg_acl_rule *r = acl->rules; r != NULL; r = r->next, line++) {
		json_object(j, NULL);
		json_int(j, "line", line + 1);
		json_str(j, "text", r->text);
		json_int(j, "hits", (int64_t)hits[line]);
		json_end_object(j);
	}
	json_end_array(j);
	json_end_object(j);
}

void
show_access_list(const char *name, FILE *f, bool json)
{
	struct json j = { .f = f };

	if (name != NULL && config_acl(daemon_.config, name) == NULL) {
		fprintf(f, "ERROR: access-list <%s> does not exist\n", name);
		return;
	}
	if (json)
		json_list(&j, "access_lists");
	for (const struct cfg_acl *acl = daemon_.config->acls; acl != NULL; acl = acl->next) {
		uint64_t *hits;
		bool in_use;

		if (name != NULL && strcmp(name, acl->name) != 0)
			continue;
		hits = xcalloc(acl->count + 1, sizeof(*hits));
		in_use = filter_hits(acl->name, hits, acl->count);
		if (json)
			list_json(&j, acl, hits, in_use);
		else
			list_text(f, acl, hits);
		free(hits);
	}
	if (json)
		json_end_list(&j);
}
