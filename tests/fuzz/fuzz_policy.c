/* Tag lists of DKIM, DMARC and MTA-STS: what is wrong with one has words. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dns/policy.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check(void (*judge)(const char *, struct policy *), const char *text)
{
	struct policy p;

	judge(text, &p);
	assert(p.said.len > 0);
	policy_release(&p);
}

static void
check_name(const char *text)
{
	struct fault f = FAULT_INIT;
	char *name, *again;

	if (dns_name_take("", text, &name, &f) != RC_OK)
		return;
	assert(strlen(name) <= DNS_NAME_MAX && dns_name_is_in(name, name));
	assert(dns_name_take("", name, &again, &f) == RC_OK);
	assert(strcmp(name, again) == 0);
	free(name);
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = xstrndup((const char *)data, len);
	struct taglist l;
	size_t i;

	(void)taglist_parse(text, &l);
	for (i = 0; i < l.n; i++)
		assert(taglist_get(&l, l.v[i].name) == l.v[i].value);
	taglist_release(&l);
	check(policy_dkim, text);
	check(policy_dmarc, text);
	check(policy_sts, text);
	check_name(text);
	free(text);
	return 0;
}
