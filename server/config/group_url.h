/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of tunnel-group webvpn-attributes: group-url, group-alias. */
#ifndef OFFHOOK_GROUP_URL_H
#define OFFHOOK_GROUP_URL_H

#include "server/config/grammar.h"

int group_url(struct config_change *);
void group_url_print(struct config_printer *, const struct command *, const void *object);
int group_alias(struct config_change *);
void group_alias_print(struct config_printer *, const struct command *, const void *object);

/* Free the group's URLs for others. */
void group_urls_forget(struct config *, struct cfg_tunnel_group *);

#endif
