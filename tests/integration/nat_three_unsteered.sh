#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cases of nat.sh with three forwarders, and a kernel that knows nothing of them.
# deadline: 180
HOST_LINES='forwarders = 3; steering = false;'
. "$(dirname "$0")/nat.sh"
