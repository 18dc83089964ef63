/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/flows.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "common/addr.h"
#include "common/log.h"

/* Of a tuple its source counts (net/netfilter/nf_internals.h); kernels before 5.8 know no filter and show all. */
enum { FILTER_SOURCE = 1 };

struct search {
	const struct addr *a;
	struct nl_sock *deleter;
};

static struct nl_msg *
message_make(unsigned type, int flags, const struct addr *a)
{
	struct nfgenmsg head = { .nfgen_family = a->family == 6 ? AF_INET6 : AF_INET, .version = NFNETLINK_V0 };
	struct nl_msg *msg = nlmsg_alloc_simple((int)(NFNL_SUBSYS_CTNETLINK << 8 | type), NLM_F_REQUEST | flags);

	if (msg != NULL)
		nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	return msg;
}

static int
source_attr(const struct addr *a)
{
	return a->family == 6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC;
}

static size_t
ip_len(const struct addr *a)
{
	return a->family == 6 ? 16 : 4;
}

static bool
source_is(struct nlattr *tuple, const struct addr *a)
{
	struct nlattr *parts[CTA_TUPLE_MAX + 1], *ips[CTA_IP_MAX + 1], *source;

	if (tuple == NULL || nla_parse_nested(parts, CTA_TUPLE_MAX, tuple, NULL) < 0 || parts[CTA_TUPLE_IP] == NULL ||
	    nla_parse_nested(ips, CTA_IP_MAX, parts[CTA_TUPLE_IP], NULL) < 0)
		return false;
	source = ips[source_attr(a)];
	return source != NULL && (size_t)nla_len(source) == ip_len(a) && memcmp(nla_data(source), a->ip, ip_len(a)) == 0;
}

static void
attr_copy(struct nl_msg *msg, struct nlattr *a, int flags)
{
	if (a != NULL)
		nla_put(msg, nla_type(a) | flags, nla_len(a), nla_data(a));
}

static int
flow_seen_cb(struct nl_msg *seen, void *ctx)
{
	const struct search *s = ctx;
	struct nlattr *attrs[CTA_MAX + 1];
	struct nl_msg *msg;

	if (nlmsg_parse(nlmsg_hdr(seen), sizeof(struct nfgenmsg), attrs, CTA_MAX, NULL) < 0 ||
	    (!source_is(attrs[CTA_TUPLE_ORIG], s->a) && !source_is(attrs[CTA_TUPLE_REPLY], s->a)) ||
	    (msg = message_make(IPCTNL_MSG_CT_DELETE, NLM_F_ACK, s->a)) == NULL)
		return NL_OK;
	attr_copy(msg, attrs[CTA_TUPLE_ORIG], NLA_F_NESTED);
	attr_copy(msg, attrs[CTA_ZONE], 0);
	attr_copy(msg, attrs[CTA_ID], 0);
	nl_send_sync(s->deleter, msg); /* it may have ended meanwhile */
	return NL_OK;
}

/* Flows that the address began (CTA_TUPLE_ORIG), or that began elsewhere and are answered by it (CTA_TUPLE_REPLY). */
static int
flows_search(struct nl_sock *sock, const struct addr *a, int tuple)
{
	struct nl_msg *msg = message_make(IPCTNL_MSG_CT_GET, NLM_F_DUMP, a);
	struct nlattr *outer, *inner;
	int r;

	if (msg == NULL)
		return -NLE_NOMEM;
	outer = nla_nest_start(msg, tuple | NLA_F_NESTED);
	inner = nla_nest_start(msg, CTA_TUPLE_IP | NLA_F_NESTED);
	nla_put(msg, source_attr(a), (int)ip_len(a), a->ip);
	nla_nest_end(msg, inner);
	nla_nest_end(msg, outer);
	outer = nla_nest_start(msg, CTA_FILTER | NLA_F_NESTED);
	nla_put_u32(msg, tuple == CTA_TUPLE_ORIG ? CTA_FILTER_ORIG_FLAGS : CTA_FILTER_REPLY_FLAGS, FILTER_SOURCE);
	nla_nest_end(msg, outer);
	r = nl_send_auto(sock, msg);
	nlmsg_free(msg);
	return r < 0 ? r : nl_recvmsgs_default(sock);
}

void
flows_forget(const struct addr *a)
{
	static bool said;
	struct nl_sock *sock = nl_socket_alloc(), *deleter = nl_socket_alloc();
	struct search search = { a, deleter };
	int r = -NLE_NOMEM;

	if (sock != NULL && deleter != NULL && (r = nl_connect(sock, NETLINK_NETFILTER)) >= 0 &&
	    (r = nl_connect(deleter, NETLINK_NETFILTER)) >= 0) {
		nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, flow_seen_cb, &search);
		if ((r = flows_search(sock, a, CTA_TUPLE_ORIG)) >= 0)
			r = flows_search(sock, a, CTA_TUPLE_REPLY);
	}
	if (r < 0 && !said) {
		said = true;
		log_warn("the kernel's table of flows is not to be had (%s): what another session's vpn-filter let through may go on",
		    nl_geterror(r));
	}
	nl_socket_free(sock);
	nl_socket_free(deleter);
}
