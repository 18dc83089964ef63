/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An access list in the words of nft(8). Pure: configuration in, text out. */
#ifndef OFFHOOK_FILTER_RULE_H
#define OFFHOOK_FILTER_RULE_H

#include <stdbool.h>
#include <stdio.h>

#include "server/config/model.h"

/*
 * Print the rules of a list as statements of a chain, each line "add rule TABLE
 * CHAIN ..."; counter I of the list is "PREFIX_I". A list is written with the
 * client as its source (asa-reference 1.4): to_client turns it round. False, and *bad
 * the rule that cannot be expressed.
 */
bool filter_rules(const struct config *cfg, const struct cfg_acl *acl, bool to_client, const char *table, const char *chain,
    const char *prefix, FILE *out, const struct cfg_acl_rule **bad);

#endif
