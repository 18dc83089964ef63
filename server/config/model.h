/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration as objects: what the ASA commands of startup-config say,
 * before defaults and inheritance. Made by the grammar, read by everybody in
 * main; immutable once in force. Attributes that can be inherited are unset
 * (SETTING_UNSET or NULL) when the configuration does not name them.
 */
#ifndef OFFHOOK_MODEL_H
#define OFFHOOK_MODEL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/mem.h"

#define SETTING_UNSET INT32_MIN /* inherit, else default */
#define SETTING_NONE  (-1)      /* "none": explicitly nothing */

#define CONFIG_MAX_POOLS 6 /* asa-reference 1.6: address-pools takes up to six */

struct cfg_blob {
	const uint8_t *data;
	size_t len;
};

struct command;

/* A line that has no effect here, printed back where it stood. */
struct cfg_kept {
	struct cfg_kept *next;
	const struct command *row;
	char *line; /* full spelling */
};

struct cfg_interface { /* interface GigabitEthernet0/0 */
	struct cfg_interface *next;
	char *hw_name;
	char *nameif;           /* NULL when not named */
	int32_t security_level; /* SETTING_UNSET: 100 for inside, else 0 */
	bool shutdown;
	bool has_addr;
	struct in_addr addr, mask;
	bool has_standby;
	struct in_addr standby; /* printed back only */
	char *description;
	struct cfg_kept *kept;
};

struct cfg_pool { /* ip local pool; addresses in host order, first <= last */
	struct cfg_pool *next;
	char *name;
	uint32_t first, last, mask;
};

enum {
	PROTO_IKEV1 = 1,
	PROTO_IKEV2 = 2,
	PROTO_L2TP = 4,
	PROTO_SSL_CLIENT = 8,
	PROTO_SSL_CLIENTLESS = 16,
};

/* Attributes of a group-policy (and later of a username); all inheritable. */
struct cfg_policy_attrs {
	int32_t vpn_tunnel_protocol; /* PROTO_ bits */
	int32_t split_tunnel_policy; /* 0 tunnelall, 1 tunnelspecified, 2 excludespecified */
	int32_t vpn_idle_timeout;    /* minutes or SETTING_NONE */
	int32_t vpn_session_timeout; /* minutes or SETTING_NONE */
	int32_t vpn_simultaneous_logins;
	char *address_pools[CONFIG_MAX_POOLS];
	int32_t address_pools_count; /* SETTING_UNSET, SETTING_NONE or 1..6 */
	struct in_addr dns[2];
	int32_t dns_count; /* SETTING_UNSET, SETTING_NONE, 1, 2 */
	char *default_domain; /* NULL unset, "" none */
	int32_t ssl_dtls;           /* 1 enable, 0 none */
	int32_t mtu;                /* anyconnect mtu, bytes */
	int32_t keepalive_s;        /* anyconnect ssl keepalive, or SETTING_NONE */
	int32_t dpd_gateway_s;      /* anyconnect dpd-interval gateway, or SETTING_NONE */
	int32_t dpd_client_s;       /* anyconnect dpd-interval client, or SETTING_NONE */
};

struct cfg_group_policy {
	struct cfg_group_policy *next;
	char *name;
	bool internal;
	struct cfg_policy_attrs attrs;
	struct cfg_kept *kept, *webvpn_kept;
};

struct cfg_group_url {
	struct cfg_group_url *next;
	char *url; /* as typed */
	bool enabled;
	bool https;
	char *host; /* lower case, without port */
	uint16_t port; /* 0 when the URL names none */
	char *path; /* begins with '/', no trailing '/' unless it is the root */
};

enum { AUTH_AAA = 1, AUTH_CERTIFICATE = 2, AUTH_MULTIPLE_CERTIFICATE = 4 };

struct cfg_tunnel_group {
	struct cfg_tunnel_group *next;
	char *name;
	char *type; /* "remote-access" */
	char *address_pools[CONFIG_MAX_POOLS];
	int32_t address_pools_count; /* SETTING_UNSET or 1..6 */
	char *default_group_policy;  /* NULL unset: DfltGrpPolicy */
	int32_t authentication;      /* AUTH_ bits, SETTING_UNSET: aaa */
	struct cfg_group_url *urls;
	struct cfg_kept *general_kept, *webvpn_kept;
};

enum { ENROLL_UNSET, ENROLL_SELF, ENROLL_TERMINAL, ENROLL_URL };
enum { USAGE_IPSEC_CLIENT = 1, USAGE_SSL_CLIENT = 2, USAGE_SSL_SERVER = 4 };

