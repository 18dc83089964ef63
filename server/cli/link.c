/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct {
	int fd;
	unsigned char head[CONTROL_HEAD];
	size_t have; /* of the frame that is being read, its head included */
} conn;

void
die(const char *what, const char *why)
{
	fflush(stdout);
	fprintf(stderr, "offhook: %s: %s\n", what, why);
	exit(2);
}

void
link_open(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(sun.sun_path))
		die(path, "the path is too long");
	strcpy(sun.sun_path, path);
	conn.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (conn.fd < 0 || connect(conn.fd, (struct sockaddr *)&sun, sizeof(sun)) != 0)
		die(path, strerror(errno));
}

void
link_send(enum control_type type, const char *data, size_t len)
{
	unsigned char head[CONTROL_HEAD] = {
		(unsigned char)(len >> 24), (unsigned char)(len >> 16), (unsigned char)(len >> 8), (unsigned char)len,
		(unsigned char)type,
	};
	const char *parts[2] = { (const char *)head, data };
	size_t lens[2] = { sizeof(head), len };

	for (int i = 0; i < 2; i++) {
		while (lens[i] > 0) {
			ssize_t n = send(conn.fd, parts[i], lens[i], MSG_NOSIGNAL);

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				return; /* the daemon left: its last words are still to be read */
			parts[i] += n;
			lens[i] -= (size_t)n;
		}
	}
}

/* Into buf, whose first byte is byte `from` of the frame. False: a signal came; what is there stays counted. */
static bool
read_part(void *buf, size_t from, size_t len)
{
	while (conn.have < from + len) {
		ssize_t n = read(conn.fd, (char *)buf + (conn.have - from), from + len - conn.have);

		if (n < 0 && errno == EINTR)
			return false;
		if (n <= 0)
			die("the daemon", "closed the connection");
		conn.have += (size_t)n;
	}
	return true;
}

bool
link_receive(struct frame *f)
{
	const unsigned char *h = conn.head;

	if (!read_part(conn.head, 0, CONTROL_HEAD))
		return false;
	f->len = (size_t)h[0] << 24 | (size_t)h[1] << 16 | (size_t)h[2] << 8 | h[3];
	f->type = (enum control_type)h[4];
	if (f->len > CONTROL_OUT_MAX)
		die("the daemon", "sends what is no answer");
	if (!read_part(f->data, CONTROL_HEAD, f->len))
		return false;
	f->data[f->len] = '\0';
	conn.have = 0;
	return true;
}

char *
link_ask(enum control_type type, const char *text, size_t len)
{
	static struct frame f;
	char *all = strdup("");
	size_t used = 0;

	link_send(type, text, len);
	for (;;) {
		if (!link_receive(&f))
			continue;
		if (f.type == CONTROL_DONE)
			return all;
		if (f.type != CONTROL_OUTPUT)
			continue;
		all = realloc(all, used + f.len + 1);
		if (all == NULL)
			die("the answer", strerror(errno));
		memcpy(all + used, f.data, f.len + 1);
		used += f.len;
	}
}
