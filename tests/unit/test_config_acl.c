/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access lists, objects, time ranges: typed, printed as an ASA prints them, refused where they are wrong. */
#include "tests/unit/config_unit.h"

#include "server/config/grammar.h"

static const struct cfg_acl_rule *
rule(const struct config *cfg, const char *acl, int n)
{
	const struct cfg_acl_rule *r = config_acl(cfg, acl)->rules;

	while (n-- > 0)
		r = r->next;
	return r;
}

static void
standard_rules_hold_networks(void **state)
{
	struct config *cfg = good("access-list s standard permit 172.16.0.0 255.255.0.0\naccess-list s standard deny host 10.0.0.1\n"
	                          "access-list s standard permit any4\naccess-list s remark a  b\n");
	const struct cfg_acl_rule *r = rule(cfg, "s", 0);

	(void)state;
	assert_int_equal(r->kind, ACL_STANDARD);
	assert_true(r->permit);
	assert_int_equal(r->src.match, ACL_NET);
	assert_memory_equal(r->src.addr, "\xac\x10\x00\x00", 4);
	assert_memory_equal(r->src.mask, "\xff\xff\x00\x00", 4);
	assert_false(rule(cfg, "s", 1)->permit);
	assert_int_equal(rule(cfg, "s", 2)->src.match, ACL_ANY4);
	assert_int_equal(config_acl(cfg, "s")->count, 4);
	check_printed(cfg, "access-list s", 0, "access-list s remark a  b\n");
	config_free(cfg);
}

static void
extended_rules_hold_protocol_addresses_and_ports(void **state)
{
	struct config *cfg = good("access-list e extended permit tcp any host 10.0.0.1 eq 443\n"
	                          "access-list e extended deny udp 10.1.0.0 255.255.0.0 range 5060 5061 any4 neq 69 log 4 interval 60 inactive\n"
	                          "access-list e extended permit icmp any any 8 0\n"
	                          "access-list e extended permit 50 2001:db8::/32 any6\n");
	const struct cfg_acl_rule *r = rule(cfg, "e", 0);

	(void)state;
	assert_int_equal(r->protocol, 6);
	assert_int_equal(r->src.match, ACL_ANY);
	assert_int_equal(r->dst_ports.op, PORT_EQ);
	assert_int_equal(r->dst_ports.first, 443);
	assert_string_equal(r->text, "extended permit tcp any host 10.0.0.1 eq https");
	r = rule(cfg, "e", 1);
	assert_true(r->inactive);
	assert_int_equal(r->src_ports.op, PORT_RANGE);
	assert_int_equal(r->src_ports.first, 5060);
	assert_int_equal(r->src_ports.last, 5061);
	assert_int_equal(r->dst_ports.op, PORT_NEQ);
	assert_string_equal(r->text,
	    "extended deny udp 10.1.0.0 255.255.0.0 range sip 5061 any4 neq tftp log 4 interval 60 inactive");
	r = rule(cfg, "e", 2);
	assert_int_equal(r->icmp_type, 8);
	assert_int_equal(r->icmp_code, 0);
	assert_string_equal(r->text, "extended permit icmp any any echo 0");
	r = rule(cfg, "e", 3);
	assert_int_equal(r->protocol, 50);
	assert_true(r->src.ip6);
	assert_memory_equal(r->src.mask, "\xff\xff\xff\xff\x00", 5);
	assert_string_equal(r->text, "extended permit esp 2001:db8::/32 any6");
	config_free(cfg);
}

static void
lines_go_where_their_number_says(void **state)
{
	struct config *cfg = good("access-list a extended permit ip any host 10.0.0.1\naccess-list a extended permit ip any host 10.0.0.3\n"
	                          "access-list a line 2 extended permit ip any host 10.0.0.2\n"
	                          "access-list a line 99 extended permit ip any host 10.0.0.4\n"
	                          "no access-list a extended permit ip any host 10.0.0.3\n");

	(void)state;
	check_printed(cfg, "access-list", 0,
	    "access-list a extended permit ip any host 10.0.0.1\naccess-list a extended permit ip any host 10.0.0.2\n"
	    "access-list a extended permit ip any host 10.0.0.4\n");
	assert_int_equal(config_acl(cfg, "a")->count, 3);
	config_free(cfg);
	cfg = good("access-list a remark x\naccess-list a remark 1\n"); /* a number is text here */
	check_printed(cfg, "access-list", 0, "access-list a remark x\naccess-list a remark 1\n");
	config_free(cfg);
}

