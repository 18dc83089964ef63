/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show version, clock, memory, processes, conn count (asa-reference 2.5). */
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "server/main/child.h"
#include "server/main/conn.h"
#include "server/main/daemon.h"
#include "server/main/device.h"
#include "server/show/format.h"
#include "server/show/json.h"
#include "server/show/show.h"

#define ASA_VERSION "9.12(2)9" /* whose language and outputs these are */

static const char *
hostname(void)
{
	return daemon_.config->hostname != NULL ? daemon_.config->hostname : "ciscoasa";
}

void
show_hostname(FILE *f)
{
	fprintf(f, "%s\n", hostname());
}

void
show_clock(FILE *f, bool json)
{
	struct json j = { .f = f };
	struct timespec now;
	char head[16], tail[40];
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	if (json) {
		format_rfc3339(now.tv_sec, tail, sizeof(tail));
		json_object(&j, NULL);
		json_str(&j, "time", tail);
		json_end_object(&j);
		fputc('\n', f);
		return;
	}
	strftime(head, sizeof(head), "%H:%M:%S", &tm);
	strftime(tail, sizeof(tail), "UTC %a %b", &tm);
	fprintf(f, "%s.%03ld %s %d %d\n", head, now.tv_nsec / 1000000, tail, tm.tm_mday, tm.tm_year + 1900);
}

/* ---- version ---- */

static const char *
plural(long n)
{
	return n == 1 ? "" : "s";
}

/* The two largest units, as an ASA says it. */
static void
uptime_text(long s, char *out, size_t size)
{
	long days = s / 86400, hours = s / 3600 % 24, minutes = s / 60 % 60;

	if (days > 0)
		snprintf(out, size, "%ld day%s %ld hour%s", days, plural(days), hours, plural(hours));
	else if (hours > 0)
		snprintf(out, size, "%ld hour%s %ld min%s", hours, plural(hours), minutes, plural(minutes));
	else
		snprintf(out, size, "%ld min%s %ld sec%s", minutes, plural(minutes), s % 60, plural(s % 60));
}

static void
licence_row(FILE *f, const char *name, const char *value)
{
	fprintf(f, "%-34s: %-15s\n", name, value);
}

/* The guide's list: what a phone needs is there; numbers are this gateway's limit. */
static void
licences(FILE *f)
{
	char peers[12];

	snprintf(peers, sizeof(peers), "%u", show_capacity());
	fprintf(f, "Licensed features for this platform:\n");
	licence_row(f, "Maximum VLANs", "50");
	licence_row(f, "Inside Hosts", "Unlimited");
	licence_row(f, "Failover", "Active/Standby");
	licence_row(f, "Encryption-DES", "Enabled");
	licence_row(f, "Encryption-3DES-AES", "Enabled");
	licence_row(f, "Security Contexts", "0");
	licence_row(f, "Carrier", "Enabled");
	licence_row(f, "AnyConnect Premium Peers", peers);
	licence_row(f, "AnyConnect Essentials", "Disabled");
	licence_row(f, "Other VPN Peers", peers);
	licence_row(f, "Total VPN Peers", peers);
	licence_row(f, "AnyConnect for Mobile", "Enabled");
	licence_row(f, "AnyConnect for Cisco VPN Phone", "Enabled");
	licence_row(f, "Advanced Endpoint Assessment", "Enabled");
	licence_row(f, "Shared License", "Disabled");
	licence_row(f, "Total TLS Proxy Sessions", "500");
	licence_row(f, "Botnet Traffic Filter", "Enabled");
	licence_row(f, "Cluster", "Disabled");
}

static void
version_json(FILE *f, long up_s)
{
	struct json j = { .f = f };
	char t[40];

	format_rfc3339(time(NULL) - up_s, t, sizeof(t));
	json_object(&j, NULL);
	json_str(&j, "product", "offhook");
	json_str(&j, "version", OFFHOOK_VERSION);
	json_str(&j, "asa_version", ASA_VERSION);
	json_str(&j, "hostname", hostname());
	json_int(&j, "uptime_s", up_s);
	json_str(&j, "started", t);
	json_int(&j, "session_limit", show_capacity());
	json_bool(&j, "lab", daemon_.host.lab);
	json_str(&j, "serial_number", device_serial());
	json_str(&j, "startup_config", daemon_.startup_path);
	json_end_object(&j);
	fputc('\n', f);
}

