/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pasted certificates: bytes of anybody. */
#include "tests/unit/unit.h"

#include "common/err.h"
#include "server/main/pem.h"

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END   "-----END CERTIFICATE-----\n"

/* The text ends where its block ends. */
static int
get_all(const char *text, size_t len, struct pem_list *list, const char **why)
{
	char *copy = (char *)exact(text, len);
	int r = pem_get_all(copy, len, list, why);

	free(copy);
	return r;
}

static void
good(const char *text, size_t count, const char *first)
{
	struct pem_list list;
	const char *why;

	assert_int_equal(get_all(text, strlen(text), &list, &why), 0);
	assert_int_equal(list.count, count);
	assert_int_equal(list.item[0].len, strlen(first));
	assert_memory_equal(list.item[0].der, first, strlen(first));
	pem_list_clear(&list);
}

static void
bad(const char *text, size_t len, const char *wanted)
{
	struct pem_list list;
	const char *why = "";

	assert_int_equal(get_all(text, len, &list, &why), ERR_INVALID);
	assert_non_null(strstr(why, wanted));
	pem_list_clear(&list);
}

T(armour_and_line_lengths_do_not_matter)
{
	UNUSED;
	good(BEGIN "aGVsbG8gd29ybGQ=\n" END, 1, "hello world");
	good("aGVsbG8gd29ybGQ=", 1, "hello world");
	good("aGVs\r\nbG8g\n\n d29y\tbGQ=\n", 1, "hello world");
	good("subject=x\nissuer=y\n" BEGIN "aGVsbG8gd29ybGQ=\n-----END CERTIFICATE-----", 1, "hello world");
	good("-----BEGIN TRUSTED CERTIFICATE-----\naGVsbG8gd29ybGQ=\n-----END TRUSTED CERTIFICATE-----\n", 1, "hello world");
}

T(all_blocks_are_taken_each_once)
{
	UNUSED;
	good(BEGIN "b25l\n" END "text between\n" BEGIN "dHdv\n" END, 2, "one");
	good(BEGIN "b25l\n" END BEGIN "dHdv\n" END BEGIN "b25l\n" END, 2, "one");
}

T(what_is_no_base64_is_told)
{
	UNUSED;
	bad("", 0, "not base64");
	bad("\n\n", 2, "not base64");
	bad("nonsense!", 9, "not base64");
	bad("aGVs\0bG8=", 9, "not base64");
	bad("\0\0\0\0", 4, "not base64");
	bad(BEGIN END, strlen(BEGIN END), "not base64");
}

T(what_is_cut_short_is_told)
{
	static const char text[] = BEGIN "aGVsbG8gd29ybGQ=\n" END;

	UNUSED;
	for (size_t len = 11; len < sizeof(text) - strlen(END) + 8; len++)
		bad(text, len, "cut short");
}

T(other_blocks_are_refused)
{
	static const char key[] = BEGIN "b25l\n" END "-----BEGIN PRIVATE KEY-----\ndHdv\n-----END PRIVATE KEY-----\n";
	static const char csr[] = "-----BEGIN CERTIFICATE REQUEST-----\ndHdv\n-----END CERTIFICATE REQUEST-----\n";

	UNUSED;
	bad(key, strlen(key), "private key");
	bad(csr, strlen(csr), "no certificate");
}

T(too_many_are_refused)
{
	char text[8192], *p = text;

	UNUSED;
	for (int i = 0; i < PEM_ITEMS_MAX + 1; i++)
		p += sprintf(p, BEGIN "b2%c%c\n" END, 'A' + i, 'A' + i);
	bad(text, (size_t)(p - text), "too many");
}

T(the_first_block_is_enough_for_one)
{
	unsigned char *out;
	size_t len;

	UNUSED;
	assert_int_equal(pem_get(BEGIN "b25l\n" END BEGIN "dHdv\n" END, 2 * strlen(BEGIN END) + 10, &out, &len), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(out, "one", 3);
	free(out);
	assert_int_equal(pem_get(BEGIN "b25l", strlen(BEGIN) + 4, &out, &len), ERR_INVALID);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(armour_and_line_lengths_do_not_matter),
		cmocka_unit_test(all_blocks_are_taken_each_once),
		cmocka_unit_test(what_is_no_base64_is_told),
		cmocka_unit_test(what_is_cut_short_is_told),
		cmocka_unit_test(other_blocks_are_refused),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(the_first_block_is_enough_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
