/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <time.h>

#include "common/err.h"
#include "server/config/config.h"
#include "server/main/lease.h"

static struct config *cfg;
static struct cfg_pool *pool;

static void
configure(const char *text)
{
	struct mem *mem = mem_new(NULL);
	struct config_report report;

	config_report_init(&report, mem);
	cfg = config_new();
	assert_int_equal(config_read(cfg, text, strlen(text), &report), 0);
	lease_configure(cfg);
	pool = config_pool(cfg, "p");
	mem_free(mem);
}

static void
over(void)
{
	config_free(cfg);
	cfg = config_new();
	lease_configure(cfg);
	config_free(cfg);
}

static uint32_t
take(const char *user, double now)
{
	struct lease l = { 0 };

	return lease_take(pool, user, now, &l) == 0 ? l.ip & 0xff : 0;
}

static void
give(uint32_t last, double now)
{
	struct lease l = { .pool = "p", .ip = 0x0a000000 | last };

	assert_true(lease_return(&l, now));
}

T(fresh_addresses_come_first_then_the_longest_returned)
{
	UNUSED;
	configure("ip local pool p 10.0.0.1-10.0.0.3 mask 255.255.255.0\n");
	assert_int_equal(take("a", 0), 1);
	assert_int_equal(take("b", 0), 2);
	give(2, 0);
	give(1, 0);
	assert_int_equal(take("c", 0), 3);
	assert_int_equal(take("d", 0), 2);
	assert_int_equal(take("e", 0), 1);
	assert_int_equal(take("f", 0), 0);
	over();
}

T(a_user_gets_the_address_he_had)
{
	UNUSED;
	configure("ip local pool p 10.0.0.1-10.0.0.9 mask 255.255.255.0\n");
	assert_int_equal(take("anna", 0), 1);
	assert_int_equal(take("bert", 0), 2);
	give(1, 0);
	give(2, 0);
	for (int i = 0; i < 1000; i++) { /* and the ring does not grow with it */
		assert_int_equal(take("bert", i), 2);
		give(2, i);
	}
	assert_int_equal(take("bert", 1000), 2);
	assert_int_equal(take("cleo", 1000), 3);
	assert_int_equal(take("anna", 1000), 1);
	assert_int_equal(take("bert", 1000), 4); /* his is taken, by himself */
	over();
}

T(an_address_rests_for_the_reuse_delay)
{
	struct lease_counts n;

	UNUSED;
	configure("vpn-addr-assign local reuse-delay 2\nip local pool p 10.0.0.1-10.0.0.2 mask 255.255.255.0\n");
	assert_int_equal(take("a", 0), 1);
	assert_int_equal(take("b", 0), 2);
	give(1, 10);
	assert_int_equal(take("a", 20), 0);
	assert_true(lease_counts("p", 20, &n));
	assert_int_equal(n.held, 1);
	assert_int_equal(n.used, 1);
	assert_int_equal(n.free, 0);
	assert_int_equal(take("a", 130), 1);
	over();
}

T(a_fixed_address_is_taken_once_in_a_pool_or_outside)
{
	struct lease l;

	UNUSED;
	configure("ip local pool p 10.0.0.1-10.0.0.9 mask 255.255.255.0\n");
	assert_int_equal(lease_take_fixed(0x0a000001, 0xffffff00, &l), 0);
	assert_string_equal(l.pool, "p");
	assert_int_equal(lease_take_fixed(0x0a000001, 0xffffff00, &l), ERR_EXISTS);
	assert_int_equal(take("a", 0), 2);
	assert_int_equal(lease_take_fixed(0x0b000001, 0xffffff00, &l), 0);
	assert_string_equal(l.pool, "");
	assert_int_equal(lease_take_fixed(0x0b000001, 0xffffff00, &l), ERR_EXISTS);
	assert_true(lease_return(&l, 0));
	assert_false(lease_return(&l, 0));
	over();
}

/* Main does nothing else meanwhile: each change of a line configures them all. */
T(a_hundred_thousand_pools_take_no_time)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	clock_t start;

	UNUSED;
	fputs("ip local pool p 10.0.0.1-10.0.0.3 mask 255.0.0.0\n", f);
	for (unsigned i = 1; i <= 100000; i++)
		fprintf(f, "ip local pool p%u 10.%u.%u.%u-10.%u.%u.%u mask 255.0.0.0\n", i, i >> 14, i >> 6 & 255,
		    (i & 63) * 4, i >> 14, i >> 6 & 255, (i & 63) * 4 + 3);
	fclose(f);
	start = clock();
	configure(text);
	assert_int_equal(take("a", 0), 1);
	lease_configure(cfg);
	assert_int_equal(take("b", 0), 2);
	pool = config_pool(cfg, "p77777");
	assert_int_equal(take("c", 0), (77777 & 63) * 4);
	over();
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 8);
	free(text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fresh_addresses_come_first_then_the_longest_returned),
		cmocka_unit_test(a_user_gets_the_address_he_had),
		cmocka_unit_test(an_address_rests_for_the_reuse_delay),
		cmocka_unit_test(a_fixed_address_is_taken_once_in_a_pool_or_outside),
		cmocka_unit_test(a_hundred_thousand_pools_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
