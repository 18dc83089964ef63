/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading, checking, changing and printing the configuration. A struct config
 * is a snapshot: a change is made on a clone, the clone is checked whole, and
 * the caller swaps it in.
 */
#ifndef OFFHOOK_CONFIG_H
#define OFFHOOK_CONFIG_H

#include <stdbool.h>
#include <stdio.h>

#include "server/config/model.h"
#include "server/config/report.h"

/* An empty configuration with the built-in objects. Free with config_free(). */
struct config *config_new(void);
struct config *config_clone(const struct config *);
void config_free(struct config *);

/*
 * Read a whole startup-config text (len bytes, any bytes) into cfg. All
 * findings of syntax and of meaning go into the report; 0 when there was no
 * error, else ERR_CONFIG and cfg is fit only for config_free().
 */
int config_read(struct config *cfg, const char *text, size_t len, struct config_report *);
int config_read_file(struct config *cfg, const char *path, struct config_report *);

/*
 * The configuration is only read to see whether it is right: a clear password
 * of a username, which costs milliseconds to hash, is checked and forgotten
 * (its user has password_kind PASSWORD_PBKDF2 and an empty hash). Call it
 * before config_read(); such a configuration must not be put in force.
 */
void config_check_only(struct config *cfg);

/* Checks across objects (references, overlaps): part of config_read(); call it after a live change. */
int config_check(const struct config *cfg, struct config_report *);

enum config_print_flags {
	CONFIG_PRINT_ALL = 1,     /* "all": with defaults and what is inherited */
	CONFIG_PRINT_SECRETS = 2, /* keys and pre-shared keys in clear: what is saved, never what is shown */
};

/*
 * Print as show running-config does. section is what follows "show
 * running-config": "group-policy", "tunnel-group NAME", "ip local pool",
 * "crypto ca trustpoint NAME", "access-list NAME", "username NAME" and so on
 * (section.c has the list); words may be abbreviated. An unknown one prints
 * nothing and config_section_known() tells. section NULL: the whole, with a
 * checksum over the text. Keys of servers and the like are "*****" unless
 * flags say otherwise; passwords of usernames are hashes and always there.
 */
void config_print(const struct config *cfg, const char *section, unsigned flags, FILE *);

bool config_section_known(const char *section);

/* The MD5 over the shown configuration, 32 hex digits and NUL, as "Cryptochecksum:" shows it. */
void config_checksum(const struct config *, char out[33]);

/*
 * Certificates that main got by crypto ca authenticate, enroll or import. The
 * bytes are copied; der NULL removes. 0, ERR_NOT_FOUND without such a trustpoint,
 * ERR_CERTIFICATE when der is no certificate.
 */
int config_trustpoint_set_ca(struct config *, const char *trustpoint, const uint8_t *der, size_t len);
int config_trustpoint_set_identity(struct config *, const char *trustpoint, const uint8_t *der, size_t len);

#endif
