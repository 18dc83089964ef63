/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The replay window of a DTLS session (RFC 6347 4.1.2.6), as a ring of words
 * of which the newest is being filled (RFC 6479). Pure.
 */
#ifndef OFFHOOK_REPLAY_H
#define OFFHOOK_REPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define REPLAY_WORDS  8
#define REPLAY_WINDOW ((REPLAY_WORDS - 1) * 64) /* numbers behind the highest that are remembered */

struct replay {
	uint64_t high; /* highest number that was marked */
	uint64_t bits[REPLAY_WORDS];
};

/* All numbers below `next` count as seen. */
static inline void
replay_init(struct replay *w, uint64_t next)
{
	w->high = next > 0 ? next - 1 : 0;
	memset(w->bits, next > 0 ? 0xff : 0, sizeof(w->bits));
	if (next > 0) /* the rest of the word is still to come */
		w->bits[w->high / 64 % REPLAY_WORDS] = UINT64_MAX >> (63 - w->high % 64);
}

static inline bool
replay_new(const struct replay *w, uint64_t n)
{
	if (n > w->high)
		return true;
	return w->high - n < REPLAY_WINDOW && (w->bits[n / 64 % REPLAY_WORDS] >> n % 64 & 1) == 0;
}

/* A number that is new, and authenticated. */
static inline void
replay_mark(struct replay *w, uint64_t n)
{
	if (n > w->high) {
		uint64_t words = n / 64 - w->high / 64;

		for (uint64_t i = 1; i <= words && i <= REPLAY_WORDS; i++)
			w->bits[(w->high / 64 + i) % REPLAY_WORDS] = 0;
		w->high = n;
	}
	w->bits[n / 64 % REPLAY_WORDS] |= UINT64_C(1) << n % 64;
}

#endif
