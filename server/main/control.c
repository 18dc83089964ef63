/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/control.h"

#include <errno.h>
#include <ev.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/control.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/wait.h"

#define CLIENTS_MAX 64
#define OUT_HIGH    (1024 * 1024) /* with more than this unread, no further command is taken */

struct client {
	struct client *next;
	int fd;
	ev_io rd, wr;
	struct cli cli;
	char user[64];
	uint8_t *in;
	size_t in_len, in_room;
	uint8_t *out;
	size_t out_len, out_sent, out_room;
	ev_timer more; /* the next part of a long answer: after everybody else had his turn */
	int pager_told;
	bool eof;
};

struct door { /* a socket that operators come by */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int fd;
	ev_io accept;
	gid_t group; /* whose members may, besides root */
	bool has_group, read_only;
};

enum { DOOR_CONTROL, DOOR_SHOW, DOORS };

static struct {
	struct door doors[DOORS];
	struct client *clients;
	unsigned count;
} control = { .doors = { { .fd = -1 }, { .fd = -1 } } };

static void client_process(struct client *c);

static void
client_free(struct client *c)
{
	for (struct client **at = &control.clients; *at != NULL; at = &(*at)->next) {
		if (*at == c) {
			*at = c->next;
			break;
		}
	}
	control.count--;
	ev_io_stop(daemon_.loop, &c->rd);
	ev_io_stop(daemon_.loop, &c->wr);
	ev_timer_stop(daemon_.loop, &c->more);
	cli_clear(&c->cli);
	close(c->fd);
	if (c->in != NULL)
		explicit_bzero(c->in, c->in_room);
	free(c->in);
	free(c->out);
	free(c);
}

static void
out_room(struct client *c, size_t more)
{
	if (c->out_len + more <= c->out_room)
		return;
	c->out_room = (c->out_len + more) * 2;
	c->out = xrealloc(c->out, c->out_room);
}

static void
out_frame(struct client *c, enum control_type type, const void *data, size_t len)
{
	struct wr w;

	out_room(c, CONTROL_HEAD + len);
	w = wr_init(c->out + c->out_len, CONTROL_HEAD + len);
	wr_u32(&w, (uint32_t)len);
	wr_u8(&w, (uint8_t)type);
	wr_bytes(&w, data, len);
	c->out_len += CONTROL_HEAD + len;
}

static void
out_text(struct client *c, const char *text, size_t len)
{
	while (len > 0) {
		size_t n = len < CONTROL_OUT_MAX ? len : CONTROL_OUT_MAX;

		out_frame(c, CONTROL_OUTPUT, text, n);
		text += n;
		len -= n;
	}
}

static void
out_prompt(struct client *c)
{
	char text[512];

	if (c->cli.left) {
		out_frame(c, CONTROL_END, NULL, 0);
		return;
	}
	if (c->cli.pager_lines != c->pager_told) {
		c->pager_told = c->cli.pager_lines;
		out_frame(c, CONTROL_PAGER, text, (size_t)snprintf(text, sizeof(text), "%d", c->pager_told));
	}
	text[0] = (char)cli_prompt(&c->cli, text + 1, sizeof(text) - 1);
	out_frame(c, CONTROL_PROMPT, text, 1 + strlen(text + 1));
}

/* False: the client is gone (and freed). */
static bool
out_send(struct client *c)
{
	while (c->out_sent < c->out_len) {
		ssize_t n = send(c->fd, c->out + c->out_sent, c->out_len - c->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			ev_io_start(daemon_.loop, &c->wr);
			return true;
		}
		if (n < 0) {
			client_free(c);
			return false;
		}
		c->out_sent += (size_t)n;
	}
	c->out_len = c->out_sent = 0;
	ev_io_stop(daemon_.loop, &c->wr);
	if (c->cli.left || (c->eof && !c->cli.busy && c->cli.more == NULL && c->in_len == 0)) {
		client_free(c);
		return false;
	}
	return true;
}

/* What fn writes for the text of a frame, sent. */
static void
client_ask(struct client *c, const uint8_t *data, size_t len, void (*fn)(struct cli *, const char *, FILE *))
{
	char *line = xmalloc(len + 1), *text = NULL;
	size_t text_len = 0;
	FILE *f;

	memcpy(line, data, len);
	line[len] = '\0';
	for (size_t i = 0; i < len; i++) {
		if (line[i] == '\0') /* would hide what follows: a byte that nothing accepts */
			line[i] = 0x01;
	}
	f = open_memstream(&text, &text_len);
	if (f == NULL)
		abort();
	fn(&c->cli, line, f);
	fclose(f);
	out_text(c, text, text_len);
	free(text);
	explicit_bzero(line, len);
	free(line);
}

