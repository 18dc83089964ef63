/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines without effect, kept to be printed back: lists that may be long, so
 * each line is found by list, row and text in the index.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/config/grammar.h"

/* Of a row that stands once, the row alone tells its line. */
static char *
kept_key(struct mem *mem, const struct cfg_kept_list *list, const struct command *row, const char *text)
{
	return mem_printf(mem, "%p %p %s", (const void *)list, (const void *)row, row->flags & CMD_MULTI ? text : "");
}

struct cfg_kept *
kept_find(const struct config *cfg, const struct cfg_kept_list *list, const struct command *row, const char *text)
{
	struct mem *mem = mem_new(NULL);
	struct cfg_kept *k = index_get(&cfg->tables->index, INDEX_KEPT, kept_key(mem, list, row, text));

	mem_free(mem);
	return k;
}

static void
kept_unlink(struct config *cfg, struct cfg_kept_list *list, struct cfg_kept *k)
{
	index_remove(&cfg->tables->index, INDEX_KEPT, kept_key(cfg->mem, list, k->row, k->line));
	*k->at = k->next;
	if (k->next != NULL)
		k->next->at = k->at;
	else
		list->tail = k->at;
}

static struct cfg_kept *
kept_append(struct config *cfg, struct cfg_kept_list *list, const struct command *row, char *line)
{
	struct cfg_kept *k = mem_alloc(cfg->mem, sizeof(*k));

	if (list->tail == NULL)
		list->tail = &list->first;
	k->row = row;
	k->line = line;
	k->at = list->tail;
	*list->tail = k;
	list->tail = &k->next;
	index_put(&cfg->tables->index, INDEX_KEPT, kept_key(cfg->mem, list, row, line), k);
	return k;
}

/* A line that replaces one of its row takes its place. */
static struct cfg_kept *
kept_put(struct config *cfg, struct cfg_kept_list *list, const struct command *row, char *line)
{
	struct cfg_kept *k = kept_find(cfg, list, row, line);

	if (k == NULL)
		return kept_append(cfg, list, row, line);
	k->line = line;
	return k;
}

/* "no" with fewer words than the line had removes each line that begins so. */
static bool
line_begins(const char *line, const char *words)
{
	size_t len = strlen(words);

	return strncmp(line, words, len) == 0 && (line[len] == '\0' || line[len] == ' ');
}

static void
kept_remove(struct config *cfg, struct cfg_kept_list *list, const struct command *row, const char *text)
{
	struct cfg_kept *k = kept_find(cfg, list, row, text), *next;

	if (k != NULL) {
		kept_unlink(cfg, list, k);
		return;
	}
	for (k = row->flags & CMD_MULTI ? list->first : NULL; k != NULL; k = next) {
		next = k->next;
		if (k->row == row && line_begins(k->line, text))
			kept_unlink(cfg, list, k);
	}
}

void
kept_clear(struct config *cfg, struct cfg_kept_list *list)
{
	while (list->first != NULL)
		kept_unlink(cfg, list, list->first);
}

void
kept_clear_words(struct config *cfg, struct cfg_kept_list *list, const char *words)
{
	struct cfg_kept *next;

	for (struct cfg_kept *k = list->first; k != NULL; k = next) {
		next = k->next;
		if (line_begins(k->line, words))
			kept_unlink(cfg, list, k);
	}
}

void
kept_copy(struct config *cfg, struct cfg_kept_list *to, const struct cfg_kept_list *from)
{
	for (const struct cfg_kept *k = from->first; k != NULL; k = k->next) {
		struct cfg_kept *copy = kept_put(cfg, to, k->row, k->line);

		copy->shown = k->shown;
		memcpy(copy->refs, k->refs, sizeof(copy->refs));
	}
}

/* Parameters of rows that name another object, by their label. */
static const struct {
	const char *label;
	char kind;
} reference_labels[] = {
	{ "ifname", INDEX_NAMEIF },
	{ "acl", INDEX_ACL },
	{ "object", INDEX_OBJECT },
	{ "group", INDEX_OBJECT },
	{ "certmap", INDEX_CERT_MAP_NAME },
	{ "trustpoint", INDEX_TRUSTPOINT },
	{ "tunnel-group", INDEX_GROUP },
	{ "server-tag", INDEX_AAA },
};

static void
kept_references(struct config_change *ch, struct cfg_kept *k)
{
	size_t n = 0;

	memset(k->refs, 0, sizeof(k->refs));
	for (size_t i = 0; i < COUNT(reference_labels) && n < COUNT(k->refs); i++) {
		const char *name = cmd_str(ch->m, reference_labels[i].label);

		if (name == NULL)
			continue;
		k->refs[n].kind = reference_labels[i].kind;
		k->refs[n].name = mem_strdup(ch->cfg->mem, name);
		change_place(ch, &k->refs[n++], reference_labels[i].label);
	}
}

int
kept_apply_to(struct config_change *ch, struct cfg_kept_list *list, char *text)
{
	struct cfg_kept *k;

	if (text == NULL)
		text = change_text(ch, false);
	if (ch->m->no) {
		kept_remove(ch->cfg, list, ch->m->row, text);
		return 0;
	}
	if (change_secret_masked(ch))
		return 0;
	k = kept_put(ch->cfg, list, ch->m->row, text);
	k->shown = cmd_has_secret(ch->m) ? change_text(ch, true) : NULL;
	kept_references(ch, k);
	return 0;
}

int
kept_apply(struct config_change *ch)
{
	return kept_apply_to(ch, (struct cfg_kept_list *)((char *)ch->object + ch->mode->kept), NULL);
}
