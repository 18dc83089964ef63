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

/* Another object that a line names: an index kind (index.h) and the name. */
struct cfg_reference {
	char kind; /* 0: none */
	char *name;
};

/* A line that has no effect here, printed back where it stood. */
struct cfg_kept {
	struct cfg_kept *next, **at; /* at: the link that points here */
	const struct command *row;
	char *line;  /* full spelling */
	char *shown; /* the same with secrets as "*****"; NULL: it holds none */
	struct cfg_reference refs[2];
};

struct cfg_kept_list {
	struct cfg_kept *first, **tail; /* tail NULL: not used yet */
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
	bool dhcp, dhcp_setroute; /* ip address dhcp [setroute]: kept, then there is no addr */
	char *description;
	struct cfg_kept_list kept;
};

struct cfg_ipv6_pool { /* ipv6 local pool NAME PREFIX/LEN COUNT */
	struct cfg_ipv6_pool *next;
	char *name;
	struct in6_addr first;
	int32_t prefix_len, count;
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

/* Attributes of a group-policy or a username; all inheritable. */
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
	/* names of other objects: NULL unset, "" none */
	char *vpn_filter;               /* access-list */
	char *split_tunnel_network_list; /* access-list */
	char *vpn_access_hours;         /* time-range */
	char *group_lock;               /* tunnel-group */
	/* kept: stored and printed, without effect so far */
	char *ipv6_vpn_filter;
	struct in_addr wins[2];
	int32_t wins_count;             /* as dns_count */
	char *banner;                   /* lines, '\n' between them; "" none */
	char *ipv6_address_pools[CONFIG_MAX_POOLS];
	int32_t ipv6_address_pools_count;
	int32_t ipv6_split_tunnel_policy;
	char *split_dns;                /* domains, a blank between them; "" none */
	int32_t split_tunnel_all_dns;   /* 0 disable, 1 enable */
	int32_t vlan;                   /* or SETTING_NONE */
	int32_t client_bypass_protocol; /* 0, 1 */
	char *gateway_fqdn;             /* "" none */
	char *dhcp_network_scope;       /* "" none */
	int32_t idle_alert_min, session_alert_min; /* or SETTING_NONE */
	int32_t rekey_min;              /* anyconnect ssl rekey time, or SETTING_NONE */
	int32_t rekey_method;           /* 0 none, 1 new-tunnel, 2 ssl */
	int32_t ssl_compression;        /* 0 none, 1 deflate, 2 lzs */
	int32_t dtls_compression;       /* 0 none, 1 lzs */
	int32_t df_bit_ignore;          /* 0, 1 */
	int32_t routing_filtering_ignore;
	int32_t keep_installer;         /* 0 none, 1 installed */
	int32_t always_on_vpn;          /* 0 disable, 1 profile-setting */
	char *ask;                      /* anyconnect ask, as printed */
	char *modules;                  /* anyconnect modules; "" none */
	char *password_storage;         /* "enable", "disable" */
};

/* username NAME password P pbkdf2: what stands behind "password", and how it is to be read. */
enum user_password {
	PASSWORD_UNSET,     /* a username that has only attributes */
	PASSWORD_NOPASSWORD,
	PASSWORD_PBKDF2,    /* $sha512$ROUNDS$SALT$HASH */
	PASSWORD_ENCRYPTED, /* 16 characters: MD5 of the PIX and of old ASAs */
	PASSWORD_NT,        /* "nt-encrypted": cannot be checked here */
	PASSWORD_MSCHAP,    /* "mschap": the same */
};

enum { SERVICE_UNSET, SERVICE_ADMIN, SERVICE_NAS_PROMPT, SERVICE_REMOTE_ACCESS };

struct cfg_user {
	struct cfg_user *next;
	char *name;
	enum user_password password_kind;
	char *password;                  /* hash, never clear text */
	int32_t privilege;               /* SETTING_UNSET: 2 */
	int32_t service_type;            /* SERVICE_ */
	char *vpn_group_policy;          /* NULL unset */
	bool has_framed_ip;
	struct in_addr framed_ip, framed_mask;
	struct cfg_policy_attrs attrs;   /* before the group-policy's */
	struct cfg_kept_list kept, webvpn_kept;
};

