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
	size_t fields; /* what the offsets of its settings count from */
	bool said;     /* entering it said that it has no effect: its lines need not */
	bool swallow;  /* a mode of an ignored command: its lines are ignored as well */
};

extern const struct config_mode mode_global, mode_interface, mode_group_policy, mode_group_webvpn, mode_tunnel_general,
    mode_tunnel_webvpn, mode_tunnel_ipsec, mode_tunnel_ppp, mode_webvpn, mode_trustpoint, mode_crl, mode_chain,
    mode_username, mode_user_webvpn, mode_network_object, mode_service_object, mode_network_group, mode_service_group,
    mode_protocol_group, mode_icmp_group, mode_time_range, mode_aaa_group, mode_aaa_host, mode_cert_map,
    mode_load_balancing, mode_dns_group, mode_trustpool;

/* Rows as most are; the longer forms are spelled out where they are needed. */
#define KEPT(syntax_, help_) { .syntax = syntax_, .help = help_, .cls = CMD_KEPT, .flags = CMD_NO }
#define KEPT_MULTI(syntax_, help_) { .syntax = syntax_, .help = help_, .cls = CMD_KEPT, .flags = CMD_NO | CMD_MULTI }
/* Kept lines side by side, whose "no" needs n words behind the leading ones. */
#define KEPT_EACH(syntax_, n, help_)                                                                                   \
	{ .syntax = syntax_, .help = help_, .cls = CMD_KEPT, .flags = CMD_NO | CMD_MULTI, .no_args = n }
#define IGNORED(syntax_) { .syntax = syntax_, .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO }
/* A setting: SETTING acts, KEPT_SETTING does not yet. Needs OFF() of its file. */
#define SETTING(syntax_, type_, field_, dflt_, arg_, help_)                                                            \
	{ .syntax = syntax_, .help = help_, .flags = CMD_NO | CMD_INHERIT, .type = &type_, .offset = OFF(field_),      \
	    .dflt = dflt_, .arg = arg_ }
#define KEPT_SETTING(syntax_, type_, field_, dflt_, arg_, help_)                                                       \
	{ .syntax = syntax_, .help = help_, .cls = CMD_KEPT, .flags = CMD_NO | CMD_INHERIT, .type = &type_,            \
	    .offset = OFF(field_), .dflt = dflt_, .arg = arg_ }
#define CLEAR(what, function, help_) { .syntax = "clear configure " what, .help = help_, .apply = function }

