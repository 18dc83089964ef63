/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define DATAGRAM_BYTES 8192

static int journal_fd = -1;

bool
journal_is_stderr(void)
{
	static int known = -1;
	const char *stream;
	unsigned long long dev, inode;
	struct stat st;

	if (known >= 0)
		return known == 1;
	stream = getenv("JOURNAL_STREAM");
	known = stream != NULL && sscanf(stream, "%llu:%llu", &dev, &inode) == 2 && fstat(STDERR_FILENO, &st) == 0 &&
	    st.st_dev == dev && st.st_ino == inode;
	return known == 1;
}

bool
journal_open(void)
{
	if (journal_fd < 0)
		journal_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return journal_fd >= 0 && access(JOURNAL_SOCKET, W_OK) == 0;
}

/* NAME=value and its end; a value's own line ends would begin another field. False: no room. */
static bool
field_put(char *out, size_t *at, const char *name, const char *value, size_t len)
{
	size_t name_len = strlen(name);

	if (name_len + len + 2 > DATAGRAM_BYTES - *at)
		return false;
	memcpy(out + *at, name, name_len);
	*at += name_len;
	out[(*at)++] = '=';
	for (size_t i = 0; i < len; i++)
		out[(*at)++] = value[i] == '\n' ? ' ' : value[i];
	out[(*at)++] = '\n';
	return true;
}

int
journal_send(int priority, const char *name, const char *text, size_t len, const struct log_field *fields)
{
	/* by name each time: a journal that was started again is found */
	struct sockaddr_un sun = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
	char out[DATAGRAM_BYTES], digit = (char)('0' + priority);
	size_t at = 0;
	bool fits = field_put(out, &at, "PRIORITY", &digit, 1) && field_put(out, &at, "SYSLOG_IDENTIFIER", name, strlen(name)) &&
	    field_put(out, &at, "MESSAGE", text, len);

	for (; fits && fields != NULL && fields->name != NULL; fields++) {
		if (fields->value != NULL && fields->value[0] != '\0')
			(void)field_put(out, &at, fields->name, fields->value, strlen(fields->value));
	}
	if (!fits || sendto(journal_fd, out, at, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		return -1;
	return 0;
}
