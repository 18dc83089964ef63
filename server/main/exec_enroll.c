/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crypto ca enroll: a self-signed certificate, or a request to a CA (asa-reference 1.10). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/config/config.h"
#include "server/main/asalog.h"
#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/device.h"
#include "server/main/exec_crypto.h"
#include "server/main/identity.h"
#include "server/main/keypair.h"
#include "server/main/pem.h"

#define MODULUS_DEFAULT 2048
#define SUBJECT_SIZE    1025

/* What was answered so far, letters in c->said. */
enum { WITH_SERIAL = 'S', QUIET = 'Q', ASKS = 'A' };

static void
note_add(struct cli *c, char note)
{
	size_t len = strlen(c->said);

	if (len + 1 < sizeof(c->said)) {
		c->said[len] = note;
		c->said[len + 1] = '\0';
	}
}

static bool
noted(const struct cli *c, char note)
{
	return strchr(c->said, note) != NULL;
}

/* ---- names in the certificate ---- */

static bool
is_host_name(const char *s)
{
	if (*s == '\0' || strlen(s) > 253)
		return false;
	for (; *s != '\0'; s++) {
		if (!isalnum((unsigned char)*s) && strchr(".-", *s) == NULL)
			return false;
	}
	return true;
}

/* The CN of "CN=gw.example,O=..." as typed. */
static void
cn_get(const char *subject, char *out, size_t size)
{
	out[0] = '\0';
	for (const char *p = subject; p != NULL; p = strchr(p, ',') != NULL ? strchr(p, ',') + 1 : NULL) {
		p += strspn(p, " ");
		if (strncasecmp(p, "CN=", 3) == 0) {
			snprintf(out, size, "%.*s", (int)strcspn(p + 3, ","), p + 3);
			return;
		}
	}
}

struct names { /* SAN entries, each once */
	char *text;
	size_t len;
	FILE *f;
};

static void
line_add(struct names *n, const char *kind, const char *value)
{
	char line[300];

	snprintf(line, sizeof(line), "%s:%s\n", kind, value);
	fflush(n->f);
	for (const char *p = n->text; p != NULL && (p = strcasestr(p, line)) != NULL; p++) {
		if (p == n->text || p[-1] == '\n')
			return;
	}
	fputs(line, n->f);
}

static void
host_add(struct names *n, const char *host)
{
	struct addr ip;

	if (addr_parse(host, 0, &ip))
		line_add(n, "IP", host);
	else if (is_host_name(host))
		line_add(n, "DNS", host);
}

static void
ip_text(const struct cfg_trustpoint *tp, char out[ADDR_STR])
{
	struct addr a = addr_from_ip4(tp->ip_address, 0);

	out[0] = '\0';
	if (tp->has_ip_address)
		addr_ip_str(&a, out);
}

static bool
email_given(const struct cfg_trustpoint *tp)
{
	return tp->email != NULL && strcasecmp(tp->email, "none") != 0;
}

/*
 * What phones check the host of their URL against (protocol.md 4.1): the CN if
 * it is a host name, every group-url's host, the FQDN, ip-address; and the e-mail address.
 */
static char *
names_make(const struct cfg_trustpoint *tp, const char *subject)
{
	struct names n = { 0 };
	char text[256];

	n.f = open_memstream(&n.text, &n.len);
	if (n.f == NULL)
		abort();
	cn_get(subject, text, sizeof(text));
	host_add(&n, text);
	crypto_fqdn(tp, text, sizeof(text));
	host_add(&n, text);
	for (const struct cfg_tunnel_group *tg = daemon_.config->tunnel_groups; tg != NULL; tg = tg->next) {
		for (const struct cfg_group_url *u = tg->urls; u != NULL; u = u->next)
			host_add(&n, u->host);
	}
	ip_text(tp, text);
	host_add(&n, text);
	if (email_given(tp))
		line_add(&n, "EMAIL", tp->email);
	fclose(n.f);
	return n.text;
}

static void
subject_make(const struct cfg_trustpoint *tp, char out[SUBJECT_SIZE])
{
	const size_t size = SUBJECT_SIZE;
	char fqdn[256];

	crypto_fqdn(tp, fqdn, sizeof(fqdn));
	if (tp->subject_name != NULL)
		snprintf(out, size, "%s", tp->subject_name);
	else
		snprintf(out, size, "CN=%s", fqdn[0] != '\0' ? fqdn :
		    daemon_.config->hostname != NULL ? daemon_.config->hostname : "ciscoasa");
}