static void
wrong_rules_are_refused(void **state)
{
	(void)state;
	check_finding("access-list a extended permit ip 10.0.0.5 255.255.255.0 any\n",
	    "f:1:34: IP address,mask <10.0.0.5,255.255.255.0> doesn't pair");
	check_finding("access-list a standard permit 10.0.0.0 0.0.0.255\n", "f:1:40: Invalid input detected at '^' marker: not a network mask");
	check_finding("access-list a extended permit ip 2001:db8::1/64 any\n", "has bits behind its length");
	check_finding("access-list a extended permit tcp any any eq nonsense\n", "f:1:46: ");
	check_finding("access-list a extended permit tcp any any eq tftp\n", "f:1:46: tftp is no port of this protocol");
	check_finding("access-list a extended permit tcp any any eq 65536\n", "f:1:46: ");
	check_finding("access-list a extended permit ip any any eq 80\n", "ports are for tcp, udp and sctp only");
	check_finding("access-list a extended permit ip any host fred\n", "fred is neither an address nor");
	check_finding("access-list a standard permit any4\naccess-list a extended permit ip any any\n",
	    "f:2:13: access-list a is a standard list already");
	check_finding("no access-list a standard permit any4\n", "access-list <a> does not exist");
	check_finding("access-list a standard permit any4\naccess-list a standard permit any4\n",
	    "warning: <a> found duplicate element");
}

static void
names_stand_for_addresses(void **state)
{
	struct config *cfg = good("names\nname 10.0.0.9 server\naccess-list a extended permit ip any host server\n");

	(void)state;
	assert_memory_equal(rule(cfg, "a", 0)->dst.addr, "\x0a\x00\x00\x09", 4);
	config_free(cfg);
}

static void
objects_in_rules_must_exist_and_stay(void **state)
{
	(void)state;
	check_finding("access-list a extended permit ip object x any\n", "f:1:41: object (x) does not exist");
	check_finding("access-list a extended permit object-group x any any\n", "object (x) does not exist");
	check_finding("access-list a extended permit ip any any time-range x\n", "time-range x does not exist");
	check_findings("access-list a extended permit ip object x any\nobject network x\n host 10.0.0.1\n", ""); /* order does not matter */
	check_finding("object network x\n host 10.0.0.1\naccess-list a extended permit ip object x any\nno object network x\n",
	    "f:4:19: unable to delete object (x). object is being used.");
	check_finding("object-group network x\n network-object host 10.0.0.1\nobject-group network y\n group-object x\n"
	              "no object-group network x\n", "f:5:25: Removing object-group (x) not allowed, it is being used");
	check_finding("object network x\nobject-group network x\n", "f:2:22: An object with the same id (x) exists.");
	check_finding("object network x\n subnet 10.0.0.1 255.0.0.0\n", "IP address,mask <10.0.0.1,255.0.0.0> doesn't pair");
}

static void
groups_must_not_hold_themselves(void **state)
{
	(void)state;
	check_finding("object-group network a\n group-object a\n", "f:2:15: object-group (a) would hold itself by way of a");
	check_finding("object-group network a\n group-object b\nobject-group network b\n group-object c\n"
	              "object-group network c\n group-object a\n", "f:6:15: object-group (c) would hold itself by way of a");
	check_finding("object-group network a\n group-object b\n", "f:2:15: object (b) does not exist");
}

static void
ports_and_networks_of_groups_are_told_apart(void **state)
{
	struct config *cfg = good("object-group service p tcp\n port-object eq 80\nobject-group network n\n"
	                          " network-object host 10.0.0.1\n"
	                          "access-list a extended permit tcp object-group n object-group p any\n"
	                          "access-list a extended permit tcp object-group n object-group n object-group p\n");

	(void)state;
	assert_int_equal(rule(cfg, "a", 0)->src_ports.op, PORT_OBJECT_GROUP);
	assert_int_equal(rule(cfg, "a", 0)->dst.match, ACL_ANY);
	assert_int_equal(rule(cfg, "a", 1)->src_ports.op, PORT_ANY);
	assert_int_equal(rule(cfg, "a", 1)->dst.match, ACL_OBJECT_GROUP);
	assert_string_equal(rule(cfg, "a", 1)->dst_ports.name, "p");
	config_free(cfg);
}

static void
old_and_foreign_lists_are_read_as_well(void **state)
{
	struct config *cfg = good("access-list e permit tcp any any eq www\naccess-list e line 1 deny ip any any\n"
	                          "access-list e remark \"as it was\"\naccess-list w webtype permit url any\n"
	                          "access-list b ethertype permit bpdu\n");

	(void)state;
	check_printed(cfg, "access-list", 0,
	    "access-list e extended deny ip any any\naccess-list e extended permit tcp any any eq www\n"
	    "access-list e remark \"as it was\"\n");
	assert_null(config_acl(cfg, "w"));
	config_free(cfg);
	check_finding("access-list w webtype permit url any\n", "1 line has no effect here: access-list (1)");
}

