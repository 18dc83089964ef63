/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The catalogue of messages between processes: who may send each, in which
 * phase of the sender, and its fields. Ids are never reused; a new version of
 * a message only appends fields (their "since" says when).
 *
 * Phases of a worker's connection, as its receiver sees them:
 *   PH_NEW     TLS and HTTP, nobody logged in on this connection
 *   PH_LOGIN   certauth accepted a login on this connection
 *   PH_TUNNEL  main granted a session to this connection
 */
#ifndef OFFHOOK_IPC_MSGS_H
#define OFFHOOK_IPC_MSGS_H

#define PH_NEW    1
#define PH_LOGIN  2
#define PH_TUNNEL 4
#define PH_HTTP   (PH_NEW | PH_LOGIN)
#define PH_ANY    7

#define IPC_MESSAGES(M) /* id, name, from, to, phase */                   \
	/* main and the spawner: what workers inherit, and their birth */   \
	M(1, tls_begin, MAIN, SPAWNER, PH_ANY)                                \
	M(2, tls_suites, MAIN, SPAWNER, PH_ANY)                               \
	M(3, tls_identity, MAIN, SPAWNER, PH_ANY)                             \
	M(4, tls_binding, MAIN, SPAWNER, PH_ANY)                              \
	M(5, tls_ca, MAIN, SPAWNER, PH_ANY)                                   \
	M(6, tls_group_url, MAIN, SPAWNER, PH_ANY)                            \
	M(7, tls_commit, MAIN, SPAWNER, PH_ANY)                               \
	M(8, child_start, MAIN, SPAWNER, PH_ANY)                              \
	M(9, child_kill, MAIN, SPAWNER, PH_ANY)                               \
	M(10, child_exit, SPAWNER, MAIN, PH_ANY)                              \
	M(11, spawner_ready, SPAWNER, MAIN, PH_ANY)                           \
	M(12, tls_alias, MAIN, SPAWNER, PH_ANY)                               \
	M(13, child_born, SPAWNER, MAIN, PH_ANY)                              \
	/* main and certauth */                                             \
	M(20, auth_begin, MAIN, CERTAUTH, PH_ANY)                             \
	M(21, auth_trustpoint, MAIN, CERTAUTH, PH_ANY)                        \
	M(22, auth_group, MAIN, CERTAUTH, PH_ANY)                             \
	M(23, auth_binding, MAIN, CERTAUTH, PH_ANY)                           \
	M(24, auth_commit, MAIN, CERTAUTH, PH_ANY)                            \
	M(25, auth_conn, MAIN, CERTAUTH, PH_ANY)                              \
	M(26, enroll, MAIN, CERTAUTH, PH_ANY)                                 \
	M(27, import_p12, MAIN, CERTAUTH, PH_ANY)                             \
	M(28, forget, MAIN, CERTAUTH, PH_ANY)                                 \
	M(29, identity, CERTAUTH, MAIN, PH_ANY)                               \
	M(30, auth_done, CERTAUTH, MAIN, PH_ANY)                              \
	M(31, verdict, CERTAUTH, MAIN, PH_ANY)                                \
	M(32, auth_log, CERTAUTH, MAIN, PH_ANY)                               \
	M(33, auth_ready, CERTAUTH, MAIN, PH_ANY)                             \
	M(34, auth_bad, CERTAUTH, MAIN, PH_ANY)                               \
	M(35, auth_cert_rule, MAIN, CERTAUTH, PH_ANY)                         \
	M(36, auth_group_map, MAIN, CERTAUTH, PH_ANY)                         \
	M(37, auth_user, MAIN, CERTAUTH, PH_ANY)                              \
	M(38, auth_revoker, MAIN, CERTAUTH, PH_ANY)                           \
	M(110, key_make, MAIN, CERTAUTH, PH_ANY)                              \
	M(111, key_zeroize, MAIN, CERTAUTH, PH_ANY)                           \
	M(112, key_info, CERTAUTH, MAIN, PH_ANY)                              \
	M(113, import_crt, MAIN, CERTAUTH, PH_ANY)                            \
	M(114, export_p12, MAIN, CERTAUTH, PH_ANY)                            \
	M(115, csr_pending, CERTAUTH, MAIN, PH_ANY)                           \
	/* a worker and certauth */                                         \
	M(40, key_op, WORKER, CERTAUTH, PH_NEW)                               \
	M(41, key_result, CERTAUTH, WORKER, PH_ANY)                           \
	M(42, auth_ask, WORKER, CERTAUTH, PH_NEW)                             \
	M(43, auth_result, CERTAUTH, WORKER, PH_ANY)                          \
	M(44, hello_random, CERTAUTH, WORKER, PH_ANY)                         \
	/* a worker and main */                                             \
	M(50, worker_log, WORKER, MAIN, PH_ANY)                               \
	M(51, worker_note, WORKER, MAIN, PH_ANY)                              \
	M(52, login_ok, MAIN, WORKER, PH_ANY)                                 \
	M(54, session_ask, WORKER, MAIN, PH_HTTP)                             \
	M(55, session_grant, MAIN, WORKER, PH_ANY)                            \
	M(56, session_deny, MAIN, WORKER, PH_ANY)                             \
	M(57, session_bind, WORKER, MAIN, PH_TUNNEL)                          \
	M(58, session_up, WORKER, MAIN, PH_TUNNEL)                            \
	M(59, dtls_up, WORKER, MAIN, PH_TUNNEL)                               \
	M(60, dtls_down, WORKER, MAIN, PH_TUNNEL)                             \
	M(61, session_end, WORKER, MAIN, PH_TUNNEL)                           \
	M(62, session_close, MAIN, WORKER, PH_ANY)                            \
	M(63, forwarder_new, MAIN, WORKER, PH_ANY)                            \
	M(64, login_no, MAIN, WORKER, PH_ANY)                                 \
	M(65, session_logout, WORKER, MAIN, PH_HTTP)                          \
	/* main and the forwarder */                                        \
	M(70, fwd_init, MAIN, FORWARDER, PH_ANY)                              \
	M(71, fwd_udp, MAIN, FORWARDER, PH_ANY)                               \
	M(72, fwd_udp_del, MAIN, FORWARDER, PH_ANY)                           \
	M(73, fwd_session, MAIN, FORWARDER, PH_ANY)                           \
	M(74, fwd_session_del, MAIN, FORWARDER, PH_ANY)                       \
	M(75, fwd_ready, FORWARDER, MAIN, PH_ANY)                             \
	M(76, fwd_bad, FORWARDER, MAIN, PH_ANY)                               \
	M(77, fwd_sibling, MAIN, FORWARDER, PH_ANY)                           \
	/* revocation checks: who is asked, and what main gives and hears */ \
	M(80, revoke_ready, REVOKER, MAIN, PH_ANY)                            \
	M(81, revoke_certauth, MAIN, REVOKER, PH_ANY)                         \
	M(82, revoke_file, MAIN, REVOKER, PH_ANY)                             \
	M(83, revoke_fetch, MAIN, REVOKER, PH_ANY)                            \
	M(84, revoke_clear, MAIN, REVOKER, PH_ANY)                            \
	M(85, revoke_done, REVOKER, MAIN, PH_ANY)                             \
	M(86, revoke_crl, REVOKER, MAIN, PH_ANY)                              \
	M(87, revoke_log, REVOKER, MAIN, PH_ANY)                              \
	M(88, revoke_ask, CERTAUTH, REVOKER, PH_ANY)                          \
	M(89, revoke_answer, REVOKER, CERTAUTH, PH_ANY)                       \
	/* AAA: the helper that speaks RADIUS, what main gives and hears */ \
	M(130, aaa_ready, AAA, MAIN, PH_ANY)                                  \
	M(131, aaa_certauth, MAIN, AAA, PH_ANY)                               \
	M(132, aaa_begin, MAIN, AAA, PH_ANY)                                  \
	M(133, aaa_group, MAIN, AAA, PH_ANY)                                  \
	M(134, aaa_server, MAIN, AAA, PH_ANY)                                 \
	M(135, aaa_commit, MAIN, AAA, PH_ANY)                                 \
	M(136, aaa_record, MAIN, AAA, PH_ANY)                                 \
	M(137, aaa_clear, MAIN, AAA, PH_ANY)                                  \
	M(138, aaa_log, AAA, MAIN, PH_ANY)                                    \
	M(139, aaa_stats, AAA, MAIN, PH_ANY)                                  \
	M(140, aaa_ask, CERTAUTH, AAA, PH_ANY)                                \
	M(141, aaa_answer, AAA, CERTAUTH, PH_ANY)                             \
	M(142, aaa_drop, CERTAUTH, AAA, PH_ANY)                               \
	M(143, auth_aaa, MAIN, CERTAUTH, PH_ANY)                              \
	M(144, auth_test, MAIN, CERTAUTH, PH_ANY)                             \
	M(145, auth_unlock, MAIN, CERTAUTH, PH_ANY)                           \
	M(146, auth_lock, CERTAUTH, MAIN, PH_ANY)                             \
	M(147, auth_refused, CERTAUTH, MAIN, PH_ANY)                          \
	M(150, auth_exception, MAIN, CERTAUTH, PH_ANY)                        \
	M(151, worker_trace, WORKER, MAIN, PH_ANY)                            \
	M(152, trace_set, MAIN, WORKER, PH_ANY)                               \
	M(153, lab, MAIN, WORKER, PH_ANY)                                     \
	/* figures for Prometheus: the helper asks, main answers */           \
	M(170, metrics_ready, METRICS, MAIN, PH_ANY)                          \
	M(171, metrics_listen, MAIN, METRICS, PH_ANY)                         \
	M(172, metrics_ask, METRICS, MAIN, PH_ANY)                            \
	M(173, metrics_figures, MAIN, METRICS, PH_ANY)

