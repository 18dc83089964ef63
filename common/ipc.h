/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Typed messages between processes over SOCK_SEQPACKET. The structs and their
 * descriptors come from the catalogue in ipc_msgs.h; one codec walks them.
 *
 * On the wire: id (2), version (2), then the fields: integers big-endian, STR
 * and BLOB behind a 4-byte length, STR with a final NUL that the length does
 * not count, ADDR as family (1), port (2), address (16).
 */
#ifndef OFFHOOK_IPC_H
#define OFFHOOK_IPC_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"
#include "common/err.h"
#include "common/ipc_msgs.h"

#define IPC_VERSION 1
#define IPC_MAX     (96 * 1024) /* bytes of a message */
#define IPC_FDS_MAX 3

enum ipc_party { IPC_MAIN, IPC_CERTAUTH, IPC_SPAWNER, IPC_WORKER, IPC_FORWARDER, IPC_REVOKER, IPC_AAA, IPC_METRICS };

struct ipc_blob {
	const void *data;
	uint32_t len;
};

#define IPC_C_U8(n)   uint8_t n;
#define IPC_C_U16(n)  uint16_t n;
#define IPC_C_U32(n)  uint32_t n;
#define IPC_C_U64(n)  uint64_t n;
#define IPC_C_STR(n)  const char *n;
#define IPC_C_BLOB(n) struct ipc_blob n;
#define IPC_C_ADDR(n) struct addr n;
#define IPC_FIELD_MEMBER(type, name, max, since) IPC_C_##type(name)
#define IPC_STRUCT(name, fields) struct ipc_##name { fields(IPC_FIELD_MEMBER) };
IPC_STRUCTS(IPC_STRUCT)
#undef IPC_STRUCT

enum ipc_id {
#define IPC_ENUM(id, name, from, to, phase) MSG_##name = id,
	IPC_MESSAGES(IPC_ENUM)
#undef IPC_ENUM
	IPC_ID_LIMIT = 192
};

/* Room for any decoded message. Its strings and blobs point into the received bytes. */
union ipc_any {
#define IPC_STRUCT(name, fields) struct ipc_##name name;
	IPC_STRUCTS(IPC_STRUCT)
#undef IPC_STRUCT
};

/* Encode into out (size bytes). Returns the length, or ERR_LONG, ERR_INVALID (a field above its max). */
int ipc_encode(enum ipc_id id, const void *msg, void *out, size_t size);

/*
 * Decode a message: checks id, version, each length, exact end. Returns 0 or
 * ERR_BAD_MESSAGE; *id is set on success.
 */
int ipc_decode(const void *data, size_t len, enum ipc_id *id, union ipc_any *msg);

const char *ipc_name(enum ipc_id id); /* "?" for an unknown one */

struct ipc_chan;

/* One row of a receiver: fds are the receiver's from here on (it closes or keeps each). */
struct ipc_handler {
	enum ipc_id id;
	void (*fn)(void *owner, const void *msg, const int *fds, int nfds);
};

/*
 * An end of a channel in an event loop. Sending queues and returns; above
 * queue_max it refuses (ERR_FULL). on_close is called once, when the peer is
 * gone or broke the protocol; it may free the channel.
 */
struct ipc_chan {
	int fd;
	struct ev_loop *loop;
	ev_io rd, wr;
	enum ipc_party self, peer;
	unsigned phase;          /* PH_ bits that the sender is in */
	bool takes_fds;          /* read a control buffer: only from main */
	const struct ipc_handler *handlers;
	size_t handler_count;
	void *owner;
	void (*on_close)(void *owner, int err);
	struct ipc_out *out_first, **out_tail;
	size_t out_bytes, queue_max;
	bool lazy;               /* nothing is queued but what ipc_send_later() took */
	bool *freed;             /* set while messages are being handed out */
};

/* Start on a connected, non-blocking SEQPACKET socket, which the channel now owns. */
void ipc_chan_start(struct ipc_chan *c, struct ev_loop *loop, int fd, enum ipc_party self,
    enum ipc_party peer, const struct ipc_handler *handlers, size_t count,
    void (*on_close)(void *owner, int err), void *owner);

/* Stop, close and forget what is queued. Harmless when stopped already. */
void ipc_chan_stop(struct ipc_chan *c);

/*
 * Send a message; descriptors are duplicated by the kernel, the caller keeps
 * its own. 0, ERR_FULL (queue limit), ERR_CLOSED, or an encoding error.
 */
int ipc_send_fds(struct ipc_chan *c, enum ipc_id id, const void *msg, const int *fds, int nfds);
int ipc_send(struct ipc_chan *c, enum ipc_id id, const void *msg);

/*
 * The same for what nobody waits for: it goes out with the loop's next turn, or behind the next message, so that
 * several wake the receiver once. Errors as above, but for ERR_CLOSED, which comes late.
 */
int ipc_send_later(struct ipc_chan *c, enum ipc_id id, const void *msg);

/* Try to send all that is queued, waiting up to timeout_ms. For the end of a process. */
void ipc_flush(struct ipc_chan *c, int timeout_ms);

/*
 * Wait at most timeout_ms for message `id`, the only one that may come now.
 * For a worker that needs an answer in the middle of a library call; not from
 * inside a handler. What *msg points to is valid until the next message.
 * 0, ERR_TIMEOUT, ERR_CLOSED, ERR_BAD_MESSAGE.
 */
int ipc_wait(struct ipc_chan *c, enum ipc_id id, int timeout_ms, union ipc_any *msg);

/* Give the memory of this process's buffers back to the kernel. Not from inside a handler. */
void ipc_trim(void);

/* A connected pair of non-blocking, close-on-exec SEQPACKET sockets. 0 or ERR_SYSTEM. */
int ipc_pair(int fds[2]);

/* Text of an end reason (messages 113019, 716002); "Unknown" for a wrong number. */
const char *end_reason_str(unsigned reason);

#endif
