// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* layout_find() against libbpf's reading of the same BTF, against BTF of older and newer kernels, and against damaged
 * ones. */
#include <bpf/btf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * As it is compiled where the headers are of Linux 7.2 or later, wherever this
 * is: there the header has grown, in C, and not in what kernels write.
 */
struct grown_header {
	__u16 magic;
	__u8 version;
	__u8 flags;
	__u32 hdr_len, type_off, type_len, str_off, str_len, layout_off, layout_len;
};
#define btf_header grown_header
#include "kernel/offsets.c"
#undef btf_header

#include <cmocka.h>

#include "base/failure.h"
#include "kernel/offsets.h"
#include "srcpin/abi.h"

static const struct {
	const char *type, *member;
} small[] = {
	{ "sock", "__sk_common" },          { "sock_common", "skc_net" }, { "net", "ipv6" },
	{ "netns_ipv6", "fib6_local_tbl" }, { "fib6_table", "tb6_root" }, { "fib6_node", "left" },
	{ "fib6_info", "fib6_dst" },        { "rt6key", "addr" },         { "task_struct", "comm" },
};

enum { N_SMALL = sizeof(small) / sizeof(small[0]) };

/* In bytes; -1: there is none */
static int64_t offset_in(const struct btf *btf, const char *type, const char *member)
{
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;

	for (__u32 i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), member))
			return btf_member_bit_offset(t, i) / 8;
	return -1;
}

static uint32_t sum(const struct btf *btf, const char *a, const char *a_member, const char *b, const char *b_member)
{
	int64_t x = offset_in(btf, a, a_member), y = b ? offset_in(btf, b, b_member) : 0;

	assert_true(x >= 0 && y >= 0);
	return (uint32_t)(x + y);
}

static void as_libbpf_reads_it(void **state)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct failure f = { "" };
	struct srcpin_layout l;
	int number;

	(void)state;
	if (!btf)
		skip();
	assert_int_equal(layout_read(&l, &f), 0);
	assert_int_equal(l.sock_net, sum(btf, "sock", "__sk_common", "sock_common", "skc_net"));
	assert_int_equal(l.net_table, sum(btf, "net", "ipv6", "netns_ipv6", "fib6_local_tbl"));
	assert_int_equal(l.table_root, sum(btf, "fib6_table", "tb6_root", NULL, NULL));
	assert_int_equal(l.node_left, sum(btf, "fib6_node", "left", NULL, NULL));
	assert_int_equal(l.node_right, sum(btf, "fib6_node", "right", NULL, NULL));
	assert_int_equal(l.node_parent, sum(btf, "fib6_node", "parent", NULL, NULL));
	assert_int_equal(l.node_leaf, sum(btf, "fib6_node", "leaf", NULL, NULL));
	assert_int_equal(l.node_bit, sum(btf, "fib6_node", "fn_bit", NULL, NULL));
	assert_int_equal(l.route_addr, sum(btf, "fib6_info", "fib6_dst", "rt6key", "addr"));
	assert_int_equal(l.route_plen, sum(btf, "fib6_info", "fib6_dst", "rt6key", "plen"));
	assert_int_equal(l.route_type, sum(btf, "fib6_info", "fib6_type", NULL, NULL));
	number = btf__find_by_name_kind(btf, "bpf_icmp_send", BTF_KIND_FUNC);
	assert_int_equal(l.icmp_send, number > 0 ? number : 0);
	assert_int_equal(l.task_comm, sum(btf, "task_struct", "comm", NULL, NULL));
	btf__free(btf);
}

/* The I-th struct of a file */
static size_t in_order(size_t i)
{
	return i;
}

static size_t backwards(size_t i)
{
	return N_SMALL - 1 - i;
}

/* By name, as in files since Linux 7.0 */
static size_t sorted(size_t i)
{
	for (size_t k = 0; k < N_SMALL; k++) {
		size_t before = 0;

		for (size_t other = 0; other < N_SMALL; other++)
			before += strcmp(small[other].type, small[k].type) < 0;
		if (before == i)
			return k;
	}
	return SIZE_MAX;
}

