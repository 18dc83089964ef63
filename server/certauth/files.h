/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small private files in certauth's directory, one per named thing: made whole
 * or not at all, mode 0600, and their names safe whatever the thing is called.
 */
#ifndef OFFHOOK_FILES_H
#define OFFHOOK_FILES_H

#include <gnutls/gnutls.h>

#define FILES_NAME_SIZE 512
#define FILES_BYTES_MAX (256 * 1024)

/* "identity-" and "a b" give "identity-a%20b.pem". */
void files_name(const char *prefix, const char *name, char out[FILES_NAME_SIZE]);

/* Call fn for each file of the prefix with the name that it was made for. 0 or ERR_SYSTEM. */
int files_each(int dir_fd, const char *prefix, void (*fn)(void *ctx, const char *file, const char *name), void *ctx);

/* All of a file, with a NUL behind it: files_text_free(). 0 or ERR_SYSTEM. */
int files_read(int dir_fd, const char *file, gnutls_datum_t *text);
void files_text_free(gnutls_datum_t *text); /* wipes */

/* Write under another name, sync, rename, sync the directory. 0, or ERR_SYSTEM with errno set and nothing changed. */
int files_write(int dir_fd, const char *file, const void *text, size_t len);

/* Overwrite and remove; no file is no error. */
void files_wipe(int dir_fd, const char *file);

#endif