struct cfg_group_policy {
	struct cfg_group_policy *next;
	char *name;
	bool internal;
	char *server_group, *server_password; /* external ones; password NULL: unknown */
	struct cfg_policy_attrs attrs;
	struct cfg_kept_list kept, webvpn_kept;
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

struct cfg_group_alias { /* group-alias NAME {enable | disable} */
	struct cfg_group_alias *next;
	char *name;
	bool enabled;
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
	char *authorization_group;   /* authorization-server-group: "LOCAL", a server's tag; NULL unset */
	int32_t authorization_required; /* SETTING_UNSET, 0, 1 */
	struct cfg_group_url *urls;
	/* kept so far */
	struct cfg_group_alias *aliases;
	char *ipv6_address_pools[CONFIG_MAX_POOLS];
	int32_t ipv6_address_pools_count;
	char *authentication_group;      /* "LOCAL", "TAG", "TAG LOCAL", "none"; NULL unset: LOCAL */
	char *secondary_authentication_group;
	char *accounting_group;
	char *username_from_certificate; /* "CN OU", "use-entire-name" */
	char *prefill;                   /* pre-fill-username: "ssl-client", "ssl-client hide"; NULL off */
	char *secondary_username_from_certificate;
	char *password_management;       /* "" or "password-expire-in-days 14"; NULL off */
	char *nat_interface;             /* nat-assigned-to-public-ip */
	int32_t strip_realm, strip_group, override_account_disable, scep_enrollment; /* SETTING_UNSET, 1 */
	int32_t attr_from_server, session_username; /* 0 primary, 1 secondary */
	struct cfg_kept_list general_kept, webvpn_kept, ipsec_kept, ppp_kept;
};

/*
 * Access lists. Networks and ports as far as offhook uses them: a rule that
 * names objects keeps their names.
 */
enum acl_match { ACL_ANY, ACL_ANY4, ACL_ANY6, ACL_NET, ACL_OBJECT, ACL_OBJECT_GROUP, ACL_INTERFACE };

struct acl_address {
	enum acl_match match;
	bool ip6;
	uint8_t addr[16], mask[16]; /* ACL_NET; network order, IPv4 in the first four */
	char *name;                 /* ACL_OBJECT, ACL_OBJECT_GROUP, ACL_INTERFACE */
};

enum acl_port_op { PORT_ANY, PORT_EQ, PORT_NEQ, PORT_LT, PORT_GT, PORT_RANGE, PORT_OBJECT_GROUP };

struct acl_ports {
	enum acl_port_op op;
	uint16_t first, last;
	char *name; /* PORT_OBJECT_GROUP */
};

enum acl_kind { ACL_REMARK, ACL_STANDARD, ACL_EXTENDED };

struct cfg_acl_rule {
	struct cfg_acl_rule *next;
	enum acl_kind kind;
	char *text;       /* behind "access-list NAME ", full spelling: "standard permit host 10.0.0.1" */
	bool permit;
	bool inactive;
	int32_t protocol; /* IP protocol number, 0 ip, -1: protocol_name is an object or object-group */
	char *protocol_name;
	bool protocol_group; /* it is an object-group */
	char *time_range;    /* NULL none; kept, a rule holds at any time here */
	struct acl_address src, dst; /* standard: src only */
	struct acl_ports src_ports, dst_ports;
	int32_t icmp_type, icmp_code; /* -1 any */
	char *icmp_group;             /* object-group of types, or NULL */
};

struct cfg_acl {
	struct cfg_acl *next;
	char *name;
	enum acl_kind kind; /* of its rules; ACL_REMARK: only remarks so far */
	struct cfg_acl_rule *rules, **tail;
	uint32_t count;
};

/*
 * object and object-group: their lines are kept, each checked for its syntax.
 * The name space is one.
 */
struct cfg_object {
	struct cfg_object *next;
	char *name;
	bool group;
	char *kind;     /* "network", "service", "protocol", "icmp-type", "user", "security" */
	char *protocol; /* service groups: "tcp", "udp", "tcp-udp"; NULL: lines name it */
	int mark;       /* of the walk that looks for recursion */
	struct cfg_kept_list kept;
};

struct cfg_moment {
	int year, month, day, hour, minute; /* month and day from 1 */
};

struct cfg_period { /* periodic DAYS HH:MM to [DAY] HH:MM */
	struct cfg_period *next;
	unsigned days;          /* bits by tm_wday, Sunday is 1 << 0: days on which it begins */
	int from_min, until_min; /* minutes of the day */
	int until_day;          /* tm_wday; -1: the day it began */
};

struct cfg_time_range { /* holds from start until end, and in one of the periods if there are any */
	struct cfg_time_range *next;
	char *name;
	bool has_start, has_end;
	struct cfg_moment start, end;
	struct cfg_period *periods;
};

struct cfg_aaa_host { /* aaa-server TAG (IF) host ADDRESS */
	struct cfg_aaa_host *next;
	char *key; /* "TAG (IF) host ADDRESS", of the index */
	char *nameif, *address;
	struct cfg_kept_list kept;
};

struct cfg_aaa_server { /* aaa-server TAG protocol P; "LOCAL" is not in the list */
	struct cfg_aaa_server *next;
	char *name, *protocol;
	struct cfg_aaa_host *hosts;
	struct cfg_kept_list kept;
};

struct cfg_block { /* a submode whose lines are kept */
	struct cfg_block *next;
	char *name;
	struct cfg_kept_list kept;
};

/* vpn-addr-assign: all methods are on unless "no" says otherwise. */
struct cfg_addr_assign {
	bool no_aaa, no_dhcp, no_local, no_aaa6, no_local6;
	int32_t reuse_delay_min, reuse_delay6_min; /* SETTING_UNSET: 0 */
};

/* crypto ca certificate map NAME SEQ: all rules of one must hold. */
enum cert_field { CERT_ISSUER, CERT_SUBJECT, CERT_ALT_SUBJECT, CERT_EKU, CERT_SERIAL, CERT_FIELD_COUNT };
enum cert_op { CERT_EQ, CERT_NE, CERT_CO, CERT_NC };

struct cfg_cert_rule {
	struct cfg_cert_rule *next;
	enum cert_field field;
	enum cert_op op;
	char *attr;  /* "cn"; NULL: the whole name */
	char *value; /* lower case */
};

struct cfg_cert_map {
	struct cfg_cert_map *next; /* by name, then by sequence number */
	char *name;
	int32_t seq;
	struct cfg_cert_rule *rules;
	struct cfg_kept_list kept;
};

enum { ENROLL_UNSET, ENROLL_SELF, ENROLL_TERMINAL, ENROLL_URL };
enum { REVOKE_END, REVOKE_NONE, REVOKE_CRL, REVOKE_OCSP };
enum { CRL_CDP, CRL_STATIC, CRL_BOTH };
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
	uint8_t revocation[3];    /* REVOKE_ methods in order, REVOKE_END behind the last; none set: not checked */
	char *ocsp_url;           /* NULL: the certificate's AIA */
	bool ocsp_no_nonce;
	bool no_ca_check;         /* "no ca-check": the CA need not be marked as one */
	bool no_subordinates;     /* "no accept-subordinates": a client's intermediate CA certificates are not taken */
	bool no_weak_crypto;      /* ours: "no permit-weak-crypto", SHA-1 signatures below this CA are refused */
	int32_t crl_policy;       /* CRL_, SETTING_UNSET: cdp */
	int32_t crl_cache_min;    /* cache-time, minutes; SETTING_UNSET: 60 */
	bool crl_no_next_update;  /* "no enforcenextupdate" */
	char *crl_urls[5];        /* url 1..5 */
	char *email;              /* in the certificate; NULL unset, "none" */
	bool serial_number;       /* the device's in the subject */
	bool enrollment_pem;      /* enrollment terminal pem */
	char *enrollment_url;     /* ENROLL_URL */
	struct cfg_blob ca;       /* DER of the CA certificate, from the certificate chain block or authenticate */
	struct cfg_blob identity; /* DER of the identity certificate, public part */
	struct cfg_kept_list kept, crl_kept;
};

