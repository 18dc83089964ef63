#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cases of mtu.sh, the kernel joining and cutting nothing.
# deadline: 180
HOST_LINES='offload_udp_send = false; offload_udp_receive = false; offload_tun = false;'
. "$(dirname "$0")/mtu.sh"
