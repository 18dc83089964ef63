/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The head of the answer to CONNECT (protocol.md 1.7). */
#ifndef OFFHOOK_CONNECT_ANSWER_H
#define OFFHOOK_CONNECT_ANSWER_H

#include <stddef.h>

struct tunnel_setup;
struct worker;

/* malloc'ed, *len bytes, with its empty line. link_mtu: bytes, of the path to the client. */
char *connect_answer(const struct worker *w, const struct tunnel_setup *setup, unsigned link_mtu, size_t *len);

#endif
