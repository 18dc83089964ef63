/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an ASA has in its hardware: a serial number. */
#ifndef OFFHOOK_DEVICE_H
#define OFFHOOK_DEVICE_H

#define DEVICE_SERIAL_SIZE 12

/*
 * Eleven characters as an ASAv's, made from /etc/machine-id: the same after each
 * start of this host, another on each host. "" when the host has none.
 */
const char *device_serial(void);

#endif
