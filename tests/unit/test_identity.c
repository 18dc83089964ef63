/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities of certauth: kept in files, used. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/err.h"
#include "server/certauth/keyop.h"
#include "server/certauth/store.h"
#include "tests/unit/certs_make.h"

static struct test_cert ca = { .dn = "CN=Issuing CA", .ca = true, .other_key = true };
static struct test_cert leaf = { .dn = "CN=asav.sckiewer.lab", .issuer = &ca };
static char dir[] = "/tmp/offhook-unit-XXXXXX";

static int
group_setup(void **state)
{
	(void)state;
	test_keys_make();
	test_cert_make(&ca);
	test_cert_make(&leaf);
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static void
dir_clean(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d != NULL)
		closedir(d);
}

static int
group_teardown(void **state)
{
	(void)state;
	test_cert_free(&ca);
	test_cert_free(&leaf);
	test_keys_free();
	dir_clean();
	return rmdir(dir);
}

static struct store st;

static int
setup(void **state)
{
	(void)state;
	dir_clean();
	return store_open(&st, dir);
}

static int
teardown(void **state)
{
	(void)state;
	store_close(&st);
	dir_clean();
	return 0;
}

static int
put(const char *trustpoint)
{
	gnutls_datum_t chain[2] = { leaf.der, ca.der };

	return store_put(&st, trustpoint, test_key, chain, 2);
}

/* Forget what is in memory and read the directory again. */
static void
load_again(void)
{
	store_close(&st);
	assert_int_equal(store_open(&st, dir), 0);
}

T(an_identity_is_found_by_its_trustpoint)
{
	struct identity *id;

	UNUSED;
	assert_null(store_find(&st, "asa-identity-cert"));
	assert_int_equal(put("asa-identity-cert"), 0);
	id = store_find(&st, "asa-identity-cert");
	assert_non_null(id);
	assert_int_equal(id->chain_count, 2);
	assert_int_equal(id->key_algo, GNUTLS_PK_RSA);
	assert_int_equal(id->key_bits, 2048);
	assert_null(store_find(&st, "asa-identity"));
}

T(identities_are_read_again_whatever_their_names)
{
	static const char *const names[] = { "asa-identity-cert", "with blank", "../../etc/x", "%41", "a/b", "." };
	uint8_t chain[8192];

	UNUSED;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(put(names[i]), 0);
	load_again();
	for (size_t i = 0; i < COUNT(names); i++) {
		struct identity *id = store_find(&st, names[i]);

		assert_non_null(id);
		assert_int_equal(id->chain_count, 2);
		assert_memory_equal(id->chain[0].data, leaf.der.data, leaf.der.size);
		assert_int_equal(identity_chain_put(id, chain, sizeof(chain)), 8 + leaf.der.size + ca.der.size);
		assert_int_equal(identity_chain_put(id, chain, 100), 0);
	}
}

T(files_are_private)
{
	struct stat sb;
	char path[100];

	UNUSED;
	assert_int_equal(put("tp"), 0);
	snprintf(path, sizeof(path), "%s/identity-tp.pem", dir);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 07777, 0600);
}

T(a_new_identity_replaces_the_old)
{
	gnutls_datum_t chain = ca.der;

	UNUSED;
	assert_int_equal(put("tp"), 0);
	assert_int_equal(store_put(&st, "tp", test_key, &chain, 1), 0);
	assert_int_equal(store_find(&st, "tp")->chain_count, 1);
	load_again();
	assert_int_equal(store_find(&st, "tp")->chain_count, 1);
}

T(a_removed_identity_does_not_come_back)
{
	UNUSED;
	assert_int_equal(put("tp"), 0);
	assert_int_equal(store_remove(&st, "tp"), 0);
	assert_null(store_find(&st, "tp"));
	assert_int_equal(store_remove(&st, "tp"), ERR_NOT_FOUND);
	load_again();
	assert_null(store_find(&st, "tp"));
}

