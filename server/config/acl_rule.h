/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OFFHOOK_ACL_RULE_H
#define OFFHOOK_ACL_RULE_H

struct cfg_acl_rule;
struct config_change;

/* The rule that a matched "access-list" line says, the configuration's; NULL: an error that was said. */
struct cfg_acl_rule *acl_rule_new(struct config_change *);

#endif
