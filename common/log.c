/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/journal.h"

#define LINE_MAX_BYTES 2048
#define HEAD_BYTES     3 /* "<N>" */

static const char *log_name = "offhook";
static enum log_level log_max = LOG_LVL_INFO;
static bool log_to_syslog, log_to_journal;

static const struct {
	const char *word;
	int priority;
} levels[] = {
	[LOG_LVL_ERR] = { "error: ", LOG_ERR },
	[LOG_LVL_WARN] = { "warning: ", LOG_WARNING },
	[LOG_LVL_INFO] = { "", LOG_INFO },
	[LOG_LVL_DEBUG] = { "debug: ", LOG_DEBUG },
};

void
log_init(const char *name, enum log_level max)
{
	log_name = name;
	log_max = max;
	(void)journal_is_stderr(); /* now: a sandbox may not let it look */
}

void
log_use_syslog(void)
{
	openlog(log_name, LOG_PID, LOG_DAEMON);
	log_to_syslog = true;
}

void
log_use_journal(void)
{
	log_to_journal = journal_is_stderr() && journal_open();
}

/*
 * One write(2) per line, so that lines of several processes do not mix. In
 * front of the line there are HEAD_BYTES, behind it room for its end. body is
 * where the text begins behind the program's name, which the journal has elsewhere.
 */
static void
log_write(int priority, char *line, size_t len, size_t body, const struct log_field *fields)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	}
	if (log_to_syslog) {
		syslog(priority, "%.*s", (int)len, line);
		return;
	}
	if (log_to_journal && journal_send(priority, log_name, line + body, len - body, fields) == 0)
		return;
	line[len++] = '\n';
	if (journal_is_stderr()) {
		line -= HEAD_BYTES;
		len += HEAD_BYTES;
		line[0] = '<';
		line[1] = (char)('0' + priority);
		line[2] = '>';
	}
	(void)!write(STDERR_FILENO, line, len);
}

void
log_raw(int priority, const char *text, const struct log_field *fields)
{
	char room[HEAD_BYTES + LINE_MAX_BYTES + 2], *line = room + HEAD_BYTES;
	size_t len = strnlen(text, LINE_MAX_BYTES);

	memcpy(line, text, len);
	log_write(priority, line, len, 0, fields);
}

static void
log_vline(enum log_level level, const char *fmt, va_list ap)
{
	char room[HEAD_BYTES + LINE_MAX_BYTES + 2], *line = room + HEAD_BYTES;
	int head, body;

	head = snprintf(line, LINE_MAX_BYTES, "%s: %s", log_name, levels[level].word);
	body = vsnprintf(line + head, (size_t)(LINE_MAX_BYTES - head), fmt, ap);
	if (body < 0)
		return;
	log_write(levels[level].priority, line, strlen(line), strlen(log_name) + 2, NULL);
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	if (level > log_max)
		return;
	va_start(ap, fmt);
	log_vline(level, fmt, ap);
	va_end(ap);
}

void
fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vline(LOG_LVL_ERR, fmt, ap);
	va_end(ap);
	exit(1);
}
