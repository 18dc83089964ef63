/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show webvpn group-alias, group-url, anyconnect, statistics (asa-reference 2.5). */
#include <string.h>

#include "server/main/daemon.h"
#include "server/main/session.h"
#include "server/show/json.h"
#include "server/show/show.h"

static const char *
state(bool enabled)
{
	return enabled ? "enabled" : "disabled";
}

static bool
wanted(const struct cfg_tunnel_group *tg, const char *name)
{
	return name == NULL || strcmp(tg->name, name) == 0;
}

void
show_webvpn_aliases(const char *group, FILE *f, bool json)
{
	struct json j = { .f = f };

	if (json)
		json_list(&j, "group_aliases");
	for (const struct cfg_tunnel_group *tg = daemon_.config->tunnel_groups; tg != NULL; tg = tg->next) {
		for (const struct cfg_group_alias *a = tg->aliases; a != NULL && wanted(tg, group); a = a->next) {
			if (!json) {
				fprintf(f, "Tunnel Group: %s   Group Alias: %s %s\n", tg->name, a->name, state(a->enabled));
				continue;
			}
			json_object(&j, NULL);
			json_str(&j, "tunnel_group", tg->name);
			json_str(&j, "alias", a->name);
			json_bool(&j, "enabled", a->enabled);
			json_end_object(&j);
		}
	}
	if (json)
		json_end_list(&j);
}

void
show_webvpn_urls(const char *group, FILE *f, bool json)
{
	struct json j = { .f = f };

	if (json)
		json_list(&j, "group_urls");
	for (const struct cfg_tunnel_group *tg = daemon_.config->tunnel_groups; tg != NULL; tg = tg->next) {
		for (const struct cfg_group_url *u = tg->urls; u != NULL && wanted(tg, group); u = u->next) {
			if (!json) {
				fprintf(f, "%s\nTunnel Group: %s  Group URL: %s %s\n", u->url, tg->name, u->url, state(u->enabled));
				continue;
			}
			json_object(&j, NULL);
			json_str(&j, "tunnel_group", tg->name);
			json_str(&j, "url", u->url);
			json_bool(&j, "enabled", u->enabled);
			json_end_object(&j);
		}
	}
	if (json)
		json_end_list(&j);
}

/* Client packages are not handed out here; what the configuration names is listed. */
void
show_webvpn_anyconnect(FILE *f)
{
	unsigned n = 0;

	for (const struct cfg_kept *k = daemon_.config->webvpn.kept.first; k != NULL; k = k->next) {
		char file[256], number[16] = "1", regex[256] = "";
		int fields = sscanf(k->line, "anyconnect image %255s %15s regex %255[^\n]", file, number, regex);

		if (fields < 1)
			continue;
		n++;
		fprintf(f, "%s. %s %s%s%s\n", number, file, number, regex[0] != '\0' ? " regex=" : "", regex);
	}
	fprintf(f, "\n%u AnyConnect Client(s) installed\n", n);
}

void
show_webvpn_statistics(FILE *f, bool json)
{
	struct session_totals t;
	struct json j = { .f = f };

	session_totals(&t);
	if (!json) {
		fprintf(f, "Total number of AnyConnect sessions       : %llu\n", (unsigned long long)t.cumulative);
		fprintf(f, "Total number of SSL tunnels               : %llu\n", (unsigned long long)t.tls_cumulative);
		fprintf(f, "Total number of DTLS tunnels              : %llu\n", (unsigned long long)t.dtls_cumulative);
		fprintf(f, "AnyConnect sessions in use                : %u\n", t.active + t.waiting);
		fprintf(f, "Peak concurrent AnyConnect sessions       : %u\n", t.peak);
		return;
	}
	json_object(&j, NULL);
	json_int(&j, "sessions_total", (int64_t)t.cumulative);
	json_int(&j, "ssl_tunnels_total", (int64_t)t.tls_cumulative);
	json_int(&j, "dtls_tunnels_total", (int64_t)t.dtls_cumulative);
	json_int(&j, "sessions", t.active + t.waiting);
	json_int(&j, "sessions_peak", t.peak);
	json_end_object(&j);
	fputc('\n', f);
}