struct cfg_trustpoint {
	struct cfg_trustpoint *next;
	char *name;
	int32_t enrollment;       /* ENROLL_ */
	char *subject_name;       /* as typed, NULL unset */
	char *fqdn;               /* NULL unset, "none" */
	char *keypair;            /* NULL unset */
	bool has_ip_address;
	struct in_addr ip_address;
	int32_t validation_usage; /* USAGE_ bits, SETTING_UNSET: ipsec-client ssl-client, 0: no validation-usage */
	int32_t revocation_check; /* 0 none; 1 methods that are not done here; SETTING_UNSET */
	char *revocation_methods; /* "crl none"; NULL unset */
	bool enrollment_pem;      /* enrollment terminal pem */
	char *enrollment_url;     /* ENROLL_URL */
	struct cfg_blob ca;       /* DER of the CA certificate, from the certificate chain block or authenticate */
	struct cfg_blob identity; /* DER of the identity certificate, public part */
	struct cfg_kept *kept, *crl_kept;
};

enum tls_version_index { /* rows of "ssl cipher" */
	CIPHERS_DEFAULT,
	CIPHERS_TLS10,
	CIPHERS_TLS11,
	CIPHERS_TLS12,
	CIPHERS_TLS13,
	CIPHERS_DTLS10, /* dtlsv1 */
	CIPHERS_DTLS12,
	CIPHERS_COUNT
};

struct cfg_cipher_setting {
	char *level;  /* "medium", "custom", ...; NULL unset */
	char *custom; /* OpenSSL list when level is "custom" */
};

struct cfg_ssl_trustpoint { /* ssl trust-point NAME [IFNAME | domain FQDN] */
	struct cfg_ssl_trustpoint *next;
	char *trustpoint;
	char *nameif; /* NULL: all interfaces */
	char *domain; /* SNI, or NULL */
};

struct cfg_ssl {
	int32_t server_version;      /* CIPHERS_TLS10..CIPHERS_TLS13, SETTING_UNSET: tlsv1 */
	int32_t server_dtls_version; /* CIPHERS_DTLS10 or _DTLS12, SETTING_UNSET */
	struct cfg_cipher_setting ciphers[CIPHERS_COUNT];
	struct cfg_ssl_trustpoint *trustpoints;
};

struct cfg_webvpn_enable {
	struct cfg_webvpn_enable *next;
	char *nameif;
	bool tls_only;
};

struct cfg_webvpn {
	struct cfg_webvpn_enable *enables;
	bool anyconnect_enable;
	int32_t port;      /* SETTING_UNSET: 443 */
	int32_t dtls_port; /* SETTING_UNSET: 443 */
	struct cfg_kept *kept;
};

struct cfg_logging {
	int32_t enable;    /* SETTING_UNSET, 0 ("no logging enable"), 1 */
	bool timestamp;
	bool timestamp_rfc5424;
	int32_t console;   /* level 0..7, SETTING_UNSET */
};

struct config {
	struct mem *mem;   /* owns everything below */
	char *hostname;    /* NULL unset: ciscoasa */
	char *domain_name;
	struct cfg_interface *interfaces;
	struct cfg_pool *pools;
	struct cfg_group_policy *group_policies; /* DfltGrpPolicy is always there */
	struct cfg_tunnel_group *tunnel_groups;  /* DefaultWEBVPNGroup, DefaultRAGroup always there */
	struct cfg_trustpoint *trustpoints;
	struct cfg_ssl ssl;
	struct cfg_webvpn webvpn;
	struct cfg_logging logging;
	struct cfg_kept *kept; /* global lines without effect */
	struct config_tables *tables; /* the grammar's own: name indexes, kept lines, ignored counts */
};

/* Find by exact name; NULL when there is none. Constant time in the number of objects. */
struct cfg_interface *config_interface(const struct config *, const char *nameif);
struct cfg_pool *config_pool(const struct config *, const char *name);
struct cfg_group_policy *config_group_policy(const struct config *, const char *name);
struct cfg_tunnel_group *config_tunnel_group(const struct config *, const char *name);
struct cfg_trustpoint *config_trustpoint(const struct config *, const char *name);

/*
 * The attributes of a group-policy with inheritance (DfltGrpPolicy) and the
 * built-in defaults filled in; nothing in *out is SETTING_UNSET or NULL
 * (default_domain "" is none). Strings stay the config's. name NULL or unknown: DfltGrpPolicy.
 */
void config_policy_resolve(const struct config *, const char *name, struct cfg_policy_attrs *out);

#endif