/* ---- the request that is pasted to the CA ---- */

static void redisplay_answer(struct cli *c, const char *line, FILE *out);

static void
request_print(struct cli *c, FILE *out)
{
	const struct main_csr *csr = main_csr_find(c->trustpoint);

	if (csr == NULL) {
		fprintf(out, "ERROR: the request of trustpoint %s is gone\n", c->trustpoint);
		return;
	}
	fprintf(out, "Certificate Request follows:\n\n");
	pem_put("CERTIFICATE REQUEST", csr->der, csr->len, out);
	fprintf(out, "\n---End - This line not part of the certificate request---\n\n");
	if (noted(c, ASKS))
		cli_ask(c, "Redisplay enrollment request? [yes/no]: ", redisplay_answer);
}

static void
redisplay_answer(struct cli *c, const char *line, FILE *out)
{
	if (cli_is_yes(line))
		request_print(c, out);
}

/* ---- certauth's answer ---- */

static void
self_report(struct cli *c, FILE *out)
{
	const struct main_identity *id = main_identity_find(c->trustpoint);

	if (!crypto_identity_keep(c->trustpoint))
		fprintf(out, "ERROR: trustpoint %s was removed meanwhile\n", c->trustpoint);
	else
		crypto_certificate_info(id->leaf, id->leaf_len, out);
}

static void
enroll_done(void *ctx, const struct ipc_auth_done *answer)
{
	struct cli *c = ctx;
	struct reply r;

	reply_open(&r);
	if (answer == NULL || answer->failed) {
		const char *why = answer == NULL ? CERTAUTH_DIED : answer->text;

		fprintf(r.f, "ERROR: enrollment failed for trustpoint %s: %s\n", c->trustpoint, why);
		asalog(717002, NULL, NULL, c->trustpoint, why, NULL, NULL);
	} else if (answer->result.len == 0) {
		self_report(c, r.f);
	} else if (!noted(c, QUIET)) {
		request_print(c, r.f);
	} else {
		fprintf(r.f, "INFO: the request waits for its certificate: \"crypto ca import %s certificate\"\n", c->trustpoint);
	}
	reply_send(&r, c);
}

/* ---- asking certauth ---- */

/* Bits of an RSA key that certauth may make when there is none: only for the default key pair. */
static bool
keypair_ready(const struct cfg_trustpoint *tp, uint32_t *bits, FILE *out)
{
	*bits = tp->keypair == NULL ? MODULUS_DEFAULT : 0;
	if (tp->keypair == NULL || main_keypair_find(tp->keypair) != NULL)
		return true;
	fprintf(out, "ERROR: key pair %s of trustpoint %s does not exist. Make it first: \"crypto key generate rsa label %s modulus 2048\"\n",
	    tp->keypair, tp->name, tp->keypair);
	return false;
}

static void
enroll_now(struct cli *c, FILE *out)
{
	const struct cfg_trustpoint *tp = config_trustpoint(daemon_.config, c->trustpoint);
	char fqdn[256], subject[SUBJECT_SIZE], ip[ADDR_STR];
	struct ipc_enroll m = { .trustpoint = c->trustpoint, .fqdn = fqdn, .subject = subject, .ip = ip };
	char *names;

	if (tp == NULL) {
		fprintf(out, "ERROR: trustpoint %s was removed meanwhile\n", c->trustpoint);
		return;
	}
	if (!keypair_ready(tp, &m.bits, out))
		return;
	crypto_fqdn(tp, fqdn, sizeof(fqdn));
	subject_make(tp, subject);
	ip_text(tp, ip);
	m.serial = tp->serial_number || noted(c, WITH_SERIAL) ? device_serial() : "";
	m.keypair = keypair_label(tp);
	m.csr = tp->enrollment != ENROLL_SELF;
	m.names = names = names_make(tp, subject);
	if (strlen(names) > ENROLL_NAMES_MAX) {
		fprintf(out, "ERROR: the group-urls name too many hosts for one certificate\n");
	} else {
		m.request = request_new_named(enroll_done, c, crypto_orphan, c->trustpoint);
		crypto_send(c, MSG_enroll, &m, m.request, out);
	}
	free(names);
}

/* ---- the dialogue ---- */

