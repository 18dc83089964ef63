/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between GnuTLS and the TCP socket: it reads five bytes, then the rest of a
 * record, and writes each record by itself; here many records are one system call.
 */
#ifndef OFFHOOK_TLS_IO_H
#define OFFHOOK_TLS_IO_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>

/* Use this way for the session's bytes; a process has one. fd: connected, non-blocking. */
void tls_io_use(gnutls_session_t session, int fd);

/* Send what GnuTLS wrote. 0, ERR_AGAIN (some is left), ERR_CLOSED. */
int tls_io_flush(void);

/* Is there anything that GnuTLS could read without the socket becoming readable? */
bool tls_io_pending(void);

/* Give the memory of empty buffers back to the kernel. */
void tls_io_trim(void);

#endif
