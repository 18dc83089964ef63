/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passwords, names, clock, terminal of the device (asa-reference 1.3): kept, none has an effect here. */
#include <string.h>

#include "common/err.h"
#include "server/config/grammar.h"
#include "server/config/token.h"

/*
 * enable password, passwd: hashed at once. A line that holds a hash is shown
 * as it is, unlike the keys of servers.
 */
static int
device_password(struct config_change *ch)
{
	const char *password = cmd_str(ch->m, "password"), *kind = "pbkdf2", *hash = password;
	char command[32];
	struct cfg_kept *k;
	char *text;
	long long level = 15;

	if (ch->m->no)
		return kept_apply(ch);
	if (change_secret_masked(ch))
		return 0;
	if (cmd_word(ch->m, "encrypted"))
		kind = "encrypted";
	else if (!cmd_word(ch->m, "pbkdf2") && (hash = user_password_hash(ch->cfg, password)) == NULL)
		return change_error(ch, "password", "the password cannot be hashed");
	if (hash == password && !user_password_fits(*kind == 'p' ? PASSWORD_PBKDF2 : PASSWORD_ENCRYPTED, password))
		return change_error(ch, "password", "this is no hash as \"%s\" has it", kind);
	command_keyword(ch->m->row, command, sizeof(command));
	cmd_int(ch->m, "level", &level);
	if (level != 15)
		text = mem_printf(ch->cfg->mem, "%s %s level %lld %s", command, hash, level, kind);
	else
		text = mem_printf(ch->cfg->mem, "%s %s %s", command, hash, kind);
	kept_apply_to(ch, &ch->cfg->kept, text);
	if ((k = kept_find(ch->cfg, &ch->cfg->kept, ch->m->row, text)) != NULL)
		k->shown = NULL;
	return 0;
}

/* Forget the aliases of the "name" lines that begin with these words. */
void
names_forget(struct config *cfg, const char *words)
{
	size_t len = strlen(words);

	for (const struct cfg_kept *k = cfg->kept.first; k != NULL; k = k->next) {
		char alias[CMD_LINE_MAX + 1];
		struct token t = { 0 };
		int n = 0;

		if (strncmp(k->line, words, len) != 0 || (k->line[len] != ' ' && k->line[len] != '\0'))
			continue;
		while (n < 3 && token_next(k->line, t.end, &t)) /* name IP ALIAS */
			n++;
		snprintf(alias, sizeof(alias), "%.*s", (int)(t.to - t.from), k->line + t.from);
		index_remove(&cfg->tables->index, INDEX_ALIAS, alias);
	}
}

/* "name 10.0.0.1 server": lines may say "server" where they mean the address. */
static int
name_apply(struct config_change *ch)
{
	const char *ip = cmd_str(ch->m, "ip"), *alias = cmd_str(ch->m, "alias");
	struct index *ix = &ch->cfg->tables->index;
	char words[32];

	snprintf(words, sizeof(words), "name %s", ip);
	if (!ch->m->no)
		index_put(ix, INDEX_ALIAS, mem_strdup(ch->cfg->mem, alias), mem_strdup(ch->cfg->mem, ip));
	else if (alias != NULL)
		index_remove(ix, INDEX_ALIAS, alias);
	else
		names_forget(ch->cfg, words);
	return kept_apply(ch);
}

#define DAYS                                                                                                           \
	"{Sun | Mon | Tue | Wed | Thu | Fri | Sat | Sunday | Monday | Tuesday | Wednesday | Thursday | Friday | Saturday}"
#define MONTHS                                                                                                         \
	"{Jan | Feb | Mar | Apr | May | Jun | Jul | Aug | Sep | Oct | Nov | Dec | January | February | March | April | "  \
	"June | July | August | September | October | November | December}"
#define WHEN(n) "{<" n "week:1-4> | first | last} " DAYS " " MONTHS " <" n "time:time>"
#define DATE(n) "{" MONTHS " <" n "day:1-31> | <" n "mday:1-31> " MONTHS "} <" n "year:1993-2035> <" n "time:time>"
#define PASSWORD(command)                                                                                              \
	{ .syntax = command, .help = "Password, kept as a hash", .cls = CMD_KEPT, .flags = CMD_NO, .apply = device_password }

static const struct command global[] = {
	KEPT("terminal width <0-511>", "Characters of a line"),
	PASSWORD("enable password <password:secret> [level <0-15>] [encrypted | pbkdf2]"),
	PASSWORD("{passwd | password} <password:secret> [encrypted | pbkdf2]"),
	KEPT("names", "Use names for addresses"),
	{ .syntax = "name <ip> <alias:name> [description <line>]", .help = "Name an address", .flags = CMD_NO | CMD_MULTI,
	    .no_args = 1, .apply = name_apply, .print = kept_acting_print, .offset = offsetof(struct config, kept) },
	KEPT("ftp mode passive", "Passive FTP"),
	KEPT("clock timezone <zone:word> <hours:hours> [<0-59>]", "Time zone"),
	KEPT("clock summer-time <zone:word> recurring [" WHEN("s") " " WHEN("e") " [<offset:1-1440>]]",
	    "Summer time, each year"),
	KEPT("clock summer-time <zone:word> date " DATE("s") " " DATE("e") " [<offset:1-1440>]", "Summer time, once"),
	KEPT("pager [lines] <0-2147483647>", "Lines of a page"),
	KEPT("console timeout <0-60>", "Minutes until the console is logged off"),
	KEPT("prompt {hostname | context | domain | state | priority | slot | management-mode | cluster-unit}...",
	    "Parts of the prompt"),
};

struct command_table system_global = COMMAND_TABLE("system", global);
