/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codec: descriptors made from the catalogue, and the functions that walk them. */
#include "common/ipc_codec.h"

#include "common/buf.h"

enum ipc_type { T_U8, T_U16, T_U32, T_U64, T_STR, T_BLOB, T_ADDR };

struct ipc_field {
	enum ipc_type type;
	size_t offset;
	size_t max; /* bytes of a STR (without its NUL) or BLOB */
	unsigned since;
};

/* A function per message, so that its rows can say "self" for the struct. */
#define FIELD_ROW(ftype, member, fmax, fsince) { T_##ftype, offsetof(self, member), fmax, fsince },
#define FIELD_LIST(name, fields)                                        \
	static size_t fields_##name(const struct ipc_field **out)           \
	{                                                                   \
		typedef struct ipc_##name self;                                 \
		static const struct ipc_field rows[] = { fields(FIELD_ROW) };   \
		*out = rows;                                                    \
		return sizeof(rows) / sizeof(rows[0]);                          \
	}
IPC_STRUCTS(FIELD_LIST)

static const struct ipc_desc descs[IPC_ID_LIMIT] = {
#define DESC(id, mname, mfrom, mto, mphase) [id] = { #mname, IPC_##mfrom, IPC_##mto, mphase, fields_##mname },
	IPC_MESSAGES(DESC)
#undef DESC
};

const struct ipc_desc *
ipc_desc(unsigned id)
{
	if (id >= IPC_ID_LIMIT || descs[id].name == NULL)
		return NULL;
	return &descs[id];
}

const char *
ipc_name(enum ipc_id id)
{
	const struct ipc_desc *d = ipc_desc(id);

	return d == NULL ? "?" : d->name;
}

static int
field_put(struct wr *w, const struct ipc_field *f, const void *at)
{
	const struct ipc_blob *blob;
	const struct addr *addr;
	const char *str;
	size_t len;

	switch (f->type) {
	case T_U8:
		wr_u8(w, *(const uint8_t *)at);
		break;
	case T_U16:
		wr_u16(w, *(const uint16_t *)at);
		break;
	case T_U32:
		wr_u32(w, *(const uint32_t *)at);
		break;
	case T_U64:
		wr_u64(w, *(const uint64_t *)at);
		break;
	case T_STR:
		str = *(const char *const *)at;
		str = str == NULL ? "" : str;
		len = strlen(str);
		if (len > f->max)
			return ERR_INVALID;
		wr_u32(w, (uint32_t)len);
		wr_bytes(w, str, len + 1);
		break;
	case T_BLOB:
		blob = at;
		if (blob->len > f->max)
			return ERR_INVALID;
		wr_u32(w, blob->len);
		wr_bytes(w, blob->data, blob->len);
		break;
	case T_ADDR:
		addr = at;
		wr_u8(w, addr->family);
		wr_u16(w, addr->port);
		wr_bytes(w, addr->ip, sizeof(addr->ip));
		break;
	}
	return 0;
}

static bool
str_get(struct rd *r, const struct ipc_field *f, const char **out)
{
	uint32_t len = rd_u32(r);
	const char *p;

	if (r->bad || len > f->max)
		return false;
	p = (const char *)rd_bytes(r, (size_t)len + 1);
	if (p == NULL || p[len] != '\0' || memchr(p, '\0', len) != NULL)
		return false;
	*out = p;
	return true;
}

static bool
blob_get(struct rd *r, const struct ipc_field *f, struct ipc_blob *out)
{
	out->len = rd_u32(r);
	if (r->bad || out->len > f->max)
		return false;
	out->data = rd_bytes(r, out->len);
	return out->data != NULL;
}

static bool
addr_get(struct rd *r, struct addr *out)
{
	const uint8_t *ip;

	out->family = rd_u8(r);
	out->port = rd_u16(r);
	ip = rd_bytes(r, sizeof(out->ip));
	if (ip == NULL || (out->family != 0 && out->family != 4 && out->family != 6))
		return false;
	memcpy(out->ip, ip, sizeof(out->ip));
	return true;
}

static bool
field_get(struct rd *r, const struct ipc_field *f, void *at)
{
	switch (f->type) {
	case T_U8:
		*(uint8_t *)at = rd_u8(r);
		return !r->bad;
	case T_U16:
		*(uint16_t *)at = rd_u16(r);
		return !r->bad;
	case T_U32:
		*(uint32_t *)at = rd_u32(r);
		return !r->bad;
	case T_U64:
		*(uint64_t *)at = rd_u64(r);
		return !r->bad;
	case T_STR:
		return str_get(r, f, at);
	case T_BLOB:
		return blob_get(r, f, at);
	case T_ADDR:
		return addr_get(r, at);
	}
	return false;
}

int
ipc_encode(enum ipc_id id, const void *msg, void *out, size_t size)
{
	const struct ipc_desc *d = ipc_desc(id);
	struct wr w = wr_init(out, size);
	const struct ipc_field *fields;
	size_t count;

	if (d == NULL)
		return ERR_INVALID;
	wr_u16(&w, (uint16_t)id);
	wr_u16(&w, IPC_VERSION);
	count = d->fields(&fields);
	for (size_t i = 0; i < count; i++) {
		int r = field_put(&w, &fields[i], (const char *)msg + fields[i].offset);

		if (r != 0)
			return r;
	}
	return w.bad ? ERR_LONG : (int)(w.p - (uint8_t *)out);
}

int
ipc_decode(const void *data, size_t len, enum ipc_id *id, union ipc_any *msg)
{
	struct rd r = rd_init(data, len);
	unsigned got = rd_u16(&r), version = rd_u16(&r);
	const struct ipc_desc *d = ipc_desc(got);
	const struct ipc_field *fields;
	size_t count;

	if (r.bad || d == NULL || version == 0)
		return ERR_BAD_MESSAGE;
	memset(msg, 0, sizeof(*msg));
	count = d->fields(&fields);
	for (size_t i = 0; i < count; i++) {
		if (fields[i].since > version)
			continue;
		if (!field_get(&r, &fields[i], (char *)msg + fields[i].offset))
			return ERR_BAD_MESSAGE;
	}
	/* a later version may have appended fields that this one does not know */
	if (version <= IPC_VERSION && rd_left(&r) != 0)
		return ERR_BAD_MESSAGE;
	*id = (enum ipc_id)got;
	return 0;
}