#define IPC_DER_MAX   16384 /* one certificate */
#define IPC_CHAIN_MAX 49152 /* a chain: each certificate behind a 4-byte length */
#define IPC_P12_MAX   65536
#define IPC_BANNER_MAX    4096
#define IPC_SPLIT_DNS_MAX 2048
#define ENROLL_NAMES_MAX 16384 /* names in a certificate of our own, as text */
#define AAA_CLASS_MAX 512 /* Class attributes of a RADIUS reply, each behind a byte of its length: back in accounting */
#define IPC_TRANSCRIPT_MAX 65536 /* handshake messages of one connection */

/* Fields: type, name, max bytes (STR, BLOB), since version. */

/* TLS settings for all listeners; min and max are enum suite_version. */
#define TLS_BEGIN_FIELDS(F)   \
	F(U32, generation, 0, 1)  \
	F(U8, min_version, 0, 1)  \
	F(U8, max_version, 0, 1)  \
	F(U8, ask_certificate, 0, 1) \
	F(STR, hostname, 64, 1)   \
	F(U8, default_group, 0, 1) /* what no group-url matches is DefaultWEBVPNGroup's, for phones too */ \
	F(U8, list_groups, 0, 1)  /* tunnel-group-list enable */ \
	F(U8, dh_group, 0, 1)     /* 14 or 15 */ \
	F(U8, ecdh_group, 0, 1)   /* 19, 20 or 21 */ \
	F(U8, ecdh_only, 0, 1)    /* no other one; else it goes before the others */

/* suites: two bytes each, in the server's order; version is enum suite_version. */
#define TLS_SUITES_FIELDS(F) \
	F(U8, version, 0, 1)     \
	F(BLOB, suites, 128, 1)

/* key_algo is gnutls_pk_algorithm_t. */
#define TLS_IDENTITY_FIELDS(F)  \
	F(STR, trustpoint, 128, 1)  \
	F(U32, key_algo, 0, 1)      \
	F(U32, key_bits, 0, 1)      \
	F(BLOB, chain, IPC_CHAIN_MAX, 1)

#define TLS_BINDING_FIELDS(F)  \
	F(STR, nameif, 48, 1)      \
	F(STR, domain, 255, 1)     \
	F(STR, trustpoint, 128, 1)

#define TLS_CA_FIELDS(F) F(BLOB, der, IPC_DER_MAX, 1)

#define TLS_GROUP_URL_FIELDS(F)   \
	F(STR, host, 255, 1)          \
	F(U16, port, 0, 1)            \
	F(STR, path, 512, 1)          \
	F(STR, tunnel_group, 128, 1)  \
	F(U8, authentication, 0, 1)

/* group-alias, enabled ones */
#define TLS_ALIAS_FIELDS(F)       \
	F(STR, alias, 128, 1)         \
	F(STR, tunnel_group, 128, 1)

#define TLS_COMMIT_FIELDS(F) F(U32, generation, 0, 1)

/* With three descriptors: TCP connection, channel to main, channel to certauth. */
#define CHILD_START_FIELDS(F) \
	F(U64, conn_id, 0, 1)     \
	F(STR, nameif, 48, 1)     \
	F(ADDR, local, 0, 1)      \
	F(ADDR, peer, 0, 1)       \
	F(U8, trace, 0, 1) /* level of what main wants to hear, 0: nothing */ \
	F(STR, lab_trustpoint, 128, 1) /* serve this one whatever is bound; "" none */

/* What a client did, for an operator: lines "key=value", or with a tab in front those of a head. */
#define WORKER_TRACE_FIELDS(F) \
	F(U8, level, 0, 1)         \
	F(STR, what, 32, 1)        \
	F(STR, text, 8000, 1)

#define TRACE_SET_FIELDS(F) F(U8, level, 0, 1)

