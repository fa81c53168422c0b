#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/mx.h"

enum { NOW = 1000000 };

/* "A" and "R" are an authoritative server and a resolver; "n", "m", "o" and
 * "u" what they said: "An60 Ro30". */
static size_t
sights(const char *s, struct mx_sight *r)
{
	static const char states[] = "nmou";
	size_t n = 0;
	char *end;

	while (*s != '\0') {
		r[n].authoritative = *s == 'A';
		r[n].state = (enum mx_state)(strchr(states, s[1]) - states);
		r[n++].ttl = (uint32_t)strtoul(s + 2, &end, 10);
		s = end + strspn(end, " ");
	}
	return n;
}

static void
the_old_server_is_forgotten_when_all_caches_have_run_out(void **state)
{
	static const struct {
		const char *seen;
		int64_t moved_at;
		uint32_t before;
		bool moved, everywhere;
		int64_t asked, unasked;
	} rows[] = {
		{ "An60 Rn60", 0, 0, true, true, NOW, NOW + 60 },
		{ "An60 An90 Rn1", 0, 0, true, true, NOW, NOW + 90 },
		{ "An60 Ro30 Rm45", 0, 0, true, false, NOW + 45, NOW + 60 },
		/* the TTL was lowered before it moved */
		{ "An60 Rn60", NOW - 100, 3600, true, true, NOW, NOW + 3500 },
		{ "An60 Rn60", NOW - 100, 0, true, true, NOW, NOW - 40 },
		/* as long as one tells of the old, anybody may learn it */
		{ "An60 Ao60 Rn60", 0, 0, false, false, 0, 0 },
		{ "Am60 Rn60", 0, 0, false, false, 0, 0 },
		{ "Ao60 Ro60", 0, 0, false, false, 0, 0 },
		/* who does not answer is not everybody */
		{ "An60 Au0 Rn60", 0, 0, true, false, NOW, NOW + 60 },
		{ "An60 Rn60 Ru0", 0, 0, true, false, NOW, NOW + 60 },
		{ "Au0 Rn60", 0, 0, false, false, 0, 0 },
		{ "Rn60", 0, 0, false, false, 0, 0 },
		{ "", 0, 0, false, false, 0, 0 },
	};
	struct mx_verdict v;
	struct mx_sight s[4];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mx_judge(s, sights(rows[i].seen, s), NOW, rows[i].moved_at,
		    rows[i].before, &v);
		assert_int_equal(v.moved, rows[i].moved);
		assert_int_equal(v.everywhere, rows[i].everywhere);
		assert_int_equal(v.asked_at, rows[i].asked);
		assert_int_equal(v.unasked_at, rows[i].unasked);
	}
}

static struct dns_record
mx(const char *target)
{
	return (struct dns_record){ .type = DNS_MX,
		.ttl = 60,
		.name = (char *)(uintptr_t) "a.example",
		.text = (char *)(uintptr_t)target,
		.target = (char *)(uintptr_t)target };
}

static void
what_a_server_says_is_new_mixed_old_or_nothing(void **state)
{
	static const struct {
		const char *first, *second;
		enum dns_outcome outcome;
		bool aa, authoritative;
		enum mx_state wanted;
	} rows[] = {
		{ "new", NULL, DNS_ANSWERED, true, true, MX_NEW },
		{ "new", "new2", DNS_ANSWERED, true, true, MX_NEW },
		{ "new", "old", DNS_ANSWERED, true, true, MX_MIXED },
		{ "old", NULL, DNS_ANSWERED, false, false, MX_OLD },
		{ NULL, NULL, DNS_ANSWERED, true, true, MX_OLD },
		{ "", NULL, DNS_ANSWERED, true, true, MX_OLD },
		{ NULL, NULL, DNS_NO_NAME, true, true, MX_OLD },
		/* lame */
		{ "new", NULL, DNS_ANSWERED, false, true, MX_UNKNOWN },
		{ NULL, NULL, DNS_REFUSED, false, true, MX_UNKNOWN },
		{ NULL, NULL, DNS_SERVFAIL, false, false, MX_UNKNOWN },
		{ NULL, NULL, DNS_TIMEOUT, false, false, MX_UNKNOWN },
	};
	struct strs hosts = STRS_INIT;
	struct dns_record r[2];
	struct dns_answer a;
	struct mx_sight s;
	size_t i;

	(void)state;
	strs_add(&hosts, "new");
	strs_add(&hosts, "new2");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a = (struct dns_answer){ rows[i].outcome, rows[i].aa, r, 0 };
		if (rows[i].first != NULL)
			r[a.n++] = mx(rows[i].first);
		if (rows[i].second != NULL)
			r[a.n++] = mx(rows[i].second);
		mx_sight_take(&a, "a.example", rows[i].authoritative, &hosts,
		    &s);
		assert_int_equal(s.state, rows[i].wanted);
	}
	strs_release(&hosts);
}

static void
times_are_told_in_two_units(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = { { 0, "0 s" }, { -5, "0 s" }, { 59, "59 s" },
		{ 60, "1 min" }, { 725, "12 min 5 s" }, { 3600, "1 h" },
		{ 12000, "3 h 20 min" }, { 187200, "2 d 4 h" } };
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		mx_duration(&b, rows[i].seconds);
		assert_string_equal(buf_str(&b), rows[i].text);
	}
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_old_server_is_forgotten_when_all_caches_have_run_out),
		cmocka_unit_test(
		    what_a_server_says_is_new_mixed_old_or_nothing),
		cmocka_unit_test(times_are_told_in_two_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
