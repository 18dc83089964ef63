/* SPDX-License-Identifier: GPL-2.0-or-later */
/* time-range: does it hold at a moment (asa-reference 1.6, vpn-access-hours). */
#ifndef OFFHOOK_TIME_RANGE_H
#define OFFHOOK_TIME_RANGE_H

#include <stdbool.h>
#include <time.h>

#include "server/config/model.h"

/* tm is the host's local time, tm_wday and tm_yday set. */
bool time_range_holds(const struct cfg_time_range *r, const struct tm *tm);

#endif
