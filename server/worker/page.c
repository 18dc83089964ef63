/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Administrators look at a gateway's certificate with a browser (the guide's
 * troubleshooting does), so the page shows what a phone's configuration is
 * compared with. It is static, and its headers allow it nothing but its style.
 */
#include "server/worker/page.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/worker/markup.h"
#include "server/worker/web.h"
#include "server/worker/worker.h"

#define STYLE                                                                                                     \
	":root{color-scheme:light dark;--ink:#16232e;--soft:#5a6b78;--line:#dde4e9;--card:#fff;--back:#eef2f5;"   \
	"--mark:#0b6e8f;--bad:#b3261e}"                                                                           \
	"@media(prefers-color-scheme:dark){:root{--ink:#e6edf2;--soft:#93a4b1;--line:#2c3943;--card:#182229;"     \
	"--back:#0f161b;--mark:#5bc0de;--bad:#ff8a80}}"                                                           \
	"*{box-sizing:border-box}"                                                                                \
	"body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;padding:2rem 1rem;" \
	"background:var(--back);color:var(--ink);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}" \
	"main{width:100%;max-width:46rem;background:var(--card);border:1px solid var(--line);border-radius:14px;" \
	"box-shadow:0 12px 40px rgba(15,35,50,.10);overflow:hidden}"                                              \
	"header{display:flex;gap:1.1rem;align-items:center;padding:1.7rem 2rem;border-bottom:1px solid var(--line)}" \
	"svg{flex:none;width:3rem;height:3rem;padding:.7rem;border-radius:12px;background:var(--mark);fill:var(--card)}" \
	"h1{margin:0;font-size:1.35rem;line-height:1.25;overflow-wrap:anywhere}"                                  \
	"header p{margin:.15rem 0 0;color:var(--soft)}"                                                           \
	"section{padding:1.4rem 2rem 1.7rem}"                                                                     \
	"h2{margin:0 0 .9rem;font-size:.8rem;letter-spacing:.08em;text-transform:uppercase;color:var(--soft)}"    \
	"dl{margin:0;display:grid;grid-template-columns:8.5rem 1fr;gap:.7rem 1.2rem}"                             \
	"dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}"                                                \
	"code{font:.88rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}"           \
	".bad{color:var(--bad);font-weight:600}"                                                                  \
	"footer{padding:1rem 2rem;border-top:1px solid var(--line);color:var(--soft);font-size:.88rem}"           \
	"@media(max-width:34rem){header,section,footer{padding-left:1.2rem;padding-right:1.2rem}"                 \
	"dl{grid-template-columns:1fr;gap:.1rem}dd{margin-bottom:.7rem}}"

#define HANDSET                                                                                                    \
	"<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M6.6 10.8c1.4 2.8 3.8 5.1 6.6 6.6l2.2-2.2c.3-.3.7-.4 " \
	"1-.2 1.1.4 2.3.6 3.6.6.6 0 1 .4 1 1V20c0 .6-.4 1-1 1C10.6 21 3 13.4 3 4c0-.6.4-1 1-1h3.5c.6 0 1 .4 1 1 0 1.3.2 " \
	"2.5.6 3.6.1.3 0 .7-.2 1L6.6 10.8z\"/></svg>"

/* aa:bb: as browsers show a fingerprint. */
static void
fingerprint(FILE *f, const char *name, const char *hex)
{
	fprintf(f, "<dt>%s</dt><dd><code>", name);
	for (size_t i = 0; hex[i] != '\0' && hex[i + 1] != '\0'; i += 2)
		fprintf(f, "%s%.2s", i > 0 ? ":" : "", hex + i);
	fputs("</code></dd>\n", f);
}

static void
date(FILE *f, const char *name, time_t at, const char *bad)
{
	struct tm tm;
	char text[64];

	strftime(text, sizeof(text), "%e %B %Y, %H:%M UTC", gmtime_r(&at, &tm));
	fprintf(f, "<dt>%s</dt><dd%s>%s%s</dd>\n", name, bad != NULL ? " class=\"bad\"" : "", text, bad != NULL ? bad : "");
}

static void
certificate(FILE *f, const struct tls_identity *id)
{
	time_t now = time(NULL);

	fputs("<section><h2>Certificate</h2>\n<dl>\n<dt>Subject</dt><dd>", f);
	markup_text(f, id->subject);
	fputs("</dd>\n<dt>Issuer</dt><dd>", f);
	markup_text(f, id->issuer);
	fputs("</dd>\n", f);
	date(f, "Valid from", id->not_before, id->not_before > now ? " (not yet)" : NULL);
	date(f, "Valid until", id->not_after, id->not_after < now ? " (expired)" : NULL);
	fingerprint(f, "SHA-1", id->sha1);
	fingerprint(f, "SHA-256", id->sha256);
	fputs("</dl></section>\n", f);
}

static char *
page_make(const struct worker *w)
{
	const char *name = w->config->hostname != NULL && w->config->hostname[0] != '\0' ? w->config->hostname : "offhook";
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort();
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>", f);
	markup_text(f, name);
	fputs(" - phone gateway</title><style>" STYLE "</style></head>\n<body><main>\n<header>" HANDSET "<div><h1>", f);
	markup_text(f, name);
	fputs("</h1><p>VPN gateway for Cisco phones</p></div></header>\n", f);
	certificate(f, w->choice.identity);
	fputs("<footer>Phones and AnyConnect clients log in here with this address; there is nothing for a browser to do. "
	    "A phone accepts the certificate when its configuration holds the fingerprint above.</footer>\n"
	    "</main></body></html>\n", f);
	fclose(f);
	return text;
}

/* What a policy calls the one style it allows. */
static void
style_hash(char out[64])
{
	gnutls_datum_t base64 = { NULL, 0 }, sum;
	uint8_t digest[32];

	out[0] = '\0';
	sum = (gnutls_datum_t){ digest, sizeof(digest) };
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, STYLE, sizeof(STYLE) - 1, digest) < 0 || gnutls_base64_encode2(&sum, &base64) < 0)
		return;
	snprintf(out, 64, "'sha256-%.*s'", (int)base64.size, base64.data);
	gnutls_free(base64.data);
}

void
page_answer(struct worker *w, bool close)
{
	char headers[640], style[64], *text = page_make(w);

	style_hash(style);
	snprintf(headers, sizeof(headers),
	    "Content-Type: text/html; charset=utf-8\r\n"
	    "Content-Security-Policy: default-src 'none'; style-src %s; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "X-Frame-Options: DENY\r\n"
	    "Referrer-Policy: no-referrer\r\n"
	    "Cross-Origin-Resource-Policy: same-origin\r\n"
	    "Cache-Control: no-store\r\n", style[0] != '\0' ? style : "'none'");
	web_answer(w, 200, "OK", headers, text, close);
	free(text);
}
