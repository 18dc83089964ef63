/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show logging (asa-reference 2.5). */
#include <inttypes.h>

#include "server/main/asalog.h"
#include "server/main/daemon.h"
#include "server/main/log_buffer.h"
#include "server/main/log_host.h"
#include "server/show/show.h"

static const char *const levels[] = { "emergencies", "alerts", "critical", "errors", "warnings", "notifications",
	"informational", "debugging" };

static const char *
on_off(bool on)
{
	return on ? "enabled" : "disabled";
}

/* "level debugging", "list NAME", "disabled" */
static const char *
filter_text(const struct cfg_log_filter *f, char *out, size_t size)
{
	if (f->list != NULL)
		snprintf(out, size, "list %s", f->list);
	else if (f->level >= 0 && f->level <= 7)
		snprintf(out, size, "level %s", levels[f->level]);
	else
		snprintf(out, size, "disabled");
	return out;
}

static void
hosts_text(FILE *f)
{
	struct log_host_info h;

	for (unsigned i = 0; log_host_info(i, &h); i++)
		fprintf(f, "        Logging to %s %s, %s TX:%" PRIu64 " errors: %" PRIu64 "  dropped: %" PRIu64 "\n", h.nameif,
		    h.address, h.tcp ? "TCP" : "UDP", h.sent, h.errors, h.dropped);
}

static void
device_id_text(const struct cfg_logging *l, char *out, size_t size)
{
	if (l->device_id == DEVICE_ID_HOSTNAME)
		snprintf(out, size, "hostname \"%s\"", daemon_.config->hostname != NULL ? daemon_.config->hostname : "ciscoasa");
	else if (l->device_id == DEVICE_ID_STRING)
		snprintf(out, size, "string \"%s\"", l->device_id_text);
	else if (l->device_id == DEVICE_ID_ADDRESS)
		snprintf(out, size, "\"%s\" interface IP address", l->device_id_text);
	else
		snprintf(out, size, l->device_id == DEVICE_ID_CONTEXT ? "context-name" : "disabled");
}

void
show_logging(FILE *f)
{
	const struct cfg_logging *l = &daemon_.config->logging;
	struct asalog_counts counts = asalog_counts();
	int facility = l->facility == SETTING_UNSET ? 20 : l->facility;
	char text[300];

	fprintf(f, "Syslog logging: %s\n", on_off(l->enable == 1));
	fprintf(f, "    Facility: %d\n", facility);
	fprintf(f, "    Timestamp logging: %s\n", on_off(l->timestamp));
	fprintf(f, "    Hide Username logging: %s\n", on_off(!l->no_hide_username));
	fprintf(f, "    Standby logging: disabled\n");
	fprintf(f, "    Debug-trace logging: %s\n", on_off(l->debug_trace));
	fprintf(f, "    Console logging: %s\n", filter_text(&l->to[LOG_CONSOLE], text, sizeof(text)));
	fprintf(f, "    Monitor logging: %s\n", filter_text(&l->to[LOG_MONITOR], text, sizeof(text)));
	fprintf(f, "    Buffer logging: %s", filter_text(&l->to[LOG_BUFFERED], text, sizeof(text)));
	if (l->to[LOG_BUFFERED].level >= 0 || l->to[LOG_BUFFERED].list != NULL)
		fprintf(f, ", %" PRIu64 " messages logged", counts.buffered);
	fprintf(f, "\n    Trap logging: %s", filter_text(&l->to[LOG_TRAP], text, sizeof(text)));
	if (l->to[LOG_TRAP].level >= 0 || l->to[LOG_TRAP].list != NULL)
		fprintf(f, ", facility %d, %" PRIu64 " messages logged", facility, counts.trap);
	fputc('\n', f);
	hosts_text(f);
	fprintf(f, "    Permit-hostdown logging: %s\n", on_off(l->permit_hostdown));
	fprintf(f, "    History logging: %s\n", filter_text(&l->to[LOG_HISTORY], text, sizeof(text)));
	device_id_text(l, text, sizeof(text));
	fprintf(f, "    Device ID: %s\n", text);
	fprintf(f, "    Mail logging: %s\n", filter_text(&l->to[LOG_MAIL], text, sizeof(text)));
	fprintf(f, "    ASDM logging: %s\n", filter_text(&l->to[LOG_ASDM], text, sizeof(text)));
	log_buffer_print(f);
}