/* An answer is whole, or goes on. */
static void
client_answered(struct client *c)
{
	if (c->cli.more != NULL)
		ev_timer_start(daemon_.loop, &c->more);
	else if (!c->cli.busy)
		out_prompt(c);
}

static void
more_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct client *c = w->data;
	char *text = NULL;
	size_t len = 0;
	FILE *f;

	(void)revents;
	ev_timer_stop(loop, w);
	if (c->out_len - c->out_sent >= OUT_HIGH)
		return; /* it reads slowly: client_writable_cb() goes on */
	if ((f = open_memstream(&text, &len)) == NULL)
		abort();
	cli_more(&c->cli, f);
	fclose(f);
	out_text(c, text, len);
	free(text);
	client_answered(c);
	client_process(c);
}

static void
client_stop(struct client *c)
{
	if (c->cli.more == NULL)
		return;
	ev_timer_stop(daemon_.loop, &c->more);
	cli_interrupt(&c->cli);
	out_prompt(c);
}

static void
client_take(struct client *c, uint8_t type, const uint8_t *data, size_t len)
{
	switch (type) {
	case CONTROL_JSON:
		c->cli.json = true;
		break;
	case CONTROL_LINE:
		client_ask(c, data, len, cli_line);
		client_answered(c);
		break;
	case CONTROL_HELP:
	case CONTROL_WORDS:
		client_ask(c, data, len, type == CONTROL_HELP ? cli_help : cli_complete);
		out_frame(c, CONTROL_DONE, NULL, 0);
		break;
	default:
		break; /* CONTROL_STOP of an answer that has just ended */
	}
}

/* Handle one frame from the input. False: none whole. */
static bool
client_frame(struct client *c)
{
	struct rd r = rd_init(c->in, c->in_len);
	uint32_t len = rd_u32(&r);
	uint8_t type = rd_u8(&r);
	const uint8_t *data;
	size_t total = CONTROL_HEAD + (size_t)len;

	if (r.bad)
		return false;
	if (len > CONTROL_LINE_MAX) { /* not one of ours */
		static const char text[] = "ERROR: the line is too long\n";

		out_text(c, text, sizeof(text) - 1);
		c->cli.left = true;
		out_prompt(c);
		c->in_len = 0;
		return false;
	}
	data = rd_bytes(&r, len);
	if (r.bad)
		return false;
	if (c->cli.more == NULL)
		client_take(c, type, data, len);
	else if (type == CONTROL_STOP)
		client_stop(c);
	else
		return false; /* a line that waits for the end of the answer */
	explicit_bzero(c->in, total);
	memmove(c->in, c->in + total, c->in_len - total);
	c->in_len -= total;
	return true;
}

static void
client_process(struct client *c)
{
	while (!c->cli.busy && !c->cli.left && (c->cli.more != NULL || c->out_len - c->out_sent < OUT_HIGH) && client_frame(c))
		;
	if (c->eof && !c->cli.busy && c->cli.more == NULL)
		c->in_len = 0; /* what is left is half a frame */
	else if (!c->eof && c->in_len < CONTROL_LINE_MAX)
		ev_io_start(daemon_.loop, &c->rd); /* it may have been stopped, far ahead of the answers */
	out_send(c);
}

/* A command that waited is done. */
static void
client_resume(struct cli *cli, const char *text)
{
	struct client *c = cli->owner;

	out_text(c, text, strlen(text));
	out_prompt(c);
	client_process(c);
}

static void
client_readable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct client *c = w->data;
	ssize_t n;

	(void)revents;
	if (c->in_room - c->in_len < 4096) {
		if (c->in_room > 2 * CONTROL_LINE_MAX) { /* far ahead of what is answered */
			ev_io_stop(loop, w);
			return;
		}
		c->in_room = c->in_room == 0 ? 4096 : c->in_room * 2;
		c->in = xrealloc(c->in, c->in_room);
	}
	n = recv(c->fd, c->in + c->in_len, c->in_room - c->in_len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		c->eof = true;
		ev_io_stop(loop, w);
		wait_cancel(&c->cli);
	} else {
		c->in_len += (size_t)n;
	}
	client_process(c);
}

