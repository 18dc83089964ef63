/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/mem.h"
#include "server/config/host.h"
#include "server/config/report.h"

/* Read text as a host file; *report_text gets the printed findings with the file named "f". */
static int
read_host(const char *text, struct host_config *host, char **report_text)
{
	char path[] = "/tmp/test_config_host.XXXXXX";
	int fd = mkstemp(path), r;
	struct mem *mem = mem_new(NULL);
	struct config_report report;
	size_t len;
	FILE *out = open_memstream(report_text, &len);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	config_report_init(&report, mem);
	r = host_config_read_file(path, host, &report);
	unlink(path);
	config_report_print(&report, "f", out);
	fclose(out);
	mem_free(mem);
	return r;
}

static void
check_findings(const char *text, const char *want)
{
	struct host_config host;
	char *out;

	assert_int_not_equal(read_host(text, &host, &out), 0);
	if (strstr(out, want) == NULL)
		fail_msg("\"%s\" is not in\n%s", want, out);
	free(out);
	host_config_clear(&host);
}

static void
empty_file_gives_the_defaults(void **state)
{
	struct host_config host;
	char *out;

	(void)state;
	assert_int_equal(read_host("", &host, &out), 0);
	assert_string_equal(out, "");
	assert_string_equal(host.auth_user, "offhook-auth");
	assert_string_equal(host.forwarder_user, "offhook-fwd");
	assert_string_equal(host.worker_user, "offhook-worker");
	assert_false(host.worker_user_set);
	assert_true(host.sandbox);
	assert_string_equal(host.state_dir, "/var/lib/offhook");
	assert_string_equal(host.run_dir, "/run/offhook");
	assert_string_equal(host.control_socket, "/run/offhook/control.sock");
	assert_int_equal(host.data_path, DATA_PATH_TUN);
	assert_string_equal(host.tun_device, "offhook0");
	assert_null(host.interfaces);
	assert_int_equal(host.forwarders, 1);
	assert_true(host.steering);
	free(out);
	host_config_clear(&host);
}

static void
every_key_is_read(void **state)
{
	struct host_config host;
	const struct host_interface *hi;
	char *out;

	(void)state;
	assert_int_equal(read_host("auth_user = \"a\"; forwarder_user = \"f\"; worker_user = \"w\"; sandbox = false;\n"
	                           "offload_udp_send = false; offload_tun = false; forwarders = 8; steering = false;\n"
	                           "state_dir = \"/s\"; run_dir = \"/r\"; data_path = \"echo\"; tun_device = \"tun7\";\n"
	                           "interfaces = { outside = { device = \"eth0\"; address = \"192.0.2.1\"; tcp_port = 0;\n"
	                           "  udp_port = 4433; }; inside = { device = \"eth1\"; }; };\n",
	    &host, &out), 0);
	assert_string_equal(out, "");
	assert_true(host.auth_user_set && host.forwarder_user_set && host.worker_user_set);
	assert_string_equal(host.worker_user, "w");
	assert_false(host.sandbox);
	assert_true(host.fast_path && host.offload_udp_receive);
	assert_false(host.offload_udp_send || host.offload_tun || host.steering);
	assert_int_equal(host.forwarders, 8);
	assert_string_equal(host.control_socket, "/r/control.sock");
	assert_int_equal(host.data_path, DATA_PATH_ECHO);
	hi = host_interface(&host, "outside");
	assert_true(hi->has_address && hi->has_tcp_port && hi->has_udp_port);
	assert_int_equal(hi->tcp_port, 0);
	assert_int_equal(hi->udp_port, 4433);
	assert_int_equal(hi->address.s_addr, htonl(0xc0000201));
	hi = host_interface(&host, "inside");
	assert_string_equal(hi->device, "eth1");
	assert_false(hi->has_address || hi->has_tcp_port || hi->has_udp_port);
	assert_null(host_interface(&host, "dmz"));
	free(out);
	host_config_clear(&host);
}

static void
control_socket_may_be_named(void **state)
{
	struct host_config host;
	char *out;

	(void)state;
	assert_int_equal(read_host("control_socket = \"/x/y\";\nrun_dir = \"/r\";", &host, &out), 0);
	assert_string_equal(host.control_socket, "/x/y");
	free(out);
	host_config_clear(&host);
}

