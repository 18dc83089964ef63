/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines for the operator and for developers, on standard error (or to syslog
 * in the background). The ASA's own messages are server/main/asalog.h.
 * Control characters in a line are printed as '?'. Where standard error is
 * systemd's journal, each line has its priority: a "<N>" at its head, and from
 * a process that called log_use_journal() a datagram with fields of its own.
 */
#ifndef OFFHOOK_LOG_H
#define OFFHOOK_LOG_H

enum log_level { LOG_LVL_ERR, LOG_LVL_WARN, LOG_LVL_INFO, LOG_LVL_DEBUG };

/* name stands at the head of each line; it must stay valid. */
void log_init(const char *name, enum log_level max);
void log_use_syslog(void);
/* Does nothing where standard error is not the journal. */
void log_use_journal(void);
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A field of the journal; a NULL name ends them, one with a NULL value is left out. */
struct log_field {
	const char *name, *value;
};

/* One line as it is, without head (ASA messages); priority is syslog's severity 0..7, fields may be NULL. */
void log_raw(int priority, const char *text, const struct log_field *fields);

#define log_err(...)   log_line(LOG_LVL_ERR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_LVL_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_LVL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LVL_DEBUG, __VA_ARGS__)

/* Log and exit(1): start-up, and broken invariants of one's own process. */
void fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
