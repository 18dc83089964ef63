/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of another process that an ASA tells in several messages: they come as one, and are told here. */
#ifndef OFFHOOK_ASALOG_SERIES_H
#define OFFHOOK_ASALOG_SERIES_H

struct conn;

/* What "ssl cipher" gives the version, such as TLSv1.2 (725010, 725011); any other text: TLS 1.3. */
void asalog_support(const struct conn *c, const char *version);

/* A ClientHello's suites, four hex digits each (725008, 725011); what is not that ends the list. */
void asalog_proposal(const struct conn *c, const char *suites);

/* A user name was looked for in a certificate: the how-manieth time, and did it "successfully" or "with error" (113028). */
void asalog_extraction(const struct conn *c, const char *request, const char *how);

#endif
