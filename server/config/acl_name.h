/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that an ASA has for ports, protocols and ICMP types, and prints instead of their numbers. */
#ifndef OFFHOOK_ACL_NAME_H
#define OFFHOOK_ACL_NAME_H

#include <stdbool.h>

/* The number of a name or of digits in range; -1: none. */
int acl_port(const char *word, bool udp);
int acl_protocol(const char *word);
int acl_icmp_type(const char *word, bool icmp6);

/* What is printed; NULL: the number itself. */
const char *acl_port_name(int port, bool udp);
const char *acl_protocol_name(int protocol);
const char *acl_icmp_name(int type, bool icmp6);

#endif
