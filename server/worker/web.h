/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTTP part of a connection: reading requests, routing them, sending answers. */
#ifndef OFFHOOK_WEB_H
#define OFFHOOK_WEB_H

#include <stdbool.h>
#include <stddef.h>

struct worker;

/* TCP is readable: take what is there and serve the requests that are complete. */
void web_readable(struct worker *w);

/* TCP is writable and output is waiting. */
void web_writable(struct worker *w);

/*
 * Answer with a status line, headers (lines with CRLF, may be "") and a body
 * (NULL: none); Content-Length is added. After close the connection ends once all is sent.
 */
void web_answer(struct worker *w, int status, const char *text, const char *headers, const char *body, bool close);

/* Send bytes as they are. */
void web_send(struct worker *w, const char *bytes, size_t len, bool close);

/* The pending answer has come (state is HTTP again): serve what the client sent meanwhile. */
void web_resume(struct worker *w);

#endif
