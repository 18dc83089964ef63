/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "common/mem.h"

static char order[16];

static void
note(void *arg)
{
	strncat(order, arg, 1);
}

T(what_an_arena_owns_is_undone_newest_first)
{
	struct mem *m = mem_new(NULL);

	UNUSED;
	order[0] = '\0';
	mem_on_free(m, note, "a");
	mem_on_free(m, note, "b");
	mem_on_free(m, note, "c");
	mem_free(m);
	assert_string_equal(order, "cba");
}

T(a_child_is_freed_with_its_parent_in_its_turn)
{
	struct mem *m = mem_new(NULL), *child;

	UNUSED;
	order[0] = '\0';
	mem_on_free(m, note, "a");
	child = mem_new(m);
	mem_on_free(child, note, "1");
	mem_on_free(child, note, "2");
	mem_on_free(m, note, "b");
	mem_free(m);
	assert_string_equal(order, "b21a");
}

T(a_child_freed_alone_is_not_freed_again)
{
	struct mem *m = mem_new(NULL), *a = mem_new(m), *b = mem_new(m);

	UNUSED;
	order[0] = '\0';
	mem_on_free(a, note, "a");
	mem_on_free(b, note, "b");
	mem_free(a);
	assert_string_equal(order, "a");
	mem_free(m);
	assert_string_equal(order, "ab");
}

T(memory_is_zeroed_and_copies_are_copies)
{
	struct mem *m = mem_new(NULL);
	char text[] = "phone", *copy;
	uint8_t *p;

	UNUSED;
	p = mem_alloc(m, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
	copy = mem_strdup(m, text);
	text[0] = 'P';
	assert_string_equal(copy, "phone");
	assert_null(mem_strdup(m, NULL));
	assert_string_equal(mem_printf(m, "%d-%s", 7, "x"), "7-x");
	assert_memory_equal(mem_dup(m, "ab", 3), "ab", 3);
	assert_non_null(mem_alloc(m, 0));
	mem_free(m);
}

T(blocks_are_aligned_for_any_type)
{
	struct mem *m = mem_new(NULL);

	UNUSED;
	for (size_t n = 0; n < 40; n++)
		assert_int_equal((uintptr_t)mem_alloc(m, n) % _Alignof(max_align_t), 0);
	mem_free(m);
}

T(a_descriptor_is_closed)
{
	struct mem *m = mem_new(NULL);
	int fd = open("/dev/null", O_RDONLY);

	UNUSED;
	assert_true(fd >= 0);
	mem_own_fd(m, fd);
	mem_free(m);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

T(a_secret_is_wiped)
{
	struct mem *m = mem_new(NULL);
	uint8_t key[16];

	UNUSED;
	memset(key, 0xaa, sizeof(key));
	mem_own_secret(m, key, sizeof(key));
	mem_free(m);
	for (size_t i = 0; i < sizeof(key); i++)
		assert_int_equal(key[i], 0);
}

T(freeing_nothing_is_harmless)
{
	UNUSED;
	mem_free(NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_arena_owns_is_undone_newest_first),
		cmocka_unit_test(a_child_is_freed_with_its_parent_in_its_turn),
		cmocka_unit_test(a_child_freed_alone_is_not_freed_again),
		cmocka_unit_test(memory_is_zeroed_and_copies_are_copies),
		cmocka_unit_test(blocks_are_aligned_for_any_type),
		cmocka_unit_test(a_descriptor_is_closed),
		cmocka_unit_test(a_secret_is_wiped),
		cmocka_unit_test(freeing_nothing_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
