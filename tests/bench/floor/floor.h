/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is possible at all: each is a program of its own behind one name. They print JSON and return a status. */
#ifndef FLOOR_FLOOR_H
#define FLOOR_FLOOR_H

/* relay DEVICE ADDRESS PORT plain|offload: inner packets between a TUN and bare datagrams, until it is killed. */
int floor_relay(int argc, char **argv);
/* crypto: what GnuTLS needs to seal and open. */
int floor_crypto(int argc, char **argv);
/* handshake DIR COUNT: TLS 1.2 with both certificates, CPU of the server's side. */
int floor_handshake(int argc, char **argv);

#endif