/* A BTF with all that is looked for, each struct's members 8 bytes apart, behind one of each other kind. */
static struct btf *make_small(size_t (*place)(size_t), size_t without)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED), proto;

	assert_true(number > 0);
	assert_true(btf__add_ptr(btf, number) > 0);
	assert_true(btf__add_array(btf, number, number, 3) > 0);
	assert_true(btf__add_enum(btf, "e", 4) > 0 && !btf__add_enum_value(btf, "one", 1));
	proto = btf__add_func_proto(btf, number);
	assert_true(proto > 0 && !btf__add_func_param(btf, "p", number));
	assert_true(btf__add_func(btf, "bpf_icmp_send", BTF_FUNC_GLOBAL, proto) > 0);
	assert_true(btf__add_var(btf, "v", BTF_VAR_STATIC, number) > 0);
	for (size_t n = 0; n < N_SMALL; n++) {
		size_t i = place(n);

		if (i == without)
			continue;
		assert_true(btf__add_struct(btf, small[i].type, 64) > 0);
		assert_int_equal(btf__add_field(btf, "other", number, 0, 0), 0);
		assert_int_equal(btf__add_field(btf, small[i].member, number, 64, 0), 0);
		if (!strcmp(small[i].type, "fib6_node")) {
			assert_int_equal(btf__add_field(btf, "right", number, 128, 0), 0);
			assert_int_equal(btf__add_field(btf, "parent", number, 320, 0), 0);
			assert_int_equal(btf__add_field(btf, "leaf", number, 192, 0), 0);
			assert_int_equal(btf__add_field(btf, "fn_bit", number, 256, 0), 0);
		} else if (!strcmp(small[i].type, "fib6_info")) {
			assert_int_equal(btf__add_field(btf, "fib6_type", number, 128, 0), 0);
		} else if (!strcmp(small[i].type, "rt6key")) {
			assert_int_equal(btf__add_field(btf, "plen", number, 128, 0), 0);
		}
	}
	return btf;
}

/* All that is written of a file */
struct file {
	uint32_t header_len;         /* 24, or since Linux 7.2 also 32 */
	const void *first;           /* a type that comes before the others */
	uint32_t first_len, n_kinds; /* how many the layout section has; 0: there is none */
	bool kinds_at_end;           /* of the file: else between the types and the strings */
};

/* SMALL in such a file, whatever libbpf writes: to be freed. */
static void *make_file(const struct btf *small_btf, const struct file *f, size_t *ret)
{
	static const struct kind_layout kinds[] = { [25] = { 4, 12, 0 } };
	__u32 size, kinds_len = f->n_kinds * (__u32)sizeof(kinds[0]), types_at = f->header_len + f->first_len;
	const struct grown_header *from = btf__raw_data(small_btf, &size);
	const char *body = (const char *)from + from->hdr_len;
	uint32_t types_len = from->type_len, strings_len = from->str_len;
	struct grown_header h = { .magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = f->header_len };
	char *file = calloc(1, types_at + types_len + strings_len + 3 + kinds_len);

	h.type_len = f->first_len + types_len;
	h.layout_off = h.type_len + (f->kinds_at_end ? strings_len + -strings_len % 4 : 0);
	h.layout_len = kinds_len;
	h.str_off = h.type_len + (f->kinds_at_end ? 0 : kinds_len);
	h.str_len = strings_len;
	assert_non_null(file);
	memcpy(file, &h, f->header_len);
	if (f->first)
		memcpy(file + f->header_len, f->first, f->first_len);
	memcpy(file + types_at, body + from->type_off, types_len);
	memcpy(file + f->header_len + h.str_off, body + from->str_off, strings_len);
	memcpy(file + f->header_len + h.layout_off, kinds, kinds_len);
	*ret = f->header_len + (f->kinds_at_end ? h.layout_off + kinds_len : h.str_off + strings_len);
	return file;
}

