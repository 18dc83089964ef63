/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The webvpn submode of a group-policy and of a username (asa-reference 1.6, config-group-webvpn). */
#include "server/config/policy_rows.h"

WORDS(dtls_words, "none", "enable");
WORDS(rekey_words, "none", "new-tunnel", "ssl");
WORDS(compression_words, "none", "deflate", "lzs");
WORDS(dtls_compression_words, "none", "lzs");
WORDS(installer_words, "none", "installed");
WORDS(always_words, "disable", "profile-setting");

/* Words of the pre-8.4 client that are settings as well: read, printed with the new name. */
#define SVC(syntax_, type_, field_, arg_)                                                                              \
	{ .syntax = "svc " syntax_, .help = "Old name, see anyconnect", .flags = CMD_ALIAS | CMD_NO, .type = &type_,   \
	    .offset = OFF(field_), .arg = arg_ }
#define SVC_KEPT(syntax_, type_, field_, dflt_, arg_)                                                                  \
	{ .syntax = "svc " syntax_, .help = "Old name, see anyconnect", .cls = CMD_KEPT, .dflt = dflt_,                \
	    .flags = CMD_ALIAS | CMD_NO, .type = &type_, .offset = OFF(field_), .arg = arg_ }

#define ASK "[default {webvpn | anyconnect} [timeout <1-300>]]"

static const struct command rows[] = {
	KEPT("url-list {value <name> | none}", "Bookmarks of the portal"),
	KEPT("filter {value <name> | none}", "WebVPN access list"),
	KEPT("homepage {value <line> | use-smart-tunnel | none}", "Home page of the portal"),
	SETTING("anyconnect ssl dtls {enable | none}", t_enum, ssl_dtls, "enable", &dtls_words,
	    "Enable or disable DTLS"),
	SETTING("anyconnect mtu <256-1462>", t_int, mtu, "1406", NULL, "MTU of the tunnel in bytes"),
	KEPT("anyconnect firewall-rule client-interface public {value <name> | none}",
	    "Rules for the client's firewall, public side"),
	KEPT("anyconnect firewall-rule client-interface private {value <name> | none}",
	    "Rules for the client's firewall, private side"),
	KEPT_SETTING("anyconnect keep-installer {installed | none}", t_enum, keep_installer, "installed", &installer_words,
	    "Keep the client installed"),
	SETTING("anyconnect ssl rekey time {<1-10080> | none}", t_int, rekey_min, "none", NULL,
	    "Minutes from the start of a session to its rekey"),
	SETTING("anyconnect ssl rekey method {new-tunnel | ssl | none}", t_enum, rekey_method, "none", &rekey_words,
	    "How a rekey is done"),
	SETTING("anyconnect ssl keepalive {<15-600> | none}", t_int, keepalive_s, "20", NULL,
	    "Seconds between the client's keepalives"),
	SETTING("anyconnect ssl compression {deflate | lzs | none}", t_enum, ssl_compression, "none",
	    &compression_words, "Compression in the TLS tunnel"),
	SETTING("anyconnect dtls compression {lzs | none}", t_enum, dtls_compression, "none", &dtls_compression_words,
	    "Compression in the DTLS tunnel"),
	SETTING("anyconnect dpd-interval client {<5-3600> | none}", t_int, dpd_client_s, "30", NULL,
	    "Seconds between the client's dead peer probes"),
	SETTING("anyconnect dpd-interval gateway {<5-3600> | none}", t_int, dpd_gateway_s, "30", NULL,
	    "Seconds between our dead peer probes"),
	KEPT_SETTING("anyconnect modules {value <word> | none}", t_value, modules, "none", NULL,
	    "Client modules to download"),
	KEPT_MULTI("anyconnect profiles {value <name> [type <word>] | none}", "Client profiles"),
	KEPT_SETTING("anyconnect ask {none | enable} " ASK, t_tail, ask, "none default webvpn", NULL,
	    "Ask the user to start the client"),
	KEPT_SETTING("anyconnect ssl df-bit-ignore {enable | disable}", t_enum, df_bit_ignore, "disable", &policy_off_on,
	    "Ignore DF in packets that need fragmentation"),
	SETTING("anyconnect routing-filtering-ignore {enable | disable}", t_enum, routing_filtering_ignore, "disable",
	    &policy_off_on, "Routing and filtering rules"),
	KEPT_SETTING("always-on-vpn {profile-setting | disable}", t_enum, always_on_vpn, "profile-setting", &always_words,
	    "Always-on VPN of the client"),
	KEPT("customization {value <name> | none}", "Customization of the portal"),
	KEPT("deny-message {value <line> | none}", "Message to a user without access"),
	SVC("dtls {enable | none}", t_enum, ssl_dtls, &dtls_words),
	SVC("mtu <256-1462>", t_int, mtu, NULL),
	SVC("keepalive {<15-600> | none}", t_int, keepalive_s, NULL),
	SVC("dpd-interval client {<5-3600> | none}", t_int, dpd_client_s, NULL),
	SVC("dpd-interval gateway {<5-3600> | none}", t_int, dpd_gateway_s, NULL),
	SVC_KEPT("keep-installer {installed | none}", t_enum, keep_installer, "installed", &installer_words),
	SVC("rekey time {<1-10080> | none}", t_int, rekey_min, NULL),
	SVC("rekey method {new-tunnel | ssl | none}", t_enum, rekey_method, &rekey_words),
	SVC("compression {deflate | lzs | none}", t_enum, ssl_compression, &compression_words),
	SVC_KEPT("modules {value <word> | none}", t_value, modules, "none", NULL),
	SVC_KEPT("df-bit-ignore {enable | disable}", t_enum, df_bit_ignore, "disable", &policy_off_on),
	{ .syntax = "svc ask {none | enable} [default {webvpn | svc} [timeout <1-300>]]", .help = "Old name, see anyconnect",
	    .flags = CMD_ALIAS | CMD_NO, .apply = change_svc },
	{ .syntax = "svc profiles {value <name> [type <word>] | none}", .help = "Old name, see anyconnect",
	    .flags = CMD_ALIAS | CMD_NO, .apply = change_svc },
	{ .syntax = "svc firewall-rule client-interface {public | private} {value <name> | none}",
	    .help = "Old name, see anyconnect", .flags = CMD_ALIAS | CMD_NO, .apply = change_svc },
	{ .syntax = "svc routing-filtering-ignore {enable | disable}", .help = "Old name, see anyconnect",
	    .flags = CMD_ALIAS | CMD_NO, .apply = change_svc },
	{ .syntax = "svc {required | enable | none} [<line>]",
	    .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO | CMD_ALIAS },
	IGNORED("{file-browsing | file-entry | http-proxy | http-comp | hidden-shares | smart-tunnel | activex-relay | "
	        "port-forward | port-forward-name | sso-server | url-entry | html-content-filter | keep-alive-ignore | "
	        "download-max-size | upload-max-size | post-max-size | storage-key | storage-objects | unix-auth-gid | "
	        "unix-auth-uid | user-storage | auto-signon | functions | http-headers | mapi | file-download | citrix | "
	        "user-alert | cifs-mount | enable-citrix-rdp} [<line>]"),
};

struct command_table group_webvpn_rows = COMMAND_TABLE("group-policy webvpn", rows);
