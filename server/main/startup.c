/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/startup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/err.h"
#include "common/mem.h"
#include "server/config/config.h"
#include "server/main/daemon.h"

static int
write_file(const char *path, const char *text, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	int r = ERR_SYSTEM;

	if (fd < 0)
		return r;
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		text += n;
		len -= (size_t)n;
	}
	if (len == 0 && fchmod(fd, mode) == 0 && fsync(fd) == 0)
		r = 0;
	close(fd);
	return r;
}

static void
directory_sync(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

/* New file beside the old one, on the disk before it takes its place; the old one stays as .previous. */
static int
replace_file(const char *path, const char *text, size_t len)
{
	char temporary[PATH_MAX], previous[PATH_MAX];
	struct stat st;
	mode_t mode = stat(path, &st) == 0 ? st.st_mode & 0770 : 0600; /* it may hold secrets in clear */

	snprintf(temporary, sizeof(temporary), "%s.new", path);
	snprintf(previous, sizeof(previous), "%s.previous", path);
	if (write_file(temporary, text, len, mode) != 0) {
		int saved = errno;

		unlink(temporary);
		errno = saved;
		return ERR_SYSTEM;
	}
	unlink(previous);
	if (link(path, previous) != 0 && errno != ENOENT && errno != EPERM)
		return ERR_SYSTEM;
	if (rename(temporary, path) != 0)
		return ERR_SYSTEM;
	directory_sync(path);
	return 0;
}

int
startup_save(FILE *out)
{
	struct timespec begin, end;
	char *text = NULL, sum[33];
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int r;

	if (f == NULL)
		abort();
	clock_gettime(CLOCK_MONOTONIC, &begin);
	config_print(daemon_.config, NULL, CONFIG_PRINT_SECRETS, f);
	fclose(f);
	r = replace_file(daemon_.startup_path, text, len);
	clock_gettime(CLOCK_MONOTONIC, &end);
	explicit_bzero(text, len);
	free(text);
	if (r != 0) {
		fprintf(out, "ERROR: %s: %s\n", daemon_.startup_path, strerror(errno));
		return r;
	}
	config_checksum(daemon_.config, sum);
	fprintf(out, "Building configuration...\nCryptochecksum: %.8s %.8s %.8s %.8s\n\n", sum, sum + 8, sum + 16, sum + 24);
	fprintf(out, "%zu bytes copied in %.3f secs\n[OK]\n", len,
	    (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
	return 0;
}
