/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of CISCO-REMOTE-ACCESS-MONITOR-MIB is served, by numbers: 1.3.6.1.4.1.9.9.392.1. */
#ifndef OFFHOOK_SNMP_MIB_H
#define OFFHOOK_SNMP_MIB_H

#define MIB_RAS 1, 3, 6, 1, 4, 1, 9, 9, 392, 1

void scalars_register(void);
void session_table_register(void);

#endif
