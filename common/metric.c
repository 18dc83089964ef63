/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/metric.h"

#include <string.h>

/*
 * On the wire: metric (1), histogram (1), labels (1), each label as length (1),
 * bytes and a NUL, value (8), and of a histogram its buckets (8 each).
 */

bool
figure_put(struct wr *w, const struct figure *f)
{
	struct wr at = *w;
	uint8_t count = 0;

	while (count < METRIC_LABELS_MAX && f->labels[count] != NULL)
		count++;
	wr_u8(&at, (uint8_t)f->metric);
	wr_u8(&at, f->histogram);
	wr_u8(&at, count);
	for (size_t i = 0; i < count; i++) {
		size_t len = strnlen(f->labels[i], METRIC_LABEL_MAX);

		wr_u8(&at, (uint8_t)len);
		wr_bytes(&at, f->labels[i], len);
		wr_u8(&at, 0);
	}
	wr_u64(&at, f->value);
	for (size_t i = 0; f->histogram && i < METRIC_BUCKETS; i++)
		wr_u64(&at, f->buckets[i]);
	if (at.bad)
		return false;
	*w = at;
	return true;
}

bool
figure_get(struct rd *r, struct figure *f)
{
	uint8_t metric = rd_u8(r), histogram = rd_u8(r), count = rd_u8(r);

	if (metric >= METRIC_COUNT || histogram > 1 || count > METRIC_LABELS_MAX)
		return false;
	*f = (struct figure){ .metric = (enum metric)metric, .histogram = histogram != 0 };
	for (size_t i = 0; i < count; i++) {
		uint8_t len = rd_u8(r);
		const uint8_t *text = rd_bytes(r, (size_t)len + 1);

		if (text == NULL || len > METRIC_LABEL_MAX || text[len] != '\0' || memchr(text, '\0', len) != NULL)
			return false;
		f->labels[i] = (const char *)text;
	}
	f->value = rd_u64(r);
	for (size_t i = 0; f->histogram && i < METRIC_BUCKETS; i++)
		f->buckets[i] = rd_u64(r);
	return !r->bad;
}
