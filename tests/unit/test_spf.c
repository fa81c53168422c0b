#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/spf.h"
#include "util/mem.h"

static void
terms_that_no_receiver_takes_are_named(void **state)
{
	static const struct {
		const char *text;
		const char *wrong; /* NULL: none */
	} rows[] = {
		{ "v=spf1 -all", NULL },
		{ "V=SPF1 IP4:192.0.2.1 MX -ALL", NULL },
		{ "v=spf1", NULL },
		{ "v=spf1   a  a:b.example/24//64 mx//64 ptr ?all", NULL },
		{ "v=spf1 ip6:2001:db8::/32 exists:%{i}.b.example", NULL },
		{ "v=spf1 redirect=b.example exp=c.example x-y=z", NULL },
		{ "v=spf10 -all", "begin" },
		{ "v=spf1 ipv4:192.0.2.1", "'ipv4:192.0.2.1'" },
		{ "v=spf1 ip4:192.0.2.256", "ip4:" },
		{ "v=spf1 ip4:192.0.2.0/33", "ip4:" },
		{ "v=spf1 ip4:192.0.2.0//24", "ip4:" },
		{ "v=spf1 ip6:192.0.2.1", "ip6:" },
		{ "v=spf1 include", "'include'" },
		{ "v=spf1 include: -all", "'include:'" },
		{ "v=spf1 all:b.example", "all:" },
		{ "v=spf1 a/33", "a/33" },
		{ "v=spf1 a//129", "a//129" },
		{ "v=spf1 redirect=", "redirect=" },
		{ "v=spf1 -", "'-'" },
		{ "v=spf1 b.example", "'b.example'" },
	};
	struct buf wrong = BUF_INIT;
	struct spf spf;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&wrong);
		assert_int_equal(spf_parse(rows[i].text, &spf, &wrong),
		    rows[i].wrong == NULL);
		if (rows[i].wrong != NULL)
			assert_non_null(strstr(buf_str(&wrong), rows[i].wrong));
		spf_release(&spf);
	}
	buf_release(&wrong);
}

/* A world of few names. */
static enum rc
answer(void *arg, const char *name, enum dns_type type, struct dns_answer *r,
    struct fault *f)
{
	static const struct {
		const char *name;
		enum dns_type type;
		const char *text;
		const char *target;
	} world[] = {
		{ "host.example", DNS_A, "192.0.2.1", NULL },
		{ "host.example", DNS_AAAA, "2001:db8::1", NULL },
		{ "four.example", DNS_TXT, "v=spf1 ip4:192.0.2.0/24 -all",
		    NULL },
		{ "soft.example", DNS_TXT, "v=spf1 ~all", NULL },
		{ "mail.example", DNS_MX, "5 host.example", "host.example" },
		{ "self.example", DNS_TXT, "v=spf1 include:self.example",
		    NULL },
		{ "two.example", DNS_TXT, "v=spf1 -all", NULL },
		{ "two.example", DNS_TXT, "v=spf1 +all", NULL },
		{ "bad.example", DNS_TXT, "v=spf1 nonsense", NULL },
	};
	size_t i, cap = 0;

	(void)arg;
	(void)f;
	memset(r, 0, sizeof(*r));
	for (i = 0; i < sizeof(world) / sizeof(world[0]); i++) {
		if (world[i].type != type || strcmp(world[i].name, name) != 0)
			continue;
		r->v = xgrow(r->v, r->n, &cap, sizeof(*r->v));
		r->v[r->n++] = (struct dns_record){ .type = type,
			.name = xstrdup(name),
			.text = xstrdup(world[i].text),
			.target = world[i].target == NULL ?
			    NULL :
			    xstrdup(world[i].target) };
	}
	return RC_OK;
}

static void
an_address_is_allowed_or_not_and_lookups_are_counted(void **state)
{
	static const struct {
		const char *text;
		enum spf_result four, six; /* 192.0.2.1, 2001:db8::1 */
		unsigned lookups;
		const char *wrong;
	} rows[] = {
		{ "v=spf1 ip4:192.0.2.1 -all", SPF_PASS, SPF_FAIL, 0, NULL },
		{ "v=spf1 ip4:192.0.3.1/23 ~all", SPF_PASS, SPF_SOFT, 0, NULL },
		{ "v=spf1 ip4:192.0.3.1/24 ?all", SPF_NEUTRAL, SPF_NEUTRAL, 0,
		    NULL },
		{ "v=spf1 ip6:2001:db8::/32", SPF_NO_MATCH, SPF_PASS, 0, NULL },
		{ "v=spf1 -ip4:192.0.2.1 +all", SPF_FAIL, SPF_PASS, 0, NULL },
		{ "v=spf1 a:host.example -all", SPF_PASS, SPF_PASS, 1, NULL },
		{ "v=spf1 mx:mail.example -all", SPF_PASS, SPF_PASS, 1, NULL },
		{ "v=spf1 include:four.example ~all", SPF_PASS, SPF_SOFT, 1,
		    NULL },
		/* what is included and does not pass matches nothing */
		{ "v=spf1 include:soft.example -all", SPF_FAIL, SPF_FAIL, 1,
		    NULL },
		{ "v=spf1 redirect=four.example", SPF_PASS, SPF_FAIL, 1, NULL },
		{ "v=spf1 -all redirect=four.example", SPF_FAIL, SPF_FAIL, 0,
		    NULL },
		{ "v=spf1 exists:%{i}.b.example -all", SPF_UNTOLD, SPF_UNTOLD,
		    1, NULL },
		{ "v=spf1 include:nobody.example -all", SPF_FAIL, SPF_FAIL, 1,
		    "has no SPF record" },
		{ "v=spf1 include:two.example -all", SPF_FAIL, SPF_FAIL, 1,
		    "more than one" },
		{ "v=spf1 include:bad.example -all", SPF_FAIL, SPF_FAIL, 1,
		    "bad.example: 'nonsense'" },
		{ "v=spf1 a:x1 a:x2 a:x3 -all", SPF_FAIL, SPF_FAIL, 3,
		    "find nothing" },
		{ "v=spf1 include:self.example -all", SPF_FAIL, SPF_FAIL, 11,
		    "never end" },
	};
	enum spf_result result[2];
	struct dns_servers addresses = { .n = 0 };
	struct spf_walk w = { .ask = answer,
		.addresses = &addresses,
		.result = result };
	struct fault f = FAULT_INIT;
	struct dns_server s;
	size_t i;

	(void)state;
	assert_int_equal(dns_server_take("", "192.0.2.1", &s, &f), RC_OK);
	dns_servers_add(&addresses, &s);
	assert_int_equal(dns_server_take("", "2001:db8::1", &s, &f), RC_OK);
	dns_servers_add(&addresses, &s);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(spf_run(&w, "a.example", rows[i].text, &f),
		    RC_OK);
		assert_int_equal(result[0], rows[i].four);
		assert_int_equal(result[1], rows[i].six);
		assert_int_equal(w.lookups, rows[i].lookups);
		if (rows[i].wrong == NULL)
			assert_int_equal(w.wrong.len, 0);
		else
			assert_non_null(
			    strstr(buf_str(&w.wrong), rows[i].wrong));
		buf_release(&w.wrong);
	}
	dns_servers_release(&addresses);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms_that_no_receiver_takes_are_named),
		cmocka_unit_test(
		    an_address_is_allowed_or_not_and_lookups_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