/* One line being applied. */
struct config_change {
	struct config *cfg;
	const struct cmd_match *m;
	void *object;     /* of the mode */
	const char *name; /* of the mode's object */
	const struct config_mode *mode;
	char enter_name[CONFIG_KEY_MAX + 1]; /* object of the mode that the row enters */
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

/* The row of "svc ..." is that of "anyconnect ..." in the same mode. */
int change_svc(struct config_change *);

/* Apply a matched row: kept, ignored, setting or its own function. */
int change_apply(struct config_change *);

/* A kept line of the mode's object: store it, or remove it for "no". */
int kept_apply(struct config_change *);
/* For a row whose kept lines act: apply is kept_apply, offset that of the list in the mode's object. */
void kept_acting_print(struct config_printer *, const struct command *row, const void *object);
/* The same into a list of the caller's, with text (the configuration's) instead of the line's own when not NULL. */
int kept_apply_to(struct config_change *, struct cfg_kept_list *, char *text);
struct cfg_kept *kept_find(const struct config *, const struct cfg_kept_list *, const struct command *row,
    const char *text);
void kept_clear(struct config *, struct cfg_kept_list *);
/* Remove those of a list whose line begins with the words. */
void kept_clear_words(struct config *, struct cfg_kept_list *, const char *words);
/* Forget the aliases of the "name" lines that begin with these words. */
void names_forget(struct config *, const char *words);
void kept_copy(struct config *, struct cfg_kept_list *to, const struct cfg_kept_list *from);
/* The line in full spelling, without "no"; the configuration's. masked: secrets as "*****". */
char *change_text(const struct config_change *, bool masked);
/* Is a secret of the line only the "*****" that show running-config prints? Then it is said, and true. */
bool change_secret_masked(struct config_change *);
/* Say once for each command that it has no effect; what NULL: the row's keywords. */
void change_no_effect(struct config_change *, const char *what);

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

#define WORDS(name_, ...)                                              \
	static const char *const name_##_list[] = { __VA_ARGS__ };    \
	static const struct setting_words name_ = { name_##_list, COUNT(name_##_list) }

/*
 * int: a number or "none"; flag: a bool; on, switch: an int32_t that is 1 or
 * unset (on: "no" is 0); string, line: the next word, the rest of the line;
 * tail: all words; value: "value X" or "none", value_line: X is a line;
 * word_none: a word or "none"; enum, bits: of a setting_words; addr_pair,
 * pools: as the model has them; ip: a flag and the address behind it; texts:
 * lines that add up.
 */
extern const struct setting_type t_int, t_flag, t_on, t_switch, t_string, t_line, t_tail, t_enum, t_bits, t_addr_pair,
    t_pools, t_value, t_value_line, t_word_none, t_ip, t_texts;

int words_find(const struct setting_words *, const char *word);
/* Which of the words was given as a keyword; -1 none. */
int words_given(const struct setting_words *, const struct cmd_match *);

struct config_printer {
	FILE *out;
	const struct config *cfg;
	bool all;
	bool secrets; /* in clear, as they are saved */
	int indent;
	const void *inherit; /* fields that unset ones come from, for "all" */
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
/* Print all rows of a mode for an object: settings, own printers, kept lines. */
void printer_rows(struct config_printer *, const struct config_mode *, const void *object);
/* The rows of a global table; words: only those of commands that begin so. */
void printer_table(struct config_printer *, const struct command_table *, const char *words);
/* A word for printer_line(), quoted if needed; valid until eight more calls. */
const char *quoted(const char *word);

/* Printers of the sections of show running-config; name NULL: all objects. */
#define SECTION(noun) void print_##noun(struct config_printer *, const char *name)
SECTION(interfaces);
SECTION(pools);
SECTION(ipv6_pools);
SECTION(addr_assign);
SECTION(group_policies);
SECTION(tunnel_groups);
SECTION(trustpoints);
SECTION(chains);
SECTION(cert_maps);
SECTION(webvpn);
SECTION(users);
SECTION(acls);
SECTION(network_objects);
SECTION(service_objects);
SECTION(object_groups);
SECTION(time_ranges);
SECTION(aaa_servers);
SECTION(load_balancing);
#undef SECTION

/* Tables that together are global configuration mode. */
extern struct command_table interface_global, pool_global, group_policy_global, tunnel_group_global, webvpn_global,
    trustpoint_global, chain_global, ssl_global, logging_global, basic_global, system_global, network_global,
    clear_global, username_global, acl_global, object_global, time_range_global, aaa_global, cert_map_global,
    load_balancing_global;
extern struct command_table common_rows; /* exit, quit, end */
extern struct command_table group_policy_rows, group_webvpn_rows, tunnel_general_rows, tunnel_webvpn_rows;
/* Tables of a mode, common ones included; returns the count. */
#define MODE_TABLES_MAX 32
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
	struct cfg_ipv6_pool **pool6_tail;
	struct cfg_group_policy **policy_tail;
	struct cfg_tunnel_group **group_tail;
	struct cfg_trustpoint **trustpoint_tail;
	struct cfg_user **user_tail;
	struct cfg_acl **acl_tail;
	struct cfg_object **object_tail;
	struct cfg_time_range **time_range_tail;
	struct cfg_aaa_server **aaa_tail;
	/* while a file is read */
	struct config_place *places;
	size_t place_count, place_room;
	const char *const *source; /* start of each line of the file */
	int source_lines;
	const char *source_end;
	struct ignored_count *ignored_first, **ignored_tail;
	int ignored_lines;
	bool check_only; /* passwords are not hashed */
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
struct cfg_user *object_user(struct config *, const char *name, bool make);
struct cfg_acl *object_acl(struct config *, const char *name, bool make);
struct cfg_object *object_object(struct config *, const char *name, bool make);
struct cfg_time_range *object_time_range(struct config *, const char *name, bool make);
struct cfg_aaa_server *object_aaa_server(struct config *, const char *name, bool make);
struct cfg_ipv6_pool *object_ipv6_pool(struct config *, const char *name, bool make);
struct cfg_pool *object_pool_new(struct config *, const char *name);
void object_remove(struct config *, char kind, const char *name, void *object);
void object_clear_all(struct config *);
struct cfg_aaa_host *aaa_host_find(const struct config *, const char *key);
void policy_attrs_unset(struct cfg_policy_attrs *);
void logging_unset(struct cfg_logging *);
void webvpn_unset(struct config *);
void ssl_unset(struct config *);
void tunnel_group_unset(struct config *, struct cfg_tunnel_group *);
bool tunnel_group_builtin(const char *name);

/* What "no X NAME" does, and "clear configure X [NAME]" to each: 0, or an error that was said. */
int policy_delete(struct config_change *, struct cfg_group_policy *);
int group_delete(struct config_change *, struct cfg_tunnel_group *);
int pool_delete(struct config_change *, struct cfg_pool *);
int pool6_delete(struct config_change *, struct cfg_ipv6_pool *);
int trustpoint_delete(struct config_change *, struct cfg_trustpoint *);
int user_delete(struct config_change *, struct cfg_user *);
int acl_delete(struct config_change *, struct cfg_acl *);
int object_delete(struct config_change *, struct cfg_object *);
int time_range_delete(struct config_change *, struct cfg_time_range *);
int aaa_delete(struct config_change *, struct cfg_aaa_server *);
int cert_map_delete(struct config_change *, struct cfg_cert_map *);
int interface_delete(struct config_change *, struct cfg_interface *);

/* Who names the pool, policy, trustpoint...: "address-pools of group-policy g" in the index kinds, or NULL. */
const char *reference_to(const struct config *, char kind, const char *name);

/* Is it a hash that "username ... KIND" takes? */
bool user_password_fits(enum user_password, const char *hash);

/* "$sha512$..." of a clear password, the configuration's; NULL: cannot be made. "" when only checking. */
char *user_password_hash(struct config *, const char *clear);

/* Add a finding; line 0: none. Source text is looked up in the file being read. */
void report_add(struct config_report *, const struct config *, bool warning, int line, int column, const char *fmt,
    ...) __attribute__((format(printf, 6, 7)));

/* Is it a certificate that a block can hold and print again? */
bool chain_certificate_fits(const uint8_t *der, size_t len);
/* The end of a block: its hex becomes the trustpoint's certificate. False: reported. */
bool chain_block_finish(struct config_change *, const char *trustpoint, struct config_block *);
/* A line of the block: 1 eaten, 0 was "quit", -1 does not belong to it (*bad: offset). */
int chain_block_line(struct config_block *, const char *line, size_t *bad);

/* Checks that are files of their own; each adds to the report. */
void check_references(const struct config *, struct config_report *);
void check_ciphers(const struct config *, struct config_report *);
/* Where the thing at key was last said; line 0 when unknown. */
struct config_place check_place(const struct config *, const void *key);
#define FINDING(report, cfg, warning, key, ...)                                            \
	do {                                                                               \
		struct config_place at_ = check_place(cfg, key);                           \
		report_add(report, cfg, warning, at_.line, at_.column, __VA_ARGS__);       \
	} while (0)

/* The body of a saved configuration, without header and checksum. */
void config_print_body(const struct config *, FILE *);

int read_text(struct config *cfg, const char *text, size_t len, struct config_report *, bool check);

#endif
