/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What certauth spends on validating a phone's chain (leaf and intermediate, RSA 2048) against N trustpoints. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "server/certauth/chain.h"
#include "tests/unit/certs_make.h"

#define ROUNDS 2000

static double
cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int
main(int argc, char **argv)
{
	static struct test_cert root = { .dn = "CN=Manufacturing Root", .ca = true };
	static struct test_cert sub = { .dn = "CN=Manufacturing CA", .ca = true, .issuer = &root };
	static struct test_cert phone = { .dn = "CN=CP-8841-SEP682C7B40B5CE", .issuer = &sub };
	int trustpoints = argc > 1 ? atoi(argv[1]) : 20, good = 0;
	const struct test_cert *const certs[] = { &phone, &sub };
	struct auth_policy *policy = auth_policy_new();
	static uint8_t bytes[IPC_CHAIN_MAX];
	struct ipc_blob blob;
	double begin;

	test_keys_make();
	test_cert_make(&root);
	test_cert_make(&sub);
	test_cert_make(&phone);
	for (int i = 0; i < trustpoints; i++) {
		struct test_cert *ca = calloc(1, sizeof(*ca));
		char name[40];

		snprintf(name, sizeof(name), "CN=Some CA %d,O=Test", i);
		*ca = (struct test_cert){ .dn = name, .ca = true };
		if (i != trustpoints / 2)
			test_cert_make(ca);
		auth_policy_add_trustpoint(policy, &(struct ipc_auth_trustpoint){ .name = name,
		    .ca = i == trustpoints / 2 ? (struct ipc_blob){ root.der.data, root.der.size } :
		    (struct ipc_blob){ ca->der.data, ca->der.size } });
	}
	blob = test_chain_put(bytes, sizeof(bytes), certs, 2);
	begin = cpu_s();
	for (int i = 0; i < ROUNDS; i++) {
		struct chain_result result;
		struct chain c;

		good += chain_get(&c, &blob) == 0 && chain_verify(&c, policy, &result) == 0;
		chain_clear(&c);
	}
	printf("%.1f\n", (cpu_s() - begin) / ROUNDS * 1e6);
	auth_policy_free(policy);
	return good == ROUNDS ? 0 : 1;
}
