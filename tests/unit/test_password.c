/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <time.h>

#include "server/certauth/password.h"

/* made with Python's hashlib: Geheim12, salt 00 01 .. 0f */
#define PBKDF2 "$sha512$5000$AAECAwQFBgcICQoLDA0ODw==$1WXm5jaOk837XJe6pOfXRQ=="
#define PBKDF2_64 "$sha512$1000$AAECAwQFBgcICQoLDA0ODw==$pVJXc+3JqaBgvfW1axeRKNMI80l9wiEgiu2Q/mIIGsrAntB81dokqZuEdiR4vFPAx3EdgihNRN0psyXDM8rVJA=="

static bool
pbkdf2(const char *hash, const char *password)
{
	return password_check(PASSWORD_PBKDF2, hash, "u", password, 0);
}

static bool
md5(const char *hash, const char *user, const char *password)
{
	return password_check(PASSWORD_ENCRYPTED, hash, user, password, 0);
}

T(pbkdf2_takes_its_password_and_no_other)
{
	UNUSED;
	assert_true(pbkdf2(PBKDF2, "Geheim12"));
	assert_true(pbkdf2(PBKDF2_64, "Geheim12"));
	assert_false(pbkdf2(PBKDF2, "Geheim13"));
	assert_false(pbkdf2(PBKDF2, ""));
	assert_false(pbkdf2(PBKDF2, "geheim12"));
}

T(broken_hashes_fit_nothing)
{
	static const char *const hashes[] = { "", "$sha512$", "$sha512$5000", "$sha512$5000$", "$sha512$5000$AAEC$AAEC",
		"$sha512$5000$AAECAwQFBgcICQoLDA0ODw==$", "$sha512$5000$$EBESExQVFhcYGRobHB0eHw==",
		"$sha512$5000$AAECAwQFBgcICQoLDA0ODw==$EBES", "$sha256$5000$AAECAwQFBgcICQoLDA0ODw==$EBESExQVFhcYGRobHB0eHw==",
		"$sha512$-5$AAECAwQFBgcICQoLDA0ODw==$EBESExQVFhcYGRobHB0eHw==", "x" };

	UNUSED;
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		assert_false(pbkdf2(hashes[i], ""));
		assert_false(pbkdf2(hashes[i], "Geheim12"));
		assert_false(md5(hashes[i], "u", ""));
	}
}

T(rounds_are_limited)
{
	time_t begin = time(NULL);

	UNUSED;
	assert_int_equal(password_rounds(PASSWORD_PBKDF2, PBKDF2), 5000);
	assert_int_equal(password_rounds(PASSWORD_PBKDF2, "$sha512$99999999999999999999$A$B"), 0);
	assert_int_equal(password_rounds(PASSWORD_PBKDF2, "$sha512$100001$A$B"), 0);
	assert_int_equal(password_rounds(PASSWORD_ENCRYPTED, "3USUcOPFUiMCO4Jk"), 0);
	assert_false(pbkdf2("$sha512$9999999$AAECAwQFBgcICQoLDA0ODw==$EBESExQVFhcYGRobHB0eHw==", "x"));
	assert_true(time(NULL) - begin <= 1);
}

T(encrypted_hashes_of_pix_and_asa_fit)
{
	UNUSED;
	assert_true(md5("dRRVnUmUHXOTt9nk", "anybody", "hashcat"));   /* hashcat mode 2400 */
	assert_true(md5("02dMBMYkTdC5Ziyp", "36", "hashcat"));        /* mode 2410 */
	assert_true(md5("2KFQnbNIdI.2KYOU", "x", "cisco"));           /* a PIX's "passwd" */
	assert_true(md5("3USUcOPFUiMCO4Jk", "cisco", "cisco"));       /* username cisco password cisco */
	assert_false(md5("3USUcOPFUiMCO4Jk", "other", "cisco"));
	assert_false(md5("3USUcOPFUiMCO4Jk", "cisco", "Cisco"));
	assert_false(md5("3USUcOPFUiMCO4Jk", "cisco", ""));
	assert_false(md5("3USUcOPFUiMCO4J", "cisco", "cisco"));
	assert_false(md5("8Ry2YjIyt7RRXU24", "", "")); /* what a PIX makes of nothing */
}

T(long_passwords_do_not_overrun)
{
	char password[300];

	UNUSED;
	for (size_t len = 0; len < sizeof(password); len++) {
		memset(password, 'x', len);
		password[len] = '\0';
		assert_false(md5("3USUcOPFUiMCO4Jk", "cisco", password));
	}
}

T(kinds_that_cannot_be_checked_and_users_without_one_fit_nothing)
{
	UNUSED;
	assert_false(password_check(PASSWORD_NT, "DLaUiAX3l78qgoB5c7iVNw==", "u", "x", 0));
	assert_false(password_check(PASSWORD_MSCHAP, "DLaUiAX3l78qgoB5c7iVNw==", "u", "x", 0));
	assert_false(password_check(PASSWORD_NOPASSWORD, NULL, "u", "", 0));
	assert_false(password_check(PASSWORD_UNSET, NULL, "u", "", PASSWORD_ROUNDS));
	assert_false(password_check(PASSWORD_PBKDF2, NULL, "u", "", PASSWORD_ROUNDS));
}

static double
cpu_ms(enum user_password kind, const char *hash)
{
	double best = 1e9;

	for (int i = 0; i < 7; i++) {
		struct timespec a, b;
		double ms;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		password_check(kind, hash, "cisco", "Geheim12", PASSWORD_ROUNDS);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
		best = ms < best ? ms : best;
	}
	return best;
}

static bool
alike(double a, double b)
{
	return a > b * 0.8 && a < b * 1.25;
}

/* What else runs on this host shifts a measurement now and then, what the code does shifts each. */
T(an_unknown_user_and_any_hash_cost_the_same)
{
	bool same = false;

	UNUSED;
	for (int i = 0; i < 10 && !same; i++) {
		double right = cpu_ms(PASSWORD_PBKDF2, PBKDF2), few = cpu_ms(PASSWORD_PBKDF2, PBKDF2_64);
		double unknown = cpu_ms(PASSWORD_UNSET, NULL), old = cpu_ms(PASSWORD_ENCRYPTED, "3USUcOPFUiMCO4Jk");

		printf("# ms of a check: %.2f, few rounds %.2f, unknown %.2f, encrypted %.2f\n", right, few, unknown, old);
		same = alike(unknown, right) && alike(few, right) && alike(old, right);
	}
	assert_true(same);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pbkdf2_takes_its_password_and_no_other),
		cmocka_unit_test(broken_hashes_fit_nothing),
		cmocka_unit_test(rounds_are_limited),
		cmocka_unit_test(encrypted_hashes_of_pix_and_asa_fit),
		cmocka_unit_test(long_passwords_do_not_overrun),
		cmocka_unit_test(kinds_that_cannot_be_checked_and_users_without_one_fit_nothing),
		cmocka_unit_test(an_unknown_user_and_any_hash_cost_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
