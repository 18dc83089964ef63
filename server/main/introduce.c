/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/introduce.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "server/main/daemon.h"

void
introduce(struct ipc_chan *helper, enum ipc_id to_helper, enum ipc_id to_certauth)
{
	static const union ipc_any nothing;
	int fds[2];

	if (ipc_pair(fds) != 0) {
		log_err("no socket pair for certauth and a helper: %s", strerror(errno));
		return;
	}
	ipc_send_fds(helper, to_helper, &nothing, &fds[0], 1);
	ipc_send_fds(&daemon_.certauth, to_certauth, &nothing, &fds[1], 1);
	close(fds[0]);
	close(fds[1]);
}