static void
client_writable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct client *c = w->data;

	(void)revents;
	if (!out_send(c))
		return;
	if (!c->eof)
		ev_io_start(loop, &c->rd);
	if (c->cli.more != NULL)
		ev_timer_start(loop, &c->more);
	client_process(c);
}

static bool
is_member(int fd, const struct ucred *cred, gid_t group)
{
	gid_t groups[256];
	socklen_t len = sizeof(groups);

	if (cred->gid == group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++) {
		if (groups[i] == group)
			return true;
	}
	return false;
}

/* Root, our own user, and members of the door's group. */
static bool
peer_allowed(int fd, const struct door *door, char *user, size_t size)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	struct passwd *pw;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		return false;
	if (cred.uid != 0 && cred.uid != geteuid() && !(door->has_group && is_member(fd, &cred, door->group))) {
		log_warn("control socket: user %u is refused", cred.uid);
		return false;
	}
	pw = getpwuid(cred.uid);
	if (pw != NULL)
		snprintf(user, size, "%s", pw->pw_name);
	else
		snprintf(user, size, "%u", cred.uid);
	return true;
}

static void
accept_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	const struct door *door = w->data;
	struct client *c;
	char user[64];
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)revents;
	if (fd < 0)
		return;
	if (control.count >= CLIENTS_MAX || !peer_allowed(fd, door, user, sizeof(user))) {
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->fd = fd;
	snprintf(c->user, sizeof(c->user), "%s", user);
	cli_init(&c->cli, c->user, client_resume, c);
	c->cli.read_only = door->read_only;
	c->cli.privileged = !door->read_only;
	ev_timer_init(&c->more, more_cb, 0.0, 0.0);
	c->more.data = c;
	c->pager_told = -1;
	ev_io_init(&c->rd, client_readable_cb, fd, EV_READ);
	ev_io_init(&c->wr, client_writable_cb, fd, EV_WRITE);
	c->rd.data = c->wr.data = c;
	ev_io_start(loop, &c->rd);
	c->next = control.clients;
	control.clients = c;
	control.count++;
	out_prompt(c);
	out_send(c);
}

/* A socket file that nobody answers is a dead daemon's. */
static void
stale_remove(const struct sockaddr_un *sun, const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0)
		fatal("%s: another offhookd answers there", path);
	if (fd >= 0)
		close(fd);
	unlink(path);
}

static void
door_open(struct door *door, const char *path, const char *group)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t old;

	if (strlen(path) >= sizeof(sun.sun_path))
		fatal("control socket: the path %s is too long", path);
	strcpy(sun.sun_path, path);
	strcpy(door->path, path);
	stale_remove(&sun, path);
	door->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	old = umask(0177);
	if (door->fd < 0 || bind(door->fd, (struct sockaddr *)&sun, sizeof(sun)) != 0 || listen(door->fd, 64) != 0)
		fatal("control socket %s: %s", path, strerror(errno));
	umask(old);
	if (group != NULL) {
		const struct group *gr = getgrnam(group);

		if (gr == NULL)
			fatal("the group %s of %s does not exist", group, path);
		door->group = gr->gr_gid;
		door->has_group = true;
		if (chown(path, (uid_t)-1, door->group) != 0 || chmod(path, 0660) != 0)
			fatal("control socket %s: %s", path, strerror(errno));
	}
	ev_io_init(&door->accept, accept_cb, door->fd, EV_READ);
	door->accept.data = door;
	ev_io_start(daemon_.loop, &door->accept);
}

void
control_start(const struct host_config *host)
{
	control.doors[DOOR_SHOW].read_only = true;
	door_open(&control.doors[DOOR_CONTROL], host->control_socket, host->control_group);
	door_open(&control.doors[DOOR_SHOW], host->show_socket, host->show_group);
}

void
control_stop(void)
{
	while (control.clients != NULL)
		client_free(control.clients);
	for (struct door *door = control.doors; door < control.doors + DOORS; door++) {
		if (door->fd < 0)
			continue;
		ev_io_stop(daemon_.loop, &door->accept);
		close(door->fd);
		unlink(door->path);
		door->fd = -1;
	}
}
