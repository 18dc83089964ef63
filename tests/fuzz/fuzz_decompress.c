/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compressed packets of a client: never more than the limit. The first byte
 * says the kind; what comes out is compressed again and must come back.
 */
#include <stdlib.h>
#include <string.h>

#include "server/worker/compress.h"
#include "tests/fuzz/fuzz.h"

#define LIMIT 1406

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum compression kind;
	uint8_t plain[LIMIT], packed[LIMIT];
	struct coder *c;
	const uint8_t *out;
	size_t n, m;

	if (size < 1)
		return 0;
	kind = data[0] % 2 == 0 ? COMPRESSION_LZS : COMPRESSION_LZ4;
	c = coder_new();
	n = coder_decompress(c, kind, data + 1, size - 1, LIMIT, &out);
	if (n > LIMIT)
		abort();
	memcpy(plain, out, n);
	if (n > 0 && (m = coder_compress(c, kind, plain, n, packed)) > 0) {
		if (m >= n || coder_decompress(c, kind, packed, m, LIMIT, &out) != n || memcmp(out, plain, n) != 0)
			abort();
	}
	compress_worthwhile(data + 1, size - 1);
	coder_free(c);
	return 0;
}
