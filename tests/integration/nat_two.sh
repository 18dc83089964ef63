#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cases of nat.sh with two forwarders: a client that moved may be heard by the one that is not its home.
# deadline: 180
HOST_LINES='forwarders = 2;'
. "$(dirname "$0")/nat.sh"
