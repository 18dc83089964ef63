/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeping workers small. A worker starts with a copy-on-write image of the
 * spawner's heap; each hole in it that the worker's malloc reuses costs a page
 * of its own (measured: 430 KiB a worker). Before forking the spawner fills the holes, so that a
 * worker's memory comes from fresh pages, side by side.
 */
#ifndef OFFHOOK_HEAP_H
#define OFFHOOK_HEAP_H

/* Fill all free chunks below the top of the heap. */
void heap_seal(void);

/* Give them back, before the spawner itself needs memory. */
void heap_unseal(void);

#endif