T(a_chain_of_none_or_too_many_is_refused)
{
	gnutls_datum_t chain[STORE_CHAIN_MAX + 1];

	UNUSED;
	for (size_t i = 0; i < COUNT(chain); i++)
		chain[i] = ca.der;
	assert_int_equal(store_put(&st, "tp", test_key, chain, 0), ERR_LONG);
	assert_int_equal(store_put(&st, "tp", test_key, chain, STORE_CHAIN_MAX + 1), ERR_LONG);
	assert_null(store_find(&st, "tp"));
}

T(a_directory_that_cannot_be_written_changes_nothing)
{
	int fd = st.dir_fd;

	UNUSED;
	st.dir_fd = open("/proc", O_RDONLY | O_DIRECTORY);
	assert_int_equal(put("tp"), ERR_SYSTEM);
	assert_null(store_find(&st, "tp"));
	close(st.dir_fd);
	st.dir_fd = fd;
}

T(a_spoilt_file_does_not_hinder_the_others)
{
	char path[100];
	FILE *f;

	UNUSED;
	assert_int_equal(put("good"), 0);
	snprintf(path, sizeof(path), "%s/identity-bad.pem", dir);
	f = fopen(path, "w");
	fputs("-----BEGIN PRIVATE KEY-----\nnonsense\n", f);
	fclose(f);
	load_again();
	assert_non_null(store_find(&st, "good"));
	assert_null(store_find(&st, "bad"));
}

/* ---- key operations for workers ---- */

static struct identity *
identity(void)
{
	assert_int_equal(put("tp"), 0);
	return store_find(&st, "tp");
}

static gnutls_pubkey_t
public_key(void)
{
	gnutls_pubkey_t key;

	assert_int_equal(gnutls_pubkey_init(&key), 0);
	assert_int_equal(gnutls_pubkey_import_x509(key, leaf.crt, 0), 0);
	return key;
}

T(a_signature_verifies)
{
	static const gnutls_sign_algorithm_t algorithms[] = { GNUTLS_SIGN_RSA_SHA1, GNUTLS_SIGN_RSA_SHA256, GNUTLS_SIGN_RSA_SHA384, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256 };
	struct identity *id = identity();
	gnutls_pubkey_t key = public_key();
	uint8_t hash[64], out[KEYOP_RESULT_MAX];

	UNUSED;
	memset(hash, 0x33, sizeof(hash));
	for (size_t i = 0; i < COUNT(algorithms); i++) {
		unsigned len = gnutls_hash_get_len(gnutls_sign_get_hash_algorithm(algorithms[i]));
		struct ipc_key_op op = { .operation = KEY_SIGN_HASH, .trustpoint = "tp", .algorithm = algorithms[i], .data = { hash, len } };
		int n = keyop_run(id, &op, out);

		assert_int_equal(n, 256);
		assert_true(gnutls_pubkey_verify_hash2(key, algorithms[i], GNUTLS_VERIFY_ALLOW_BROKEN, &(gnutls_datum_t){ hash, len }, &(gnutls_datum_t){ out, (unsigned)n }) >= 0);
		op.data.len--;
		assert_int_equal(keyop_run(id, &op, out), ERR_INVALID);
	}
	gnutls_pubkey_deinit(key);
}

T(tls_10_signs_36_bytes_and_nothing_else)
{
	struct identity *id = identity();
	uint8_t hash[37] = { 0 }, out[KEYOP_RESULT_MAX];
	struct ipc_key_op op = { .operation = KEY_SIGN_HASH, .trustpoint = "tp", .algorithm = GNUTLS_SIGN_RSA_RAW, .data = { hash, 36 } };

	UNUSED;
	assert_int_equal(keyop_run(id, &op, out), 256);
	op.data.len = 37;
	assert_int_equal(keyop_run(id, &op, out), ERR_INVALID);
	op.data.len = 20;
	assert_int_equal(keyop_run(id, &op, out), ERR_INVALID);
}