void
show_version(FILE *f, bool json)
{
	long up_s = (long)(ev_now(daemon_.loop) - daemon_.started);
	struct utsname un = { .sysname = "Linux" };
	struct sysinfo si = { .mem_unit = 1 };
	char up[64];

	if (json) {
		version_json(f, up_s);
		return;
	}
	uname(&un);
	sysinfo(&si);
	uptime_text(up_s, up, sizeof(up));
	fprintf(f, "Cisco Adaptive Security Appliance Software Version %s, as done by offhook %s\n\n", ASA_VERSION, OFFHOOK_VERSION);
	if (daemon_.host.lab)
		fprintf(f, "This is a lab (lab = true): commands may spoil what clients get.\n\n");
	fprintf(f, "System image file is \"offhookd\"\nConfig file at boot was \"%s\"\n\n", daemon_.startup_path);
	fprintf(f, "%s up %s\n\n", hostname(), up);
	fprintf(f, "Hardware:   %s %s, %lu MB RAM, %ld CPU%s\n\n", un.sysname, un.machine,
	    (unsigned long)((unsigned long long)si.totalram * si.mem_unit / 1000000), sysconf(_SC_NPROCESSORS_ONLN),
	    plural(sysconf(_SC_NPROCESSORS_ONLN)));
	licences(f);
	fprintf(f, "\nSerial Number: %s\n\nImage type          : Release\nKey version         : A\n\n", device_serial());
	if (daemon_.changed_at == 0)
		fprintf(f, "Configuration has not been modified since last system restart.\n");
	else
		format_time(daemon_.changed_at, up, sizeof(up)), fprintf(f, "Configuration last modified by %s at %s\n", daemon_.changed_by, up);
}

/* ---- memory and processes ---- */

/* A number of /proc/PID/smaps_rollup or /proc/meminfo, in KiB; 0: not to be had. */
static unsigned long long
kib_of(const char *path, const char *name)
{
	FILE *in = fopen(path, "re");
	unsigned long long kib = 0;
	char line[160];
	size_t len = strlen(name);

	while (in != NULL && fgets(line, sizeof(line), in) != NULL) {
		if (strncmp(line, name, len) == 0 && line[len] == ':' && sscanf(line + len + 1, "%llu", &kib) == 1)
			break;
	}
	if (in != NULL)
		fclose(in);
	return kib;
}

static unsigned
percent(unsigned long long part, unsigned long long whole)
{
	return whole > 0 ? (unsigned)((part * 100 + whole / 2) / whole) : 0;
}

void
show_memory(FILE *f, bool json)
{
	unsigned long long total = kib_of("/proc/meminfo", "MemTotal") * 1024;
	unsigned long long available = kib_of("/proc/meminfo", "MemAvailable") * 1024;
	struct json j = { .f = f };

	if (json) {
		json_object(&j, NULL);
		json_int(&j, "free_bytes", (int64_t)available);
		json_int(&j, "used_bytes", (int64_t)(total - available));
		json_int(&j, "total_bytes", (int64_t)total);
		json_end_object(&j);
		fputc('\n', f);
		return;
	}
	fprintf(f, "Free memory:  %16llu bytes (%2u%%)\n", available, percent(available, total));
	fprintf(f, "Used memory:  %16llu bytes (%2u%%)\n", total - available, percent(total - available, total));
	fprintf(f, "-------------     ----------------\n");
	fprintf(f, "Total memory: %16llu bytes (100%%)\n", total);
}

struct process_out {
	FILE *f;
	struct json *j; /* NULL: text */
};

/* User and system time, ms. */
static unsigned long long
cpu_ms(pid_t pid)
{
	unsigned long user = 0, sys = 0;
	char path[64], line[512];
	const char *rest;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((in = fopen(path, "re")) == NULL)
		return 0;
	if (fgets(line, sizeof(line), in) != NULL && (rest = strrchr(line, ')')) != NULL)
		(void)sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &sys);
	fclose(in);
	return (user + sys) * 1000ULL / (unsigned long)sysconf(_SC_CLK_TCK);
}

static void
process_row(const char *name, pid_t pid, void *ctx)
{
	const struct process_out *o = ctx;
	unsigned long long kib;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	kib = kib_of(path, "Pss");
	if (o->j == NULL) {
		fprintf(o->f, "%-20s%8d%12llu%12llu\n", name, (int)pid, cpu_ms(pid), kib);
		return;
	}
	json_object(o->j, NULL);
	json_str(o->j, "process", name);
	json_int(o->j, "pid", pid);
	json_int(o->j, "cpu_ms", (int64_t)cpu_ms(pid));
	json_int(o->j, "pss_bytes", (int64_t)kib * 1024);
	json_end_object(o->j);
}

void
show_processes(FILE *f, bool json)
{
	struct json j = { .f = f };
	struct process_out o = { f, json ? &j : NULL };

	if (json) {
		json_object(&j, NULL);
		json_array(&j, "processes");
	} else {
		fprintf(f, "%-20s%8s%12s%12s\n", "Process", "PID", "Runtime ms", "PSS KiB");
	}
	process_row("offhookd", getpid(), &o);
	children_each(process_row, &o);
	if (json) {
		json_end_array(&j);
		json_int(&j, "workers", conn_count());
		json_end_object(&j);
		fputc('\n', f);
	} else {
		fprintf(f, "%u workers, one for each connection\n", conn_count());
	}
}

void
show_conn_count(FILE *f, bool json)
{
	struct json j = { .f = f };

	if (!json) {
		fprintf(f, "%u in use, %u most used\n", conn_count(), conn_most());
		return;
	}
	json_object(&j, NULL);
	json_int(&j, "in_use", conn_count());
	json_int(&j, "most_used", conn_most());
	json_end_object(&j);
	fputc('\n', f);
}