static void
names_stand_for_addresses_everywhere(void **state)
{
	struct config *cfg = good("name 10.1.0.0 net\nname 10.1.0.9 srv\nroute inside net 255.255.0.0 srv\n"
	                          "access-list s standard permit net 255.255.0.0\n"
	                          "access-list e extended permit ip net 255.255.0.0 net 255.255.0.0\n"
	                          "object network o\n host srv\nobject-group network g\n network-object net 255.255.0.0\n"
	                          " network-object host srv\n");

	(void)state;
	check_printed(cfg, "route", 0, "route inside 10.1.0.0 255.255.0.0 10.1.0.9 1\n");
	check_printed(cfg, "access-list s", 0, "access-list s standard permit 10.1.0.0 255.255.0.0\n");
	check_printed(cfg, "access-list e", 0, "access-list e extended permit ip 10.1.0.0 255.255.0.0 10.1.0.0 255.255.0.0\n");
	check_printed(cfg, "object network", 0, "object network o\n host 10.1.0.9\n");
	check_printed(cfg, "object-group", 0, " network-object 10.1.0.0 255.255.0.0\n network-object host 10.1.0.9\n");
	config_free(cfg);
	/* where the error stands does not move with the longer address */
	check_findings("name 10.1.0.0 net\naccess-list s standard permit net 255.255.0.999\n",
	    "f:2:35: Invalid input detected at '^' marker: not a network mask\n"
	    "access-list s standard permit net 255.255.0.999\n                                  ^\n");
	check_finding("name 10.1.0.0 net\nno name 10.1.0.0\naccess-list s standard permit net 255.255.0.0\n",
	    "f:3:31: Invalid input");
	check_finding("name 10.1.0.0 net\nclear configure name\naccess-list s standard permit net 255.255.0.0\n",
	    "f:3:31: Invalid input");
}

static void
networks_that_are_none_are_refused(void **state)
{
	(void)state;
	check_finding("object network o\n host 10.1.2.300\n", "f:2:7: Invalid input detected at '^' marker: not an IP address");
	check_finding("object network o\n host nobody\n", "f:2:7: nobody is neither an address nor a \"name\" of one");
	check_finding("object-group network g\n network-object host nobody\n", "f:2:22: nobody is neither");
	check_finding("object network o\n range 10.0.0.9 10.0.0.1\n", "f:2:17: the range ends before it begins");
	check_finding("object network o\n range 2001:db8::9 2001:db8::1\n", "the range ends before it begins");
}

static void
objects_of_filters_are_not_said_to_have_no_effect(void **state)
{
	(void)state;
	check_findings("object network o\n host 10.0.0.1\nobject-group network g\n network-object object o\n"
	               "object-group service p tcp\n port-object eq www\n", "");
	check_finding("object service o\n service 47\n", "\"object service\" has no effect here");
}

static void
time_ranges_are_read_and_printed(void **state)
{
	struct config *cfg = good("time-range t\n absolute start 8:00 1 jan 2026 end 17:00 31 december 2026\n"
	                          " periodic Monday Friday 8:00 to 17:00\n periodic Friday 17:00 to Monday 8:00\n periodic daily 0:00 to 23:59\n");
	const struct cfg_time_range *t = config_time_range(cfg, "t");

	(void)state;
	assert_int_equal(t->start.month, 1);
	assert_int_equal(t->end.hour, 17);
	assert_int_equal(t->periods->days, 1u << 1 | 1u << 5);
	assert_int_equal(t->periods->next->until_day, 1);
	check_printed(cfg, "time-range", 0,
	    "time-range t\n absolute start 08:00 01 January 2026 end 17:00 31 December 2026\n"
	    " periodic Monday Friday 8:00 to 17:00\n periodic Friday 17:00 to Monday 8:00\n periodic daily 0:00 to 23:59\n");
	config_free(cfg);
	check_finding("time-range t\n absolute start 8:00 30 February 2026\n", "February has no day 30");
	check_finding("time-range t\n absolute start 8:00 1 May 2026 end 8:00 1 May 2026\n", "the end is not behind the start");
	check_finding("time-range t\n periodic daily 8:00 to 7:00\n", "the end is not behind the start");
	check_finding("time-range t\n periodic daily 8:00 to 25:00\n", "not a time (HH:MM)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standard_rules_hold_networks),
		cmocka_unit_test(extended_rules_hold_protocol_addresses_and_ports),
		cmocka_unit_test(lines_go_where_their_number_says),
		cmocka_unit_test(wrong_rules_are_refused),
		cmocka_unit_test(names_stand_for_addresses),
		cmocka_unit_test(objects_in_rules_must_exist_and_stay),
		cmocka_unit_test(groups_must_not_hold_themselves),
		cmocka_unit_test(ports_and_networks_of_groups_are_told_apart),
		cmocka_unit_test(old_and_foreign_lists_are_read_as_well),
		cmocka_unit_test(names_stand_for_addresses_everywhere),
		cmocka_unit_test(networks_that_are_none_are_refused),
		cmocka_unit_test(objects_of_filters_are_not_said_to_have_no_effect),
		cmocka_unit_test(time_ranges_are_read_and_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