/* Misbehave for a client's test: enum lab_kind; what the others mean depends on it. */
#define LAB_FIELDS(F)    \
	F(U8, kind, 0, 1)    \
	F(U8, channel, 0, 1) /* bits: 1 CSTP, 2 DTLS */ \
	F(U32, value, 0, 1)  /* status, percent or ms */ \
	F(U32, seconds, 0, 1) \
	F(STR, text, 512, 1)

#define CHILD_KILL_FIELDS(F) F(U64, conn_id, 0, 1)

#define CHILD_EXIT_FIELDS(F) \
	F(U64, conn_id, 0, 1)    \
	F(U32, status, 0, 1) /* of waitpid(2) */ \
	F(U32, pid, 0, 1)        \
	F(U64, cpu_us, 0, 1) /* user and system time */

#define CHILD_BORN_FIELDS(F) F(U32, pid, 0, 1)

#define SPAWNER_READY_FIELDS(F) F(U32, pid, 0, 1)

#define AUTH_BEGIN_FIELDS(F)  \
	F(U32, generation, 0, 1)  \
	F(U8, prefer_group_url, 0, 1) \
	F(U8, max_fail, 0, 1) /* aaa local authentication attempts, 0: no limit */

/* How revocation is checked below a trustpoint's CA: REVOKE_ methods in order, CRL_ policy, URLs one per line. */
#define REVOKE_SETTINGS(F)    \
	F(BLOB, methods, 3, 1)    \
	F(U32, flags, 0, 1) /* TP_ bits */ \
	F(STR, ocsp_url, 512, 1)  \
	F(U8, crl_policy, 0, 1)   \
	F(U32, crl_cache_s, 0, 1) /* 0: until its next update */ \
	F(STR, crl_urls, 4096, 1)

#define AUTH_TRUSTPOINT_FIELDS(F) \
	F(STR, name, 128, 1)          \
	F(U32, usage, 0, 1)           \
	F(BLOB, ca, IPC_DER_MAX, 1)   \
	REVOKE_SETTINGS(F)

/* One rule of crypto ca certificate map: enum cert_field, enum cert_op; attr "" is the whole name. */
#define AUTH_CERT_RULE_FIELDS(F) \
	F(STR, map, 128, 1)          \
	F(U32, seq, 0, 1)            \
	F(U8, field, 0, 1)           \
	F(U8, op, 0, 1)              \
	F(STR, attr, 32, 1)          \
	F(STR, value, 1024, 1)

/* match certificate of a trustpoint: enum cert_exception; signer: DER of who may sign OCSP answers. */
#define AUTH_EXCEPTION_FIELDS(F) \
	F(STR, trustpoint, 128, 1)   \
	F(STR, map, 128, 1)          \
	F(U8, kind, 0, 1)            \
	F(U32, seq, 0, 1)            \
	F(STR, url, 512, 1)          \
	F(BLOB, signer, IPC_DER_MAX, 1)

/* In the order in which they are tried. */
#define AUTH_GROUP_MAP_FIELDS(F) \
	F(STR, map, 128, 1)          \
	F(U32, seq, 0, 1)            \
	F(STR, tunnel_group, 128, 1)

#define AUTH_USER_FIELDS(F)  \
	F(STR, name, 128, 1)     \
	F(STR, group_policy, 128, 1) /* "": none of its own */ \
	F(U8, password_kind, 0, 1) /* enum user_password */ \
	F(STR, password, 512, 1) /* its hash */ \
	F(U8, service_type, 0, 1) /* SERVICE_ */

/* With one descriptor: the channel to the revocation helper. */
#define AUTH_REVOKER_FIELDS(F) F(U32, generation, 0, 1)

#define AUTH_GROUP_FIELDS(F)      \
	F(STR, name, 128, 1)          \
	F(STR, group_policy, 128, 1)  \
	F(U8, authentication, 0, 1)   \
	F(U8, authorization_local, 0, 1)    \
	F(U8, authorization_required, 0, 1) \
	F(STR, username_from, 128, 1) /* "CN OU" */ \
	F(U8, strip_realm, 0, 1)      \
	F(U8, prefill, 0, 1)          \
	F(STR, aaa_group, 128, 1)     \
	F(U8, aaa_fallback, 0, 1) /* LOCAL, when no server answers */

/* An identity that connections of this nameif may use. */
#define AUTH_BINDING_FIELDS(F) \
	F(STR, nameif, 48, 1)      \
	F(STR, trustpoint, 128, 1)

#define AUTH_COMMIT_FIELDS(F) F(U32, generation, 0, 1)

/* With one descriptor: the worker's channel. */
#define AUTH_CONN_FIELDS(F) \
	F(U64, conn_id, 0, 1)   \
	F(STR, nameif, 48, 1)   \
	F(ADDR, peer, 0, 1)

/*
 * Make the certificate of a trustpoint with key pair `keypair`, itself (csr 0)
 * or as a request to a CA. names: SAN entries, "DNS:x", "IP:x" or "EMAIL:x", one
 * per line. fqdn, ip and serial, "" for none, go into the subject as on an ASA.
 */
#define ENROLL_FIELDS(F)        \
	F(U32, request, 0, 1)       \
	F(STR, trustpoint, 128, 1)  \
	F(STR, subject, 1024, 1)    \
	F(STR, names, ENROLL_NAMES_MAX, 1) \
	F(STR, keypair, 128, 1)     \
	F(U32, bits, 0, 1) /* of an RSA key made when there is no such key pair; 0: that is an error */ \
	F(U8, csr, 0, 1)            \
	F(STR, fqdn, 255, 1)        \
	F(STR, ip, 48, 1)           \
	F(STR, serial, 64, 1)

#define IMPORT_P12_FIELDS(F)    \
	F(U32, request, 0, 1)       \
	F(STR, trustpoint, 128, 1)  \
	F(STR, passphrase, 256, 1)  \
	F(BLOB, p12, IPC_P12_MAX, 1)

/* A new key pair; algo is gnutls_pk_algorithm_t. An older one of the label is replaced. */
#define KEY_MAKE_FIELDS(F)  \
	F(U32, request, 0, 1)   \
	F(STR, label, 128, 1)   \
	F(U32, algo, 0, 1)      \
	F(U32, bits, 0, 1)

/*
 * Remove a key pair and the identities made with it among `trustpoints` (one
 * per line). label "": all key pairs of the algorithm, and all identities that have such keys.
 */
#define KEY_ZEROIZE_FIELDS(F)     \
	F(U32, request, 0, 1)         \
	F(STR, label, 128, 1)         \
	F(U32, algo, 0, 1)            \
	F(STR, trustpoints, 32768, 1)

/* A key pair that certauth holds; public (SubjectPublicKeyInfo) empty: no longer. */
#define KEY_INFO_FIELDS(F)  \
	F(STR, label, 128, 1)   \
	F(U32, algo, 0, 1)      \
	F(U32, bits, 0, 1)      \
	F(U64, made, 0, 1)      \
	F(BLOB, public, 2048, 1)