static void
all_errors_come_together_with_their_lines(void **state)
{
	struct host_config host;
	char *out;

	(void)state;
	assert_int_not_equal(read_host("colour = \"red\";\nsandbox = \"yes\";\nrun_dir = \"run\";\n"
	                               "interfaces = {\n outside = { port = 1; tcp_port = 70000; address = \"host\"; };\n"
	                               " inside = \"eth1\";\n};\nforwarders = 9;\n",
	    &host, &out), 0);
	assert_string_equal(out,
	    "f:1:1: unknown key \"colour\"\ncolour = \"red\";\n^\n"
	    "f:2:1: sandbox must be true or false\nsandbox = \"yes\";\n^\n"
	    "f:3:1: run_dir must be an absolute path in quotes\nrun_dir = \"run\";\n^\n"
	    "f:5:1: unknown key \"port\" of an interface\n outside = { port = 1; tcp_port = 70000; address = \"host\"; };\n^\n"
	    "f:5:1: tcp_port must be a port, 0 to 65535 (0: any free one)\n"
	    " outside = { port = 1; tcp_port = 70000; address = \"host\"; };\n^\n"
	    "f:5:1: address must be an IPv4 address in quotes\n"
	    " outside = { port = 1; tcp_port = 70000; address = \"host\"; };\n^\n"
	    "f:6:1: inside must be a group: { device = \"eth0\"; }\n inside = \"eth1\";\n^\n"
	    "f:8:1: forwarders must be a number of processes, 1 to 8\nforwarders = 9;\n^\n");
	free(out);
	host_config_clear(&host);
}

static void
wrong_values_are_errors(void **state)
{
	(void)state;
	check_findings("sandbox = \n", "syntax error");
	check_findings("data_path = \"tap\";", "f:1:1: data_path must be \"tun\" or \"echo\"");
	check_findings("tun_device = \"much-too-long-name\";", "tun_device must be the name of a network device");
	check_findings("auth_user = 5;", "auth_user must be a string");
	check_findings("auth_user = \"\";", "auth_user must be a string");
	check_findings("interfaces = 5;", "interfaces must be a group");
	check_findings("interfaces = { a = { tcp_port = -1; }; };", "tcp_port must be a port");
	check_findings("interfaces = { a = { tcp_port = \"443\"; }; };", "tcp_port must be a port");
	check_findings("run_dir = \"/a\"\nrun_dir = \"/b\"\n", "f:2:1: ");
}

static void
missing_file_is_said(void **state)
{
	struct host_config host;
	struct mem *mem = mem_new(NULL);
	struct config_report report;

	(void)state;
	config_report_init(&report, mem);
	assert_int_not_equal(host_config_read_file("/nonexistent", &host, &report), 0);
	assert_string_equal(report.first->text, "cannot be read: No such file or directory");
	host_config_clear(&host);
	mem_free(mem);
}

static void
sample_is_read_and_changes_nothing(void **state)
{
	const char *top = getenv("OFFHOOK_TOP");
	char path[1024];
	struct host_config host;
	struct mem *mem = mem_new(NULL);
	struct config_report report;

	(void)state;
	snprintf(path, sizeof(path), "%s/configs/offhookd.conf", top != NULL ? top : ".");
	config_report_init(&report, mem);
	assert_int_equal(host_config_read_file(path, &host, &report), 0);
	assert_string_equal(host.state_dir, "/var/lib/offhook");
	assert_false(host.auth_user_set);
	host_config_clear(&host);
	mem_free(mem);
}

static void
metrics_take_a_port_or_an_address(void **state)
{
	static const struct {
		const char *text, *ip;
		unsigned port;
	} good[] = {
		{ "metrics = 9717;", "127.0.0.1", 9717 }, { "metrics = \"9717\";", "127.0.0.1", 9717 },
		{ "metrics = \"192.0.2.7:80\";", "192.0.2.7", 80 }, { "metrics = \"[::1]:0\";", "::1", 0 },
	};
	struct host_config host;
	char *out, ip[ADDR_STR];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(read_host(good[i].text, &host, &out), 0);
		assert_true(host.has_metrics);
		assert_string_equal(addr_ip_str(&host.metrics, ip), good[i].ip);
		assert_int_equal(host.metrics.port, good[i].port);
		free(out);
		host_config_clear(&host);
	}
	check_findings("metrics = \"localhost:9717\";", "metrics must be a port, or an address and a port");
	check_findings("metrics = \"::1:9717\";", "metrics must be");
	check_findings("metrics = \"127.0.0.1\";", "metrics must be");
	check_findings("metrics = \"127.0.0.1:\";", "metrics must be");
	check_findings("metrics = \"127.0.0.1:70000\";", "metrics must be");
	check_findings("metrics = 70000;", "metrics must be");
	check_findings("metrics = true;", "metrics must be");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metrics_take_a_port_or_an_address),
		cmocka_unit_test(empty_file_gives_the_defaults),
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(control_socket_may_be_named),
		cmocka_unit_test(all_errors_come_together_with_their_lines),
		cmocka_unit_test(wrong_values_are_errors),
		cmocka_unit_test(missing_file_is_said),
		cmocka_unit_test(sample_is_read_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
