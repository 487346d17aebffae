// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* layout_find() against libbpf's reading of the same BTF, and against damaged ones. */
#include <bpf/btf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"

#include <cmocka.h>

static const struct {
	const char *type, *member;
} small[] = {
	{ "sock", "__sk_common" },          { "sock_common", "skc_net" }, { "net", "ipv6" },
	{ "netns_ipv6", "fib6_local_tbl" }, { "fib6_table", "tb6_root" }, { "fib6_node", "left" },
	{ "fib6_info", "fib6_dst" },        { "rt6key", "addr" },         { "task_struct", "comm" },
};

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

	(void)state;
	if (!btf)
		skip();
	assert_int_equal(layout_read(&l, &f), 0);
	assert_int_equal(l.sock_net, sum(btf, "sock", "__sk_common", "sock_common", "skc_net"));
	assert_int_equal(l.net_table, sum(btf, "net", "ipv6", "netns_ipv6", "fib6_local_tbl"));
	assert_int_equal(l.table_root, sum(btf, "fib6_table", "tb6_root", NULL, NULL));
	assert_int_equal(l.node_left, sum(btf, "fib6_node", "left", NULL, NULL));
	assert_int_equal(l.node_right, sum(btf, "fib6_node", "right", NULL, NULL));
	assert_int_equal(l.node_leaf, sum(btf, "fib6_node", "leaf", NULL, NULL));
	assert_int_equal(l.node_bit, sum(btf, "fib6_node", "fn_bit", NULL, NULL));
	assert_int_equal(l.route_addr, sum(btf, "fib6_info", "fib6_dst", "rt6key", "addr"));
	assert_int_equal(l.route_plen, sum(btf, "fib6_info", "fib6_dst", "rt6key", "plen"));
	assert_int_equal(l.route_type, sum(btf, "fib6_info", "fib6_type", NULL, NULL));
	assert_int_equal(l.task_comm, sum(btf, "task_struct", "comm", NULL, NULL));
	btf__free(btf);
}

/* A BTF with all that is looked for, each struct's members 8 bytes apart, behind one of each other kind. */
static struct btf *make_small(size_t without)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);

	assert_true(number > 0);
	assert_true(btf__add_ptr(btf, number) > 0);
	assert_true(btf__add_array(btf, number, number, 3) > 0);
	assert_true(btf__add_enum(btf, "e", 4) > 0 && !btf__add_enum_value(btf, "one", 1));
	assert_true(btf__add_func_proto(btf, number) > 0 && !btf__add_func_param(btf, "p", number));
	assert_true(btf__add_var(btf, "v", BTF_VAR_STATIC, number) > 0);
	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
		if (i == without)
			continue;
		assert_true(btf__add_struct(btf, small[i].type, 64) > 0);
		assert_int_equal(btf__add_field(btf, "other", number, 0, 0), 0);
		assert_int_equal(btf__add_field(btf, small[i].member, number, 64, 0), 0);
		if (!strcmp(small[i].type, "fib6_node")) {
			assert_int_equal(btf__add_field(btf, "right", number, 128, 0), 0);
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

static void small_one(void **state)
{
	struct btf *btf = make_small(SIZE_MAX);
	struct srcpin_layout l;
	const void *raw;
	__u32 size;

	(void)state;
	raw = btf__raw_data(btf, &size);
	assert_true(layout_find(raw, size, &l));
	assert_int_equal(l.sock_net, 16);
	assert_int_equal(l.net_table, 16);
	assert_int_equal(l.node_bit, 32);
	assert_int_equal(l.route_plen, 24);
	btf__free(btf);
}

static void without_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
		struct btf *btf = make_small(i);
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
	struct btf *btf = make_small(SIZE_MAX);
	struct srcpin_layout l;
	const void *raw;
	__u32 size;

	(void)state;
	raw = btf__raw_data(btf, &size);
	for (__u32 n = 0; n < size; n++) {
		unsigned char *copy = malloc(n ? n : 1);

		memcpy(copy, raw, n);
		assert_false(layout_find(copy, n, &l));
		free(copy);
	}
	for (__u32 i = 0; i < size; i++) {
		static const unsigned char flips[] = { 0x01, 0x80, 0xff };

		for (size_t k = 0; k < sizeof(flips); k++) {
			unsigned char *copy = malloc(size);

			memcpy(copy, raw, size);
			copy[i] ^= flips[k];
			layout_find(copy, size, &l);
			free(copy);
		}
	}
	btf__free(btf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_libbpf_reads_it),
		cmocka_unit_test(small_one),
		cmocka_unit_test(without_one),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
