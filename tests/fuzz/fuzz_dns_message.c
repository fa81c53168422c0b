/* Whatever a name server sends is read or refused, and its aliases end. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dns/message.h"
#include "dns/mx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
look_at(const struct dns_answer *a, const struct dns_record *r)
{
	struct strs values = STRS_INIT, hosts = STRS_INIT;
	struct mx_sight sight;
	struct dns_set set;

	assert(r->name != NULL && r->text != NULL);
	assert(r->ttl <= INT32_MAX);
	dns_set_take(a, r->name, r->type, &set);
	assert(r->authority || set.alias != NULL || set.n > 0);
	dns_set_values(&set, &values);
	dns_set_release(&set);
	strs_release(&values);
	strs_add(&hosts, r->target != NULL ? r->target : "");
	mx_sight_take(a, r->name, false, &hosts, &sight);
	assert(sight.state < MX_STATES);
	strs_release(&hosts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dns_answer a;
	size_t i;

	dns_message_read(data, len, &a);
	assert(a.outcome != DNS_MALFORMED || a.n == 0);
	for (i = 0; i < a.n && i < 100; i++)
		look_at(&a, &a.v[i]);
	dns_answer_release(&a);
	return 0;
}
