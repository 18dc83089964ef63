/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show ip, nameif, interface ip brief (asa-reference 2.5). */
#include <arpa/inet.h>
#include <string.h>

#include "server/main/daemon.h"
#include "server/show/json.h"
#include "server/show/show.h"

static const char *
ip_text(struct in_addr a, char out[INET_ADDRSTRLEN])
{
	return inet_ntop(AF_INET, &a, out, INET_ADDRSTRLEN);
}

/* Inside is the safe side unless told otherwise. */
static int
security_level(const struct cfg_interface *i)
{
	if (i->security_level != SETTING_UNSET)
		return i->security_level;
	return i->nameif != NULL && strcmp(i->nameif, "inside") == 0 ? 100 : 0;
}

static const char *
method(const struct cfg_interface *i)
{
	return i->dhcp ? "DHCP" : i->has_addr ? "CONFIG" : "unset";
}

static void
ip_table(FILE *f)
{
	fprintf(f, "%-25s%-23s%-16s%-16s%-6s \n", "Interface", "Name", "IP address", "Subnet mask", "Method");
	for (const struct cfg_interface *i = daemon_.config->interfaces; i != NULL; i = i->next) {
		char addr[INET_ADDRSTRLEN] = "unassigned", mask[INET_ADDRSTRLEN] = "unassigned";

		if (i->nameif == NULL)
			continue;
		if (i->has_addr) {
			ip_text(i->addr, addr);
			ip_text(i->mask, mask);
		}
		fprintf(f, "%-25s%-23s%-16s%-16s%-6s\n", i->hw_name, i->nameif, addr, mask, method(i));
	}
}

static void
interfaces_json(FILE *f)
{
	struct json j = { .f = f };

	json_list(&j, "interfaces");
	for (const struct cfg_interface *i = daemon_.config->interfaces; i != NULL; i = i->next) {
		char addr[INET_ADDRSTRLEN], mask[INET_ADDRSTRLEN];

		json_object(&j, NULL);
		json_str(&j, "interface", i->hw_name);
		json_str(&j, "name", i->nameif);
		json_int(&j, "security_level", security_level(i));
		json_str(&j, "ip_address", i->has_addr ? ip_text(i->addr, addr) : NULL);
		json_str(&j, "subnet_mask", i->has_addr ? ip_text(i->mask, mask) : NULL);
		json_str(&j, "method", method(i));
		json_bool(&j, "up", !i->shutdown);
		json_end_object(&j);
	}
	json_end_list(&j);
}

void
show_ip(FILE *f, bool json)
{
	if (json) {
		interfaces_json(f);
		return;
	}
	fputs("System IP Addresses:\n", f);
	ip_table(f);
	fputs("Current IP Addresses:\n", f);
	ip_table(f);
}

void
show_nameif(FILE *f, bool json)
{
	if (json) {
		interfaces_json(f);
		return;
	}
	fprintf(f, "%-25s%-25s%s\n", "Interface", "Name", "Security");
	for (const struct cfg_interface *i = daemon_.config->interfaces; i != NULL; i = i->next) {
		if (i->nameif != NULL)
			fprintf(f, "%-25s%-25s%3d\n", i->hw_name, i->nameif, security_level(i));
	}
}

void
show_interface_brief(FILE *f, bool json)
{
	if (json) {
		interfaces_json(f);
		return;
	}
	fprintf(f, "%-27s%-16s%-4s%-7s%-22s%s\n", "Interface", "IP-Address", "OK?", "Method", "Status", "Protocol");
	for (const struct cfg_interface *i = daemon_.config->interfaces; i != NULL; i = i->next) {
		char addr[INET_ADDRSTRLEN] = "unassigned";

		if (i->has_addr)
			ip_text(i->addr, addr);
		fprintf(f, "%-27s%-16s%-4s%-7s%-22s%s\n", i->hw_name, addr, "YES", i->dhcp ? "DHCP" : i->has_addr ? "CONFIG" : "unset",
		    i->shutdown ? "administratively down" : "up", i->shutdown ? "down" : "up");
	}
}
