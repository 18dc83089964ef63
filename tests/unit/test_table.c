/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "server/forwarder/table.h"

static struct table t;
static struct udp_socket *const socket_a = (struct udp_socket *)0x1000, *const socket_b = (struct udp_socket *)0x2000;

static int
setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	table_init(&t);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < SESSION_SLOTS; i++) {
		struct fwd_session *s = table_slot(&t, i);

		if (s != NULL) {
			table_remove(&t, s);
			free(s);
		}
	}
	free(t.slots);
	free(t.by_ip);
	free(t.by_id);
	free(t.by_peer);
	return 0;
}

static struct addr
at(uint16_t port)
{
	struct addr a;

	assert_true(addr_parse("192.0.2.1", port, &a));
	return a;
}

static void
id_make(uint32_t n, uint8_t id[DTLS_ID_BYTES])
{
	memset(id, 0x77, DTLS_ID_BYTES);
	memcpy(id + DTLS_ID_BYTES - sizeof(n), &n, sizeof(n)); /* the same bucket for all */
}

static struct fwd_session *
add(uint32_t slot)
{
	struct fwd_session *s = table_add(&t, slot);
	uint8_t id[DTLS_ID_BYTES];

	id_make(slot, id);
	table_set(&t, s, 0x0a0a0000 + slot, id);
	return s;
}

T(sessions_are_found_by_slot_address_and_id)
{
	uint8_t id[DTLS_ID_BYTES];

	UNUSED;
	for (uint32_t i = 0; i < 3000; i++)
		add(i);
	for (uint32_t i = 0; i < 3000; i++) {
		struct fwd_session *s = table_slot(&t, i);

		assert_int_equal(s->slot, i);
		assert_ptr_equal(table_by_ip(&t, 0x0a0a0000 + i), s);
		id_make(i, id);
		assert_ptr_equal(table_by_id(&t, id), s);
	}
	id_make(3000, id);
	assert_null(table_by_id(&t, id));
	assert_null(table_by_ip(&t, 0x0a0a0000 + 3000));
	assert_null(table_slot(&t, 3000));
	assert_null(table_slot(&t, SESSION_SLOTS));
	assert_null(table_slot(&t, UINT32_MAX));
}

T(a_removed_session_is_found_by_nothing)
{
	struct fwd_session *a = add(1), *b = add(2), *c = add(3);
	struct addr from = at(1000);
	uint8_t id[DTLS_ID_BYTES];

	UNUSED;
	assert_non_null(table_peer_add(&t, b, socket_a, &from));
	table_remove(&t, b);
	free(b);
	id_make(2, id);
	assert_null(table_slot(&t, 2));
	assert_null(table_by_id(&t, id));
	assert_null(table_by_ip(&t, 0x0a0a0002));
	assert_null(table_by_peer(&t, socket_a, &from));
	assert_ptr_equal(table_by_ip(&t, 0x0a0a0001), a);
	assert_ptr_equal(table_by_ip(&t, 0x0a0a0003), c);
}

T(setting_again_forgets_the_old_id_address_and_peers)
{
	struct fwd_session *s = add(1);
	uint8_t old[DTLS_ID_BYTES], fresh[DTLS_ID_BYTES];
	struct addr from = at(1000);

	UNUSED;
	id_make(1, old);
	id_make(99, fresh);
	assert_non_null(table_peer_add(&t, s, socket_a, &from));
	table_set(&t, s, 0x0a0a0063, fresh);
	assert_null(table_by_id(&t, old));
	assert_null(table_by_ip(&t, 0x0a0a0001));
	assert_null(table_by_peer(&t, socket_a, &from));
	assert_ptr_equal(table_by_id(&t, fresh), s);
	assert_ptr_equal(table_by_ip(&t, 0x0a0a0063), s);
}

