/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/log_rate.h"

#include <string.h>
#include <time.h>

#include "server/config/model.h"

#define LIMITS_MAX 64

struct limit {
	struct cfg_rate_limit rule;
	time_t since;
	unsigned count;
};

static struct limit limits[LIMITS_MAX];
static unsigned limit_count;

static void
limit_add(const struct cfg_rate_limit *r, void *ctx)
{
	(void)ctx;
	if (limit_count < LIMITS_MAX)
		limits[limit_count++].rule = *r;
}

void
log_rate_configure(const struct config *cfg)
{
	memset(limits, 0, sizeof(limits));
	limit_count = 0;
	config_rate_limits_each(cfg, limit_add, NULL);
}

static struct limit *
limit_find(unsigned number, unsigned severity)
{
	struct limit *of_level = NULL;

	for (unsigned i = 0; i < limit_count; i++) {
		if (limits[i].rule.level < 0 && limits[i].rule.message == number)
			return &limits[i];
		if (limits[i].rule.level == (int)severity)
			of_level = &limits[i];
	}
	return of_level;
}

bool
log_rate_allows(unsigned number, unsigned severity)
{
	struct limit *l = limit_count > 0 ? limit_find(number, severity) : NULL;
	time_t now;

	if (l == NULL || l->rule.number == 0)
		return true;
	now = time(NULL);
	if (now - l->since >= (time_t)l->rule.interval_s) {
		l->since = now;
		l->count = 0;
	}
	return ++l->count <= l->rule.number;
}
