/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/metrics/text.h"

#include <inttypes.h>
#include <string.h>

#include "common/metric.h"
#include "common/utf8.h"

#define PREFIX "offhook_"

enum metric_type { GAUGE, COUNTER, HISTOGRAM };

static const struct metric_row {
	const char *name;
	enum metric_type type;
	uint64_t unit;
	const char *labels, *help;
} metrics[METRIC_COUNT] = {
#define METRIC_ROW(id, name, type, unit, labels, help) { PREFIX name, type, unit, labels, help },
	METRICS(METRIC_ROW)
#undef METRIC_ROW
};

static const char *const type_names[] = { "gauge", "counter", "histogram" };
static const uint64_t bounds_us[METRIC_BUCKETS - 1] = METRIC_BOUNDS_US;

/* One byte that is no UTF-8 would cost the whole scrape. */
static void
value_put(const char *s, FILE *out)
{
	while (*s != '\0') {
		size_t len = utf8_len(s);

		if (len == 0)
			fputc('?', out);
		else if (*s == '\\' || *s == '"')
			fprintf(out, "\\%c", *s);
		else if (*s == '\n')
			fputs("\\n", out);
		else
			fwrite(s, 1, len, out);
		s += len > 0 ? len : 1;
	}
}

/* "{a="x",b="y"", left open; nothing when there are no labels and `more` says that none follows. */
static void
labels_put(const struct metric_row *m, const struct figure *f, const char *more, FILE *out)
{
	const char *name = m->labels;
	char before = '{';

	for (size_t i = 0; i < METRIC_LABELS_MAX && f->labels[i] != NULL && *name != '\0'; i++) {
		size_t len = strcspn(name, ",");

		fprintf(out, "%c%.*s=\"", before, (int)len, name);
		value_put(f->labels[i], out);
		fputc('"', out);
		before = ',';
		name += len + (name[len] == ',');
	}
	if (more != NULL)
		fprintf(out, "%cle=\"%s\"", before, more);
	if (more != NULL || before == ',')
		fputc('}', out);
}

static void
number_text(uint64_t value, uint64_t unit, char *out, size_t size)
{
	int digits = unit == 1000 ? 3 : 6;

	if (unit == 1)
		snprintf(out, size, "%" PRIu64, value);
	else
		snprintf(out, size, "%" PRIu64 ".%0*" PRIu64, value / unit, digits, value % unit);
}

static void
sample_put(const struct metric_row *m, const struct figure *f, FILE *out)
{
	char number[48];

	number_text(f->value, m->unit, number, sizeof(number));
	fputs(m->name, out);
	labels_put(m, f, NULL, out);
	fprintf(out, " %s\n", number);
}

static void
histogram_put(const struct metric_row *m, const struct figure *f, FILE *out)
{
	uint64_t count = 0;
	char number[48];

	for (size_t i = 0; i < METRIC_BUCKETS; i++) {
		if (i < METRIC_BUCKETS - 1)
			snprintf(number, sizeof(number), "%g", (double)bounds_us[i] / 1e6);
		count += f->buckets[i];
		fprintf(out, "%s_bucket", m->name);
		labels_put(m, f, i < METRIC_BUCKETS - 1 ? number : "+Inf", out);
		fprintf(out, " %" PRIu64 "\n", count);
	}
	number_text(f->value, m->unit, number, sizeof(number));
	fprintf(out, "%s_sum", m->name);
	labels_put(m, f, NULL, out);
	fprintf(out, " %s\n%s_count", number, m->name);
	labels_put(m, f, NULL, out);
	fprintf(out, " %" PRIu64 "\n", count);
}

bool
metrics_text(const void *rows, size_t len, FILE *out)
{
	for (unsigned i = 0; i < METRIC_COUNT; i++) {
		const struct metric_row *m = &metrics[i];
		struct rd r = rd_init(rows, len);
		struct figure f;

		fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name, type_names[m->type]);
		while (rd_left(&r) > 0) {
			if (!figure_get(&r, &f) || f.histogram != (metrics[f.metric].type == HISTOGRAM))
				return false;
			if (f.metric != i)
				continue;
			if (f.histogram)
				histogram_put(m, &f, out);
			else
				sample_put(m, &f, out);
		}
	}
	return true;
}
