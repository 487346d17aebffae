// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libbpf would find these offsets too (CO-RE). But it first makes an index of
 * all 130,000 types of the kernel, and then searches that by name for each
 * struct. That took 13 of the 28 ms of a load. One pass over the file does.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/offsets.h"

#define BTF_FILE "/sys/kernel/btf/vmlinux"

enum { MISSING = -1 };

struct member {
	const char *of, *name;
	int64_t offset; /* in bytes */
};

enum {
	SOCK_COMMON,
	COMMON_NET,
	NET_IPV6,
	IPV6_LOCAL_TABLE,
	IPV6_MAIN_TABLE,
	TABLE_ROOT,
	NODE_LEFT,
	NODE_RIGHT,
	NODE_PARENT,
	NODE_LEAF,
	NODE_BIT,
	ROUTE_DESTINATION,
	ROUTE_TYPE,
	KEY_ADDR,
	KEY_PLEN,
	TASK_COMM,
	N_MEMBERS,
};

/* How many bytes follow a type of each kind: struct btf_layout of Linux 7.2 */
struct kind_layout {
	uint8_t once, for_each;
	uint16_t flags;
};

struct btf_view {
	const char *types, *types_end;
	const struct kind_layout *kind; /* for each kind, from 0 on, if the file has them */
	size_t n_kinds;
	const char *strings;
	uint32_t strings_len;
};

/* Both include the bits that Linux 7.2 added; before, these were zero. */
#define KIND(info) ((info) >> 24 & 0x7f)
#define LENGTH(info) ((info)&0xffffff)

/*
 * How much of the header is read. In Linux 7.2 struct btf_header became
 * longer, but kernels still write the older one.
 */
#define HEADER_READ (offsetof(struct btf_header, str_len) + sizeof(((struct btf_header *)0)->str_len))

/* The section of the kinds. A reader needs it for kinds that are newer than itself. */
static bool view_kinds(const struct btf_header *h, size_t room, struct btf_view *ret)
{
	const char *end = (const char *)h + h->hdr_len;
	uint32_t at[2]; /* its offset and its length */

	if (h->hdr_len < HEADER_READ + sizeof(at))
		return true;
	memcpy(at, (const char *)h + HEADER_READ, sizeof(at));
	if (at[0] % 4 || at[0] > room || at[1] > room - at[0])
		return false;
	ret->kind = (const struct kind_layout *)(const void *)(end + at[0]);
	ret->n_kinds = at[1] / sizeof(*ret->kind);
	return true;
}

static bool view(const void *btf, size_t size, struct btf_view *ret)
{
	const struct btf_header *h = btf;
	size_t room;

	if (size < HEADER_READ || h->magic != BTF_MAGIC || h->hdr_len < HEADER_READ || h->hdr_len > size)
		return false;
	room = size - h->hdr_len;
	if (h->type_off % 4 || h->hdr_len % 4 || h->type_off > room || h->type_len > room - h->type_off ||
	    h->str_off > room || h->str_len > room - h->str_off || !h->str_len)
		return false;
	*ret = (struct btf_view){
		.types = (const char *)btf + h->hdr_len + h->type_off,
		.types_end = (const char *)btf + h->hdr_len + h->type_off + h->type_len,
		.strings = (const char *)btf + h->hdr_len + h->str_off,
		.strings_len = h->str_len,
	};
	return view_kinds(h, room, ret) && !ret->strings[h->str_len - 1]; /* so each string ends */
}

static bool is_name(const struct btf_view *v, uint32_t offset, const char *name)
{
	return offset < v->strings_len && v->strings[offset] == *name && strcmp(v->strings + offset, name) == 0;
}

/*
 * How many bytes follow a type's struct btf_type. SIZE_MAX: a kind that is
 * newer than this code, and the file does not tell.
 */
static size_t rest_of(const struct btf_view *v, const struct btf_type *t)
{
	size_t n = LENGTH(t->info), kind = KIND(t->info);

	switch (kind) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	case BTF_KIND_INT:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return n * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_VAR:
		return sizeof(struct btf_var);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	case BTF_KIND_DECL_TAG:
		return sizeof(struct btf_decl_tag);
	default:
		return kind < v->n_kinds ? v->kind[kind].once + n * v->kind[kind].for_each : SIZE_MAX;
	}
}

static void look_into(const struct btf_view *v, const struct btf_type *t, struct member *m)
{
	const struct btf_member *member = (const struct btf_member *)(t + 1);

	for (size_t i = 0; i < LENGTH(t->info); i++) {
		uint32_t bits = BTF_INFO_KFLAG(t->info) ? BTF_MEMBER_BIT_OFFSET(member[i].offset) : member[i].offset;

		if (is_name(v, member[i].name_off, m->name) && bits % 8 == 0)
			m->offset = bits / 8;
	}
}

