/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "server/worker/client.h"

/* protocol.md 1.1, and agents seen there. */
static const struct {
	const char *agent;
	enum client_family family;
} rows[] = {
	{ "Cisco SVC IPPhone Client v1.0 (1.0)", CLIENT_PHONE },
	{ "cisco svc ipphone client", CLIENT_PHONE },
	{ "Open AnyConnect VPN Agent v3.20", CLIENT_OPENCONNECT_OLD },
	{ "Open AnyConnect VPN Agent v2.01", CLIENT_OPENCONNECT_OLD },
	{ "Open AnyConnect VPN Agent v8.20", CLIENT_OPENCONNECT },
	{ "Open AnyConnect VPN Agent v9.01-3", CLIENT_OPENCONNECT },
	{ "OpenConnect VPN Agent (NetworkManager) v7.06", CLIENT_OPENCONNECT },
	{ "Cisco AnyConnect VPN Agent for Apple iPhone", CLIENT_ANYCONNECT_IOS },
	{ "Cisco AnyConnect VPN Agent for Windows 4.8", CLIENT_ANYCONNECT },
	{ "AnyConnect-compatible OpenConnect VPN Agent v9.01", CLIENT_OPENCONNECT },
	{ "AnyConnect Linux_64 4.10", CLIENT_ANYCONNECT },
	{ "AnyConnect Windows 4.10.07061", CLIENT_ANYCONNECT },
	{ "Clavister OneConnect VPN", CLIENT_OPENCONNECT },
	{ "AnyLink Secure Client", CLIENT_OPENCONNECT },
	{ "Mozilla/5.0 (X11; Linux x86_64)", CLIENT_BROWSER },
	{ "Something else", CLIENT_GENERIC },
	{ "a Cisco SVC IPPhone Client", CLIENT_GENERIC },
	{ "Cisco SVC IPPhone", CLIENT_GENERIC },
	{ "", CLIENT_GENERIC },
	{ NULL, CLIENT_GENERIC },
};

T(each_user_agent_has_its_family)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(client_family(rows[i].agent), rows[i].family);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_user_agent_has_its_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
