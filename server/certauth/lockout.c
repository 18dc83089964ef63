/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/lockout.h"

#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

static size_t
lock_slot(const char *user)
{
	size_t h = 5381;

	for (const char *c = user; *c != '\0'; c++)
		h = h * 33 + (unsigned char)*c;
	return h % LOCKOUT_SLOTS;
}

static struct lock *
lock_find(const struct lockout *lo, const char *user)
{
	struct lock *l = lo->slots[lock_slot(user)];

	while (l != NULL && strcmp(l->user, user) != 0)
		l = l->next;
	return l;
}

static struct lock *
lock_make(struct lockout *lo, const char *user)
{
	struct lock *l = xcalloc(1, sizeof(*l)), **slot = &lo->slots[lock_slot(user)];

	l->user = xstrdup(user);
	l->next = *slot;
	*slot = l;
	return l;
}

static void
lock_tell(const struct lockout *lo, const struct lock *l)
{
	if (lo->changed != NULL)
		lo->changed(l);
}

/* Take out and free the lock that *at points to. */
static void
lock_remove(struct lockout *lo, struct lock **at)
{
	struct lock *l = *at;

	*at = l->next;
	l->failures = 0;
	l->locked = false;
	lock_tell(lo, l);
	free(l->user);
	free(l);
}

bool
lockout_is_locked(const struct lockout *lo, const char *user)
{
	const struct lock *l = lock_find(lo, user);

	return l != NULL && l->locked;
}

bool
lockout_failed(struct lockout *lo, const char *user, unsigned max_fail, uint64_t now)
{
	struct lock *l = lock_find(lo, user);
	bool locks;

	if (l == NULL)
		l = lock_make(lo, user);
	l->failures++;
	locks = !l->locked && max_fail > 0 && l->failures >= max_fail;
	if (!l->locked) /* the lock's own time stays */
		l->at = now;
	l->locked |= locks;
	lock_tell(lo, l);
	return locks;
}

bool
lockout_forget(struct lockout *lo, const char *user)
{
	for (struct lock **at = &lo->slots[lock_slot(user)]; *at != NULL; at = &(*at)->next) {
		bool locked = (*at)->locked;

		if (strcmp((*at)->user, user) != 0)
			continue;
		lock_remove(lo, at);
		return locked;
	}
	return false;
}

void
lockout_sweep(struct lockout *lo, bool (*keep)(void *ctx, const struct lock *lock), void *ctx)
{
	for (size_t i = 0; i < LOCKOUT_SLOTS; i++) {
		struct lock **at = &lo->slots[i];

		while (*at != NULL) {
			if (keep(ctx, *at))
				at = &(*at)->next;
			else
				lock_remove(lo, at);
		}
	}
}
