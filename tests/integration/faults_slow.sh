#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cases of faults.sh, the workers sealing and opening each record.
HOST_LINES='fast_path = false;'
. "$(dirname "$0")/faults.sh"