/* Fills in M, of N, and ANSWER: the number of the type that is the function bpf_icmp_send(), if there is one. */
static void find(const struct btf_view *v, struct member *m, size_t n, uint32_t *answer)
{
	const char *at = v->types;
	uint32_t id = 0;

	while ((size_t)(v->types_end - at) >= sizeof(struct btf_type)) {
		const struct btf_type *t = (const struct btf_type *)at;
		size_t rest = rest_of(v, t);

		id++; /* 0 is void, which is in no file */
		at += sizeof(*t);
		if (rest > (size_t)(v->types_end - at))
			return;
		at += rest;
		if (KIND(t->info) == BTF_KIND_FUNC && is_name(v, t->name_off, "bpf_icmp_send"))
			*answer = id;
		if (KIND(t->info) != BTF_KIND_STRUCT || !t->name_off)
			continue;
		for (size_t i = 0; i < n; i++)
			if (m[i].offset == MISSING && is_name(v, t->name_off, m[i].of))
				look_into(v, t, &m[i]);
	}
}

bool layout_find(const void *btf, size_t size, struct srcpin_layout *ret)
{
	struct member m[N_MEMBERS] = {
		[SOCK_COMMON] = { "sock", "__sk_common", MISSING },
		[COMMON_NET] = { "sock_common", "skc_net",
				 MISSING }, /* possible_net_t: a struct with only the pointer */
		[NET_IPV6] = { "net", "ipv6", MISSING },
		[IPV6_LOCAL_TABLE] = { "netns_ipv6", "fib6_local_tbl", MISSING },
		[IPV6_MAIN_TABLE] = { "netns_ipv6", "fib6_main_tbl", MISSING },
		[TABLE_ROOT] = { "fib6_table", "tb6_root", MISSING },
		[NODE_LEFT] = { "fib6_node", "left", MISSING },
		[NODE_RIGHT] = { "fib6_node", "right", MISSING },
		[NODE_PARENT] = { "fib6_node", "parent", MISSING },
		[NODE_LEAF] = { "fib6_node", "leaf", MISSING },
		[NODE_BIT] = { "fib6_node", "fn_bit", MISSING },
		[ROUTE_DESTINATION] = { "fib6_info", "fib6_dst", MISSING },
		[ROUTE_TYPE] = { "fib6_info", "fib6_type", MISSING },
		[KEY_ADDR] = { "rt6key", "addr", MISSING },
		[KEY_PLEN] = { "rt6key", "plen", MISSING },
		[TASK_COMM] = { "task_struct", "comm", MISSING },
	};
	struct btf_view v;
	uint32_t answer = 0;

	if (!view(btf, size, &v))
		return false;
	find(&v, m, N_MEMBERS, &answer);
	if (m[IPV6_LOCAL_TABLE].offset == MISSING)
		m[IPV6_LOCAL_TABLE] = m[IPV6_MAIN_TABLE]; /* without CONFIG_IPV6_MULTIPLE_TABLES */
	for (size_t i = 0; i < N_MEMBERS; i++)
		if (m[i].offset == MISSING && i != IPV6_MAIN_TABLE)
			return false;
	*ret = (struct srcpin_layout){
		.sock_net = (uint32_t)(m[SOCK_COMMON].offset + m[COMMON_NET].offset),
		.net_table = (uint32_t)(m[NET_IPV6].offset + m[IPV6_LOCAL_TABLE].offset),
		.table_root = (uint32_t)m[TABLE_ROOT].offset,
		.node_left = (uint32_t)m[NODE_LEFT].offset,
		.node_right = (uint32_t)m[NODE_RIGHT].offset,
		.node_parent = (uint32_t)m[NODE_PARENT].offset,
		.node_leaf = (uint32_t)m[NODE_LEAF].offset,
		.node_bit = (uint32_t)m[NODE_BIT].offset,
		.route_addr = (uint32_t)(m[ROUTE_DESTINATION].offset + m[KEY_ADDR].offset),
		.route_plen = (uint32_t)(m[ROUTE_DESTINATION].offset + m[KEY_PLEN].offset),
		.route_type = (uint32_t)m[ROUTE_TYPE].offset,
		.task_comm = (uint32_t)m[TASK_COMM].offset,
		.icmp_send = answer,
	};
	return true;
}

/* Reads in pieces: sysfs gives a page at a time. 0, or a negative errno. */
static int read_all(int fd, char *to, size_t size)
{
	while (size) {
		ssize_t n = read(fd, to, size);

		if (n <= 0)
			return n ? -errno : -EIO;
		to += n;
		size -= (size_t)n;
	}
	return 0;
}

int layout_read(struct srcpin_layout *ret, struct failure *f)
{
	_cleanup_close_ int fd = open(BTF_FILE, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *copy = NULL;
	struct stat st;
	size_t size;
	void *mapped;
	bool found;
	int err;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(f, -errno,
			    "cannot load the BPF programs: this kernel has no BTF, " BTF_FILE " cannot be read "
			    "(use a kernel with CONFIG_DEBUG_INFO_BTF)");
	size = (size_t)st.st_size;
	mapped = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0); /* since Linux 6.16 */
	if (mapped != MAP_FAILED) {
		found = layout_find(mapped, size, ret);
		munmap(mapped, size);
	} else {
		copy = malloc(size);
		err = copy ? read_all(fd, copy, size) : -ENOMEM;
		if (err)
			return fail(f, err, "cannot read " BTF_FILE ": %s", strerror(-err));
		found = layout_find(copy, size, ret);
	}
	if (!found)
		return fail(f, -ENOTSUP,
			    "cannot load the BPF programs: " BTF_FILE " does not tell where IPv6's routes are "
			    "(a kernel without CONFIG_IPV6=y, or newer than this srcpin)");
	return 0;
}
