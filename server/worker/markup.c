/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/markup.h"

void
markup_text(FILE *f, const char *s)
{
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			if ((unsigned char)*s >= ' ' || *s == '\n')
				fputc(*s, f);
		}
	}
}
