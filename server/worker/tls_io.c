/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/tls_io.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "common/err.h"
#include "common/pages.h"

#define IN_BYTES  (32 * 1024)
#define OUT_BYTES (64 * 1024) /* a flight with a long chain, or what a forwarder's batch becomes */

/* They cost memory once they are used. */
static uint8_t in_bytes[IN_BYTES] PAGE_ALIGNED;
static uint8_t out_bytes[OUT_BYTES] PAGE_ALIGNED;

static struct {
	gnutls_session_t session;
	int fd;
	size_t in_at, in_len;   /* what is to be read is from in_at to in_len */
	bool drained;           /* the last read took all there was: the next one would be in vain */
	size_t out_at, out_len;
	int error;              /* errno of a send that can never go on */
} io;

static ssize_t
io_pull(gnutls_transport_ptr_t ptr, void *buf, size_t size)
{
	size_t n;

	(void)ptr;
	if (io.in_at == io.in_len) {
		ssize_t got;

		if (io.drained) { /* what came meanwhile makes the socket readable again */
			io.drained = false;
			gnutls_transport_set_errno(io.session, EAGAIN);
			return -1;
		}
		got = recv(io.fd, in_bytes, sizeof(in_bytes), MSG_DONTWAIT);

		if (got <= 0) {
			if (got < 0)
				gnutls_transport_set_errno(io.session, errno);
			return got;
		}
		io.in_at = 0;
		io.in_len = (size_t)got;
		io.drained = (size_t)got < sizeof(in_bytes);
	}
	n = io.in_len - io.in_at < size ? io.in_len - io.in_at : size;
	memcpy(buf, in_bytes + io.in_at, n);
	io.in_at += n;
	return (ssize_t)n;
}

int
tls_io_flush(void)
{
	while (io.out_at < io.out_len && io.error == 0) {
		ssize_t n = send(io.fd, out_bytes + io.out_at, io.out_len - io.out_at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS))
			return ERR_AGAIN;
		if (n < 0)
			io.error = errno;
		else
			io.out_at += (size_t)n;
	}
	io.out_at = io.out_len = 0;
	return io.error == 0 ? 0 : ERR_CLOSED;
}

static ssize_t
io_push(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
	size_t n = len;

	(void)ptr;
	if (io.out_len + len > sizeof(out_bytes) && tls_io_flush() == ERR_AGAIN) {
		memmove(out_bytes, out_bytes + io.out_at, io.out_len - io.out_at);
		io.out_len -= io.out_at;
		io.out_at = 0;
	}
	if (io.error != 0) {
		gnutls_transport_set_errno(io.session, io.error);
		return -1;
	}
	if (n > sizeof(out_bytes) - io.out_len)
		n = sizeof(out_bytes) - io.out_len;
	if (n == 0) {
		gnutls_transport_set_errno(io.session, EAGAIN);
		return -1;
	}
	memcpy(out_bytes + io.out_len, data, n);
	io.out_len += n;
	return (ssize_t)n;
}

void
tls_io_use(gnutls_session_t session, int fd)
{
	io.session = session;
	io.fd = fd;
	gnutls_transport_set_push_function(session, io_push);
	gnutls_transport_set_pull_function(session, io_pull);
}

bool
tls_io_pending(void)
{
	return io.in_at < io.in_len;
}

void
tls_io_trim(void)
{
	if (!tls_io_pending())
		pages_drop(in_bytes, sizeof(in_bytes));
	if (io.out_at == io.out_len)
		pages_drop(out_bytes, sizeof(out_bytes));
}
