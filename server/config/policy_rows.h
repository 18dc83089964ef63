/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows that a group-policy and a username share: their offsets count from struct cfg_policy_attrs. */
#ifndef OFFHOOK_POLICY_ROWS_H
#define OFFHOOK_POLICY_ROWS_H

#include "server/config/grammar.h"

#define OFF(field) offsetof(struct cfg_policy_attrs, field)

extern const struct setting_words policy_protocols, policy_off_on;

/* vpn-tunnel-protocol with the names of before 8.4 */
int policy_protocol_old(struct config_change *);

#define POLICY_ACCESS_ROWS                                                                                             \
	SETTING("vpn-access-hours {value <name> | none}", t_value, vpn_access_hours, "none", NULL,                \
	    "Time range in which login is allowed"),                                                                   \
	SETTING("vpn-simultaneous-logins <0-2147483647>", t_int, vpn_simultaneous_logins, "3", NULL,                   \
	    "Sessions allowed for one user"),                                                                          \
	SETTING("vpn-idle-timeout {<1-35791394> | none}", t_int, vpn_idle_timeout, "30", NULL,                         \
	    "Minutes without traffic allowed"),                                                                        \
	KEPT_SETTING("vpn-idle-timeout alert-interval {<1-30> | none}", t_int, idle_alert_min, "1", NULL,              \
	    "Minutes before the idle timeout that the user is told"),                                                  \
	SETTING("vpn-session-timeout {<1-35791394> | none}", t_int, vpn_session_timeout, "none", NULL,                 \
	    "Minutes that a session may last"),                                                                        \
	SETTING("vpn-session-timeout alert-interval {<1-30> | none}", t_int, session_alert_min, "1", NULL,        \
	    "Minutes before the end that the user is told"),                                                           \
	SETTING("vpn-filter {value <name> | none}", t_value, vpn_filter, "none", NULL,                            \
	    "Access list for the tunnel's traffic"),                                                                   \
	SETTING("ipv6-vpn-filter {value <name> | none}", t_value, ipv6_vpn_filter, "none", NULL,                  \
	    "Access list for the tunnel's IPv6 traffic"),                                                              \
	SETTING("vpn-tunnel-protocol {ikev1 | ikev2 | l2tp-ipsec | ssl-client | ssl-clientless}...", t_bits,           \
	    vpn_tunnel_protocol, "ikev1 ikev2 l2tp-ipsec ssl-clientless", &policy_protocols,                           \
	    "Tunnel protocols allowed"),                                                                               \
	{ .syntax = "vpn-tunnel-protocol {svc | webvpn | IPSec | ikev1 | ikev2 | l2tp-ipsec | ssl-client | "           \
	            "ssl-clientless}...",                                                                              \
	    .help = "Tunnel protocols, old names", .flags = CMD_ALIAS, .apply = policy_protocol_old },                 \
	KEPT_SETTING("password-storage {enable | disable}", t_string, password_storage, "disable", NULL,               \
	    "May the client store the password"),                                                                      \
	SETTING("group-lock {value <name> | none}", t_value, group_lock, "none", NULL,                                 \
	    "Tunnel-group that users must come through")

#endif