/* The certificate that a CA issued, and others, in any order. */
#define IMPORT_CRT_FIELDS(F)    \
	F(U32, request, 0, 1)       \
	F(STR, trustpoint, 128, 1)  \
	F(STR, keypair, 128, 1)     \
	F(BLOB, certs, IPC_CHAIN_MAX, 1)

/* extra: certificates to go with the identity's own, of the configuration. */
#define EXPORT_P12_FIELDS(F)    \
	F(U32, request, 0, 1)       \
	F(STR, trustpoint, 128, 1)  \
	F(STR, passphrase, 256, 1)  \
	F(BLOB, extra, IPC_CHAIN_MAX, 1)

/* A request to a CA that waits for its certificate; csr empty: none. */
#define CSR_PENDING_FIELDS(F)   \
	F(STR, trustpoint, 128, 1)  \
	F(BLOB, csr, IPC_CHAIN_MAX, 1)

#define FORGET_FIELDS(F) F(STR, trustpoint, 128, 1)

/* An identity that certauth can serve; chain empty: it no longer can. */
#define IDENTITY_FIELDS(F)      \
	F(STR, trustpoint, 128, 1)  \
	F(U32, key_algo, 0, 1)      \
	F(U32, key_bits, 0, 1)      \
	F(BLOB, chain, IPC_CHAIN_MAX, 1)

#define AUTH_DONE_FIELDS(F)  \
	F(U32, request, 0, 1)    \
	F(U32, failed, 0, 1)     \
	F(STR, text, 512, 1)     \
	F(BLOB, ca, IPC_DER_MAX, 1) /* import: the issuer found beside the identity */ \
	F(BLOB, result, IPC_P12_MAX, 1) /* the request to the CA, or the PKCS#12 file */

#define VERDICT_FIELDS(F)         \
	F(U64, conn_id, 0, 1)         \
	F(STR, user, 128, 1)          \
	F(STR, tunnel_group, 128, 1)  \
	F(STR, group_policy, 128, 1)  \
	F(U8, authentication, 0, 1)   \
	F(BLOB, cookie_hash, 32, 1)   \
	F(U8, authorized, 0, 1) /* the local user's record counts */ \
	F(U32, framed_ip, 0, 1)       \
	F(U32, framed_mask, 0, 1)     \
	F(U32, session_timeout_s, 0, 1) \
	F(U32, idle_timeout_s, 0, 1)  \
	F(STR, filter, 128, 1)        \
	F(BLOB, class, AAA_CLASS_MAX, 1) \
	F(U32, invalid, 0, 1) /* of aaa_answer */

/* A message of the ASA's catalogue about a connection, with its arguments. */
#define AUTH_LOG_FIELDS(F)  \
	F(U64, conn_id, 0, 1)   \
	F(U32, number, 0, 1)    \
	F(STR, arg1, 1024, 1)   \
	F(STR, arg2, 1024, 1)   \
	F(STR, arg3, 1024, 1)   \
	F(STR, arg4, 1024, 1)

#define AUTH_READY_FIELDS(F) F(U32, pid, 0, 1)
/* Its worker breaks the protocol; the worker may be gone when main hears of it. */
#define AUTH_BAD_FIELDS(F)  \
	F(U64, conn_id, 0, 1)   \
	F(ADDR, peer, 0, 1)

#define KEY_OP_FIELDS(F)        \
	F(U8, operation, 0, 1)      \
	F(STR, trustpoint, 128, 1)  \
	F(U32, algorithm, 0, 1)     \
	F(U32, version, 0, 1)       \
	F(BLOB, data, 1024, 1)

#define KEY_RESULT_FIELDS(F) \
	F(U8, failed, 0, 1)      \
	F(BLOB, data, 1024, 1)

/* The handshake of this connection, as server/certauth/proof.h wants it. */
#define AUTH_ASK_FIELDS(F)        \
	F(STR, tunnel_group, 128, 1)  \
	F(BLOB, transcript, IPC_TRANSCRIPT_MAX, 1) \
	F(STR, user, 128, 1)          \
	F(STR, password, 256, 1)      \
	F(U8, has_credentials, 0, 1)

/* What the ServerHello of this connection must carry. */
#define HELLO_RANDOM_FIELDS(F) F(BLOB, random, 32, 1)

/* answer: enum auth_answer; user: whose password is wanted, "" any's. */
#define AUTH_RESULT_FIELDS(F) \
	F(U8, answer, 0, 1)       \
	F(STR, reason, 256, 1)    \
	F(STR, cookie, 128, 1)    \
	F(STR, tunnel_group, 128, 1) \
	F(STR, user, 128, 1)

#define WORKER_LOG_FIELDS(F) \
	F(U32, number, 0, 1)     \
	F(STR, arg1, 512, 1)     \
	F(STR, arg2, 512, 1)     \
	F(STR, arg3, 512, 1)

#define WORKER_NOTE_FIELDS(F) F(STR, text, 512, 1)

#define LOGIN_OK_FIELDS(F) \
	F(U32, index, 0, 1)    \
	F(STR, banner, IPC_BANNER_MAX, 1)
/* certauth accepted, but the policy does not let this user in. */
#define LOGIN_NO_FIELDS(F) F(STR, reason, 256, 1)

/* The client is done with this cookie. */
#define SESSION_LOGOUT_FIELDS(F) F(STR, cookie, 128, 1)

#define SESSION_ASK_FIELDS(F)   \
	F(STR, cookie, 128, 1)      \
	F(STR, user_agent, 255, 1)  \
	F(STR, hostname, 64, 1)     \
	F(STR, trustpoint, 128, 1)  \
	F(U8, phone, 0, 1)          \
	F(U8, wants_dtls, 0, 1)     \
	F(U8, ip6, 0, 1) /* the client knows what to do with an inner IPv6 address */ \
	F(U16, tls_suite, 0, 1)     \
	F(U8, tls_version, 0, 1)    \
	F(U8, bye_grace_s, 0, 1) /* the session stays so long after the user's bye: protocol.md 1.6 */ \
	F(STR, server_sha1, 40, 1) /* hex, of the certificate that this connection was shown */

