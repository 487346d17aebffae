// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "dns/destination_child.h"
#include "dns/dns.h"

#define SECONDS (DNS_TOTAL_MS / 1000 + 10)
#define MAX_NAME 1100    /* of a host, with its bytes escaped */
#define MAX_PROBLEM 1600 /* a name and what is wrong with it */

/* What the child says: this, then each address, then each problem. */
struct heading {
	size_t n, n_problems;
	int unknown;
};

struct address {
	uint8_t address[16];
	char scope[IF_NAMESIZE];
	size_t name; /* which of the words; their number: it was an address */
	unsigned int preference;
	char exchanger[MAX_NAME]; /* "": it is the name's own */
};

struct question {
	char *const *text;
	size_t n;
	bool mx;
	const char *servers;
};

/* Of words that are the same, the first will do. */
static size_t index_of(const struct question *q, const char *name)
{
	size_t i = 0;

	while (i < q->n && (!name || strcmp(name, q->text[i]) != 0))
		i++;
	return i;
}

static int say_address(const struct question *q, const struct destination *d, struct failure *f)
{
	struct address a = { .name = index_of(q, d->name), .preference = d->preference };

	memcpy(a.address, d->address, sizeof(a.address));
	memcpy(a.scope, d->scope, sizeof(a.scope));
	snprintf(a.exchanger, sizeof(a.exchanger), "%s", d->exchanger ? d->exchanger : "");
	return child_say(&a, sizeof(a), f);
}

static int say(const struct question *q, const struct destinations *d, struct failure *f)
{
	const struct heading h = { d->n, d->n_problems, d->unknown };
	int err = child_say(&h, sizeof(h), f);

	for (size_t i = 0; i < d->n && !err; i++)
		err = say_address(q, &d->item[i], f);
	for (size_t i = 0; i < d->n_problems && !err; i++) {
		char text[MAX_PROBLEM] = "";

		snprintf(text, sizeof(text), "%s", d->problem[i]);
		err = child_say(text, sizeof(text), f);
	}
	return err;
}

/* In the child */
static int find(const void *data, struct failure *f)
{
	const struct question *q = data;
	struct destinations d;
	int err = destinations_find(q->text, q->n, q->mx, q->servers, &d, f);

	if (!err)
		err = say(q, &d, f);
	destinations_free(&d);
	return err;
}

static char *copy_of(char *bytes, size_t size)
{
	bytes[size - 1] = '\0';
	return text_clean_copy(bytes);
}

static void take_address(const struct question *q, struct address *a, struct destination *ret)
{
	memcpy(ret->address, a->address, sizeof(ret->address));
	memcpy(ret->scope, a->scope, sizeof(ret->scope));
	ret->scope[sizeof(ret->scope) - 1] = '\0';
	text_clean(ret->scope);
	ret->preference = a->preference;
	ret->name = a->name < q->n ? text_clean_copy(q->text[a->name]) : NULL;
	ret->exchanger = ret->name && *a->exchanger ? copy_of(a->exchanger, sizeof(a->exchanger)) : NULL;
}

/* Whoever says it: as long as it says, of the right kind, and fit to be shown. False: it is not. */
static bool take(const struct question *q, char *said, size_t length, struct destinations *ret)
{
	struct heading h;

	if (length < sizeof(h))
		return false;
	memcpy(&h, said, sizeof(h));
	said += sizeof(h);
	if (h.n > CHILD_BYTES || h.n_problems > CHILD_BYTES ||
	    length != sizeof(h) + h.n * sizeof(struct address) + h.n_problems * MAX_PROBLEM)
		return false;
	ret->item = calloc(h.n + 1, sizeof(*ret->item));
	ret->problem = calloc(h.n_problems + 1, sizeof(*ret->problem));
	if (!ret->item || !ret->problem)
		abort();
	for (; ret->n < h.n; ret->n++, said += sizeof(struct address)) {
		struct address a;

		memcpy(&a, said, sizeof(a));
		take_address(q, &a, &ret->item[ret->n]);
	}
	for (; ret->n_problems < h.n_problems; ret->n_problems++, said += MAX_PROBLEM)
		ret->problem[ret->n_problems] = copy_of(said, MAX_PROBLEM);
	ret->unknown = h.unknown;
	return true;
}

int destinations_ask(char *const *text, size_t n, bool mx, const char *servers, struct destinations *ret,
		     struct failure *f)
{
	const struct account spare = account_spare();
	const struct question q = { text, n, mx, servers };
	const struct child c = {
		.what = "cannot find the addresses",
		.as = &spare,
		.seconds = SECONDS,
		.fd = -1,
		.run = find,
		.data = &q,
	};
	_cleanup_free_ char *said = NULL;
	size_t length;
	int status, err;

	*ret = (struct destinations){ 0 };
	err = child_run(&c, &said, &length, &status, f);
	if (err)
		return err;
	if (status || !take(&q, said, length, ret))
		return fail(f, -EIO, "%s: its child has died", c.what);
	return 0;
}