static void
generate_answer(struct cli *c, const char *line, FILE *out)
{
	if (cli_is_yes(line))
		enroll_now(c, out);
}

static void
display_answer(struct cli *c, const char *line, FILE *out)
{
	if (!cli_is_yes(line))
		note_add(c, QUIET);
	enroll_now(c, out);
}

static void
serial_answer(struct cli *c, const char *line, FILE *out)
{
	const struct cfg_trustpoint *tp = config_trustpoint(daemon_.config, c->trustpoint);
	char ip[ADDR_STR];

	if (cli_is_yes(line))
		note_add(c, WITH_SERIAL);
	if (tp == NULL) {
		fprintf(out, "ERROR: trustpoint %s was removed meanwhile\n", c->trustpoint);
		return;
	}
	ip_text(tp, ip);
	if (ip[0] != '\0')
		fprintf(out, "\n%% The IP address in the certificate is %s\n", ip);
	fputc('\n', out);
	if (tp->enrollment == ENROLL_SELF)
		cli_ask(c, "Generate Self-Signed Certificate? [yes/no]: ", generate_answer);
	else
		cli_ask(c, "Display Certificate Request to terminal? [yes/no]: ", display_answer);
}

static void
names_print(const struct cfg_trustpoint *tp, FILE *out)
{
	char fqdn[256], subject[SUBJECT_SIZE];

	crypto_fqdn(tp, fqdn, sizeof(fqdn));
	subject_make(tp, subject);
	if (tp->enrollment != ENROLL_SELF)
		fprintf(out, "%% Start certificate enrollment ..\n%% The subject name in the certificate will be: %s\n\n", subject);
	if (fqdn[0] != '\0')
		fprintf(out, "%% The fully-qualified domain name in the certificate will be: %s\n\n", fqdn);
}

static void
dialogue_start(struct cli *c, FILE *out)
{
	const struct cfg_trustpoint *tp = config_trustpoint(daemon_.config, c->trustpoint);

	if (tp == NULL) {
		fprintf(out, "ERROR: trustpoint %s was removed meanwhile\n", c->trustpoint);
		return;
	}
	note_add(c, ASKS);
	names_print(tp, out);
	if (!tp->serial_number) {
		cli_ask(c, "% Include the device serial number in the subject name? [yes/no]: ", serial_answer);
		return;
	}
	fprintf(out, "%% The serial number in the certificate will be: %s\n", device_serial());
	serial_answer(c, "yes", out);
}

static void
again_answer(struct cli *c, const char *line, FILE *out)
{
	if (cli_is_yes(line))
		dialogue_start(c, out);
}

static bool
enrollment_possible(const struct cfg_trustpoint *tp, FILE *out)
{
	uint32_t bits;

	if (tp->subject_name != NULL && strlen(tp->subject_name) >= SUBJECT_SIZE) {
		fprintf(out, "ERROR: the subject-name of trustpoint %s is longer than %d characters\n", tp->name, SUBJECT_SIZE - 1);
		return false;
	}
	switch (tp->enrollment) {
	case ENROLL_SELF:
	case ENROLL_TERMINAL:
		return keypair_ready(tp, &bits, out);
	case ENROLL_URL:
		fprintf(out, "ERROR: trustpoint %s has \"enrollment url\", and SCEP is not spoken here; use \"enrollment terminal\"\n", tp->name);
		return false;
	default:
		fprintf(out, "ERROR: trustpoint %s has no enrollment: say \"enrollment self\" or \"enrollment terminal\" first\n", tp->name);
		return false;
	}
}

int
run_enroll(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	FILE *out = ((struct cli_call *)context)->out;
	const struct cfg_trustpoint *tp = crypto_trustpoint(c, m, out);

	c->said[0] = '\0';
	if (tp == NULL || !enrollment_possible(tp, out))
		return 0;
	if (cmd_word(m, "noconfirm")) {
		enroll_now(c, out);
		return 0;
	}
	if (main_identity_find(tp->name) == NULL) {
		dialogue_start(c, out);
		return 0;
	}
	fprintf(out, "WARNING: Trustpoint %s has already enrolled and has\na device cert issued to it.\n"
	    "If you successfully re-enroll this trustpoint,\nthe current certificate will be replaced.\n", tp->name);
	cli_ask(c, "Do you want to continue with re-enrollment? [yes/no]: ", again_answer);
	return 0;
}
