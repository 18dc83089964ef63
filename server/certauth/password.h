/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Passwords of local users against the hashes of an ASA's configuration:
 *
 *   pbkdf2      $sha512$ROUNDS$SALT$HASH, PBKDF2 with HMAC-SHA-512
 *   encrypted   16 characters, MD5 as PIX and ASA made it before 9.7
 *
 * Checking takes milliseconds and belongs beside the event loop (aside.h).
 */
#ifndef OFFHOOK_PASSWORD_H
#define OFFHOOK_PASSWORD_H

#include <stdbool.h>

#include "server/config/model.h"

#define PASSWORD_ROUNDS 5000       /* what an ASA uses */
#define PASSWORD_ROUNDS_MAX 100000 /* more in a pasted hash would keep other logins waiting */

/* Rounds that checking this hash costs; 0: none, or a hash that is not checked. */
unsigned password_rounds(enum user_password kind, const char *hash);

/*
 * Is it the user's password? An empty one never is. At least `rounds` rounds of PBKDF2 are spent
 * whatever the answer, so that users who do not exist (hash NULL), with old
 * hashes or with other rounds cost the same.
 */
bool password_check(enum user_password kind, const char *hash, const char *user, const char *password, unsigned rounds);

#endif
