/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/time_range.h"

#define DAY_MIN  (24 * 60)
#define WEEK_MIN (7 * DAY_MIN)

/* A number that grows with time; the distances mean nothing. */
static long
moment_order(int year, int month, int day, int hour, int minute)
{
	return (((year * 12L + month - 1) * 31 + day - 1) * 24 + hour) * 60 + minute;
}

static long
order_of(const struct cfg_moment *m)
{
	return moment_order(m->year, m->month, m->day, m->hour, m->minute);
}

/* A period begins on a day of the week and may run over its end. */
static bool
period_holds(const struct cfg_period *p, int week_min)
{
	for (int day = 0; day < 7; day++) {
		int from = day * DAY_MIN + p->from_min, until;

		if ((p->days & 1u << day) == 0)
			continue;
		until = (p->until_day < 0 ? day : p->until_day) * DAY_MIN + p->until_min;
		if (until < from)
			until += WEEK_MIN;
		/* the last minute belongs to it: 17:00 is until 17:00:59 */
		if ((week_min >= from && week_min <= until) || week_min + WEEK_MIN <= until)
			return true;
	}
	return false;
}

bool
time_range_holds(const struct cfg_time_range *r, const struct tm *tm)
{
	long now = moment_order(tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday, tm->tm_hour, tm->tm_min);
	int week_min = tm->tm_wday * DAY_MIN + tm->tm_hour * 60 + tm->tm_min;

	if ((r->has_start && now < order_of(&r->start)) || (r->has_end && now > order_of(&r->end)))
		return false;
	for (const struct cfg_period *p = r->periods; p != NULL; p = p->next) {
		if (period_holds(p, week_min))
			return true;
	}
	return r->periods == NULL;
}
