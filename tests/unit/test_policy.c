#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/policy.h"

typedef void judge_fn(const char *text, struct policy *r);

enum { FINE, WARN, WRONG, OTHER };

/* of 512 bits: a key that nobody should have */
#define SHORT                                                              \
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMmsbdoxH7b+cmUp4rKz7TfNMC2NS8hH" \
	"xjRzlOdq2V/QOPvBZBbnH7MojI3PdkRWF0PQvyYyyr+p0ZyDJnYe2z0CAwEAAQ=="

static const struct {
	judge_fn *judge;
	const char *text;
	int wanted;
	const char *said;
} rows[] = {
	{ policy_dkim, "v=DKIM1; p=", WRONG, "revoked" },
	{ policy_dkim, "v=DKIM1; p=AAAA", WRONG, "no RSA key" },
	{ policy_dkim, "v=DKIM1; p=*", WRONG, "no base64" },
	{ policy_dkim, "v=DKIM2; p=AAAA", WRONG, "not of version DKIM1" },
	{ policy_dkim, "k=rsa; p=" SHORT, WRONG, "512 bits: shorter" },
	{ policy_dkim, "k=dsa; p=AAAA", WRONG, "nobody knows" },
	{ policy_dkim, "k=ed25519; p=AAAA", WRONG, "not 32 octets" },
	{ policy_dkim,
	    "v=DKIM1; k=ed25519; "
	    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
	    FINE, "Ed25519" },
	/* folded, as files of zones have it */
	{ policy_dkim,
	    "k=ed25519;\tp=11qYAYKxCrfVS/7TyWQHOg7h cvPapiMlrwIaaPcHURo= ;",
	    FINE, "Ed25519" },
	{ policy_dkim,
	    "k=ed25519; t=s:y; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
	    WARN, "tests only" },
	{ policy_dkim, "k=rsa", OTHER, "no DKIM key" },
	{ policy_dkim, "p=AAAA; p=AAAA", WRONG, "no DKIM key" },
	{ policy_dmarc, "v=DMARC1; p=none", FINE, "policy none" },
	{ policy_dmarc, "v=DMARC1;p=reject;sp=none;pct=7;", FINE,
	    "policy reject, of subdomains none, of 7 %" },
	{ policy_dmarc, "v=DMARC1; rua=mailto:a@b.example", WRONG, "no p=" },
	{ policy_dmarc, "v=DMARC1; p=maybe", WRONG, "not none, quarantine" },
	{ policy_dmarc, "v=DMARC1; p=none; pct=101", WARN, "pct=" },
	{ policy_dmarc, "v=DMARC1; p=none; sp=x", WARN, "sp=" },
	{ policy_dmarc, "v=DMARC1; p=none; nonsense", WRONG, "no DMARC" },
	{ policy_dmarc, "p=none; v=DMARC1", OTHER, "no DMARC record" },
	{ policy_dmarc, "v=spf1 -all", OTHER, "no DMARC record" },
	{ policy_sts, "v=STSv1; id=20261125", FINE, "id 20261125" },
	{ policy_sts, "v=STSv1;", WRONG, "no id=" },
	{ policy_sts, "v=STSv2; id=1", OTHER, "no MTA-STS" },
};

static void
each_record_is_judged_with_words(void **state)
{
	struct policy p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rows[i].judge(rows[i].text, &p);
		if (strstr(buf_str(&p.said), rows[i].said) == NULL)
			fail_msg("%s: %s", rows[i].text, buf_str(&p.said));
		assert_int_equal(p.is, rows[i].wanted != OTHER);
		assert_int_equal(p.wrong,
		    rows[i].wanted == WRONG || rows[i].wanted == OTHER);
		assert_int_equal(p.warn, rows[i].wanted == WARN);
		policy_release(&p);
	}
}

static void
a_tag_stands_once_and_blanks_around_it_do_not_count(void **state)
{
	static const char *const bad[] = { "", ";", "a", "a=1;a=2", "=1", "1=a",
		"a b=1", "a=1;;b" };
	struct taglist l;
	size_t i;

	(void)state;
	assert_true(taglist_parse(" a = x y ;\r\n\tb=;c_1=2;", &l));
	assert_int_equal(l.n, 3);
	assert_string_equal(taglist_get(&l, "a"), "x y");
	assert_string_equal(taglist_get(&l, "b"), "");
	assert_string_equal(taglist_get(&l, "c_1"), "2");
	assert_null(taglist_get(&l, "A"));
	taglist_release(&l);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(taglist_parse(bad[i], &l));
		taglist_release(&l);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_record_is_judged_with_words),
		cmocka_unit_test(
		    a_tag_stands_once_and_blanks_around_it_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
