/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The show commands. Each writes the ASA's text, or with json one JSON document from the same walk. */
#ifndef OFFHOOK_SHOW_H
#define OFFHOOK_SHOW_H

#include <stdbool.h>
#include <stdio.h>

void show_sessiondb_anyconnect(FILE *f, bool json);
void show_sessiondb_summary(FILE *f, bool json);
void show_ip_local_pool(const char *name, FILE *f, bool json);

void show_ssl(FILE *f, bool json);
/* level NULL: what is in force for each version. */
void show_ssl_ciphers(const char *level, FILE *f, bool json);
/* The <vpnGroup> part of a phone's configuration file. */
void show_vpn_phone_xml(const char *tunnel_group, FILE *f);
void show_access_list(const char *name, FILE *f, bool json);
void show_logging(FILE *f);
/* tag NULL: all groups. */
void show_aaa_server(const char *tag, FILE *f, bool json);
void show_aaa_local_user(bool locked, FILE *f, bool json);
/* trustpoint NULL: all. */
void show_crypto_crls(const char *trustpoint, FILE *f, bool json);

#endif
