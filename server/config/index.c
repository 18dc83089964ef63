/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/config/index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

/* FNV-1a; the names come from the administrator, not from the network. */
static size_t
index_hash(char kind, const char *name)
{
	uint64_t h = 14695981039346656037u ^ (uint64_t)(unsigned char)kind;

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 1099511628211u;
	return (size_t)(h ^ (h >> 32));
}

/* The slot that holds the name, or the free one where it would go. */
static struct index_slot *
index_slot(const struct index *ix, char kind, const char *name)
{
	size_t at = index_hash(kind, name) & (ix->room - 1);

	while (ix->slots[at].kind != 0 && (ix->slots[at].kind != kind || strcmp(ix->slots[at].name, name) != 0))
		at = (at + 1) & (ix->room - 1);
	return &ix->slots[at];
}

static void
index_grow(struct index *ix)
{
	struct index old = *ix;

	ix->room = old.room ? old.room * 2 : 64;
	ix->slots = xcalloc(ix->room, sizeof(*ix->slots));
	ix->used = 0;
	for (size_t i = 0; i < old.room; i++) {
		if (old.slots[i].kind != 0 && old.slots[i].object != NULL)
			index_put(ix, old.slots[i].kind, old.slots[i].name, old.slots[i].object);
	}
	free(old.slots);
}

void
index_put(struct index *ix, char kind, const char *name, void *object)
{
	struct index_slot *slot;

	if (ix->used * 2 >= ix->room)
		index_grow(ix);
	slot = index_slot(ix, kind, name);
	ix->used += slot->kind == 0;
	*slot = (struct index_slot){ kind, name, object };
}

void *
index_get(const struct index *ix, char kind, const char *name)
{
	return ix->room == 0 ? NULL : index_slot(ix, kind, name)->object;
}

void
index_remove(struct index *ix, char kind, const char *name)
{
	if (ix->room != 0)
		index_slot(ix, kind, name)->object = NULL;
}

void
index_clear(struct index *ix)
{
	free(ix->slots);
	*ix = (struct index){ 0 };
}