/* match certificate MAP ...: for the certificates that the map fits */
enum cert_exception {
	EXCEPTION_EXPIRED,       /* allow expired-certificate */
	EXCEPTION_NO_REVOCATION, /* skip revocation-check */
	EXCEPTION_OCSP,          /* override ocsp: this responder, and who may sign its answers */
	EXCEPTION_CDP,           /* override cdp: this CRL */
};

struct cfg_exception {
	enum cert_exception kind;
	const char *map, *url, *signer; /* signer: a trustpoint, NULL unset */
	int seq; /* overrides: lowest first */
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

/* IKE's numbers of Diffie-Hellman groups, in the order of the commands' words. */
enum cfg_dh_group { DH_GROUP1, DH_GROUP2, DH_GROUP5, DH_GROUP14, DH_GROUP15, DH_GROUP24 };
enum cfg_ecdh_group { ECDH_GROUP19, ECDH_GROUP20, ECDH_GROUP21, ECDH_GROUPS };

struct cfg_ssl {
	int32_t server_version;      /* CIPHERS_TLS10..CIPHERS_TLS13, SETTING_UNSET: tlsv1 */
	int32_t server_dtls_version; /* CIPHERS_DTLS10 or _DTLS12, SETTING_UNSET */
	struct cfg_cipher_setting ciphers[CIPHERS_COUNT];
	int32_t dh_group;            /* enum cfg_dh_group, SETTING_UNSET: group14 */
	int32_t ecdh_group;          /* enum cfg_ecdh_group, SETTING_UNSET: group19 before the others */
	struct cfg_ssl_trustpoint *trustpoints;
};

struct cfg_webvpn_enable {
	struct cfg_webvpn_enable *next;
	char *nameif;
	bool tls_only;
};

struct cfg_group_map { /* certificate-group-map MAP SEQ TUNNEL-GROUP, by sequence number */
	struct cfg_group_map *next;
	char *map;
	int32_t seq;
	char *tunnel_group;
};

struct cfg_webvpn {
	struct cfg_webvpn_enable *enables;
	struct cfg_group_map *group_maps;
	bool prefer_group_url;  /* tunnel-group-preference group-url */
	bool list_groups;       /* tunnel-group-list enable */
	bool anyconnect_enable;
	int32_t port;      /* SETTING_UNSET: 443 */
	int32_t dtls_port; /* SETTING_UNSET: 443 */
	int32_t default_idle_s; /* where vpn-idle-timeout is none; SETTING_UNSET: 1800 */
	struct cfg_kept_list kept;
};

/* Where messages go. console is standard error, monitor the terminals that asked. */
enum log_destination { LOG_CONSOLE, LOG_MONITOR, LOG_BUFFERED, LOG_TRAP, LOG_HISTORY, LOG_MAIL, LOG_ASDM, LOG_DESTINATIONS };

struct cfg_log_filter { /* logging DESTINATION LEVEL, or "list NAME" */
	int32_t level; /* 0..7, SETTING_UNSET: nothing goes there (unless list is set) */
	char *list;
};

struct cfg_log_rule { /* logging list NAME level L [class C] | message A[-B] */
	struct cfg_log_rule *next;
	char *list;
	int32_t level;     /* -1: messages first..last */
	char *class;       /* NULL: any */
	uint32_t first, last;
};

struct cfg_log_class { /* logging class C DESTINATION LEVEL */
	struct cfg_log_class *next;
	char *class;
	enum log_destination destination;
	int32_t level;
};

struct cfg_log_host { /* logging host IF ADDRESS [udp/PORT | tcp/PORT] */
	struct cfg_log_host *next;
	char *nameif;
	char *address; /* IPv4 or IPv6, as typed */
	bool tcp;
	uint16_t port;
	bool emblem, secure;
};

struct cfg_log_message { /* [no] logging message ID [level L] */
	struct cfg_log_message *next;
	uint32_t id;
	bool off;
	int32_t level; /* SETTING_UNSET: the message's own */
};

enum log_device_id { DEVICE_ID_UNSET, DEVICE_ID_HOSTNAME, DEVICE_ID_STRING, DEVICE_ID_ADDRESS, DEVICE_ID_CONTEXT };

struct cfg_logging {
	int32_t enable;    /* SETTING_UNSET, 0 ("no logging enable"), 1 */
	bool timestamp;
	bool timestamp_rfc5424;
	struct cfg_log_filter to[LOG_DESTINATIONS];
	int32_t buffer_size; /* bytes; SETTING_UNSET: 4096 */
	int32_t facility;    /* SETTING_UNSET: 20 */
	enum log_device_id device_id;
	char *device_id_text; /* the string, or the interface */
	bool no_hide_username;
	bool debug_trace, permit_hostdown, emblem;
	struct cfg_log_host *hosts;
	struct cfg_log_message *messages;
	struct cfg_log_rule *lists;
	struct cfg_log_class *classes;
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
	struct cfg_user *users;
	struct cfg_acl *acls;
	struct cfg_cert_map *cert_maps;
	struct cfg_object *objects;
	struct cfg_time_range *time_ranges;
	struct cfg_aaa_server *aaa_servers;
	struct cfg_ipv6_pool *ipv6_pools;
	struct cfg_addr_assign addr_assign;
	struct cfg_block *dns_groups;
	struct cfg_kept_list load_balancing;
	struct cfg_kept_list trustpool; /* crypto ca trustpool policy */
	bool trustpool_policy;
	bool no_permit_vpn;             /* no sysopt connection permit-vpn */
	bool permit_weak_crypto;        /* crypto ca permit-weak-crypto, the global one: kept */
	int32_t session_limit, other_session_limit; /* vpn-sessiondb max-...; SETTING_UNSET: none */
	struct cfg_ssl ssl;
	struct cfg_webvpn webvpn;
	struct cfg_logging logging;
	struct cfg_kept_list kept; /* global lines without effect */
	struct config_tables *tables; /* the grammar's own: name indexes, kept lines, ignored counts */
};

/* The first global address that "ipv6 address ADDRESS/LENGTH" gives the interface. False: none. */
/* "ssl certificate-authentication interface IF port N": N, 0 without such a line. */
unsigned config_certificate_port(const struct config *, const char *nameif);
struct cfg_rate_limit { /* logging rate-limit */
	unsigned number;  /* of messages in interval_s; 0: no limit */
	unsigned interval_s;
	int level;        /* 0-7; -1: one message alone */
	unsigned message;
};
void config_rate_limits_each(const struct config *, void (*fn)(const struct cfg_rate_limit *, void *), void *ctx);
/* Each "match certificate" of the trustpoint; the strings live as long as the call. */
void config_exceptions_each(const struct cfg_trustpoint *, void (*fn)(const struct cfg_exception *, void *), void *);
bool config_interface_ip6(const struct cfg_interface *, struct in6_addr *out);

/* Find by exact name; NULL when there is none. Constant time in the number of objects. */
struct cfg_interface *config_interface(const struct config *, const char *nameif);
struct cfg_pool *config_pool(const struct config *, const char *name);
struct cfg_ipv6_pool *config_ipv6_pool(const struct config *, const char *name);
struct cfg_group_policy *config_group_policy(const struct config *, const char *name);
struct cfg_tunnel_group *config_tunnel_group(const struct config *, const char *name);
struct cfg_trustpoint *config_trustpoint(const struct config *, const char *name);
struct cfg_user *config_user(const struct config *, const char *name);
struct cfg_acl *config_acl(const struct config *, const char *name);
struct cfg_time_range *config_time_range(const struct config *, const char *name);
struct cfg_aaa_server *config_aaa_server(const struct config *, const char *name);
struct cfg_cert_map *config_cert_map(const struct config *, const char *name, int32_t seq);

/*
 * The attributes in force with inheritance: user (NULL: none), group-policy,
 * DfltGrpPolicy, built-in defaults, each attribute on its own. Nothing in *out
 * is SETTING_UNSET or NULL ("" is none). Strings stay the config's. policy NULL
 * or unknown: DfltGrpPolicy.
 */
void config_policy_resolve(const struct config *, const struct cfg_user *user, const char *policy,
    struct cfg_policy_attrs *out);

/*
 * What a tunnel-group says, with DefaultWEBVPNGroup for what one of type
 * remote-access leaves unset (asa-reference 1.7). Nothing in *out is unset; address_pools_count is 0 when
 * no pool is named anywhere. Strings stay the config's.
 */
struct cfg_group_resolved {
	unsigned authentication; /* AUTH_ bits */
	const char *default_group_policy;
	char *const *address_pools, *const *ipv6_address_pools;
	int address_pools_count, ipv6_address_pools_count;
	const char *authentication_group; /* authentication-server-group, "LOCAL" */
	const char *authorization_group; /* "" none */
	bool authorization_required;
	const char *username_from_certificate; /* "CN OU" */
	bool strip_realm, prefill;
	const char *accounting_group; /* "" none */
};

void config_tunnel_group_resolve(const struct config *, const struct cfg_tunnel_group *, struct cfg_group_resolved *out);

/*
 * What the servers of a group and a server of it say, with the defaults of
 * asa-reference 1.13. The key is copied out of the kept line: wipe it.
 */
#define AAA_KEY_MAX 127

struct cfg_aaa_group_resolved {
	bool radius, simultaneous, timed; /* timed: reactivation-mode, else depletion */
	int max_failed;
	int deadtime_min;
	bool interim;          /* interim-accounting-update */
	int interim_hours;     /* periodic; 0: not */
};

struct cfg_aaa_host_resolved {
	char key[AAA_KEY_MAX + 1]; /* "" none */
	int timeout_s, retry_s, auth_port, acct_port;
	bool mschapv2;
};

void config_aaa_group_resolve(const struct cfg_aaa_server *, struct cfg_aaa_group_resolved *out);
void config_aaa_host_resolve(const struct cfg_aaa_host *, struct cfg_aaa_host_resolved *out);

/* aaa local authentication attempts max-fail; 0: no limit. */
int config_local_max_fail(const struct config *);

#endif
