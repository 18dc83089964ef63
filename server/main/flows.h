/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows that the kernel tracks: what a vpn-filter has let through goes on
 * without being asked again, so what an address had before must not.
 */
#ifndef OFFHOOK_FLOWS_H
#define OFFHOOK_FLOWS_H

struct addr;

/* Forget all flows to and from an inner address. What fails is logged once. */
void flows_forget(const struct addr *a);

#endif
