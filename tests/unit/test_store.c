/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key pairs, requests and serial numbers of certauth's store. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/err.h"
#include "server/certauth/files.h"
#include "server/certauth/store.h"
#include "tests/unit/certs_make.h"

static char dir[] = "/tmp/offhook-unit-XXXXXX";
static struct store st;

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
group_setup(void **state)
{
	(void)state;
	test_keys_make();
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
group_teardown(void **state)
{
	(void)state;
	test_keys_free();
	return rmdir(dir);
}

static int
setup(void **state)
{
	(void)state;
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

static void
load_again(void)
{
	store_close(&st);
	assert_int_equal(store_open(&st, dir), 0);
}

static bool
same_key(gnutls_x509_privkey_t a, gnutls_x509_privkey_t b)
{
	unsigned char x[32], y[32];
	size_t x_len = sizeof(x), y_len = sizeof(y);

	assert_int_equal(gnutls_x509_privkey_get_key_id(a, GNUTLS_KEYID_USE_SHA256, x, &x_len), 0);
	assert_int_equal(gnutls_x509_privkey_get_key_id(b, GNUTLS_KEYID_USE_SHA256, y, &y_len), 0);
	return memcmp(x, y, sizeof(x)) == 0;
}

T(a_key_pair_is_read_again_whatever_its_label)
{
	static const char *const labels[] = { "<Default-RSA-Key>", "k1", "with blank", "../x", "%41", "a/b" };

	UNUSED;
	for (size_t i = 0; i < COUNT(labels); i++)
		assert_int_equal(store_keypair_put(&st, labels[i], test_key, 1700000000 + i), 0);
	load_again();
	for (size_t i = 0; i < COUNT(labels); i++) {
		struct keypair *k = store_keypair(&st, labels[i]);

		assert_non_null(k);
		assert_true(k->made == 1700000000 + i);
		assert_int_equal(k->algo, GNUTLS_PK_RSA);
		assert_int_equal(k->bits, 2048);
		assert_true(same_key(k->key, test_key));
	}
	assert_null(store_keypair(&st, "k2"));
}

T(a_new_key_pair_replaces_the_old_of_its_label)
{
	UNUSED;
	assert_int_equal(store_keypair_put(&st, "k", test_key, 1), 0);
	assert_int_equal(store_keypair_put(&st, "k", test_other_key, 2), 0);
	assert_true(same_key(store_keypair(&st, "k")->key, test_other_key));
	load_again();
	assert_true(same_key(store_keypair(&st, "k")->key, test_other_key));
	assert_null(st.keypairs->next);
}

T(a_removed_key_pair_leaves_no_file)
{
	char file[FILES_NAME_SIZE];
	struct stat sb;

	UNUSED;
	assert_int_equal(store_keypair_put(&st, "k", test_key, 1), 0);
	files_name("key-", "k", file);
	assert_int_equal(fstatat(st.dir_fd, file, &sb, 0), 0);
	assert_int_equal(sb.st_mode & 07777, 0600);
	assert_int_equal(store_keypair_remove(&st, "k"), 0);
	assert_int_equal(store_keypair_remove(&st, "k"), ERR_NOT_FOUND);
	assert_int_not_equal(fstatat(st.dir_fd, file, &sb, 0), 0);
}

/* A removed file may still be open elsewhere, or its blocks on the disk: they hold zeros. */
T(what_is_wiped_is_overwritten)
{
	char text[64] = "";
	int fd;

	UNUSED;
	assert_int_equal(files_write(st.dir_fd, "x.pem", "SECRETSECRET", 12), 0);
	fd = openat(st.dir_fd, "x.pem", O_RDONLY);
	assert_true(fd >= 0);
	files_wipe(st.dir_fd, "x.pem");
	assert_int_equal(read(fd, text, sizeof(text)), 12);
	for (int i = 0; i < 12; i++)
		assert_int_equal(text[i], 0);
	close(fd);
	files_wipe(st.dir_fd, "x.pem");
}

T(a_directory_that_cannot_be_written_keeps_the_old_key)
{
	int fd = st.dir_fd;

	UNUSED;
	assert_int_equal(store_keypair_put(&st, "k", test_key, 1), 0);
	st.dir_fd = open("/proc", O_RDONLY | O_DIRECTORY);
	assert_int_equal(store_keypair_put(&st, "k", test_other_key, 2), ERR_SYSTEM);
	close(st.dir_fd);
	st.dir_fd = fd;
	assert_true(same_key(store_keypair(&st, "k")->key, test_key));
}

T(a_spoilt_key_file_does_not_hinder_the_others)
{
	UNUSED;
	assert_int_equal(store_keypair_put(&st, "good", test_key, 1), 0);
	assert_int_equal(files_write(st.dir_fd, "key-bad.pem", "made 5\n-----BEGIN PRIVATE KEY-----\nAA\n", 38), 0);
	assert_int_equal(files_write(st.dir_fd, "request-bad.pem", "nonsense", 8), 0);
	load_again();
	assert_non_null(store_keypair(&st, "good"));
	assert_null(store_keypair(&st, "bad"));
	assert_null(store_csr(&st, "bad"));
}

T(a_request_waits_until_it_is_removed)
{
	gnutls_datum_t der = { (unsigned char *)(uintptr_t)"0123456789", 10 };

	UNUSED;
	assert_null(store_csr(&st, "tp"));
	assert_int_equal(store_csr_put(&st, "tp", &der), 0);
	load_again();
	assert_int_equal(store_csr(&st, "tp")->der.size, 10);
	assert_memory_equal(store_csr(&st, "tp")->der.data, der.data, 10);
	assert_int_equal(store_csr_remove(&st, "tp"), 0);
	assert_int_equal(store_csr_remove(&st, "tp"), ERR_NOT_FOUND);
	load_again();
	assert_null(store_csr(&st, "tp"));
}

T(no_serial_number_is_given_twice)
{
	uint64_t a, b, c, d;

	UNUSED;
	assert_int_equal(store_serial_next(&st, 1000, &a), 0);
	assert_int_equal(store_serial_next(&st, 1000, &b), 0);
	load_again();
	assert_int_equal(store_serial_next(&st, 500, &c), 0); /* the clock went back */
	assert_int_equal(store_serial_next(&st, 2000, &d), 0);
	assert_true(a == 1000 && b == 1001 && c == 1002 && d == 2000);
}

T(a_key_is_told_from_another)
{
	struct test_cert cert = { .dn = "CN=x" };

	UNUSED;
	test_cert_make(&cert);
	assert_true(key_fits_certificate(test_key, &cert.der));
	assert_false(key_fits_certificate(test_other_key, &cert.der));
	assert_false(key_fits_certificate(test_key, &(gnutls_datum_t){ (unsigned char *)(uintptr_t)"x", 1 }));
	test_cert_free(&cert);
}

#define STORE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		STORE(a_key_pair_is_read_again_whatever_its_label),
		STORE(a_new_key_pair_replaces_the_old_of_its_label),
		STORE(a_removed_key_pair_leaves_no_file),
		STORE(what_is_wiped_is_overwritten),
		STORE(a_directory_that_cannot_be_written_keeps_the_old_key),
		STORE(a_spoilt_key_file_does_not_hinder_the_others),
		STORE(a_request_waits_until_it_is_removed),
		STORE(no_serial_number_is_given_twice),
		STORE(a_key_is_told_from_another),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
