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
	INDEX_OBJECT = 'o',
	INDEX_TIME_RANGE = 'r',
	INDEX_AAA = 's',
	INDEX_AAA_HOST = 'S',
	INDEX_CERT_MAP = 'm',      /* "SEQ NAME" */
	INDEX_CERT_MAP_NAME = 'M', /* the first of that name */
	INDEX_POOL6 = 'P',
	INDEX_KEPT = 'k', /* kept lines, by list, row and text */
	INDEX_ACL_RULE = 'l', /* rules, by list and text */
	INDEX_ALIAS = 'N', /* "name IP ALIAS": the address as text */
	INDEX_SAID = 'w', /* keywords without effect that have been said */
	INDEX_IGNORED = 'x',
};

/* name must live as long as the entry. An entry of the same name is replaced. */
void index_put(struct index *, char kind, const char *name, void *object);
void *index_get(const struct index *, char kind, const char *name);
void index_remove(struct index *, char kind, const char *name);
void index_clear(struct index *);

#endif