/* With one descriptor: the channel to the forwarder. Times in seconds, 0 is off. */
#define SESSION_GRANT_FIELDS(F)   \
	F(U32, index, 0, 1)           \
	F(ADDR, address, 0, 1)        \
	F(U32, netmask, 0, 1)         \
	F(ADDR, address6, 0, 1) /* family 0: none */ \
	F(U8, prefix6, 0, 1)          \
	F(BLOB, dns, 64, 1)           \
	F(BLOB, wins, 8, 1)           \
	F(STR, default_domain, 255, 1) \
	F(STR, split_dns, IPC_SPLIT_DNS_MAX, 1) /* domains, a blank between them */ \
	F(U8, tunnel_all_dns, 0, 1)   \
	F(U8, client_bypass, 0, 1)    \
	F(U8, routing_ignore, 0, 1)   \
	F(STR, banner, IPC_BANNER_MAX, 1) \
	F(U32, rekey_s, 0, 1)         \
	F(U32, session_alert_s, 0, 1) \
	F(U32, idle_s, 0, 1)          \
	F(U32, session_s, 0, 1)       \
	F(U32, session_left_s, 0, 1)  \
	F(U32, dpd_client_s, 0, 1)    \
	F(U32, dpd_gateway_s, 0, 1)   \
	F(U32, keepalive_s, 0, 1)     \
	F(U32, mtu_bytes, 0, 1)       \
	F(U32, link_mtu_bytes, 0, 1)  \
	F(U16, udp_port, 0, 1)        \
	F(BLOB, dtls_id, 32, 1)       \
	F(BLOB, dtls10_suites, 128, 1) \
	F(U8, ssl_compression, 0, 1) /* may packets be compressed, if the client asks for it */ \
	F(U8, dtls_compression, 0, 1)  \
	F(BLOB, dtls12_suites, 128, 1) \
	F(U8, split, 0, 1) /* split-tunnel-policy: 0 all, 1 these, 2 all but these */ \
	F(BLOB, split_nets, 8192, 1) /* address and mask, 8 bytes each */ \
	F(U8, split6, 0, 1)           \
	F(BLOB, split_nets6, 4352, 1) /* address and prefix length, 17 bytes each */ \
	F(U8, fast_path, 0, 1) /* the forwarder may seal and open DTLS records */

#define SESSION_DENY_FIELDS(F) \
	F(U16, status, 0, 1)       \
	F(STR, reason, 256, 1)

#define SESSION_BIND_FIELDS(F) F(U32, mtu_bytes, 0, 1)
#define SESSION_UP_FIELDS(F) \
	F(U32, mtu_bytes, 0, 1)  \
	F(U8, compression, 0, 1) /* enum compression */ \
	F(U32, rtt_us, 0, 1)     /* round trip of the TCP connection, 0: not known */

#define DTLS_UP_FIELDS(F)  \
	F(U16, suite, 0, 1)    \
	F(U8, version, 0, 1) /* enum suite_version */ \
	F(U8, compression, 0, 1)                      \
	F(U32, rtt_us, 0, 1) /* as in session_up */

/* reason: enum dtls_down_reason. */
#define DTLS_DOWN_FIELDS(F) F(U8, reason, 0, 1)

/* reason: enum end_reason. */
#define SESSION_END_FIELDS(F)   F(U8, reason, 0, 1)
#define SESSION_CLOSE_FIELDS(F) F(U8, reason, 0, 1)
#define FORWARDER_NEW_FIELDS(F) F(U32, generation, 0, 1)

/* With descriptors: the table of counters, and the TUN device unless data_path is echo. */
#define FWD_INIT_FIELDS(F) \
	F(U8, data_path, 0, 1) \
	F(U32, slots, 0, 1) \
	F(U8, tun_offload, 0, 1) /* enum tun_offload */ \
	F(U8, index, 0, 1)       /* which forwarder this is, */ \
	F(U8, forwarders, 0, 1)  /* of so many */ \
	F(U32, steer_seed, 0, 1) /* common/steer.h */

/* With one descriptor: a bound UDP socket. */
#define FWD_UDP_FIELDS(F)  \
	F(U32, socket_id, 0, 1) \
	F(ADDR, local, 0, 1) \
	F(U8, cuts, 0, 1) /* takes UDP_SEGMENT */

#define FWD_UDP_DEL_FIELDS(F) F(U32, socket_id, 0, 1)

/* With one descriptor: the channel of the session's (new) worker. */
#define FWD_SESSION_FIELDS(F)  \
	F(U32, slot, 0, 1)         \
	F(ADDR, address, 0, 1)     \
	F(U32, mtu_bytes, 0, 1)    \
	F(BLOB, dtls_id, 32, 1) \
	F(ADDR, address6, 0, 1) /* family 0: none */

#define FWD_SESSION_DEL_FIELDS(F) F(U32, slot, 0, 1)
#define FWD_READY_FIELDS(F)       F(U32, pid, 0, 1)
#define FWD_BAD_FIELDS(F)         F(U32, slot, 0, 1) /* its worker sends nonsense */
/* With one descriptor: the channel to another forwarder. */
#define FWD_SIBLING_FIELDS(F)     F(U8, index, 0, 1)

#define REVOKE_READY_FIELDS(F)    F(U32, pid, 0, 1)
/* With one descriptor: the channel to certauth. */
#define REVOKE_CERTAUTH_FIELDS(F) F(U32, generation, 0, 1)

/* A piece of a file of CRLs; `last` ends it. Empty and last: the file is gone. */
#define REVOKE_FILE_FIELDS(F)  \
	F(STR, url, 512, 1)        \
	F(U8, last, 0, 1)          \
	F(BLOB, piece, 65536, 1)

/* Get the CRL of a trustpoint's CA now; cdp: distribution points of its certificate, one per line. */
#define REVOKE_FETCH_FIELDS(F)  \
	F(U32, request, 0, 1)       \
	F(STR, trustpoint, 128, 1)  \
	F(BLOB, ca, IPC_DER_MAX, 1) \
	REVOKE_SETTINGS(F)

/* "": the CRLs of all trustpoints. */
#define REVOKE_CLEAR_FIELDS(F) F(STR, trustpoint, 128, 1)

#define REVOKE_DONE_FIELDS(F) \
	F(U32, request, 0, 1)     \
	F(U8, failed, 0, 1)       \
	F(STR, text, 512, 1)

/* A CRL in the cache, for show; size 0: no longer there. Times are time_t. */
#define REVOKE_CRL_FIELDS(F)     \
	F(STR, url, 512, 1)          \
	F(STR, issuer, 1024, 1)      \
	F(STR, trustpoint, 128, 1)   \
	F(U64, this_update, 0, 1)    \
	F(U64, next_update, 0, 1)    \
	F(U32, size, 0, 1)           \
	F(U32, revoked, 0, 1)

#define REVOKE_LOG_FIELDS(F) \
	F(U32, number, 0, 1)     \
	F(STR, arg1, 1024, 1)    \
	F(STR, arg2, 1024, 1)    \
	F(STR, arg3, 1024, 1)

/* chain: leaf first, the trustpoint's CA last. */
#define REVOKE_ASK_FIELDS(F)     \
	F(U32, request, 0, 1)        \
	F(STR, trustpoint, 128, 1)   \
	F(BLOB, chain, IPC_CHAIN_MAX, 1) \
	REVOKE_SETTINGS(F)               \
	F(STR, leaf_ocsp_url, 512, 1) /* overrides for the first certificate of the chain, "" none */ \
	F(BLOB, ocsp_signer, IPC_DER_MAX, 1) /* who may sign its answers besides the issuer */ \
	F(STR, leaf_crl_url, 512, 1)

