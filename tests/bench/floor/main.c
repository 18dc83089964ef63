/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "floor.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *arguments;
	int (*run)(int, char **);
	int count;
} commands[] = {
	{ "relay", "DEVICE ADDRESS PORT plain|offload", floor_relay, 4 },
	{ "crypto", "", floor_crypto, 0 },
	{ "handshake", "CERTIFICATES COUNT", floor_handshake, 2 },
};

int
main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (argc > 1 && strcmp(argv[1], commands[i].name) == 0 && argc - 2 == commands[i].count)
			return commands[i].run(argc - 2, argv + 2);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(stderr, "%s floor %s %s\n", i ? "      " : "usage:", commands[i].name, commands[i].arguments);
	return 1;
}
