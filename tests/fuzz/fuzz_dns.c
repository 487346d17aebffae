// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libFuzzer: any bytes as the answer of a DNS server. The first byte is the
 * type that was asked for, the second one what c-ares says of the question, of
 * which 0 is that an answer is there (ares.h); the answer follows.
 */
#include <ares.h>
#include <string.h>

#include "dns/dns_answer.h"
#include "fuzz.h"

static void require_record(const struct dns_query *q, const struct dns_record *r)
{
	bool address = q->type == DNS_A || q->type == DNS_AAAA;

	REQUIRE(address == !r->text);
	REQUIRE(q->type != DNS_A || is_mapped(r->address));
	REQUIRE(address || is_zero(r->address, sizeof(r->address)));
	REQUIRE(q->type == DNS_MX ? r->preference <= UINT16_MAX : !r->preference);
	REQUIRE(address || is_clean(r->text));
	/* no name is longer on the wire, and there is no more in a message; a byte may be shown as four (RFC 1035, 5.1)
	 */
	REQUIRE(address || strlen(r->text) <= (q->type == DNS_TXT ? 65535 : 4 * 255));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_query q = { .name = NULL };
	int status;

	if (size < 2 || size - 2 > 65535)
		return -1;
	q.type = (enum dns_type)(data[0] % (DNS_TXT + 1));
	status = data[1] % (ARES_ECANCELLED + 1);
	if (status == ARES_ENOMEM) /* ends the program, as it is to */
		return -1;
	dns_answer_read(&q, status, at_the_edge(data + 2, size - 2, 1), (int)(size - 2));
	REQUIRE(q.status != DNS_WAITING && *dns_status_text(q.status));
	REQUIRE((q.status == DNS_FOUND) == (q.n > 0));
	REQUIRE(status == ARES_SUCCESS || !q.n);
	for (size_t i = 0; i < q.n; i++) {
		require_record(&q, &q.record[i]);
		REQUIRE(!i || q.record[i - 1].preference <= q.record[i].preference);
	}
	dns_answer_free(&q);
	return 0;
}
