/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The show commands. Each writes the ASA's text, or with json one JSON document from the same walk. */
#ifndef OFFHOOK_SHOW_H
#define OFFHOOK_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#define CAPACITY_DEFAULT 5000 /* of sessions, where "vpn-sessiondb max-..." says nothing */

void show_sessiondb_summary(FILE *f, bool json);
/* group NULL: all tunnel-groups. */
void show_sessiondb_ratio(bool by_protocol, const char *group, FILE *f, bool json);
void show_sessiondb_license(FILE *f, bool json);
unsigned show_capacity(void);
void show_hostname(FILE *f);
void show_clock(FILE *f, bool json);
void show_version(FILE *f, bool json);
void show_memory(FILE *f, bool json);
void show_processes(FILE *f, bool json);
void show_conn_count(FILE *f, bool json);
void show_ip(FILE *f, bool json);
void show_nameif(FILE *f, bool json);
void show_interface_brief(FILE *f, bool json);
/* group NULL: all. */
void show_webvpn_aliases(const char *group, FILE *f, bool json);
void show_webvpn_urls(const char *group, FILE *f, bool json);
void show_webvpn_anyconnect(FILE *f);
void show_webvpn_statistics(FILE *f, bool json);
void show_ip_local_pool(const char *name, FILE *f, bool json);

void show_ssl(FILE *f, bool json);
/* level NULL: what is in force for each version. */
void show_ssl_ciphers(const char *level, FILE *f, bool json);
/* The <vpnGroup> part of a phone's configuration file. */
void show_vpn_phone_xml(const char *tunnel_group, FILE *f);
/* The guide's failure classes, as far as the gateway has seen them. */
void show_vpn_phone_problems(FILE *f, bool json);
void show_access_list(const char *name, FILE *f, bool json);
void show_logging(FILE *f);
/* tag NULL: all groups. */
void show_aaa_server(const char *tag, FILE *f, bool json);
void show_aaa_local_user(bool locked, FILE *f, bool json);
/* trustpoint NULL: all. */
void show_crypto_crls(const char *trustpoint, FILE *f, bool json);

#endif