static bool reads(size_t (*place)(size_t), const struct file *f)
{
	struct btf *btf = make_small(place, SIZE_MAX);
	struct srcpin_layout l = { 0 };
	size_t size;
	void *file = make_file(btf, f, &size);
	bool found = layout_find(file, size, &l);

	if (found) {
		assert_int_equal(l.sock_net, 16);
		assert_int_equal(l.net_table, 16);
		assert_int_equal(l.node_bit, 32);
		assert_int_equal(l.route_plen, 24);
		assert_int_equal(l.icmp_send, btf__find_by_name_kind(btf, "bpf_icmp_send", BTF_KIND_FUNC) + !!f->first);
	}
	free(file);
	btf__free(btf);
	return found;
}

static void of_each_kernel(void **state)
{
	(void)state;
	assert_true(reads(in_order, &(struct file){ .header_len = 24 }));
	assert_true(reads(backwards, &(struct file){ .header_len = 24 }));
	assert_true(reads(sorted, &(struct file){ .header_len = 24 }));
	assert_true(reads(sorted, &(struct file){ .header_len = 32 }));
	assert_true(reads(sorted, &(struct file){ .header_len = 32, .n_kinds = 20 }));
	assert_true(reads(sorted, &(struct file){ .header_len = 32, .n_kinds = 20, .kinds_at_end = true }));
	assert_false(reads(sorted, &(struct file){ .header_len = 20 }));
}

/* A type of a kind that is not known is passed over where the file tells its size; else what comes later is lost. */
static void a_kind_of_tomorrow(void **state)
{
	const struct {
		struct btf_type type;
		char rest[4 + 2 * 12];
	} first = { { .info = 25U << 24 | 2 }, { 1 } };
	struct file f = { .header_len = 32, .first = &first, .first_len = sizeof(first), .n_kinds = 26 };

	(void)state;
	assert_true(reads(sorted, &f));
	f.kinds_at_end = true;
	assert_true(reads(sorted, &f));
	f.n_kinds = 25;
	assert_false(reads(sorted, &f));
	f.n_kinds = 0;
	assert_false(reads(sorted, &f));
	f.header_len = 24;
	assert_false(reads(sorted, &f));
}

/* More than 65,535 members, as files may have since Linux 7.2 */
static void a_long_type(void **state)
{
	static struct {
		struct btf_type type;
		struct btf_enum value[70000];
	} first = { { .info = BTF_KIND_ENUM << 24 | 70000 }, { { 0 } } };

	(void)state;
	assert_true(reads(sorted, &(struct file){ .header_len = 24, .first = &first, .first_len = sizeof(first) }));
}

static void without_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SMALL; i++) {
		struct btf *btf = make_small(in_order, i);
		struct srcpin_layout l;
		const void *raw;
		__u32 size;

		raw = btf__raw_data(btf, &size);
		assert_false(layout_find(raw, size, &l));
		btf__free(btf);
	}
}

/* Cut anywhere, or with any byte changed: an answer, and no read beyond the end (the sanitizers' build sees those). */
static void damaged(void **state)
{
	struct btf *btf = make_small(in_order, SIZE_MAX);
	struct srcpin_layout l;
	size_t size;
	void *raw;

	(void)state;
	raw = make_file(btf, &(struct file){ .header_len = 32, .n_kinds = 26 }, &size);
	for (size_t n = 0; n < size; n++) {
		unsigned char *copy = malloc(n ? n : 1);

		memcpy(copy, raw, n);
		assert_false(layout_find(copy, n, &l));
		free(copy);
	}
	for (size_t i = 0; i < size; i++) {
		static const unsigned char flips[] = { 0x01, 0x80, 0xff };

		for (size_t k = 0; k < sizeof(flips); k++) {
			unsigned char *copy = malloc(size);

			memcpy(copy, raw, size);
			copy[i] ^= flips[k];
			layout_find(copy, size, &l);
			free(copy);
		}
	}
	free(raw);
	btf__free(btf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_libbpf_reads_it), cmocka_unit_test(of_each_kernel),
		cmocka_unit_test(a_kind_of_tomorrow), cmocka_unit_test(a_long_type),
		cmocka_unit_test(without_one),        cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
