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
	table_free(&t);
	return 0;
}

static struct path
path_of(struct udp_socket *socket, const char *ip, uint16_t port)
{
	struct path p = { .socket = socket };

	assert_true(addr_parse(ip, port, &p.peer));
	return p;
}

static struct path
at(uint16_t port)
{
	return path_of(socket_a, "192.0.2.1", port);
}

/* The first peer at this path. */
static struct peer *
first(const struct path *path)
{
	struct peer *there[CLAIMS_MAX];
	unsigned up;

	return table_by_path(&t, path, there, &up) > 0 ? there[0] : NULL;
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
	table_set(&t, s, 0x0a0a0000 + slot, NULL, id);
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
	struct path from = at(1000);
	uint8_t id[DTLS_ID_BYTES];

	UNUSED;
	assert_non_null(table_peer_add(&t, b, &from));
	table_remove(&t, b);
	free(b);
	id_make(2, id);
	assert_null(table_slot(&t, 2));
	assert_null(table_by_id(&t, id));
	assert_null(table_by_ip(&t, 0x0a0a0002));
	assert_null(first(&from));
	assert_ptr_equal(table_by_ip(&t, 0x0a0a0001), a);
	assert_ptr_equal(table_by_ip(&t, 0x0a0a0003), c);
}

T(setting_again_forgets_the_old_id_address_and_peers)
{
	struct fwd_session *s = add(1);
	uint8_t old[DTLS_ID_BYTES], fresh[DTLS_ID_BYTES];
	struct path from = at(1000);

	UNUSED;
	id_make(1, old);
	id_make(99, fresh);
	assert_non_null(table_peer_add(&t, s, &from));
	table_set(&t, s, 0x0a0a0063, NULL, fresh);
	assert_null(table_by_id(&t, old));
	assert_null(table_by_ip(&t, 0x0a0a0001));
	assert_null(first(&from));
	assert_ptr_equal(table_by_id(&t, fresh), s);
	assert_ptr_equal(table_by_ip(&t, 0x0a0a0063), s);
}

T(a_peer_is_known_by_socket_and_both_addresses)
{
	struct fwd_session *s = add(1);
	struct path a = at(1000), b = at(1001), c = path_of(socket_b, "192.0.2.1", 1000), d = at(1000);
	struct peer *p = table_peer_add(&t, s, &a);

	UNUSED;
	assert_true(addr_parse("192.0.2.250", 0, &d.local));
	assert_ptr_equal(first(&a), p);
	assert_null(first(&b));
	assert_null(first(&c));
	assert_null(first(&d)); /* the same client, but it asked another address of ours */
	assert_ptr_equal(table_peer_add(&t, s, &a), p);
	assert_ptr_equal(table_peer_tag(s, p->tag), p);
	assert_null(table_peer_tag(s, (uint8_t)(p->tag + 1)));
	assert_null(table_peer_tag(s, 255));
}

T(a_live_peer_is_never_replaced_by_attempts)
{
	struct fwd_session *s = add(1);
	struct path a = at(1000), b;
	struct peer *live = table_peer_add(&t, s, &a);

	UNUSED;
	table_peer_up(&t, live);
	for (uint16_t port = 2000; port < 2100; port++) {
		b = at(port);
		assert_ptr_not_equal(table_peer_add(&t, s, &b), live);
	}
	assert_ptr_equal(first(&a), live);
	assert_true(live->up);
	b = at(2099); /* the last attempts are known, the first were replaced */
	assert_non_null(first(&b));
	b = at(2000);
	assert_null(first(&b));
}

T(the_oldest_attempt_is_replaced_first)
{
	struct fwd_session *s = add(1);
	struct path a[PEERS_MAX + 1];

	UNUSED;
	for (uint16_t i = 0; i < PEERS_MAX; i++) {
		a[i] = at((uint16_t)(1000 + i));
		table_peer_add(&t, s, &a[i]);
	}
	assert_non_null(first(&a[0])); /* heard again: no longer the oldest */
	a[PEERS_MAX] = at(5000);
	table_peer_add(&t, s, &a[PEERS_MAX]);
	assert_non_null(first(&a[0]));
	assert_null(first(&a[1]));
}

/* While a worker finishes a handshake, others claim the session: its word must not mean one of them. */
T(a_place_that_was_given_to_another_has_another_tag)
{
	struct fwd_session *s = add(1);
	struct path a = at(1000), b;
	uint8_t tag = table_peer_add(&t, s, &a)->tag;

	UNUSED;
	for (uint16_t port = 2000; port < 2000 + 3 * PEERS_MAX; port++) {
		b = at(port);
		assert_int_not_equal(table_peer_add(&t, s, &b)->tag, tag);
		assert_true(table_peer_tag(s, tag) == NULL || path_equal(&table_peer_tag(s, tag)->path, &a));
	}
}

T(only_one_peer_is_up)
{
	struct fwd_session *s = add(1);
	struct path a = at(1000), b = at(1001);
	struct peer *p = table_peer_add(&t, s, &a), *q = table_peer_add(&t, s, &b);

	UNUSED;
	table_peer_up(&t, p);
	table_peer_up(&t, q);
	assert_true(q->up);
	assert_null(first(&a));
	assert_ptr_equal(first(&b), q);
}

