/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/err.h"
#include "common/mem.h"

#define SUFFIX ".pem"

/* A thing's name may hold any character; a file's name here holds letters, digits, '-' and '_' and %XX. */
void
files_name(const char *prefix, const char *name, char out[FILES_NAME_SIZE])
{
	char *p = out + snprintf(out, 32, "%s", prefix);

	for (; *name != '\0' && p < out + FILES_NAME_SIZE - 16; name++) {
		unsigned char c = (unsigned char)*name;

		if (isalnum(c) || c == '-' || c == '_')
			*p++ = (char)c;
		else
			p += sprintf(p, "%%%02X", c);
	}
	strcpy(p, SUFFIX);
}

/* What the file was made for, to be freed; NULL when it is none of the prefix. */
static char *
name_of(const char *prefix, const char *file)
{
	size_t len = strlen(file), head = strlen(prefix), tail = strlen(SUFFIX);
	char *out, *p;

	if (len <= head + tail || strncmp(file, prefix, head) != 0 || strcmp(file + len - tail, SUFFIX) != 0)
		return NULL;
	p = out = xmalloc(len);
	for (const char *s = file + head; s < file + len - tail; s++) {
		uint8_t byte;

		if (*s == '%' && hex_get(s + 1, 2, &byte, 1)) {
			*p++ = (char)byte;
			s += 2;
		} else {
			*p++ = *s;
		}
	}
	*p = '\0';
	return out;
}

int
files_each(int dir_fd, const char *prefix, void (*fn)(void *ctx, const char *file, const char *name), void *ctx)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return ERR_SYSTEM;
	}
	while ((e = readdir(d)) != NULL) {
		char *name = name_of(prefix, e->d_name);

		if (name != NULL)
			fn(ctx, e->d_name, name);
		free(name);
	}
	closedir(d);
	return 0;
}

int
files_read(int dir_fd, const char *file, gnutls_datum_t *text)
{
	int fd = openat(dir_fd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = -1;

	text->data = xmalloc(FILES_BYTES_MAX + 1);
	text->size = 0;
	if (fd >= 0) {
		n = read(fd, text->data, FILES_BYTES_MAX);
		close(fd);
	}
	if (n <= 0) {
		free(text->data);
		text->data = NULL;
		return ERR_SYSTEM;
	}
	text->data[n] = '\0';
	text->size = (unsigned)n;
	return 0;
}

void
files_text_free(gnutls_datum_t *text)
{
	if (text->data == NULL)
		return;
	explicit_bzero(text->data, text->size);
	free(text->data);
	text->data = NULL;
}

static int
write_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_SYSTEM;
		p += n;
		len -= (size_t)n;
	}
	return fsync(fd) == 0 ? 0 : ERR_SYSTEM;
}

int
files_write(int dir_fd, const char *file, const void *text, size_t len)
{
	static const char temporary[] = "new-file";
	int fd, r, why;

	unlinkat(dir_fd, temporary, 0);
	fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ERR_SYSTEM;
	r = write_all(fd, text, len);
	if (r == 0 && renameat(dir_fd, temporary, dir_fd, file) != 0)
		r = ERR_SYSTEM;
	why = errno;
	close(fd);
	if (r != 0)
		unlinkat(dir_fd, temporary, 0);
	else
		fsync(dir_fd);
	errno = why;
	return r;
}

void
files_wipe(int dir_fd, const char *file)
{
	int fd = openat(dir_fd, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	static const char zeros[4096];
	off_t size;

	if (fd < 0)
		return;
	/* in place: on most file systems the old bytes are gone then, which a removed name alone does not say */
	size = lseek(fd, 0, SEEK_END);
	lseek(fd, 0, SEEK_SET);
	for (; size > 0; size -= (off_t)sizeof(zeros)) {
		if (write(fd, zeros, size < (off_t)sizeof(zeros) ? (size_t)size : sizeof(zeros)) < 0)
			break;
	}
	fsync(fd);
	close(fd);
	unlinkat(dir_fd, file, 0);
	fsync(dir_fd);
}
