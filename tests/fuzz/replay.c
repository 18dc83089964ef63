/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run a target over every file of its corpus (CORPUS, or the folders named), each once: it must come back. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (16u << 20)
#define INPUT_TIME_S 20 /* of one input: far above what any needs */

static unsigned count;

static void
file_run(const char *dir, const char *name)
{
	char path[4096];
	uint8_t *data = malloc(INPUT_MAX), *exact;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (data == NULL || f == NULL) {
		printf("not ok %u - %s cannot be read\n", ++count, path);
		exit(1);
	}
	len = fread(data, 1, INPUT_MAX, f);
	fclose(f);
	exact = malloc(len > 0 ? len : 1); /* an overrun of one byte is seen */
	if (exact == NULL)
		abort();
	memcpy(exact, data, len);
	free(data);
	alarm(INPUT_TIME_S);
	LLVMFuzzerTestOneInput(exact, len);
	alarm(0);
	free(exact);
	printf("ok %u - %s\n", ++count, name);
	fflush(stdout);
}

static void
dir_run(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort);

	if (n < 0) {
		printf("not ok %u - %s: no such folder\n", ++count, dir);
		exit(1);
	}
	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.')
			file_run(dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

int
main(int argc, char **argv)
{
	if (argc < 2)
		dir_run(CORPUS);
	for (int i = 1; i < argc; i++)
		dir_run(argv[i]);
	printf("1..%u\n", count);
	return 0;
}