/* A ClientHello proves nothing: anybody who has a session of his own may send one from a victim's address. */
T(a_claim_takes_nothing_from_the_peer_that_is_up)
{
	struct fwd_session *victim = add(1), *other = add(2);
	struct path a = at(1000);
	struct peer *live = table_peer_add(&t, victim, &a), *claim, *there[CLAIMS_MAX];
	unsigned up;

	UNUSED;
	table_peer_up(&t, live);
	claim = table_peer_add(&t, other, &a);
	assert_non_null(claim);
	assert_true(live->used && live->up);
	assert_ptr_equal(table_peer_tag(victim, live->tag), live);
	assert_int_equal(table_by_path(&t, &a, there, &up), 2);
	assert_int_equal(up, 1);
	assert_ptr_equal(there[0], live);
	assert_ptr_equal(there[1], claim);
}

T(claims_of_many_replace_each_other_and_never_the_live_peer)
{
	struct fwd_session *victim = add(1);
	struct path a = at(1000);
	struct peer *live = table_peer_add(&t, victim, &a), *there[CLAIMS_MAX];
	unsigned up;

	UNUSED;
	table_peer_up(&t, live);
	for (uint32_t i = 2; i < 50; i++) {
		assert_non_null(table_peer_add(&t, add(i), &a));
		assert_true(live->up);
	}
	assert_int_equal(table_by_path(&t, &a, there, &up), CLAIMS_MAX);
	assert_int_equal(up, 1);
	assert_ptr_equal(there[0], live);
}

/* A worker may lie: its word that a handshake is done takes no other session's address. */
T(two_sessions_may_be_up_at_one_address)
{
	struct fwd_session *s = add(1), *u = add(2);
	struct path a = at(1000);
	struct peer *p = table_peer_add(&t, s, &a), *q, *there[CLAIMS_MAX];
	unsigned up;

	UNUSED;
	table_peer_up(&t, p);
	q = table_peer_add(&t, u, &a);
	table_peer_add(&t, add(3), &a);
	table_peer_up(&t, q);
	assert_int_equal(table_by_path(&t, &a, there, &up), 3);
	assert_int_equal(up, 2);
	assert_true((there[0] == p && there[1] == q) || (there[0] == q && there[1] == p));
	table_peer_down(&t, p); /* its worker noticed, or it was never there */
	assert_int_equal(table_by_path(&t, &a, there, &up), 2);
	assert_int_equal(up, 1);
	assert_ptr_equal(there[0], q);
	assert_ptr_equal(table_up_at(&t, socket_a, &a.peer), q);
}

T(no_claim_fits_where_all_are_up)
{
	struct path a = at(1000), b = at(2000);
	struct fwd_session *s = add(20);
	uint8_t tag;

	UNUSED;
	for (uint32_t i = 1; i <= CLAIMS_MAX; i++)
		table_peer_up(&t, table_peer_add(&t, add(i), &a));
	assert_null(table_peer_add(&t, s, &a));
	table_peer_up(&t, table_peer_add(&t, s, &b));
	tag = table_stray_add(s, &a, 1.0);
	assert_false(table_stray_up(&t, s, tag));
	assert_ptr_equal(first(&b)->session, s);
}

T(a_closed_socket_takes_its_peers_with_it)
{
	struct fwd_session *s = add(1), *u = add(2);
	struct path a = at(1000), b = path_of(socket_b, "192.0.2.1", 1001);

	UNUSED;
	table_peer_add(&t, s, &a);
	table_peer_add(&t, u, &b);
	table_socket_gone(&t, socket_a);
	assert_null(first(&a));
	assert_non_null(first(&b));
}

T(sessions_are_found_by_ipv6_address)
{
	uint8_t ip6[16] = { 0x20, 1, 0xd, 0xb8 }, id[DTLS_ID_BYTES];
	struct fwd_session *s = table_add(&t, 7), *without = add(8);

	UNUSED;
	ip6[15] = 1;
	id_make(7, id);
	table_set(&t, s, 0x0a0a0007, ip6, id);
	assert_ptr_equal(table_by_ip6(&t, ip6), s);
	ip6[15] = 2;
	assert_null(table_by_ip6(&t, ip6));
	memset(ip6, 0, sizeof(ip6)); /* nobody's, though sessions without one hold zeros */
	assert_null(table_by_ip6(&t, ip6));
	assert_false(without->has_ip6);
	ip6[0] = 0x20;
	table_set(&t, s, 0x0a0a0007, NULL, id);
	assert_false(s->has_ip6);
}

/* ---- strays: protocol.md 3.6 ---- */

