/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host file, read with libconfig. Only config_read_string() and the
 * lookups are used: libconfig's config_read() and config_read_file() share
 * their names with ours in server/config/config.h, which must not be included here.
 */
#include "server/config/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "common/err.h"
#include "common/mem.h"
#include "common/steer.h"
#include "server/config/report.h"

#define HOST_FILE_MAX (1u << 20)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct host_reader {
	struct host_config *host;
	struct config_report *report;
	const char *text;
};

struct host_setting;

struct host_type {
	const char *expected;
	/* Store the value; false: it does not fit. */
	bool (*parse)(struct host_reader *, const struct host_setting *, config_setting_t *, void *object);
};

struct host_setting {
	const char *key;
	const struct host_type *type;
	size_t offset;
	size_t has;        /* offset of its bool, or NO_FLAG */
	const char *dflt;  /* of strings */
};

#define NO_FLAG ((size_t)-1)

/* The text of a line, for the report; free() it. */
static char *
host_line(const struct host_reader *rd, int line)
{
	const char *p = rd->text;

	for (int i = 1; i < line && p != NULL; i++) {
		p = strchr(p, '\n');
		p = p != NULL ? p + 1 : NULL;
	}
	return p != NULL ? strndup(p, strcspn(p, "\r\n")) : NULL;
}

static void __attribute__((format(printf, 3, 4)))
host_error(struct host_reader *rd, int line, const char *fmt, ...)
{
	va_list ap;
	char *text, *source = host_line(rd, line);

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0) {
		report_add_source(rd->report, false, line, 1, source, NULL, "%s", text);
		free(text);
	}
	va_end(ap);
	free(source);
}

static bool
string_parse(struct host_reader *rd, const struct host_setting *set, config_setting_t *s, void *object)
{
	const char *text = config_setting_get_string(s);

	if (text == NULL || *text == '\0')
		return false;
	*(char **)((char *)object + set->offset) = mem_strdup(rd->host->mem, text);
	return true;
}

static bool
path_parse(struct host_reader *rd, const struct host_setting *set, config_setting_t *s, void *object)
{
	const char *text = config_setting_get_string(s);

	return text != NULL && text[0] == '/' && string_parse(rd, set, s, object);
}

static bool
socket_parse(struct host_reader *rd, const struct host_setting *set, config_setting_t *s, void *object)
{
	const char *text = config_setting_get_string(s);

	return text != NULL && strlen(text) < sizeof(((struct sockaddr_un *)0)->sun_path) && path_parse(rd, set, s, object);
}

static bool
device_parse(struct host_reader *rd, const struct host_setting *set, config_setting_t *s, void *object)
{
	const char *text = config_setting_get_string(s);

	return text != NULL && strlen(text) < 16 && strpbrk(text, "/ \t%") == NULL && string_parse(rd, set, s, object);
}

static bool
bool_parse(struct host_reader *rd, const struct host_setting *set, config_setting_t *s, void *object)
{
	(void)rd;
	if (config_setting_type(s) != CONFIG_TYPE_BOOL)
		return false;
	*(bool *)((char *)object + set->offset) = config_setting_get_bool(s) != 0;
	return true;
}

static bool
port_parse(struct host_reader *rd, const struct host_setting *set, config_setting_t *s, void *object)
{
	long long port = config_setting_type(s) == CONFIG_TYPE_INT ? config_setting_get_int(s) : -1;

	(void)rd;
	if (port < 0 || port > 65535)
		return false;
	*(uint16_t *)((char *)object + set->offset) = (uint16_t)port;
	return true;
}

static bool
forwarders_parse(struct host_reader *rd, const struct host_setting *set, config_setting_t *s, void *object)
{
	int n = config_setting_type(s) == CONFIG_TYPE_INT ? config_setting_get_int(s) : 0;

	(void)rd;
	if (n < 1 || n > FORWARDERS_MAX)
		return false;
	*(unsigned *)((char *)object + set->offset) = (unsigned)n;
	return true;
}

static bool
address_parse(struct host_reader *rd, const struct host_setting *set, config_setting_t *s, void *object)
{
	const char *text = config_setting_get_string(s);

	(void)rd;
	return text != NULL && inet_pton(AF_INET, text, (char *)object + set->offset) == 1;
}

/* PORT, "PORT", "ADDRESS:PORT" or "[ADDRESS]:PORT"; without an address it is this host alone that may ask. */
static bool
metrics_parse(struct host_reader *rd, const struct host_setting *set, config_setting_t *s, void *object)
{
	const char *text = config_setting_get_string(s), *colon, *digits;
	struct addr *out = (struct addr *)((char *)object + set->offset);
	char ip[ADDR_STR] = "127.0.0.1";
	uint16_t port;
	size_t len;

	if (text == NULL)
		return port_parse(rd, &(struct host_setting){ .offset = 0 }, s, &port) && addr_parse(ip, port, out);
	colon = strrchr(text, ':');
	digits = colon != NULL ? colon + 1 : text;
	if (colon != NULL) {
		len = (size_t)(colon - text);
		if (len >= 2 && text[0] == '[' && text[len - 1] == ']')
			text++, len -= 2;
		else if (memchr(text, ':', len) != NULL)
			return false; /* ambiguous */
		if (len >= sizeof(ip))
			return false;
		memcpy(ip, text, len);
		ip[len] = '\0';
	}
	if (*digits == '\0' || strlen(digits) > 5 || strspn(digits, "0123456789") != strlen(digits) || atoi(digits) > 65535)
		return false;
	return addr_parse(ip, (uint16_t)atoi(digits), out);
}

