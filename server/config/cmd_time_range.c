/* SPDX-License-Identifier: GPL-2.0-or-later */
/* time-range: when something holds (asa-reference 1.4, 1.6 vpn-access-hours). */
#include <string.h>

#include "server/config/grammar.h"
#include "server/config/param.h"

WORDS(months, "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December");
WORDS(days, "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday");

#define MONTH                                                                                                          \
	"{January | February | March | April | May | June | July | August | September | October | November | December}"
#define DAY "{Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday}"
#define DAILY 0x7fu
#define WEEKDAYS 0x3eu
#define WEEKEND 0x41u

static void *
time_range_object(struct config *cfg, const char *name)
{
	return object_time_range(cfg, name, false);
}

int
time_range_delete(struct config_change *ch, struct cfg_time_range *t)
{
	const char *user = reference_to(ch->cfg, INDEX_TIME_RANGE, t->name);

	if (user != NULL)
		return change_error(ch, "name", "time-range %s is in use by %s, cannot be deleted", t->name, user);
	object_remove(ch->cfg, INDEX_TIME_RANGE, t->name, t);
	return 0;
}

static int
time_range_enter(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_time_range *t = object_time_range(ch->cfg, name, !ch->m->no);

	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", name);
	if (!ch->m->no)
		return 0;
	return t != NULL ? time_range_delete(ch, t) : change_error(ch, "name", "time-range %s does not exist", name);
}

/* "HH:MM DAY MONTH YEAR" from argument at on. */
static int
moment_read(struct config_change *ch, int at, struct cfg_moment *out)
{
	static const int lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const struct cmd_arg *a = &ch->m->args[at];
	long long day, year;
	int minutes;

	param_time(a[0].value, &minutes);
	param_number(a[1].value, &day);
	param_number(a[3].value, &year);
	*out = (struct cfg_moment){ .year = (int)year, .month = words_find(&months, a[2].label) + 1, .day = (int)day,
		.hour = minutes / 60, .minute = minutes % 60 };
	if (day > lengths[out->month - 1])
		return change_error(ch, a[1].value, "%s has no day %lld", a[2].label, day);
	return 0;
}

static bool
moment_before(const struct cfg_moment *a, const struct cfg_moment *b)
{
	const int x[] = { a->year, a->month, a->day, a->hour, a->minute }, y[] = { b->year, b->month, b->day, b->hour, b->minute };

	for (size_t i = 0; i < COUNT(x); i++) {
		if (x[i] != y[i])
			return x[i] < y[i];
	}
	return false;
}

static int
absolute_apply(struct config_change *ch)
{
	struct cfg_time_range *t = ch->object;

	t->has_start = t->has_end = false;
	for (int i = 1; !ch->m->no && i + 4 < ch->m->argc; i += 5) {
		bool start = strcmp(ch->m->args[i].label, "start") == 0;

		if (moment_read(ch, i + 1, start ? &t->start : &t->end) != 0)
			return -1;
		*(start ? &t->has_start : &t->has_end) = true;
	}
	if (t->has_start && t->has_end && !moment_before(&t->start, &t->end))
		return change_error(ch, "end", "the end is not behind the start");
	return 0;
}

static void
moment_text(const struct cfg_moment *m, const char *word, char *out, size_t size)
{
	snprintf(out, size, " %s %02d:%02d %02d %s %d", word, m->hour, m->minute, m->day, months_list[m->month - 1], m->year);
}

static void
absolute_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_time_range *t = object;
	char start[64] = "", end[64] = "";

	(void)row;
	if (t->has_start)
		moment_text(&t->start, "start", start, sizeof(start));
	if (t->has_end)
		moment_text(&t->end, "end", end, sizeof(end));
	if (t->has_start || t->has_end)
		printer_line(p, "absolute%s%s", start, end);
}

static bool
period_same(const struct cfg_period *a, const struct cfg_period *b)
{
	return a->days == b->days && a->from_min == b->from_min && a->until_min == b->until_min && a->until_day == b->until_day;
}