#define REVOKE_ANSWER_FIELDS(F) \
	F(U32, request, 0, 1)       \
	F(U8, verdict, 0, 1) /* enum revoke_verdict */ \
	F(STR, text, 512, 1)

#define AAA_READY_FIELDS(F)    F(U32, pid, 0, 1)
/* With one descriptor: the channel to certauth. */
#define AAA_CERTAUTH_FIELDS(F) F(U32, generation, 0, 1)

/* The server groups of a configuration, whole: begin, each group behind it its servers, commit. */
#define AAA_BEGIN_FIELDS(F)     \
	F(U32, generation, 0, 1)    \
	F(STR, nas_id, 64, 1)

#define AAA_GROUP_FIELDS(F)     \
	F(STR, name, 128, 1)        \
	F(U8, max_failed, 0, 1)     \
	F(U8, timed, 0, 1) /* reactivation-mode timed, else depletion */ \
	F(U32, deadtime_s, 0, 1)    \
	F(U8, simultaneous, 0, 1) /* accounting to all servers */

#define AAA_SERVER_FIELDS(F)    \
	F(STR, address, 255, 1)     \
	F(STR, key, 128, 1)         \
	F(U16, timeout_s, 0, 1)     \
	F(U16, retry_s, 0, 1)       \
	F(U16, auth_port, 0, 1)     \
	F(U16, acct_port, 0, 1)

#define AAA_COMMIT_FIELDS(F) F(U32, generation, 0, 1)

/* Accounting of a session; status is RADIUS' Acct-Status-Type, cause its Acct-Terminate-Cause (0 none). */
#define AAA_RECORD_FIELDS(F)    \
	F(STR, group, 128, 1)       \
	F(U8, status, 0, 1)         \
	F(STR, session_id, 64, 1)   \
	F(STR, user, 128, 1)        \
	F(STR, tunnel_group, 128, 1) \
	F(ADDR, peer, 0, 1)         \
	F(ADDR, local, 0, 1)        \
	F(U32, port, 0, 1) /* NAS-Port: the session's index */ \
	F(U32, framed_ip, 0, 1)     \
	F(U8, authentic, 0, 1) /* Acct-Authentic */ \
	F(U32, session_s, 0, 1)     \
	F(U64, in_bytes, 0, 1)      \
	F(U64, out_bytes, 0, 1)     \
	F(U32, in_packets, 0, 1)    \
	F(U32, out_packets, 0, 1)   \
	F(U8, cause, 0, 1)          \
	F(BLOB, class, AAA_CLASS_MAX, 1)

/* clear aaa-server statistics; "": of all groups. */
#define AAA_CLEAR_FIELDS(F) F(STR, group, 128, 1)

#define AAA_LOG_FIELDS(F)   \
	F(U32, number, 0, 1)    \
	F(STR, arg1, 255, 1)    \
	F(STR, arg2, 255, 1)

/* What show aaa-server tells of a server; times are time_t, 0 never. */
#define AAA_STATS_FIELDS(F)     \
	F(STR, group, 128, 1)       \
	F(STR, address, 255, 1)     \
	F(U8, failed, 0, 1)         \
	F(U64, failed_at, 0, 1)     \
	F(U64, last_at, 0, 1)       \
	F(U8, last_ok, 0, 1)        \
	F(U32, pending, 0, 1)       \
	F(U32, round_trip_ms, 0, 1) \
	F(U32, auth_requests, 0, 1) \
	F(U32, acct_requests, 0, 1) \
	F(U32, retransmissions, 0, 1) \
	F(U32, accepts, 0, 1)       \
	F(U32, rejects, 0, 1)       \
	F(U32, challenges, 0, 1)    \
	F(U32, malformed, 0, 1)     \
	F(U32, bad_authenticators, 0, 1) \
	F(U32, timeouts, 0, 1)

/* host "": the group's servers in order. */
#define AAA_ASK_FIELDS(F)       \
	F(U32, request, 0, 1)       \
	F(STR, group, 128, 1)       \
	F(STR, host, 255, 1)        \
	F(U8, fallback, 0, 1)       \
	F(STR, user, 128, 1)        \
	F(STR, password, 256, 1)    \
	F(ADDR, peer, 0, 1)

/* Attributes of the reply; 0 and "" are none. */
#define AAA_ANSWER_FIELDS(F)    \
	F(U32, request, 0, 1)       \
	F(U8, outcome, 0, 1) /* enum aaa_outcome */ \
	F(STR, server, 255, 1)      \
	F(STR, group_policy, 128, 1) \
	F(STR, filter, 128, 1)      \
	F(STR, message, 256, 1)     \
	F(U32, framed_ip, 0, 1)     \
	F(U32, framed_mask, 0, 1)   \
	F(U32, session_timeout_s, 0, 1) \
	F(U32, idle_timeout_s, 0, 1) \
	F(BLOB, class, AAA_CLASS_MAX, 1) \
	F(U32, invalid, 0, 1) /* bits: AAA_PARAMETERS that were left out, their value is none */

#define AAA_DROP_FIELDS(F) F(U32, request, 0, 1)

/* With one descriptor: the channel to the AAA helper. */
#define AUTH_AAA_FIELDS(F) F(U32, generation, 0, 1)

/* test aaa-server; answered with auth_done. */
#define AUTH_TEST_FIELDS(F)     \
	F(U32, request, 0, 1)       \
	F(STR, group, 128, 1)       \
	F(STR, host, 255, 1)        \
	F(STR, user, 128, 1)        \
	F(STR, password, 256, 1)

/* user "": all; admin: who orders it. */
#define AUTH_UNLOCK_FIELDS(F)   \
	F(STR, user, 128, 1)        \
	F(STR, admin, 128, 1)

/* Failed logins of a local user; 0 and not locked: none any more. */
#define AUTH_LOCK_FIELDS(F)     \
	F(STR, user, 128, 1)        \
	F(U32, failures, 0, 1)      \
	F(U8, locked, 0, 1)         \
	F(U64, at, 0, 1) /* time_t of the last failure, or of the lock */

/* A login was refused, for the metrics: enum login_refusal. */
#define AUTH_REFUSED_FIELDS(F)  F(U8, why, 0, 1)

#define METRICS_READY_FIELDS(F)  F(U32, pid, 0, 1)
/* With one descriptor: the listening TCP socket. */
#define METRICS_LISTEN_FIELDS(F) F(ADDR, local, 0, 1)
#define METRICS_ASK_FIELDS(F)    F(U32, request, 0, 1)

