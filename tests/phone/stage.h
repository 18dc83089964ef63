/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_STAGE_H
#define PHONE_STAGE_H

/*
 * What can fail, in the order in which a phone meets it. The number is the
 * exit status. A stage that takes too long fails with its own number.
 */
#define STAGES(M)	/* id, exit status, name, what it means */			\
	M(OK,       0, "ok",      "all that was asked for was done")			\
	M(USAGE,    1, "usage",   "options, or a file named in them")			\
	M(TCP,      2, "tcp",     "name not resolved, or no TCP connection")		\
	M(TLS,      3, "tls",     "TLS handshake")					\
	M(PIN,      4, "pin",     "certificate hash is none of --pin")			\
	M(HOSTID,   5, "host-id", "URL's host is neither CN nor SAN")			\
	M(HTTP,     6, "http",    "answer to GET, or its two cookies")			\
	M(AUTH,     7, "auth",    "POST refused: no webvpn cookie")			\
	M(CONNECT,  8, "connect", "CONNECT refused, or its answer is not usable")	\
	M(DTLS,     9, "dtls",    "no DTLS (\"SSL success DTLS fail\")")		\
	M(PING,    10, "ping",    "too many echoes lost or spoilt")			\
	M(ENDED,   11, "ended",   "the server ended the tunnel")			\
	M(TIMEOUT, 12, "timeout", "the whole run took longer than --deadline")		\
	M(DPD,     13, "dpd",     "the server no longer answers DPD")			\
	M(CSTP,    14, "cstp",    "bytes in the tunnel that are no CSTP frame")

enum stage {
#define STAGE_ID(id, status, name, about) STAGE_##id = status,
	STAGES(STAGE_ID)
#undef STAGE_ID
	STAGE_COUNT
};

#endif
