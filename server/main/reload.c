/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/reload.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/config/config.h"
#include "server/main/daemon.h"
#include "server/main/limits.h"
#include "server/main/tls_notice.h"

int
reload_file(const char *path, FILE *out)
{
	struct mem *mem = mem_new(NULL);
	struct config *next = config_new();
	struct config_report report;
	int r;

	config_report_init(&report, mem);
	r = config_read_file(next, path, &report);
	config_report_print(&report, path, out);
	if (r != 0) {
		fprintf(out, "ERROR: %s: %d error%s; the configuration stays as it was\n", path, report.errors,
		    report.errors == 1 ? "" : "s");
		config_free(next);
	} else if (!limits_hold(next->session_limit, out)) {
		fprintf(out, "ERROR: %s: the configuration stays as it was\n", path);
		config_free(next);
		r = ERR_CONFIG;
	} else {
		daemon_config_swap(next, out);
		tls_notices(next, out);
	}
	mem_free(mem);
	return r;
}

void
reload_startup(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int r;

	if (f == NULL)
		abort();
	r = reload_file(daemon_.startup_path, f);
	fclose(f);
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		log_line(r != 0 ? LOG_LVL_ERR : LOG_LVL_WARN, "%s", line);
	if (r == 0)
		log_info("%s is in force", daemon_.startup_path);
	free(text);
}