static bool
data_path_parse(struct host_reader *rd, const struct host_setting *set, config_setting_t *s, void *object)
{
	const char *text = config_setting_get_string(s);
	enum data_path *out = (enum data_path *)((char *)object + set->offset);

	(void)rd;
	if (text == NULL || (strcmp(text, "tun") != 0 && strcmp(text, "echo") != 0))
		return false;
	*out = strcmp(text, "echo") == 0 ? DATA_PATH_ECHO : DATA_PATH_TUN;
	return true;
}

static bool interfaces_parse(struct host_reader *, const struct host_setting *, config_setting_t *, void *);

static const struct host_type t_string = { "a string in quotes", string_parse };
static const struct host_type t_path = { "an absolute path in quotes", path_parse };
static const struct host_type t_socket = { "an absolute path in quotes, below 108 characters", socket_parse };
static const struct host_type t_device = { "the name of a network device in quotes, below 16 characters", device_parse };
static const struct host_type t_bool = { "true or false", bool_parse };
static const struct host_type t_port = { "a port, 0 to 65535 (0: any free one)", port_parse };
static const struct host_type t_forwarders = { "a number of processes, 1 to 8", forwarders_parse };
static const struct host_type t_address = { "an IPv4 address in quotes", address_parse };
static const struct host_type t_metrics = { "a port, or an address and a port in quotes (\"127.0.0.1:9717\", \"[::1]:9717\")", metrics_parse };
static const struct host_type t_data_path = { "\"tun\" or \"echo\"", data_path_parse };
static const struct host_type t_interfaces = { "a group: { outside = { device = \"eth0\"; }; }", interfaces_parse };

#define OFF(field) offsetof(struct host_config, field)
#define IF_OFF(field) offsetof(struct host_interface, field)

static const struct host_setting settings[] = {
	{ "auth_user", &t_string, OFF(auth_user), OFF(auth_user_set), "offhook-auth" },
	{ "forwarder_user", &t_string, OFF(forwarder_user), OFF(forwarder_user_set), "offhook-fwd" },
	{ "worker_user", &t_string, OFF(worker_user), OFF(worker_user_set), "offhook-worker" },
	{ "metrics_user", &t_string, OFF(metrics_user), OFF(metrics_user_set), "offhook-metrics" },
	{ "metrics", &t_metrics, OFF(metrics), OFF(has_metrics), NULL },
	{ "sandbox", &t_bool, OFF(sandbox), NO_FLAG, NULL },
	{ "lab", &t_bool, OFF(lab), NO_FLAG, NULL },
	{ "fast_path", &t_bool, OFF(fast_path), NO_FLAG, NULL },
	{ "offload_udp_send", &t_bool, OFF(offload_udp_send), NO_FLAG, NULL },
	{ "offload_udp_receive", &t_bool, OFF(offload_udp_receive), NO_FLAG, NULL },
	{ "offload_tun", &t_bool, OFF(offload_tun), NO_FLAG, NULL },
	{ "forwarders", &t_forwarders, OFF(forwarders), NO_FLAG, NULL },
	{ "steering", &t_bool, OFF(steering), NO_FLAG, NULL },
	{ "state_dir", &t_path, OFF(state_dir), NO_FLAG, "/var/lib/offhook" },
	{ "run_dir", &t_path, OFF(run_dir), NO_FLAG, "/run/offhook" },
	{ "control_socket", &t_socket, OFF(control_socket), NO_FLAG, NULL },
	{ "control_group", &t_string, OFF(control_group), NO_FLAG, NULL },
	{ "show_socket", &t_socket, OFF(show_socket), NO_FLAG, NULL },
	{ "show_group", &t_string, OFF(show_group), NO_FLAG, NULL },
	{ "data_path", &t_data_path, OFF(data_path), NO_FLAG, NULL },
	{ "tun_device", &t_device, OFF(tun_device), NO_FLAG, "offhook0" },
	{ "interfaces", &t_interfaces, OFF(interfaces), NO_FLAG, NULL },
};

static const struct host_setting interface_settings[] = {
	{ "device", &t_device, IF_OFF(device), NO_FLAG, NULL },
	{ "address", &t_address, IF_OFF(address), IF_OFF(has_address), NULL },
	{ "tcp_port", &t_port, IF_OFF(tcp_port), IF_OFF(has_tcp_port), NULL },
	{ "udp_port", &t_port, IF_OFF(udp_port), IF_OFF(has_udp_port), NULL },
};

