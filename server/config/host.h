/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offhookd.conf: what an ASA has no command for, because it is the host's.
 * Every key is optional.
 */
#ifndef OFFHOOK_HOST_H
#define OFFHOOK_HOST_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/addr.h"
#include "common/ipc_msgs.h" /* enum data_path */

struct config_report;
struct mem;

/* What a nameif is on this host. What is missing comes from the ASA configuration. */
struct host_interface {
	struct host_interface *next;
	char *nameif;
	char *device; /* NULL: not given */
	bool has_address, has_tcp_port, has_udp_port;
	struct in_addr address;
	uint16_t tcp_port, udp_port; /* 0: any free port */
};

struct host_config {
	struct mem *mem; /* owns the strings */
	char *auth_user, *forwarder_user, *worker_user, *metrics_user;
	bool auth_user_set, forwarder_user_set, worker_user_set, metrics_user_set; /* named in the file, not the default */
	bool sandbox;
	bool lab; /* "lab" commands may spoil what clients get */
	bool fast_path; /* the forwarder may seal and open DTLS records itself */
	bool offload_udp_send, offload_udp_receive, offload_tun; /* what the kernel joins and cuts, where it can */
	char *state_dir, *run_dir;
	char *control_socket; /* run_dir/control.sock unless named */
	char *control_group;  /* who may use it besides root; NULL: nobody */
	char *show_socket;    /* for monitoring, show commands alone; run_dir/show.sock unless named */
	char *show_group;
	bool has_metrics;
	struct addr metrics;  /* where Prometheus finds the figures */
	enum data_path data_path;
	char *tun_device;
	unsigned forwarders;  /* processes that move packets, 1 to FORWARDERS_MAX */
	bool steering;        /* the kernel may give packets to the one that they are for */
	struct host_interface *interfaces;
};

/* The built-in defaults. Free with host_config_clear(). */
void host_config_defaults(struct host_config *);
void host_config_clear(struct host_config *);

/*
 * Defaults, then what the file says. All errors go into the report; 0, or
 * ERR_CONFIG and *host holds what could be read. Free with host_config_clear() in any case.
 */
int host_config_read_file(const char *path, struct host_config *host, struct config_report *);

/* The entry of a nameif, or NULL. */
const struct host_interface *host_interface(const struct host_config *, const char *nameif);

#endif
