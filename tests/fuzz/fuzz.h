/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzz target is one function; libFuzzer drives it ("make fuzz"), and
 * replay.c runs it over the stored inputs ("make check").
 */
#ifndef OFFHOOK_FUZZ_H
#define OFFHOOK_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
