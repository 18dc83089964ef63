#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cases of forwarders.sh, the kernel knowing nothing of whose packets are whose.
# deadline: 180
FORWARDERS='forwarders = 2; steering = false;'
. "$(dirname "$0")/forwarders.sh"
