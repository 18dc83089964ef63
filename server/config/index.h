/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects by kind and name: a hash table that grows. */
#ifndef OFFHOOK_INDEX_H
#define OFFHOOK_INDEX_H

#include <stddef.h>

struct index_slot {
	char kind; /* 0: free */
	const char *name;
	void *object; /* NULL: removed */
};

struct index {
	struct index_slot *slots;
	size_t room, used; /* used counts removed ones */
};

enum {
	INDEX_HW = 'h',
	INDEX_NAMEIF = 'i',
	INDEX_POOL = 'p',
	INDEX_POLICY = 'g',
	INDEX_GROUP = 't',
	INDEX_TRUSTPOINT = 'c',
	INDEX_URL = 'u',
	INDEX_USER = 'n',
	INDEX_ACL = 'a',
};

/* name must live as long as the entry. An entry of the same name is replaced. */
void index_put(struct index *, char kind, const char *name, void *object);
void *index_get(const struct index *, char kind, const char *name);
void index_remove(struct index *, char kind, const char *name);
void index_clear(struct index *);

#endif
