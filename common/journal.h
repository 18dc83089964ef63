/* SPDX-License-Identifier: GPL-2.0-or-later */
/* systemd's journal, in its native protocol: a datagram of FIELD=value lines. */
#ifndef OFFHOOK_JOURNAL_H
#define OFFHOOK_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

struct log_field;

/* $JOURNAL_STREAM names standard error ("device:inode"). Looked up once. */
bool journal_is_stderr(void);

/* Open the way to the journal; false: there is none. */
bool journal_open(void);

/*
 * MESSAGE is text (without its end), SYSLOG_IDENTIFIER name; fields as in
 * log_raw(). Never waits: -1 when the journal does not take it now.
 */
int journal_send(int priority, const char *name, const char *text, size_t len, const struct log_field *fields);

#endif