T(candidates_are_the_live_peers_of_the_same_ip_longest_unheard_first)
{
	struct path paths[20], other = path_of(socket_a, "192.0.2.2", 1000), attempt = at(9999);
	struct peer *got[8];
	struct addr ip = at(0).peer;

	UNUSED;
	for (uint16_t i = 0; i < 20; i++) {
		paths[i] = at((uint16_t)(1000 + i));
		table_peer_up(&t, table_peer_add(&t, add(i), &paths[i]));
	}
	table_peer_up(&t, table_peer_add(&t, add(30), &other));
	table_peer_add(&t, add(31), &attempt); /* has proved nothing */
	for (uint16_t i = 0; i < 15; i++)
		first(&paths[i]); /* heard again */
	assert_int_equal(table_by_peer_ip(&t, &ip, got, 8), 8);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(got[i]->session->slot, 15 + i);
	for (unsigned i = 5; i < 8; i++)
		assert_int_equal(got[i]->session->slot, i - 5);
}

/* Some dozens are looked at, so those who are heard must get out of the way. */
T(among_thousands_behind_one_address_the_silent_are_found)
{
	enum { MANY = 3000 };
	struct peer *got[8];
	struct addr ip = at(0).peer;

	UNUSED;
	for (uint16_t i = 0; i < MANY; i++) {
		struct path path = at((uint16_t)(1000 + i));

		table_peer_up(&t, table_peer_add(&t, add(i), &path));
	}
	for (unsigned round = 0; round < 2; round++) {
		for (uint16_t i = 0; i < MANY; i++) {
			struct path path = at((uint16_t)(1000 + i));

			if (i % 1000 != 500)
				first(&path);
		}
	}
	assert_int_equal(table_by_peer_ip(&t, &ip, got, 8), 8);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(got[i]->session->slot, 1000 * i + 500);
}

T(a_stray_that_its_worker_believes_moves_the_peer)
{
	struct fwd_session *s = add(1);
	struct path a = at(1000), b = at(2000);
	struct peer *p = table_peer_add(&t, s, &a);
	uint8_t tag;

	UNUSED;
	table_peer_up(&t, p);
	tag = table_stray_add(s, &b, 1.0);
	assert_true(tag >= STRAY_TAGS);
	assert_int_equal(table_stray_add(s, &b, 1.0), tag); /* the same address, the same tag */
	assert_ptr_equal(first(&a), p); /* nothing has moved yet */
	assert_null(first(&b));
	assert_false(table_stray_up(&t, s, (uint8_t)(tag + 1)));
	assert_true(table_stray_up(&t, s, tag));
	assert_null(first(&a));
	assert_ptr_equal(first(&b), p);
	assert_true(p->up);
	assert_ptr_equal(table_peer_tag(s, p->tag), p); /* under its old tag */
	assert_null(s->strays);
	assert_false(table_stray_up(&t, s, tag));
}

/* While the worker looks at the first one, others come: its answer means that one or nothing. */
T(an_old_tag_never_means_a_later_address)
{
	struct fwd_session *s = add(1);
	struct path a = at(1000), victim = at(2000), spoofed;
	double now = 1.0;
	uint8_t tag;

	UNUSED;
	table_peer_up(&t, table_peer_add(&t, s, &a));
	tag = table_stray_add(s, &victim, now);
	for (uint16_t i = 0; i < 200; i++) { /* as many as can come in 6 s */
		spoofed = at((uint16_t)(3000 + i));
		table_stray_add(s, &spoofed, now += 0.03);
	}
	if (table_stray_up(&t, s, tag))
		assert_non_null(first(&victim));
	else
		assert_non_null(first(&a));
}

T(a_session_is_asked_about_so_many_strays_in_a_second)
{
	struct fwd_session *s = add(1);
	struct path from;
	unsigned given = 0;

	UNUSED;
	for (uint16_t i = 0; i < 1000; i++) {
		from = at((uint16_t)(3000 + i));
		given += table_stray_add(s, &from, 5.0 + i / 2000.0) != 0;
	}
	assert_int_equal(given, 32);
	from = at(1);
	assert_int_not_equal(table_stray_add(s, &from, 6.5), 0);
}

#define TABLE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TABLE(sessions_are_found_by_slot_address_and_id),
		TABLE(a_removed_session_is_found_by_nothing),
		TABLE(setting_again_forgets_the_old_id_address_and_peers),
		TABLE(a_peer_is_known_by_socket_and_both_addresses),
		TABLE(a_live_peer_is_never_replaced_by_attempts),
		TABLE(the_oldest_attempt_is_replaced_first),
		TABLE(a_place_that_was_given_to_another_has_another_tag),
		TABLE(only_one_peer_is_up),
		TABLE(a_claim_takes_nothing_from_the_peer_that_is_up),
		TABLE(claims_of_many_replace_each_other_and_never_the_live_peer),
		TABLE(two_sessions_may_be_up_at_one_address),
		TABLE(no_claim_fits_where_all_are_up),
		TABLE(a_closed_socket_takes_its_peers_with_it),
		TABLE(sessions_are_found_by_ipv6_address),
		TABLE(candidates_are_the_live_peers_of_the_same_ip_longest_unheard_first),
		TABLE(among_thousands_behind_one_address_the_silent_are_found),
		TABLE(a_stray_that_its_worker_believes_moves_the_peer),
		TABLE(an_old_tag_never_means_a_later_address),
		TABLE(a_session_is_asked_about_so_many_strays_in_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