static const struct host_setting *
setting_find(const struct host_setting *rows, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].key, key) == 0)
			return &rows[i];
	}
	return NULL;
}

/* Every key of a group by the rows; where names the group in errors. */
static void
group_read(struct host_reader *rd, config_setting_t *group, const struct host_setting *rows, size_t count,
    const char *where, void *object)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
		const char *key = config_setting_name(s);
		const struct host_setting *row = setting_find(rows, count, key);
		int line = (int)config_setting_source_line(s);

		if (row == NULL) {
			host_error(rd, line, "unknown key \"%s\"%s", key, where);
		} else if (!row->type->parse(rd, row, s, object)) {
			host_error(rd, line, "%s must be %s", key, row->type->expected);
		} else if (row->has != NO_FLAG) {
			*(bool *)((char *)object + row->has) = true;
		}
	}
}

static bool
interfaces_parse(struct host_reader *rd, const struct host_setting *set, config_setting_t *s, void *object)
{
	struct host_interface **tail = (struct host_interface **)((char *)object + set->offset);

	if (config_setting_type(s) != CONFIG_TYPE_GROUP)
		return false;
	for (int i = 0; i < config_setting_length(s); i++) {
		config_setting_t *entry = config_setting_get_elem(s, (unsigned)i);
		struct host_interface *hi;

		if (config_setting_type(entry) != CONFIG_TYPE_GROUP) {
			host_error(rd, (int)config_setting_source_line(entry), "%s must be a group: { device = \"eth0\"; }",
			    config_setting_name(entry));
			continue;
		}
		hi = mem_alloc(rd->host->mem, sizeof(*hi));
		hi->nameif = mem_strdup(rd->host->mem, config_setting_name(entry));
		group_read(rd, entry, interface_settings, COUNT(interface_settings), " of an interface", hi);
		*tail = hi;
		tail = &hi->next;
	}
	return true;
}

/* Sockets that the file does not name are in run_dir. */
static void
sockets_default(struct host_config *host)
{
	if (host->control_socket == NULL)
		host->control_socket = mem_printf(host->mem, "%s/control.sock", host->run_dir);
	if (host->show_socket == NULL)
		host->show_socket = mem_printf(host->mem, "%s/show.sock", host->run_dir);
}

void
host_config_defaults(struct host_config *host)
{
	memset(host, 0, sizeof(*host));
	host->mem = mem_new(NULL);
	host->sandbox = host->steering = true;
	host->forwarders = 1;
	host->fast_path = host->offload_udp_send = host->offload_udp_receive = host->offload_tun = true;
	for (size_t i = 0; i < COUNT(settings); i++) {
		if (settings[i].dflt != NULL)
			*(char **)((char *)host + settings[i].offset) = mem_strdup(host->mem, settings[i].dflt);
	}
	sockets_default(host);
}

void
host_config_clear(struct host_config *host)
{
	mem_free(host->mem);
	memset(host, 0, sizeof(*host));
}

/* The file's text; NULL when it cannot be read (reported). free() it. */
static char *
host_text(const char *path, struct config_report *report)
{
	FILE *in = fopen(path, "re");
	char *text = in != NULL ? xmalloc(HOST_FILE_MAX + 1) : NULL;
	size_t len = in != NULL ? fread(text, 1, HOST_FILE_MAX + 1, in) : 0;
	const char *why = NULL;

	if (in == NULL || ferror(in))
		why = strerror(errno);
	else if (len > HOST_FILE_MAX)
		why = "larger than 1 MB";
	else if (memchr(text, '\0', len) != NULL)
		why = "it holds a NUL byte: this is not a text file";
	if (in != NULL)
		fclose(in);
	if (why == NULL) {
		text[len] = '\0';
		return text;
	}
	report_add_source(report, false, 0, 0, NULL, NULL, "cannot be read: %s", why);
	free(text);
	return NULL;
}

static void
host_read(struct host_reader *rd)
{
	config_t lib;

	config_init(&lib);
	if (config_read_string(&lib, rd->text) != CONFIG_TRUE)
		host_error(rd, config_error_line(&lib), "%s", config_error_text(&lib));
	else
		group_read(rd, config_root_setting(&lib), settings, COUNT(settings), "", rd->host);
	config_destroy(&lib);
}

int
host_config_read_file(const char *path, struct host_config *host, struct config_report *report)
{
	struct host_reader rd = { host, report, NULL };
	int errors = report->errors;
	char *text;

	host_config_defaults(host);
	if ((text = host_text(path, report)) == NULL)
		return ERR_CONFIG;
	host->control_socket = host->show_socket = NULL;
	rd.text = text;
	host_read(&rd);
	free(text);
	sockets_default(host);
	return report->errors == errors ? 0 : ERR_CONFIG;
}

const struct host_interface *
host_interface(const struct host_config *host, const char *nameif)
{
	for (const struct host_interface *hi = host->interfaces; hi != NULL; hi = hi->next) {
		if (strcmp(hi->nameif, nameif) == 0)
			return hi;
	}
	return NULL;
}
