/* An SPF record is taken or refused with words, and a walk of one that
 * includes itself in every way comes to an end. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dns/spf.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Every name has this record, whatever is asked for. */
static enum rc
answer(void *arg, const char *name, enum dns_type type, struct dns_answer *r,
    struct fault *f)
{
	(void)f;
	memset(r, 0, sizeof(*r));
	if (type != DNS_TXT)
		return RC_OK;
	r->v = xcalloc(1, sizeof(*r->v));
	r->n = 1;
	r->v->type = DNS_TXT;
	r->v->name = xstrdup(name);
	r->v->text = xstrdup(arg);
	return RC_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dns_servers addresses = { .n = 0 };
	struct fault f = FAULT_INIT;
	struct buf wrong = BUF_INIT;
	enum spf_result result[2];
	struct dns_server s;
	struct spf_walk w = { .ask = answer,
		.addresses = &addresses,
		.result = result };
	struct spf spf;
	char *text = xstrndup((const char *)data, len);
	bool good;

	good = spf_parse(text, &spf, &wrong);
	assert(good == (wrong.len == 0));
	spf_release(&spf);
	buf_release(&wrong);
	assert(dns_server_take("", "192.0.2.1", &s, &f) == RC_OK);
	dns_servers_add(&addresses, &s);
	assert(dns_server_take("", "2001:db8::1", &s, &f) == RC_OK);
	dns_servers_add(&addresses, &s);
	w.arg = text;
	assert(spf_run(&w, "a.example", text, &f) == RC_OK);
	assert(good || w.wrong.len > 0);
	buf_release(&w.wrong);
	dns_servers_release(&addresses);
	free(text);
	return 0;
}
