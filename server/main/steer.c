/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs are made here, instruction by instruction: they are short, they
 * hold the number of forwarders and the seed as constants, and nothing else is needed to load them.
 *
 *   outer  a ClientHello by the first byte of its session id; anything else by the
 *          table of peers; -1 (the kernel's own hash) for what is not in it
 *   inner  by the table of inner addresses
 *
 * Both run with the packet's IP header at BPF_HDR_START_NET; offset 0 is the UDP payload for the outer one.
 */
#include "server/main/steer.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_tun.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/log.h"
#include "common/steer.h"

#define CODE_MAX 256
#define JUMPS_MAX 16

static struct {
	int fd;
	uint8_t *memory;
	uint32_t seed;
	unsigned forwarders;
	int outer, inner; /* programs, -1 none */
} steer = { .fd = -1, .outer = -1, .inner = -1 };

/* ---- writing a program ---- */

struct label { /* a place that is jumped to before it is known */
	unsigned from[JUMPS_MAX], count;
};

struct code {
	struct bpf_insn insn[CODE_MAX];
	unsigned len;
};

/* Its parts are in the order of the kernel's documentation. */
static void
put(struct code *c, unsigned op, unsigned dst, unsigned src, int off, int32_t imm)
{
	if (c->len == CODE_MAX)
		fatal("steer: the program is too long");
	c->insn[c->len++] = (struct bpf_insn){ .code = (uint8_t)op, .dst_reg = dst & 15, .src_reg = src & 15, .off = (int16_t)off, .imm = imm };
}

#define MOV_REG(c, d, s)      put(c, BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define MOV_IMM(c, d, v)      put(c, BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, v)
#define ADD_REG(c, d, s)      put(c, BPF_ALU64 | BPF_ADD | BPF_X, d, s, 0, 0)
#define ADD_IMM(c, d, v)      put(c, BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, v)
#define ALU32_REG(c, op, d, s) put(c, BPF_ALU | (op) | BPF_X, d, s, 0, 0)
#define ALU32_IMM(c, op, d, v) put(c, BPF_ALU | (op) | BPF_K, d, 0, 0, (int32_t)(v))
#define LOAD(c, size, d, s, o) put(c, BPF_LDX | BPF_MEM | (size), d, s, o, 0)
#define CALL(c, f)            put(c, BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define EXIT(c)               put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static void
jump(struct code *c, struct label *l, unsigned op, unsigned dst, int32_t imm)
{
	if (l->count == JUMPS_MAX)
		fatal("steer: too many jumps");
	l->from[l->count++] = c->len;
	put(c, BPF_JMP | op | BPF_K, dst, 0, 0, imm);
}

static void
land(struct code *c, const struct label *l)
{
	for (unsigned i = 0; i < l->count; i++)
		c->insn[l->from[i]].off = (int16_t)(c->len - l->from[i] - 1);
}

/* ---- what both do ---- */

enum { R0 = BPF_REG_0, R1, R2, R3, R4, R5, R6, R7, R8, R9, FP };
enum { HELLO = -128, IP = -24, WORD = -8 }; /* on the stack */
enum { HELLO_BYTES = 61 };                  /* protocol.md 3.1: up to the first byte of the session id */
/* R6: the packet, R7: where the UDP header begins, from the IP header, R8: the hash */

static void
code_begin(struct code *c)
{
	c->len = 0;
	MOV_REG(c, R6, R1);
}

/* Bytes of the packet, from R2 behind the start of its IP header, to the stack; one that is too short goes to none. */
static void
fetch(struct code *c, struct label *none, int to, int bytes)
{
	MOV_REG(c, R1, R6);
	MOV_REG(c, R3, FP);
	ADD_IMM(c, R3, to);
	MOV_IMM(c, R4, bytes);
	MOV_IMM(c, R5, BPF_HDR_START_NET);
	CALL(c, BPF_FUNC_skb_load_bytes_relative);
	jump(c, none, BPF_JNE, R0, 0);
}

static void
mix(struct code *c, unsigned size, int from)
{
	LOAD(c, size, R1, FP, from);
	ALU32_REG(c, BPF_XOR, R8, R1);
	ALU32_IMM(c, BPF_MUL, R8, STEER_FACTOR);
	ALU32_REG(c, BPF_MOV, R1, R8);
	ALU32_IMM(c, BPF_RSH, R1, 15);
	ALU32_REG(c, BPF_XOR, R8, R1);
}

/* The source (at 12 and 8) or the destination (at 16 and 24) into R8. */
static void
hash_ip(struct code *c, struct label *none, bool source)
{
	struct label six = { 0 }, done = { 0 };

	ALU32_IMM(c, BPF_MOV, R8, steer.seed);
	MOV_IMM(c, R2, 0);
	fetch(c, none, WORD, 1);
	LOAD(c, BPF_B, R7, FP, WORD);
	MOV_REG(c, R1, R7);
	ALU32_IMM(c, BPF_RSH, R1, 4);
	jump(c, &six, BPF_JEQ, R1, 6);
	jump(c, none, BPF_JNE, R1, 4);
	ALU32_IMM(c, BPF_AND, R7, 15);
	ALU32_IMM(c, BPF_LSH, R7, 2);
	MOV_IMM(c, R2, source ? 12 : 16);
	fetch(c, none, IP, 4);
	mix(c, BPF_W, IP);
	jump(c, &done, BPF_JA, 0, 0);
	land(c, &six);
	MOV_IMM(c, R7, 40);
	MOV_IMM(c, R2, source ? 8 : 24);
	fetch(c, none, IP, 16);
	for (int i = 0; i < 16; i += 4)
		mix(c, BPF_W, IP + i);
	land(c, &done);
}

/* The lowest forwarder that R8's byte of the table names; falls through when it names none. */
static void
look_up(struct code *c, enum steer_table table)
{
	ALU32_IMM(c, BPF_RSH, R8, 16);
	put(c, BPF_LD | BPF_DW | BPF_IMM, R1, BPF_PSEUDO_MAP_VALUE, 0, steer.fd);
	put(c, 0, 0, 0, 0, (int32_t)table * STEER_ENTRIES);
	ADD_REG(c, R1, R8);
	LOAD(c, BPF_B, R2, R1, 0);
	for (unsigned i = 0; i < steer.forwarders; i++) {
		struct label no = { 0 }, yes = { 0 };

		jump(c, &yes, BPF_JSET, R2, 1 << i);
		jump(c, &no, BPF_JA, 0, 0);
		land(c, &yes);
		MOV_IMM(c, R0, (int32_t)i);
		EXIT(c);
		land(c, &no);
	}
}

/* ---- the programs ---- */

static void
hello_by_id(struct code *c)
{
	struct label other = { 0 };

	MOV_REG(c, R1, R6);
	MOV_IMM(c, R2, 0);
	MOV_REG(c, R3, FP);
	ADD_IMM(c, R3, HELLO);
	MOV_IMM(c, R4, HELLO_BYTES);
	CALL(c, BPF_FUNC_skb_load_bytes);
	jump(c, &other, BPF_JNE, R0, 0);
	LOAD(c, BPF_B, R1, FP, HELLO);
	jump(c, &other, BPF_JNE, R1, 22);
	LOAD(c, BPF_B, R1, FP, HELLO + 13);
	jump(c, &other, BPF_JNE, R1, 1);
	LOAD(c, BPF_B, R1, FP, HELLO + 59);
	jump(c, &other, BPF_JNE, R1, 32);
	LOAD(c, BPF_B, R0, FP, HELLO + 60);
	ALU32_IMM(c, BPF_MOD, R0, steer.forwarders);
	EXIT(c);
	land(c, &other);
}

static void
outer_make(struct code *c)
{
	struct label none = { 0 };

	code_begin(c);
	hello_by_id(c);
	hash_ip(c, &none, true);
	MOV_REG(c, R2, R7);
	fetch(c, &none, WORD, 2);
	mix(c, BPF_H, WORD);
	look_up(c, STEER_PEER);
	land(c, &none);
	MOV_IMM(c, R0, -1);
	EXIT(c);
}

static void
inner_make(struct code *c)
{
	struct label none = { 0 };

	code_begin(c);
	hash_ip(c, &none, false);
	look_up(c, STEER_INNER);
	land(c, &none);
	MOV_IMM(c, R0, 0);
	EXIT(c);
}

static int
bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int
program_load(const struct code *c, const char *name)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (uint64_t)(uintptr_t)c->insn,
		.insn_cnt = c->len,
		.license = (uint64_t)(uintptr_t)"GPL",
	};
	int fd;

	memcpy(attr.prog_name, name, strlen(name) + 1);
	if ((fd = bpf(BPF_PROG_LOAD, &attr)) < 0)
		log_info("the kernel does not take a program that steers packets (%s): %s", name, strerror(errno));
	return fd;
}

