/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/snmp/ask.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/control.h"

#define ANSWER_S   3
#define ANSWER_MAX (64u * 1024 * 1024)

static const char *path;
static bool complained;

void
ask_init(const char *socket_path)
{
	path = socket_path;
}

static void
complain(const char *why)
{
	if (!complained)
		fprintf(stderr, "offhook-snmp: %s: %s\n", path, why);
	complained = true;
}

static bool
send_frame(int fd, enum control_type type, const char *text)
{
	size_t len = strlen(text);
	unsigned char head[CONTROL_HEAD] = { (unsigned char)(len >> 24), (unsigned char)(len >> 16), (unsigned char)(len >> 8),
		(unsigned char)len, (unsigned char)type };

	return send(fd, head, sizeof(head), MSG_NOSIGNAL) == sizeof(head) &&
	    (len == 0 || send(fd, text, len, MSG_NOSIGNAL) == (ssize_t)len);
}

static bool
receive(int fd, void *out, size_t len)
{
	for (char *p = out; len > 0;) {
		ssize_t n = recv(fd, p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* Frames up to the second prompt: one greets, one stands behind the answer. */
static bool
answer_read(int fd, FILE *out)
{
	static char data[CONTROL_OUT_MAX];
	size_t total = 0;

	for (int prompts = 0; prompts < 2;) {
		unsigned char head[CONTROL_HEAD];
		size_t len;

		if (!receive(fd, head, sizeof(head)))
			return false;
		len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
		if (len > sizeof(data) || (total += len) > ANSWER_MAX || !receive(fd, data, len))
			return false;
		if (head[4] == CONTROL_OUTPUT)
			fwrite(data, 1, len, out);
		else if (head[4] == CONTROL_PROMPT)
			prompts++;
		else if (head[4] == CONTROL_END)
			return false;
	}
	return true;
}

static int
socket_open(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = ANSWER_S };
	int fd;

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	close(fd);
	return -1;
}

json_t *
ask(const char *command)
{
	int fd = socket_open();
	json_t *json = NULL;
	char *text = NULL;
	size_t len = 0;
	FILE *f;
	bool ok;

	if (fd < 0) {
		complain(strerror(errno));
		return NULL;
	}
	if ((f = open_memstream(&text, &len)) == NULL)
		abort();
	ok = send_frame(fd, CONTROL_JSON, "") && send_frame(fd, CONTROL_LINE, command) && answer_read(fd, f);
	fclose(f);
	close(fd);
	if (ok)
		json = json_loadb(text, len, 0, NULL);
	free(text);
	if (json == NULL)
		complain("no answer that could be read");
	else
		complained = false;
	return json;
}
