#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cases of nat.sh, the workers sealing and opening each record.
# deadline: 180
HOST_LINES='fast_path = false;'
. "$(dirname "$0")/nat.sh"