static void
programs_load(void)
{
	static struct code code;

	outer_make(&code);
	if ((steer.outer = program_load(&code, "offhook_outer")) < 0)
		return; /* the other one would not be taken either */
	inner_make(&code);
	steer.inner = program_load(&code, "offhook_inner");
}

/* ---- the memory ---- */

/* One element, all tables: programs reach into it without a call. -1: not here. */
static int
map_make(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(uint32_t),
		.value_size = STEER_BYTES,
		.max_entries = 1,
		.map_flags = BPF_F_MMAPABLE,
		.map_name = "offhook_steer",
	};
	int fd = bpf(BPF_MAP_CREATE, &attr);

	if (fd < 0)
		log_info("packets are not steered to their forwarder: bpf(): %s", strerror(errno));
	return fd;
}

/* Memory that the forwarders alone share. */
static int
memory_make(void)
{
	int fd = memfd_create("offhook-steer", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, STEER_BYTES) != 0)
		fatal("steer: %s", strerror(errno));
	return fd;
}

void
steer_open(unsigned forwarders, bool kernel)
{
	steer.forwarders = forwarders;
	if (getrandom(&steer.seed, sizeof(steer.seed), 0) != sizeof(steer.seed))
		fatal("steer: no random numbers");
	if (kernel && (steer.fd = map_make()) >= 0)
		programs_load();
	else
		steer.fd = memory_make();
	steer.memory = mmap(NULL, STEER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, steer.fd, 0);
	if (steer.memory == MAP_FAILED)
		fatal("steer: %s", strerror(errno));
}

int
steer_fd(void)
{
	return steer.fd;
}

uint32_t
steer_seed(void)
{
	return steer.seed;
}

bool
steer_by_kernel(void)
{
	return steer.outer >= 0 && steer.inner >= 0;
}

void
steer_udp(int fd)
{
	if (steer.outer >= 0 && setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &steer.outer, sizeof(steer.outer)) != 0)
		log_info("UDP is not steered to its forwarder: %s", strerror(errno));
}

void
steer_tun(int fd)
{
	/* -1 takes away what an earlier start has left at a persistent device */
	if (ioctl(fd, TUNSETSTEERINGEBPF, &steer.inner) != 0 && steer.inner >= 0)
		log_info("the TUN device does not steer packets to their forwarder: %s", strerror(errno));
}

void
steer_forget(unsigned forwarder)
{
	if (steer.memory == NULL)
		return;
	for (size_t i = 0; i < STEER_BYTES; i++) {
		if ((steer.memory[i] >> forwarder & 1) != 0)
			__atomic_fetch_and(&steer.memory[i], (uint8_t)~(1u << forwarder), __ATOMIC_RELAXED);
	}
}