T(a_premaster_secret_is_decrypted)
{
	struct identity *id = identity();
	gnutls_pubkey_t key = public_key();
	gnutls_datum_t in, secret;
	uint8_t premaster[48], out[KEYOP_RESULT_MAX];
	struct ipc_key_op op = { .operation = KEY_DECRYPT, .trustpoint = "tp", .version = 0x0303 };

	UNUSED;
	memset(premaster, 0x5c, sizeof(premaster));
	premaster[0] = premaster[1] = 3; /* the version of the ClientHello */
	in = (gnutls_datum_t){ premaster, sizeof(premaster) };
	assert_int_equal(gnutls_pubkey_encrypt_data(key, 0, &in, &secret), 0);
	op.data = (struct ipc_blob){ secret.data, secret.size };
	assert_int_equal(keyop_run(id, &op, out), 48);
	assert_memory_equal(out, premaster, 48);
	op.version = 0x0302; /* who offered that puts it into the secret: RFC 5246 7.4.7.1 */
	assert_int_equal(keyop_run(id, &op, out), 48);
	assert_memory_not_equal(out, premaster, 48);
	op.version = 0;
	assert_int_equal(keyop_run(id, &op, out), 48);
	assert_memory_not_equal(out, premaster, 48);
	gnutls_free(secret.data);
	gnutls_pubkey_deinit(key);
}

/* protocol.md 6.3: no oracle */
T(what_is_no_premaster_gives_48_random_bytes)
{
	struct identity *id = identity();
	gnutls_pubkey_t key = public_key();
	gnutls_datum_t in, secret;
	uint8_t garbage[256], first[KEYOP_RESULT_MAX], second[KEYOP_RESULT_MAX];
	struct ipc_key_op op = { .operation = KEY_DECRYPT, .trustpoint = "tp", .version = 0x0303, .data = { garbage, sizeof(garbage) } };

	UNUSED;
	memset(garbage, 0x7e, sizeof(garbage));
	assert_int_equal(keyop_run(id, &op, first), 48);
	assert_int_equal(keyop_run(id, &op, second), 48);
	assert_memory_not_equal(first, second, 48);
	op.data.len = 10;
	assert_int_equal(keyop_run(id, &op, first), 48);
	in = (gnutls_datum_t){ garbage, 47 }; /* well padded, of another length */
	assert_int_equal(gnutls_pubkey_encrypt_data(key, 0, &in, &secret), 0);
	op.data = (struct ipc_blob){ secret.data, secret.size };
	assert_int_equal(keyop_run(id, &op, first), 48);
	assert_memory_not_equal(first, garbage, 47);
	gnutls_free(secret.data);
	gnutls_pubkey_deinit(key);
}

T(an_unknown_operation_is_refused)
{
	struct identity *id = identity();
	uint8_t hash[32] = { 0 }, out[KEYOP_RESULT_MAX];
	struct ipc_key_op op = { .operation = 7, .trustpoint = "tp", .data = { hash, 32 } };

	UNUSED;
	assert_int_equal(keyop_run(id, &op, out), ERR_INVALID);
	op = (struct ipc_key_op){ .operation = KEY_SIGN_HASH, .trustpoint = "tp", .algorithm = 123456, .data = { hash, 32 } };
	assert_int_equal(keyop_run(id, &op, out), ERR_INVALID);
}

#define STORE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		STORE(an_identity_is_found_by_its_trustpoint),
		STORE(identities_are_read_again_whatever_their_names),
		STORE(files_are_private),
		STORE(a_new_identity_replaces_the_old),
		STORE(a_removed_identity_does_not_come_back),
		STORE(a_chain_of_none_or_too_many_is_refused),
		STORE(a_directory_that_cannot_be_written_changes_nothing),
		STORE(a_spoilt_file_does_not_hinder_the_others),
		STORE(a_signature_verifies),
		STORE(tls_10_signs_36_bytes_and_nothing_else),
		STORE(a_premaster_secret_is_decrypted),
		STORE(what_is_no_premaster_gives_48_random_bytes),
		STORE(an_unknown_operation_is_refused),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
