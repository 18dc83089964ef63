/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes out of a client's TLS: CSTP packets, one behind the other, and what is said of the first that is none. */
#include <stdlib.h>

#include "server/worker/cstp.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cstp_packet p;
	struct cstp_fault f;
	size_t pos = 0;
	int n;

	while (pos < size && (n = cstp_packet_get(data + pos, size - pos, &p)) > 0) {
		if (p.payload + p.len != data + pos + n || (size_t)n > size - pos)
			abort();
		pos += (size_t)n;
	}
	if (pos < size && n < 0)
		cstp_fault(data + pos, size - pos, &f);
	return 0;
}
