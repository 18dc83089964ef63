#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The check of CBC records takes the same way whatever is in them: under memcheck, which is told that the
# plaintext is undefined, no branch and no address depends on it (tests/unit/test_record_cbc.c).

. "$(dirname "$0")/../lib.sh"
type valgrind > /dev/null 2>&1 || { SKIP_ALL="no valgrind"; skip_all; }
[ $SANITIZER = no ] || { SKIP_ALL="memcheck and a sanitizer do not go together"; skip_all; }

test_no_branch_depends_on_a_plaintext() {
	valgrind -q "$BUILD/unit/test_record_cbc" > "$T/memcheck" 2>&1 || { tail -40 "$T/memcheck"; false; }
	grep -q "OK.*memcheck_sees_a_branch" "$T/memcheck"
}

run_cases
