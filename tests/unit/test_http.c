/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "server/worker/http.h"

static struct http_request req;
static char *buffer;

static enum http_result
parse_bytes(const char *text, size_t len)
{
	free(buffer);
	buffer = (char *)exact(text, len);
	memset(&req, 0x55, sizeof(req));
	return http_parse(buffer, len, &req);
}

static enum http_result
parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

T(a_phones_requests_are_read)
{
	UNUSED;
	assert_int_equal(parse("GET /phone HTTP/1.1\r\nHost: gw.example\r\nUser-Agent: Cisco SVC IPPhone Client v1.0 (1.0)\r\n\r\n"), HTTP_COMPLETE);
	assert_string_equal(req.method, "GET");
	assert_string_equal(req.path, "/phone");
	assert_true(req.keep_alive);
	assert_false(req.http10);
	assert_string_equal(http_header(&req, "user-agent"), "Cisco SVC IPPhone Client v1.0 (1.0)");
	assert_string_equal(http_header(&req, "HOST"), "gw.example");
	assert_null(http_header(&req, "Cookie"));
	assert_int_equal(req.body_len, 0);
}

T(the_query_is_cut_off_the_path)
{
	UNUSED;
	assert_int_equal(parse("POST /phone?a=b HTTP/1.1\r\n\r\n"), HTTP_COMPLETE);
	assert_string_equal(req.path, "/phone");
	assert_int_equal(parse("POST /phone/#x HTTP/1.1\r\n\r\n"), HTTP_COMPLETE);
	assert_string_equal(req.path, "/phone/");
}

T(a_body_is_taken_by_its_length)
{
	static const char text[] = "POST /x HTTP/1.1\r\ncontent-LENGTH: 5\r\n\r\nhelloGET";

	UNUSED;
	assert_int_equal(parse(text), HTTP_COMPLETE);
	assert_int_equal(req.body_len, 5);
	assert_memory_equal(req.body, "hello", 5);
	assert_int_equal(req.total, sizeof(text) - 1 - 3);
}

T(every_beginning_of_a_request_wants_more_and_is_left_untouched)
{
	static const char text[] = "\r\nPOST /x HTTP/1.1\r\nA: b\r\nContent-Length: 5\r\n\r\nhello";

	UNUSED;
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		assert_int_equal(parse_bytes(text, len), HTTP_MORE);
		assert_memory_equal(buffer, text, len);
	}
	assert_int_equal(parse(text), HTTP_COMPLETE);
	assert_int_equal(req.total, sizeof(text) - 1);
}

T(lines_may_end_in_a_bare_newline)
{
	UNUSED;
	assert_int_equal(parse("GET /x HTTP/1.1\nHost: a\n\n"), HTTP_COMPLETE);
	assert_string_equal(http_header(&req, "Host"), "a");
}

T(values_are_trimmed)
{
	UNUSED;
	assert_int_equal(parse("GET / HTTP/1.1\r\nA:  b c \t \r\nB:\r\nC:d\r\n\r\n"), HTTP_COMPLETE);
	assert_string_equal(http_header(&req, "A"), "b c");
	assert_string_equal(http_header(&req, "B"), "");
	assert_string_equal(http_header(&req, "C"), "d");
}

