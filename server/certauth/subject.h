/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The X.500 name of "subject-name", as an ASA writes it: CN=gw.example,OU=lab,O=Firm,C=DE. */
#ifndef OFFHOOK_SUBJECT_H
#define OFFHOOK_SUBJECT_H

#include <gnutls/x509.h>
#include <stddef.h>

/*
 * Put the name into a request. The last component comes first in the
 * certificate, as X.500 wants it; before all of them stand serial, ip and fqdn
 * where they are not "". 0, or ERR_INVALID with `text` for the operator.
 */
int subject_set(gnutls_x509_crq_t crq, const char *subject, const char *fqdn, const char *ip, const char *serial,
    char *text, size_t size);

#endif
