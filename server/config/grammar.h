/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the cmd_NOUN.c files share: modes, settings, the change being made, the
 * printer. Private to this folder.
 */
#ifndef OFFHOOK_GRAMMAR_H
#define OFFHOOK_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "server/config/command.h"
#include "server/config/config.h"
#include "server/config/cursor.h"
#include "server/config/index.h"
#include "server/config/model.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct config_mode {
	const char *name; /* as in the prompt, "config-if" */
	struct command_table *table;
	/* The mode's object by the frame's name; NULL when it is gone. */
	void *(*object)(struct config *, const char *name);
	size_t kept;   /* offset of its list of kept lines */
	bool swallow;  /* a mode of an ignored command: its lines are ignored as well */
};

extern const struct config_mode mode_global, mode_interface, mode_group_policy, mode_group_webvpn, mode_tunnel_general,
    mode_tunnel_webvpn, mode_tunnel_ipsec, mode_webvpn, mode_trustpoint, mode_crl, mode_chain;

/* One line being applied. */
struct config_change {
	struct config *cfg;
	const struct cmd_match *m;
	void *object;     /* of the mode */
	const char *name; /* of the mode's object */
	const struct config_mode *mode;
	char enter_name[CONFIG_NAME_MAX + 1]; /* object of the mode that the row enters */
	struct config_block *block;           /* the cursor's */
	/* where findings go: a report (files) or the answer (live) */
	struct config_report *report;
	int line;
	FILE *answer;
	bool failed;
};

/* An error or warning about the argument with this label (NULL: the whole line). Returns ERR_CONFIG. */
int change_error(struct config_change *, const char *label, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void change_warning(struct config_change *, const char *label, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void change_info(struct config_change *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Remember where in the file the thing at key was said; config_check() points there. */
void change_place(struct config_change *, const void *key, const char *label);

/* Apply a matched row: kept, ignored, setting or its own function. */
int change_apply(struct config_change *);

/* A kept line of the mode's object: store it, or remove it for "no". */
int kept_apply(struct config_change *);

/*
 * A type of settings: reading and printing one field. parse gets the change
 * (arguments behind change->m->leading) or, for defaults, a synthetic one.
 */
struct setting_type {
	const char *name;
	size_t size; /* of the field, to copy it */
	int (*parse)(struct config_change *, const struct command *row, void *field);
	void (*print)(const struct command *row, const void *field, FILE *);
	bool (*is_set)(const void *field);
	void (*unset)(void *field);
	void (*negate)(void *field); /* "no": NULL means unset */
};

/* Words of an enumeration; the value is the index, or for t_bits the bit. */
struct setting_words {
	const char *const *words;
	size_t count;
};

extern const struct setting_type t_int, t_flag, t_on, t_string, t_line, t_enum, t_bits, t_addr_pair, t_pools, t_value,
    t_ip;

struct config_printer {
	FILE *out;
	const struct config *cfg;
	bool all;
	int indent;
	const void *inherit; /* object that unset fields come from, for "all" */
	struct {
		char *text;
		int indent;
	} pending[4]; /* headers printed only when a line follows */
	int pending_count;
};

/* Begin a block whose header is printed with its first line; end it (drops an unused header). */
void printer_open(struct config_printer *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void printer_close(struct config_printer *);
/* Force the headers out even without a line. */
void printer_header(struct config_printer *);
void printer_line(struct config_printer *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Print all rows of a table for an object: settings, own printers, kept lines. */
void printer_rows(struct config_printer *, const struct command_table *, const void *object,
    struct cfg_kept *const *kept);
/* A word for printer_line(), quoted if needed; valid until eight more calls. */
const char *quoted(const char *word);

/* The sections of show running-config, in the ASA's order. */
struct config_section {
	const char *name; /* "ip local pool" */
	void (*print)(struct config_printer *, const char *name); /* name NULL: all objects */
};

void print_interfaces(struct config_printer *, const char *name);
void print_pools(struct config_printer *, const char *name);
void print_group_policies(struct config_printer *, const char *name);
void print_tunnel_groups(struct config_printer *, const char *name);
void print_trustpoints(struct config_printer *, const char *name);
void print_chains(struct config_printer *, const char *name);
void print_ssl(struct config_printer *, const char *name);
void print_webvpn(struct config_printer *, const char *name);
void print_logging(struct config_printer *, const char *name);

/* Tables that together are global configuration mode. */
extern struct command_table interface_global, pool_global, group_policy_global, tunnel_group_global, webvpn_global,
    trustpoint_global, chain_global, ssl_global, logging_global, basic_global;
extern struct command_table common_rows; /* exit, quit, end */
extern struct command_table interface_rows, group_policy_rows, group_webvpn_rows, tunnel_general_rows,
    tunnel_webvpn_rows, webvpn_rows, trustpoint_rows;
/* Tables of a mode, common ones included; returns the count. */
#define MODE_TABLES_MAX 16
size_t mode_tables(const struct config_mode *, struct command_table **out);
struct command_table *ignored_global(void);

/* The grammar's own part of a configuration. */
struct config_place {
	const void *key;
	int line, column;
};

struct config_tables {
	struct index index;
	struct cfg_interface **interface_tail;
	struct cfg_pool **pool_tail;
	struct cfg_group_policy **policy_tail;
	struct cfg_tunnel_group **group_tail;
	struct cfg_trustpoint **trustpoint_tail;
	/* while a file is read */
	struct config_place *places;
	size_t place_count, place_room;
	const char *const *source; /* start of each line of the file */
	int source_lines;
	const char *source_end;
	struct index ignored; /* keyword to struct ignored_count */
	struct ignored_count *ignored_first, **ignored_tail;
	int ignored_lines;
};

struct ignored_count {
	struct ignored_count *next;
	const char *keyword;
	int lines;
};

/* Objects: make (appended to its list and indexed) and remove. */
struct cfg_interface *object_interface(struct config *, const char *hw_name, bool make);
struct cfg_group_policy *object_group_policy(struct config *, const char *name, bool make);
struct cfg_tunnel_group *object_tunnel_group(struct config *, const char *name, bool make);
struct cfg_trustpoint *object_trustpoint(struct config *, const char *name, bool make);
struct cfg_pool *object_pool_new(struct config *, const char *name);
void object_remove(struct config *, char kind, const char *name, void *object);
void policy_attrs_unset(struct cfg_policy_attrs *);
void logging_unset(struct cfg_logging *);
bool tunnel_group_builtin(const char *name);

/* Is the pool, policy, trustpoint named anywhere? Returns the kind of user or NULL. */
const char *reference_to(const struct config *, char kind, const char *name);

/* Add a finding; line 0: none. Source text is looked up in the file being read. */
void report_add(struct config_report *, const struct config *, bool warning, int line, int column, const char *fmt,
    ...) __attribute__((format(printf, 6, 7)));

/* Is it a certificate that a block can hold and print again? */
bool chain_certificate_fits(const uint8_t *der, size_t len);
/* The end of a block: its hex becomes the trustpoint's certificate. False: reported. */
bool chain_block_finish(struct config_change *, const char *trustpoint, struct config_block *);
/* A line of the block: 1 eaten, 0 was "quit", -1 does not belong to it (*bad: offset). */
int chain_block_line(struct config_block *, const char *line, size_t *bad);

int read_text(struct config *cfg, const char *text, size_t len, struct config_report *, bool check);

#endif
