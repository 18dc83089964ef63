#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cases of dtls.sh, the workers sealing and opening each record, a packet to a system call.
# deadline: 240
HOST_LINES='fast_path = false; offload_udp_send = false; offload_udp_receive = false; offload_tun = false;'
. "$(dirname "$0")/dtls.sh"
