/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "common/metric.h"
#include "server/metrics/text.h"

/* The text of some figures; NULL when they are none. free() it. */
static char *
text_of(const uint8_t *rows, size_t n)
{
	size_t len;
	char *text;
	FILE *f = open_memstream(&text, &len);
	bool ok = metrics_text(rows, n, f);

	fclose(f);
	if (ok)
		return text;
	free(text);
	return NULL;
}

static char *
text_of_one(const struct figure *f)
{
	uint8_t room[1024];
	struct wr w = wr_init(room, sizeof(room));

	assert_true(figure_put(&w, f));
	return text_of(room, (size_t)(w.p - room));
}

static void
check_line(const struct figure *f, const char *line)
{
	char *text = text_of_one(f);

	assert_non_null(text);
	if (strstr(text, line) == NULL)
		fail_msg("\"%s\" is not in\n%s", line, text);
	free(text);
}

T(a_figure_travels_whole)
{
	struct figure f = { .metric = METRIC_SESSIONS, .labels = { "active", "", "phone" }, .value = UINT64_MAX }, got;
	uint8_t room[256], *p;
	struct wr w = wr_init(room, sizeof(room));
	struct rd r;
	size_t len;

	UNUSED;
	assert_true(figure_put(&w, &f));
	len = (size_t)(w.p - room);
	p = exact(room, len);
	r = rd_init(p, len);
	assert_true(figure_get(&r, &got));
	assert_int_equal(rd_left(&r), 0);
	assert_int_equal(got.metric, METRIC_SESSIONS);
	assert_string_equal(got.labels[0], "active");
	assert_string_equal(got.labels[1], "");
	assert_string_equal(got.labels[2], "phone");
	assert_true(got.value == UINT64_MAX);
	free(p);
	for (size_t cut = 0; cut < len; cut++) { /* and nothing less is one */
		p = exact(room, cut);
		r = rd_init(p, cut);
		assert_false(figure_get(&r, &got));
		free(p);
	}
}

T(a_figure_without_room_writes_nothing)
{
	struct figure f = { .metric = METRIC_SESSIONS, .labels = { "active", "group", "phone" } };
	uint8_t room[20];
	struct wr w = wr_init(room, sizeof(room));

	UNUSED;
	assert_false(figure_put(&w, &f));
	assert_ptr_equal(w.p, room);
	assert_false(w.bad);
}

T(nonsense_is_refused)
{
	static const uint8_t no_metric[] = { METRIC_COUNT, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t many_labels[] = { 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t nul_in_label[] = { 0, 0, 1, 2, 'a', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t no_histogram[] = { METRIC_HANDSHAKE_TIME, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

	UNUSED;
	assert_null(text_of(no_metric, sizeof(no_metric)));
	assert_null(text_of(many_labels, sizeof(many_labels)));
	assert_null(text_of(nul_in_label, sizeof(nul_in_label)));
	assert_null(text_of(no_histogram, sizeof(no_histogram)));
}

T(label_values_are_escaped)
{
	UNUSED;
	check_line(&(struct figure){ .metric = METRIC_CERTIFICATE, .labels = { "a\"b\\c\nd", "ca" }, .value = 5 },
	    "\noffhook_certificate_expiry_timestamp_seconds{trustpoint=\"a\\\"b\\\\c\\nd\",kind=\"ca\"} 5\n");
}

T(bytes_that_are_no_utf8_do_not_spoil_the_page)
{
	UNUSED;
	check_line(&(struct figure){ .metric = METRIC_PROBLEMS, .labels = { "B\xfcro \xc3\xa9 \xed\xa0\x80 \xc0\xaf\xe2\x82" }, .value = 1 },
	    "{class=\"B?ro \xc3\xa9 ??? ????\"} 1\n");
}

T(units_become_seconds)
{
	UNUSED;
	check_line(&(struct figure){ .metric = METRIC_CPU, .labels = { "offhookd" }, .value = 12034 },
	    "\noffhook_process_cpu_seconds_total{program=\"offhookd\"} 12.034\n");
	check_line(&(struct figure){ .metric = METRIC_COLLECT_TIME, .value = 151 }, "\noffhook_collect_duration_seconds 0.000151\n");
}

T(buckets_of_a_histogram_add_up)
{
	struct figure f = { .metric = METRIC_LOGIN_TIME, .labels = { "aaa" }, .value = 31500000, .histogram = true };

	UNUSED;
	f.buckets[0] = 2;
	f.buckets[7] = 3;
	f.buckets[METRIC_BUCKETS - 1] = 1;
	check_line(&f, "\noffhook_login_duration_seconds_bucket{method=\"aaa\",le=\"0.005\"} 2\n");
	check_line(&f, "\noffhook_login_duration_seconds_bucket{method=\"aaa\",le=\"1\"} 5\n");
	check_line(&f, "\noffhook_login_duration_seconds_bucket{method=\"aaa\",le=\"30\"} 5\n");
	check_line(&f, "le=\"+Inf\"} 6\noffhook_login_duration_seconds_sum{method=\"aaa\"} 31.500000\n"
	    "offhook_login_duration_seconds_count{method=\"aaa\"} 6\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_figure_travels_whole),
		cmocka_unit_test(a_figure_without_room_writes_nothing),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(label_values_are_escaped),
		cmocka_unit_test(bytes_that_are_no_utf8_do_not_spoil_the_page),
		cmocka_unit_test(units_become_seconds),
		cmocka_unit_test(buckets_of_a_histogram_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
