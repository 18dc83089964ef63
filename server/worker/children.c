/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/children.h"

#include <stddef.h>
#include <sys/mman.h>

#include "common/log.h"

#define ROOM_START 1024 /* a power of 2 */

struct child {
	uint64_t conn_id;
	pid_t pid;
	uint32_t pid_next, conn_next; /* place in the room, and 1; 0: the last of its chain */
};

/* One mapping: the room, then two hash tables of as many chains. */
static struct {
	struct child *room;
	uint32_t *by_pid, *by_conn;
	uint32_t size, used; /* what is free below used hangs together by pid_next */
	uint32_t free_first;
} table;

static void *
table_map(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		fatal("spawner: no memory for its workers");
	(void)madvise(p, bytes, MADV_DONTFORK); /* a matter of cost */
	return p;
}

static size_t
table_bytes(uint32_t size)
{
	return size * (sizeof(struct child) + 2 * sizeof(uint32_t));
}

static void
child_link(uint32_t place)
{
	struct child *c = &table.room[place - 1];
	uint32_t *pid = &table.by_pid[(uint32_t)c->pid % table.size], *conn = &table.by_conn[c->conn_id % table.size];

	c->pid_next = *pid;
	*pid = place;
	c->conn_next = *conn;
	*conn = place;
}

/* All places of the old room are in use when it is too small. */
static void
table_grow(void)
{
	struct child *old = table.room;
	uint32_t old_size = table.size;

	table.size = old_size > 0 ? 2 * old_size : ROOM_START;
	table.room = table_map(table_bytes(table.size));
	table.by_pid = (uint32_t *)(table.room + table.size);
	table.by_conn = table.by_pid + table.size;
	for (uint32_t i = 0; i < old_size; i++) {
		table.room[i] = old[i];
		child_link(i + 1);
	}
	if (old_size > 0)
		munmap(old, table_bytes(old_size));
}

void
children_add(pid_t pid, uint64_t conn_id)
{
	uint32_t place = table.free_first;

	if (place != 0) {
		table.free_first = table.room[place - 1].pid_next;
	} else {
		if (table.used == table.size)
			table_grow();
		place = ++table.used;
	}
	table.room[place - 1].pid = pid;
	table.room[place - 1].conn_id = conn_id;
	child_link(place);
}

bool
children_take(pid_t pid, uint64_t *conn_id)
{
	uint32_t *at, place;
	struct child *c;

	if (table.size == 0)
		return false;
	for (at = &table.by_pid[(uint32_t)pid % table.size]; *at != 0 && table.room[*at - 1].pid != pid;)
		at = &table.room[*at - 1].pid_next;
	if ((place = *at) == 0)
		return false;
	c = &table.room[place - 1];
	*at = c->pid_next;
	for (at = &table.by_conn[c->conn_id % table.size]; *at != place;)
		at = &table.room[*at - 1].conn_next;
	*at = c->conn_next;
	*conn_id = c->conn_id;
	c->pid_next = table.free_first;
	table.free_first = place;
	return true;
}

pid_t
children_of(uint64_t conn_id)
{
	uint32_t place = table.size > 0 ? table.by_conn[conn_id % table.size] : 0;

	while (place != 0 && table.room[place - 1].conn_id != conn_id)
		place = table.room[place - 1].conn_next;
	return place != 0 ? table.room[place - 1].pid : 0;
}
