/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "common/err.h"
#include "server/worker/cstp.h"

static int
get(const void *data, size_t len, struct cstp_packet *out)
{
	uint8_t *copy = exact(data, len);
	int r = cstp_packet_get(copy, len, out);

	if (r > 0)
		out->payload = (const uint8_t *)data + (out->payload - copy);
	free(copy);
	return r;
}

T(the_header_is_that_of_protocol_2_1)
{
	uint8_t head[CSTP_HEAD];

	UNUSED;
	cstp_head_put(head, CSTP_DATA, 1200);
	assert_memory_equal(head, "STF\1\x04\xb0\0\0", 8);
	cstp_head_put(head, CSTP_DPD_OUT, 0);
	assert_memory_equal(head, "STF\1\0\0\3\0", 8);
	cstp_head_put(head, CSTP_DISCONNECT, CSTP_PAYLOAD_MAX);
	assert_memory_equal(head, "STF\1\x40\0\5\0", 8);
}

T(packets_are_taken_out_of_a_stream_one_by_one)
{
	static const char stream[] = "STF\1\0\3\0\0abcSTF\1\0\0\7\0STF\1\0\1\5\0\xb0";
	struct cstp_packet p;
	size_t len = sizeof(stream) - 1;
	int n;

	UNUSED;
	n = get(stream, len, &p);
	assert_int_equal(n, 11);
	assert_int_equal(p.type, CSTP_DATA);
	assert_int_equal(p.len, 3);
	assert_memory_equal(p.payload, "abc", 3);
	n = get(stream + 11, len - 11, &p);
	assert_int_equal(n, 8);
	assert_int_equal(p.type, CSTP_KEEPALIVE);
	assert_int_equal(p.len, 0);
	n = get(stream + 19, len - 19, &p);
	assert_int_equal(n, 9);
	assert_int_equal(p.type, CSTP_DISCONNECT);
	assert_int_equal(p.payload[0], CSTP_BYE_USER);
}

T(every_beginning_of_a_packet_wants_more)
{
	static const char packet[] = "STF\1\0\3\0\0abc";
	struct cstp_packet p;

	UNUSED;
	for (size_t n = 1; n < sizeof(packet) - 1; n++)
		assert_int_equal(get(packet, n, &p), 0);
}

T(what_is_no_cstp_is_refused_at_its_first_wrong_byte)
{
	struct cstp_packet p;

	UNUSED;
	assert_int_equal(get("X", 1, &p), ERR_BAD_MESSAGE);
	assert_int_equal(get("SX", 2, &p), ERR_BAD_MESSAGE);
	assert_int_equal(get("STX", 3, &p), ERR_BAD_MESSAGE);
	assert_int_equal(get("STF\2", 4, &p), ERR_BAD_MESSAGE);
	assert_int_equal(get("STF\1\0\0\0\1", 8, &p), ERR_BAD_MESSAGE);
	assert_int_equal(get("GET / HTTP/1.1\r\n", 16, &p), ERR_BAD_MESSAGE);
}

T(the_longest_payload_is_16384_bytes)
{
	static uint8_t packet[CSTP_HEAD + CSTP_PAYLOAD_MAX + 1];
	struct cstp_packet p;

	UNUSED;
	cstp_head_put(packet, CSTP_DATA, CSTP_PAYLOAD_MAX);
	assert_int_equal(get(packet, sizeof(packet), &p), CSTP_HEAD + CSTP_PAYLOAD_MAX);
	assert_int_equal(p.len, CSTP_PAYLOAD_MAX);
	cstp_head_put(packet, CSTP_DATA, CSTP_PAYLOAD_MAX + 1);
	assert_int_equal(get(packet, sizeof(packet), &p), ERR_LONG);
	assert_int_equal(get(packet, CSTP_HEAD, &p), ERR_LONG);
}

static void
fault_is(const void *data, size_t len, unsigned number, const char *arg1, const char *arg2)
{
	uint8_t *copy = exact(data, len);
	struct cstp_packet p;
	struct cstp_fault f;

	assert_true(cstp_packet_get(copy, len, &p) < 0);
	cstp_fault(copy, len, &f);
	assert_int_equal(f.number, number);
	assert_string_equal(f.arg1, arg1);
	assert_string_equal(f.arg2, arg2);
	free(copy);
}

/* asa-reference 3.2 */
T(what_is_wrong_has_a_message)
{
	UNUSED;
	fault_is("GET / HT", 8, 722017, "474554202f204854", "84");
	fault_is("X", 1, 722017, "58", "0");
	fault_is("STF\1\0\0\0\5", 8, 722017, "5354460100000005", "5");
	fault_is("STF\3\0\0\0\0", 8, 722018, "3", "1");
	fault_is("STF\0", 4, 722018, "0", "1");
	fault_is("STF\1\xff\xff\0\0", 8, 722016, "65535", "16384");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_is_that_of_protocol_2_1),
		cmocka_unit_test(packets_are_taken_out_of_a_stream_one_by_one),
		cmocka_unit_test(every_beginning_of_a_packet_wants_more),
		cmocka_unit_test(what_is_no_cstp_is_refused_at_its_first_wrong_byte),
		cmocka_unit_test(the_longest_payload_is_16384_bytes),
		cmocka_unit_test(what_is_wrong_has_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