T(keep_alive_is_the_default_of_the_version)
{
	UNUSED;
	assert_int_equal(parse("GET / HTTP/1.0\r\n\r\n"), HTTP_COMPLETE);
	assert_true(req.http10);
	assert_false(req.keep_alive);
	assert_int_equal(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), HTTP_COMPLETE);
	assert_true(req.keep_alive);
	assert_int_equal(parse("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), HTTP_COMPLETE);
	assert_false(req.keep_alive);
}

T(clavisters_connect_without_a_slash_is_read)
{
	UNUSED;
	assert_int_equal(parse("CONNECT CSCOSSLC/tunnel HTTP/1.1\r\n\r\n"), HTTP_COMPLETE);
	assert_string_equal(req.method, "CONNECT");
	assert_string_equal(req.path, "CSCOSSLC/tunnel");
}

T(what_is_no_request_is_refused)
{
	static const char *const bad[] = {
		"\x16\x03\x01\r\n\r\n",
		"GET\r\n\r\n",
		"GET /\r\n\r\n",
		"GET / HTTP/2.0\r\n\r\n",
		"GET / HTTP/1.1 \r\n\r\n",
		"GET  / HTTP/1.1\r\n\r\n",
		"G(T / HTTP/1.1\r\n\r\n",
		"GET /\x01 HTTP/1.1\r\n\r\n",
		"GET /\x7f HTTP/1.1\r\n\r\n",
		" / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nNo colon\r\n\r\n",
		"GET / HTTP/1.1\r\n: empty\r\n\r\n",
		"GET / HTTP/1.1\r\nA b: c\r\n\r\n",
		"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
		"GET / HTTP/1.1\r\nA: b\x01\r\n\r\n",
		"GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n",
	};

	UNUSED;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(parse(bad[i]), HTTP_BAD);
	assert_int_equal(parse_bytes("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", 27), HTTP_BAD);
}

T(a_content_length_that_is_no_number_is_refused)
{
	static const char *const bad[] = { "", "-1", "+1", "x", "5x", "0x5", "5,5", "5 5", "9999999999", "99999999999999999999" };
	char text[200];

	UNUSED;
	for (size_t i = 0; i < COUNT(bad); i++) {
		snprintf(text, sizeof(text), "POST / HTTP/1.1\r\nContent-Length: %s\r\n\r\nhello", bad[i]);
		assert_int_equal(parse(text), HTTP_BAD);
	}
	assert_int_equal(parse("POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nhello"), HTTP_BAD);
	assert_int_equal(parse("POST / HTTP/1.1\r\nContent-Length: 5 \r\nContent-Length: 5\r\n\r\nhello"), HTTP_COMPLETE);
}

T(chunked_bodies_are_not_supported)
{
	UNUSED;
	assert_int_equal(parse("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), HTTP_UNSUPPORTED);
}

/* "GET /" + n bytes, a header of n bytes, n headers. */
static enum http_result
parse_sized(size_t path, size_t header, size_t headers)
{
	char *text = malloc(path + header + headers * 6 + 100), *p = text;
	enum http_result r;

	p += sprintf(p, "GET /");
	memset(p, 'p', path);
	p += path;
	p += sprintf(p, " HTTP/1.1\r\nH: ");
	memset(p, 'h', header);
	p += header;
	for (size_t i = 1; i < headers; i++)
		p += sprintf(p, "\r\nN: n");
	p += sprintf(p, "\r\n\r\n");
	r = parse_bytes(text, (size_t)(p - text));
	free(text);
	return r;
}

T(each_limit_holds_to_the_byte)
{
	static const char head[] = "GET / HTTP/1.1\r\nH: \r\n\r\n";

	UNUSED;
	assert_int_equal(parse_sized(HTTP_URL_MAX - 1, 1, 1), HTTP_COMPLETE);
	assert_int_equal(parse_sized(HTTP_URL_MAX, 1, 1), HTTP_TOO_LONG_URL);
	assert_int_equal(parse_sized(0, HTTP_HEAD_MAX - (sizeof(head) - 1), 1), HTTP_COMPLETE);
	assert_int_equal(parse_sized(0, HTTP_HEAD_MAX - (sizeof(head) - 1) + 1, 1), HTTP_TOO_LONG_HEAD);
	assert_int_equal(parse_sized(0, 1, HTTP_HEADERS_MAX), HTTP_COMPLETE);
	assert_int_equal(parse_sized(0, 1, HTTP_HEADERS_MAX + 1), HTTP_TOO_LONG_HEAD);
	assert_int_equal(parse("POST / HTTP/1.1\r\nContent-Length: 65536\r\n\r\n"), HTTP_MORE);
	assert_int_equal(parse("POST / HTTP/1.1\r\nContent-Length: 65537\r\n\r\n"), HTTP_TOO_LONG_BODY);
}

T(a_head_without_an_end_is_refused_at_its_limit)
{
	char *text = malloc(HTTP_HEAD_MAX + 1);

	UNUSED;
	memset(text, 'a', HTTP_HEAD_MAX + 1);
	assert_int_equal(parse_bytes(text, HTTP_HEAD_MAX), HTTP_MORE);
	assert_int_equal(parse_bytes(text, HTTP_HEAD_MAX + 1), HTTP_TOO_LONG_HEAD);
	free(text);
}

T(cookies_are_found_by_their_whole_name)
{
	char value[20];

	UNUSED;
	assert_int_equal(parse("GET / HTTP/1.1\r\nCookie: webvpnlogin=1; webvpn=AB@1@2@CD ; x\r\ncookie: z=9\r\n\r\n"), HTTP_COMPLETE);
	assert_true(http_cookie(&req, "webvpn", value, sizeof(value)));
	assert_string_equal(value, "AB@1@2@CD");
	assert_true(http_cookie(&req, "webvpnlogin", value, sizeof(value)));
	assert_string_equal(value, "1");
	assert_true(http_cookie(&req, "z", value, sizeof(value)));
	assert_false(http_cookie(&req, "web", value, sizeof(value)));
	assert_false(http_cookie(&req, "x", value, sizeof(value)));
	assert_false(http_cookie(&req, "login", value, sizeof(value)));
}

T(a_cookie_longer_than_its_room_is_absent)
{
	char value[5];

	UNUSED;
	assert_int_equal(parse("GET / HTTP/1.1\r\nCookie: a=1234; b=12345; c=\r\n\r\n"), HTTP_COMPLETE);
	assert_true(http_cookie(&req, "a", value, sizeof(value)));
	assert_false(http_cookie(&req, "b", value, sizeof(value)));
	assert_true(http_cookie(&req, "c", value, sizeof(value)));
	assert_string_equal(value, "");
}

T(no_single_changed_byte_leads_outside_the_buffer)
{
	static const char text[] = "POST /p?q HTTP/1.1\r\nCookie: a=1; b=2\r\nContent-Length: 3\r\nHost: h\r\n\r\nabc";
	char value[8];

	UNUSED;
	for (size_t at = 0; at < sizeof(text) - 1; at++) {
		for (int c = 0; c < 256; c++) {
			char *copy = (char *)exact(text, sizeof(text) - 1);

			copy[at] = (char)c;
			memset(&req, 0, sizeof(req));
			if (http_parse(copy, sizeof(text) - 1, &req) == HTTP_COMPLETE) {
				assert_true(req.total <= sizeof(text) - 1);
				assert_true(req.body + req.body_len <= copy + sizeof(text) - 1);
				http_cookie(&req, "a", value, sizeof(value));
				http_header(&req, "Host");
			}
			free(copy);
		}
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phones_requests_are_read),
		cmocka_unit_test(the_query_is_cut_off_the_path),
		cmocka_unit_test(a_body_is_taken_by_its_length),
		cmocka_unit_test(every_beginning_of_a_request_wants_more_and_is_left_untouched),
		cmocka_unit_test(lines_may_end_in_a_bare_newline),
		cmocka_unit_test(values_are_trimmed),
		cmocka_unit_test(keep_alive_is_the_default_of_the_version),
		cmocka_unit_test(clavisters_connect_without_a_slash_is_read),
		cmocka_unit_test(what_is_no_request_is_refused),
		cmocka_unit_test(a_content_length_that_is_no_number_is_refused),
		cmocka_unit_test(chunked_bodies_are_not_supported),
		cmocka_unit_test(each_limit_holds_to_the_byte),
		cmocka_unit_test(a_head_without_an_end_is_refused_at_its_limit),
		cmocka_unit_test(cookies_are_found_by_their_whole_name),
		cmocka_unit_test(a_cookie_longer_than_its_room_is_absent),
		cmocka_unit_test(no_single_changed_byte_leads_outside_the_buffer),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	free(buffer);
	return r;
}