/* A part of the answer, as figure_put() of common/metric.h writes; `last` ends it. */
#define METRICS_ROWS_MAX 65536
#define METRICS_FIGURES_FIELDS(F)        \
	F(U32, request, 0, 1)                \
	F(U8, last, 0, 1)                    \
	F(BLOB, rows, METRICS_ROWS_MAX, 1)

/* name, FIELDS macro: the pairs that ipc.h and ipc.c expand. */
#define IPC_STRUCTS(S)                       \
	S(tls_begin, TLS_BEGIN_FIELDS)           \
	S(tls_suites, TLS_SUITES_FIELDS)         \
	S(tls_identity, TLS_IDENTITY_FIELDS)     \
	S(tls_binding, TLS_BINDING_FIELDS)       \
	S(tls_ca, TLS_CA_FIELDS)                 \
	S(tls_group_url, TLS_GROUP_URL_FIELDS)   \
	S(tls_commit, TLS_COMMIT_FIELDS)         \
	S(tls_alias, TLS_ALIAS_FIELDS)           \
	S(child_start, CHILD_START_FIELDS)       \
	S(worker_trace, WORKER_TRACE_FIELDS)     \
	S(trace_set, TRACE_SET_FIELDS)           \
	S(lab, LAB_FIELDS)                       \
	S(child_kill, CHILD_KILL_FIELDS)         \
	S(child_exit, CHILD_EXIT_FIELDS)         \
	S(child_born, CHILD_BORN_FIELDS)         \
	S(spawner_ready, SPAWNER_READY_FIELDS)   \
	S(auth_begin, AUTH_BEGIN_FIELDS)         \
	S(auth_trustpoint, AUTH_TRUSTPOINT_FIELDS) \
	S(auth_group, AUTH_GROUP_FIELDS)         \
	S(auth_binding, AUTH_BINDING_FIELDS)     \
	S(auth_commit, AUTH_COMMIT_FIELDS)       \
	S(auth_conn, AUTH_CONN_FIELDS)           \
	S(enroll, ENROLL_FIELDS)                 \
	S(import_p12, IMPORT_P12_FIELDS)         \
	S(forget, FORGET_FIELDS)                 \
	S(identity, IDENTITY_FIELDS)             \
	S(key_make, KEY_MAKE_FIELDS)             \
	S(key_zeroize, KEY_ZEROIZE_FIELDS)       \
	S(key_info, KEY_INFO_FIELDS)             \
	S(import_crt, IMPORT_CRT_FIELDS)         \
	S(export_p12, EXPORT_P12_FIELDS)         \
	S(csr_pending, CSR_PENDING_FIELDS)       \
	S(auth_done, AUTH_DONE_FIELDS)           \
	S(verdict, VERDICT_FIELDS)               \
	S(auth_log, AUTH_LOG_FIELDS)             \
	S(auth_ready, AUTH_READY_FIELDS)         \
	S(auth_bad, AUTH_BAD_FIELDS)             \
	S(auth_cert_rule, AUTH_CERT_RULE_FIELDS) \
	S(auth_exception, AUTH_EXCEPTION_FIELDS) \
	S(auth_group_map, AUTH_GROUP_MAP_FIELDS) \
	S(auth_user, AUTH_USER_FIELDS)           \
	S(auth_revoker, AUTH_REVOKER_FIELDS)     \
	S(key_op, KEY_OP_FIELDS)                 \
	S(key_result, KEY_RESULT_FIELDS)         \
	S(auth_ask, AUTH_ASK_FIELDS)             \
	S(auth_result, AUTH_RESULT_FIELDS)       \
	S(hello_random, HELLO_RANDOM_FIELDS)     \
	S(worker_log, WORKER_LOG_FIELDS)         \
	S(worker_note, WORKER_NOTE_FIELDS)       \
	S(login_ok, LOGIN_OK_FIELDS)             \
	S(login_no, LOGIN_NO_FIELDS)             \
	S(session_logout, SESSION_LOGOUT_FIELDS) \
	S(session_ask, SESSION_ASK_FIELDS)       \
	S(session_grant, SESSION_GRANT_FIELDS)   \
	S(session_deny, SESSION_DENY_FIELDS)     \
	S(session_bind, SESSION_BIND_FIELDS)     \
	S(session_up, SESSION_UP_FIELDS)         \
	S(dtls_up, DTLS_UP_FIELDS)               \
	S(dtls_down, DTLS_DOWN_FIELDS)           \
	S(session_end, SESSION_END_FIELDS)       \
	S(session_close, SESSION_CLOSE_FIELDS)   \
	S(forwarder_new, FORWARDER_NEW_FIELDS)   \
	S(fwd_init, FWD_INIT_FIELDS)             \
	S(fwd_udp, FWD_UDP_FIELDS)               \
	S(fwd_udp_del, FWD_UDP_DEL_FIELDS)       \
	S(fwd_session, FWD_SESSION_FIELDS)       \
	S(fwd_session_del, FWD_SESSION_DEL_FIELDS) \
	S(fwd_ready, FWD_READY_FIELDS)           \
	S(fwd_bad, FWD_BAD_FIELDS)               \
	S(fwd_sibling, FWD_SIBLING_FIELDS)       \
	S(revoke_ready, REVOKE_READY_FIELDS)     \
	S(revoke_certauth, REVOKE_CERTAUTH_FIELDS) \
	S(revoke_file, REVOKE_FILE_FIELDS)       \
	S(revoke_fetch, REVOKE_FETCH_FIELDS)     \
	S(revoke_clear, REVOKE_CLEAR_FIELDS)     \
	S(revoke_done, REVOKE_DONE_FIELDS)       \
	S(revoke_crl, REVOKE_CRL_FIELDS)         \
	S(revoke_log, REVOKE_LOG_FIELDS)         \
	S(revoke_ask, REVOKE_ASK_FIELDS)         \
	S(revoke_answer, REVOKE_ANSWER_FIELDS)   \
	S(aaa_ready, AAA_READY_FIELDS)         \
	S(aaa_certauth, AAA_CERTAUTH_FIELDS)   \
	S(aaa_begin, AAA_BEGIN_FIELDS)         \
	S(aaa_group, AAA_GROUP_FIELDS)         \
	S(aaa_server, AAA_SERVER_FIELDS)       \
	S(aaa_commit, AAA_COMMIT_FIELDS)       \
	S(aaa_record, AAA_RECORD_FIELDS)       \
	S(aaa_clear, AAA_CLEAR_FIELDS)         \
	S(aaa_log, AAA_LOG_FIELDS)             \
	S(aaa_stats, AAA_STATS_FIELDS)         \
	S(aaa_ask, AAA_ASK_FIELDS)             \
	S(aaa_answer, AAA_ANSWER_FIELDS)       \
	S(aaa_drop, AAA_DROP_FIELDS)           \
	S(auth_aaa, AUTH_AAA_FIELDS)           \
	S(auth_test, AUTH_TEST_FIELDS)         \
	S(auth_unlock, AUTH_UNLOCK_FIELDS)     \
	S(auth_lock, AUTH_LOCK_FIELDS)           \
	S(auth_refused, AUTH_REFUSED_FIELDS)     \
	S(metrics_ready, METRICS_READY_FIELDS)   \
	S(metrics_listen, METRICS_LISTEN_FIELDS) \
	S(metrics_ask, METRICS_ASK_FIELDS)       \
	S(metrics_figures, METRICS_FIGURES_FIELDS)

