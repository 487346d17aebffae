// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "base/child.h"
#include "base/cleanup.h"
#include "base/ip.h"
#include "base/memory.h"
#include "base/text.h"
#include "dns/destination_child.h"
#include "dns/dns.h"

#define SECONDS (DNS_TOTAL_MS / 1000 + 10)

/* What is asked of the child. */
struct request {
	char *const *text;
	size_t n;
	bool mx;
	const char *servers;
};

static int say(const struct destinations *d, struct failure *f)
{
	json_t *items = json_array(), *problems = json_array(), *all;
	_cleanup_free_ char *text = NULL;
	int err = 0;

	for (size_t i = 0; i < d->n; i++)
		err |= json_array_append_new(items, destination_json(&d->item[i], 0));
	for (size_t i = 0; i < d->n_problems; i++)
		err |= json_array_append_new(problems, json_string(d->problem[i]));
	all = json_pack("{s:o, s:o, s:b}", "items", items, "problems", problems, "unknown", d->unknown);
	text = json_dumps(all, 0);
	json_decref(all);
	if (err || !text) /* a text that is not UTF-8, too: the parent must not miss one */
		abort();
	return child_say(text, strlen(text), f);
}

/* In the child */
static int find(const void *data, struct failure *f)
{
	const struct request *r = data;
	struct destinations d;
	int err = destinations_find(r->text, r->n, r->mx, r->servers, &d, f);

	if (!err)
		err = say(&d, f);
	destinations_free(&d);
	return err;
}

/* NULL: OBJECT has no such text. */
static char *take_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text_clean_copy(text) : NULL;
}

static bool take_item(const json_t *said, struct destination *ret)
{
	_cleanup_free_ char *address = take_text(said, "destination"), *scope = take_text(said, "scope");

	*ret = (struct destination){
		.name = take_text(said, "name"),
		.exchanger = take_text(said, "mx"),
		.preference = (unsigned int)json_integer_value(json_object_get(said, "preference")),
	};
	snprintf(ret->scope, sizeof(ret->scope), "%s", scope ? scope : "");
	return address && address_parse(address, (int)strlen(address), ret->address) != AF_UNSPEC;
}

/* The child is not trusted: what it says is checked. */
static bool take(const json_t *said, struct destinations *ret)
{
	const json_t *items = json_object_get(said, "items"), *problems = json_object_get(said, "problems");

	ret->unknown = json_is_true(json_object_get(said, "unknown"));
	for (size_t i = 0; i < json_array_size(items); i++) {
		struct destination d;
		bool good = take_item(json_array_get(items, i), &d);

		ADD_ELEMENT(ret->item, ret->n, d);
		if (!good)
			return false;
	}
	for (size_t i = 0; i < json_array_size(problems); i++) {
		const char *text = json_string_value(json_array_get(problems, i));

		ADD_ELEMENT(ret->problem, ret->n_problems, text_clean_copy(text ? text : ""));
	}
	return items && problems;
}

int destinations_ask(char *const *text, size_t n, bool mx, const char *servers, struct destinations *ret,
		     struct failure *f)
{
	const struct account spare = account_spare();
	const struct request r = { text, n, mx, servers };
	const struct child c = {
		.what = "cannot find the addresses",
		.as = &spare,
		.seconds = SECONDS,
		.fd = -1,
		.run = find,
		.data = &r,
	};
	_cleanup_free_ char *said = NULL;
	json_t *all;
	size_t length;
	int status, err;

	*ret = (struct destinations){ 0 };
	err = child_run(&c, &said, &length, &status, f);
	if (err)
		return err;
	all = json_loadb(said, length, 0, NULL);
	if (status || !take(all, ret))
		err = fail(f, -EIO, "%s: its child has died", c.what);
	json_decref(all);
	return err;
}