static int
period_read(struct config_change *ch, struct cfg_period *out)
{
	const struct cmd_match *m = ch->m;
	int i = 1, day;

	*out = (struct cfg_period){ .until_day = -1 };
	for (; m->args[i].keyword; i++) {
		if ((day = words_find(&days, m->args[i].label)) >= 0)
			out->days |= 1u << day;
		else
			out->days = strcmp(m->args[i].label, "daily") == 0 ? DAILY :
			    strcmp(m->args[i].label, "weekdays") == 0 ? WEEKDAYS : WEEKEND;
	}
	param_time(m->args[i].value, &out->from_min);
	i += 2; /* "to" */
	if (m->args[i].keyword)
		out->until_day = words_find(&days, m->args[i++].label);
	param_time(m->args[i].value, &out->until_min);
	if (out->until_day >= 0 && (out->days & (out->days - 1)) != 0)
		return change_error(ch, "to", "a day behind \"to\" needs one single day in front of it");
	if (out->until_day < 0 && out->until_min <= out->from_min)
		return change_error(ch, "to", "the end is not behind the start");
	return 0;
}

static int
periodic_apply(struct config_change *ch)
{
	struct cfg_time_range *t = ch->object;
	struct cfg_period period, **at = &t->periods;

	if (period_read(ch, &period) != 0)
		return -1;
	while (*at != NULL && !period_same(*at, &period))
		at = &(*at)->next;
	if (ch->m->no) {
		if (*at == NULL)
			return change_error(ch, "periodic", "there is no such period in time-range %s", t->name);
		*at = (*at)->next;
	} else if (*at == NULL) {
		*at = mem_dup(ch->cfg->mem, &period, sizeof(period));
	}
	return 0;
}

static void
days_text(unsigned bits, char *out, size_t size)
{
	static const int week[] = { 1, 2, 3, 4, 5, 6, 0 };
	size_t used = 0;

	out[0] = '\0';
	if (bits == DAILY || bits == WEEKDAYS || bits == WEEKEND) {
		snprintf(out, size, "%s", bits == DAILY ? "daily" : bits == WEEKDAYS ? "weekdays" : "weekend");
		return;
	}
	for (size_t i = 0; i < COUNT(week); i++) {
		if (bits & 1u << week[i])
			used += (size_t)snprintf(out + used, size - used, "%s%s", used ? " " : "", days_list[week[i]]);
	}
}

static void
periodic_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_time_range *t = object;
	char text[96];

	(void)row;
	for (const struct cfg_period *q = t->periods; q != NULL; q = q->next) {
		days_text(q->days, text, sizeof(text));
		printer_line(p, "periodic %s %d:%02d to %s%s%d:%02d", text, q->from_min / 60, q->from_min % 60,
		    q->until_day >= 0 ? days_list[q->until_day] : "", q->until_day >= 0 ? " " : "", q->until_min / 60,
		    q->until_min % 60);
	}
}

#define MOMENT(n) "<" n "time:time> <" n "day:1-31> " MONTH " <" n "year:1993-2035>"

static const struct command rows[] = {
	{ .syntax = "absolute {start " MOMENT("s") " [end " MOMENT("e") "] | end " MOMENT("f") "}",
	    .help = "From and until", .flags = CMD_NO, .apply = absolute_apply, .print = absolute_print },
	{ .syntax = "periodic {" DAY "... | daily | weekdays | weekend} <from:time> to [" DAY "] <until:time>",
	    .help = "Times of the week", .flags = CMD_NO, .no_args = 4, .apply = periodic_apply, .print = periodic_print },
};

static struct command_table time_range_rows = COMMAND_TABLE("time-range", rows);

static const struct command global[] = {
	{ .syntax = "time-range <name>", .help = "Name a range of times", .flags = CMD_NO, .no_args = 1,
	    .apply = time_range_enter, .enter = &mode_time_range },
};

struct command_table time_range_global = COMMAND_TABLE("time-range", global);

const struct config_mode mode_time_range = { .name = "config-time-range", .table = &time_range_rows,
	.object = time_range_object };

void
print_time_ranges(struct config_printer *p, const char *name)
{
	for (const struct cfg_time_range *t = p->cfg->time_ranges; t != NULL; t = t->next) {
		if (name != NULL && strcmp(t->name, name) != 0)
			continue;
		printer_open(p, "time-range %s", quoted(t->name));
		printer_header(p);
		printer_rows(p, &mode_time_range, t);
		printer_close(p);
	}
}
