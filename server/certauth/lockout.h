/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Failed logins of local users, and who is locked out for them ("aaa local
 * authentication attempts max-fail"). Only names that exist get here, so the
 * table is no larger than the configuration.
 */
#ifndef OFFHOOK_LOCKOUT_H
#define OFFHOOK_LOCKOUT_H

#include <stdbool.h>
#include <stdint.h>

#define LOCKOUT_SLOTS 256

struct lock { /* a user who failed since the last success */
	struct lock *next;
	char *user;
	unsigned failures;
	bool locked;
	uint64_t at; /* time_t of the last failure, or of the lock */
};

struct lockout { /* all zero: empty */
	struct lock *slots[LOCKOUT_SLOTS];
	void (*changed)(const struct lock *lock); /* may be NULL; failures 0: it is gone */
};

bool lockout_is_locked(const struct lockout *lo, const char *user);

/* A wrong password. True: this one locks the user. max_fail 0: never. */
bool lockout_failed(struct lockout *lo, const char *user, unsigned max_fail, uint64_t now);

/* Forget a user's failures. True: he was locked. */
bool lockout_forget(struct lockout *lo, const char *user);

/* Forget those that keep(ctx, lock) does not want. */
void lockout_sweep(struct lockout *lo, bool (*keep)(void *ctx, const struct lock *lock), void *ctx);

#endif