T(a_peer_is_known_by_socket_and_address)
{
	struct fwd_session *s = add(1);
	struct addr a = at(1000), b = at(1001);
	struct peer *p = table_peer_add(&t, s, socket_a, &a);

	UNUSED;
	assert_ptr_equal(table_by_peer(&t, socket_a, &a), p);
	assert_null(table_by_peer(&t, socket_b, &a));
	assert_null(table_by_peer(&t, socket_a, &b));
	assert_ptr_equal(table_peer_add(&t, s, socket_a, &a), p);
	assert_ptr_equal(table_peer_tag(s, p->tag), p);
	assert_null(table_peer_tag(s, (uint8_t)(p->tag + 1)));
	assert_null(table_peer_tag(s, PEERS_MAX));
	assert_null(table_peer_tag(s, 255));
}

T(a_live_peer_is_never_replaced_by_attempts)
{
	struct fwd_session *s = add(1);
	struct addr a = at(1000), b;
	struct peer *live = table_peer_add(&t, s, socket_a, &a);

	UNUSED;
	table_peer_up(&t, live);
	for (uint16_t port = 2000; port < 2100; port++) {
		b = at(port);
		assert_ptr_not_equal(table_peer_add(&t, s, socket_a, &b), live);
	}
	assert_ptr_equal(table_by_peer(&t, socket_a, &a), live);
	assert_true(live->up);
	b = at(2099); /* the last attempts are known, the first were replaced */
	assert_non_null(table_by_peer(&t, socket_a, &b));
	b = at(2000);
	assert_null(table_by_peer(&t, socket_a, &b));
}

T(the_oldest_attempt_is_replaced_first)
{
	struct fwd_session *s = add(1);
	struct addr a[PEERS_MAX + 1];

	UNUSED;
	for (uint16_t i = 0; i < PEERS_MAX; i++) {
		a[i] = at((uint16_t)(1000 + i));
		table_peer_add(&t, s, socket_a, &a[i]);
	}
	assert_non_null(table_by_peer(&t, socket_a, &a[0])); /* heard again: no longer the oldest */
	a[PEERS_MAX] = at(5000);
	table_peer_add(&t, s, socket_a, &a[PEERS_MAX]);
	assert_non_null(table_by_peer(&t, socket_a, &a[0]));
	assert_null(table_by_peer(&t, socket_a, &a[1]));
}

T(only_one_peer_is_up)
{
	struct fwd_session *s = add(1);
	struct addr a = at(1000), b = at(1001);
	struct peer *p = table_peer_add(&t, s, socket_a, &a), *q = table_peer_add(&t, s, socket_a, &b);

	UNUSED;
	table_peer_up(&t, p);
	table_peer_up(&t, q);
	assert_true(q->up);
	assert_null(table_by_peer(&t, socket_a, &a));
	assert_ptr_equal(table_by_peer(&t, socket_a, &b), q);
}

T(an_address_moves_to_the_session_that_named_its_id)
{
	struct fwd_session *s = add(1), *u = add(2);
	struct addr a = at(1000);
	struct peer *p = table_peer_add(&t, s, socket_a, &a), *q;
	uint8_t tag = p->tag;

	UNUSED;
	table_peer_up(&t, p);
	q = table_peer_add(&t, u, socket_a, &a);
	assert_ptr_equal(q->session, u);
	assert_ptr_equal(table_by_peer(&t, socket_a, &a), q);
	assert_null(table_peer_tag(s, tag));
}

T(a_closed_socket_takes_its_peers_with_it)
{
	struct fwd_session *s = add(1), *u = add(2);
	struct addr a = at(1000), b = at(1001);

	UNUSED;
	table_peer_add(&t, s, socket_a, &a);
	table_peer_add(&t, u, socket_b, &b);
	table_socket_gone(&t, socket_a);
	assert_null(table_by_peer(&t, socket_a, &a));
	assert_non_null(table_by_peer(&t, socket_b, &b));
}

#define TABLE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TABLE(sessions_are_found_by_slot_address_and_id),
		TABLE(a_removed_session_is_found_by_nothing),
		TABLE(setting_again_forgets_the_old_id_address_and_peers),
		TABLE(a_peer_is_known_by_socket_and_address),
		TABLE(a_live_peer_is_never_replaced_by_attempts),
		TABLE(the_oldest_attempt_is_replaced_first),
		TABLE(only_one_peer_is_up),
		TABLE(an_address_moves_to_the_session_that_named_its_id),
		TABLE(a_closed_socket_takes_its_peers_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