/* Why a tunnel or session ended: enum, text of messages 113019 and 716002. */
#define END_REASONS(R)                          \
	R(USER_REQUESTED, "User Requested")         \
	R(LOST_CARRIER, "Lost Carrier")             \
	R(DPD_FAILURE, "Lost Carrier")              \
	R(TRANSPORT_CLOSING, "Lost Service")        \
	R(IDLE_TIMEOUT, "Idle Timeout")             \
	R(MAX_TIME, "Max time exceeded")            \
	R(ADMIN_RESET, "Administrator Reset")       \
	R(ADMIN_SHUTDOWN, "Administrator Shutdown") \
	R(PEER_RECONNECTED, "Peer Reconnected")     \
	R(PROTOCOL_ERROR, "User error")             \
	R(INTERNAL_ERROR, "Internal Error")         \
	R(PREEMPTED, "Connection preempted")

enum end_reason {
#define R(name, text) END_##name,
	END_REASONS(R)
#undef R
	END_COUNT
};

/* What a RADIUS server says of a user: enum, name in message 113036. */
#define AAA_PARAMETERS(R)                  \
	R(GROUP_POLICY, "Group-Policy")        \
	R(FILTER, "Filter-Id")                 \
	R(ADDRESS, "Framed-IP-Address")        \
	R(NETMASK, "Framed-IP-Netmask")        \
	R(SESSION_TIMEOUT, "Session-Timeout")  \
	R(IDLE_TIMEOUT, "Idle-Timeout")

enum aaa_parameter {
#define R(name, text) AAA_PARAMETER_##name,
	AAA_PARAMETERS(R)
#undef R
	AAA_PARAMETERS_COUNT
};

/* Why a login was refused: enum, the metric's label (doc/metrics.md). */
#define LOGIN_REFUSALS(R)                                                                    \
	R(CREDENTIALS, "credentials")       /* user or password, or he is locked out */          \
	R(NOT_AUTHORIZED, "not-authorized") /* he has no record where one is required */         \
	R(AAA_SERVER, "aaa-server")         /* no server has judged */                           \
	R(ATTEMPTS, "attempts")             /* too many wrong ones before it */                  \
	R(NO_CERTIFICATE, "no-certificate")                                                      \
	R(NO_USERNAME, "no-username")       /* the certificate has none */                       \
	R(BAD_USERNAME, "bad-username")     /* it could spoof a line of output */                \
	R(UNKNOWN_CA, "unknown-ca")                                                              \
	R(EXPIRED, "expired")                                                                    \
	R(NOT_YET, "not-yet-valid")                                                              \
	R(REVOKED, "revoked")                                                                    \
	R(REVOCATION, "revocation-unknown") /* neither revoked nor good */                       \
	R(BAD_CERTIFICATE, "bad-certificate") /* its signature, key, purpose, or the proof of its key */ \
	R(UNKNOWN_GROUP, "unknown-group")   /* no such tunnel-group any more */                  \
	R(POLICY, "policy")                 /* group-lock, vpn-access-hours, vpn-simultaneous-logins 0 */ \
	R(SESSION_LIMIT, "session-limit")

enum login_refusal {
#define R(id, name) LOGIN_##id,
	LOGIN_REFUSALS(R)
#undef R
	LOGIN_REFUSALS_COUNT
};

/* What "lab" may do (doc/lab.md). The first are of an answer to HTTP, the next of CONNECT, the others of the tunnel. */
enum lab_kind {
	LAB_STATUS,      /* value: 401, 403, 503; text: X-Reason */
	LAB_REDIRECT,    /* text: URL */
	LAB_SILENCE,
	LAB_HALF,        /* half of a head, then silence */
	LAB_NO_DTLS,
	LAB_DTLS_SUITE,  /* text: what X-DTLS-CipherSuite says */
	LAB_DTLS_ID,     /* a session id that is not the session's */
	LAB_NO_DPD,      /* no answer to DPD requests */
	LAB_DROP,        /* value: percent */
	LAB_DUPLICATE,
	LAB_REORDER,
	LAB_DELAY,       /* value: ms */
	LAB_REKEY,       /* the tunnel closes without a word: the client opens a new one */
	LAB_KINDS
};

/* Flags of a trustpoint in auth_trustpoint, revoke_ask, revoke_fetch. */
enum {
	TP_OCSP_NO_NONCE = 1,
	TP_NO_CA_CHECK = 2,     /* "no ca-check" */
	TP_NO_WEAK_CRYPTO = 4,  /* no SHA-1 signatures below this CA */
	TP_NO_NEXT_UPDATE = 8,  /* "no enforcenextupdate" */
	TP_NO_SUBORDINATES = 16, /* "no accept-subordinates" */
};

enum auth_answer { AUTH_REFUSED, AUTH_ACCEPTED, AUTH_WANTS_PASSWORD };

enum revoke_verdict {
	REVOKE_GOOD,      /* every certificate below the CA was checked */
	REVOKE_UNCHECKED, /* "none" was the method that remained */
	REVOKE_REVOKED,
	REVOKE_FAILED,    /* no method gave an answer */
};

enum aaa_outcome {
	AAA_ACCEPTED,
	AAA_REJECTED,
	AAA_CHALLENGED, /* a second question, which no client of ours is asked */
	AAA_DEAD,       /* no server answers */
	AAA_UNKNOWN,    /* no such group or server */
	AAA_BUSY,       /* too many questions wait: LOCAL does not stand in for that */
};

/* Of single packets in a tunnel (protocol.md 5). */
enum compression { COMPRESSION_NONE, COMPRESSION_LZS, COMPRESSION_LZ4, COMPRESSION_COUNT };

enum dtls_down_reason {
	DTLS_DOWN_LOST,   /* it was up */
	DTLS_DOWN_FAILED, /* it did not come up: a handshake failed */
	DTLS_DOWN_SILENT, /* it did not come up: nothing was heard of the client over UDP */
};

/* auth_done's "failed" after auth_test. */
enum { AAA_TEST_REJECTED = 1, AAA_TEST_SILENT = 2 };

enum key_operation { KEY_SIGN_HASH, KEY_DECRYPT };
enum data_path { DATA_PATH_TUN, DATA_PATH_ECHO };
/* What the TUN device takes and gives as one large packet; bits. */
enum tun_offload { TUN_OFFLOAD_TCP = 1, TUN_OFFLOAD_UDP = 2 };

#endif
