/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing JSON to a stream: commas and escapes are its business. */
#ifndef OFFHOOK_JSON_H
#define OFFHOOK_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *f;
	bool comma; /* a value stands before in this object or array */
};

/* name NULL inside an array or at the top. */
void json_object(struct json *j, const char *name);
void json_array(struct json *j, const char *name);
void json_end_object(struct json *j);
void json_end_array(struct json *j);
void json_str(struct json *j, const char *name, const char *value); /* NULL value: null */
void json_int(struct json *j, const char *name, int64_t value);
void json_bool(struct json *j, const char *name, bool value);

/* An answer that is one list, {"name": [...]}, and its line's end. */
void json_list(struct json *j, const char *name);
void json_end_list(struct json *j);

#endif
