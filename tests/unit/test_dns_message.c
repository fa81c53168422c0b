#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/message.h"
#include "util/buf.h"

/* The name that was asked for. */
#define OWN "\xc0\x0c"

static void
put16(struct buf *b, unsigned v)
{
	buf_addc(b, (int)(v >> 8 & 0xff));
	buf_addc(b, (int)(v & 0xff));
}

/* A question about a.example, with so many records to come. */
static void
begin(struct buf *b, unsigned flags, unsigned answers, unsigned authorities)
{
	put16(b, 7);
	put16(b, flags);
	put16(b, 1);
	put16(b, answers);
	put16(b, authorities);
	put16(b, 0);
	buf_add(b, "\1a\7example\0\0\17\0\1", 15);
}

static void
record(struct buf *b, const char *owner, size_t n, enum dns_type type,
    uint32_t ttl)
{
	buf_add(b, owner, n);
	put16(b, (unsigned)type);
	put16(b, 1);
	put16(b, ttl >> 16);
	put16(b, ttl & 0xffff);
}

static void
data(struct buf *b, const char *p, size_t n)
{
	put16(b, (unsigned)n);
	buf_add(b, p, n);
}

static void
read_it(struct buf *b, struct dns_answer *a)
{
	dns_message_read(b->data, b->len, a);
	buf_release(b);
}

static void
each_type_has_one_way_to_be_written(void **state)
{
	static const struct {
		enum dns_type type;
		const char *p;
		size_t n;
		const char *text;
		const char *target;
	} rows[] = {
		{ DNS_A, "\300\0\2\1", 4, "192.0.2.1", NULL },
		{ DNS_AAAA, "\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1", 16,
		    "2001:db8::1", NULL },
		{ DNS_NS, OWN, 2, "a.example", "a.example" },
		{ DNS_CNAME, "\1B\xc0\x0c", 4, "b.a.example", "b.a.example" },
		{ DNS_MX, "\0\012\2MX\xc0\x0c", 7, "10 mx.a.example",
		    "mx.a.example" },
		{ DNS_MX, "\0\0\0", 3, "0 .", "" },
		{ DNS_TXT, "\2v=\4spf1", 8, "v=spf1", NULL },
		{ DNS_TXT, "\3a\0b", 4,
		    "a\xef\xbf\xbd"
		    "b",
		    NULL },
		{ DNS_SRV, "\0\1\0\2\3\341\xc0\x0c", 8, "1 2 993 a.example",
		    "a.example" },
		{ DNS_TLSA, "\3\1\1\253\315", 5, "3 1 1 abcd", NULL },
	};
	struct dns_answer a;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		b = (struct buf)BUF_INIT;
		begin(&b, 0x8400, 1, 0);
		record(&b, OWN, 2, rows[i].type, 60);
		data(&b, rows[i].p, rows[i].n);
		read_it(&b, &a);
		assert_int_equal(a.outcome, DNS_ANSWERED);
		assert_true(a.authoritative);
		assert_int_equal(a.n, 1);
		assert_string_equal(a.v[0].text, rows[i].text);
		assert_string_equal(a.v[0].name, "a.example");
		assert_int_equal(a.v[0].ttl, 60);
		if (rows[i].target != NULL)
			assert_string_equal(a.v[0].target, rows[i].target);
		dns_answer_release(&a);
	}
}

static void
what_cannot_be_read_makes_all_malformed(void **state)
{
	static const struct {
		enum dns_type type;
		const char *p;
		size_t n;
	} rows[] = {
		{ DNS_A, "\300\0\2", 3 },
		{ DNS_AAAA, "\300\0\2\1", 4 },
		{ DNS_MX, "\0\1", 2 },
		{ DNS_MX, "\0\1\xc0\x0cx", 5 }, /* more behind it */
		{ DNS_MX, "\0\1\xff\xff", 4 },  /* out of the message */
		{ DNS_MX, "\0\1\xc0\x29", 4 },  /* at itself */
		{ DNS_TXT, "\5ab", 3 },
		{ DNS_SRV, "\0\1\0\2\0", 5 },
		{ DNS_SOA, OWN OWN "\0\0\0\1", 8 },
		{ DNS_TLSA, "\3\1\1", 3 },
		{ DNS_NS, "", 0 },
	};
	struct dns_answer a;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		b = (struct buf)BUF_INIT;
		begin(&b, 0x8400, 1, 0);
		record(&b, OWN, 2, rows[i].type, 60);
		data(&b, rows[i].p, rows[i].n);
		read_it(&b, &a);
		assert_int_equal(a.outcome, DNS_MALFORMED);
		assert_int_equal(a.n, 0);
	}
	/* no answer at all, and none that is one */
	b = (struct buf)BUF_INIT;
	begin(&b, 0x0000, 0, 0);
	read_it(&b, &a);
	assert_int_equal(a.outcome, DNS_MALFORMED);
	dns_message_read((const unsigned char *)"", 0, &a);
	assert_int_equal(a.outcome, DNS_MALFORMED);
}

static void
the_code_tells_what_became_of_it(void **state)
{
	static const enum dns_outcome wanted[] = { DNS_ANSWERED, DNS_ODD,
		DNS_SERVFAIL, DNS_NO_NAME, DNS_ODD, DNS_REFUSED };
	struct dns_answer a;
	struct buf b;
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		b = (struct buf)BUF_INIT;
		begin(&b, 0x8000 | i, 0, 0);
		read_it(&b, &a);
		assert_int_equal(a.outcome, wanted[i]);
		assert_false(a.authoritative);
	}
}

static void
a_ttl_with_the_top_bit_is_none(void **state)
{
	struct buf b = BUF_INIT;
	struct dns_answer a;

	(void)state;
	begin(&b, 0x8400, 1, 0);
	record(&b, OWN, 2, DNS_A, 0x80000000);
	data(&b, "\300\0\2\1", 4);
	read_it(&b, &a);
	assert_int_equal(a.v[0].ttl, 0);
	dns_answer_release(&a);
}

static void
aliases_are_followed_and_others_passed_over(void **state)
{
	struct buf b = BUF_INIT;
	struct strs v = STRS_INIT;
	struct dns_answer a;
	struct dns_set s;

	(void)state;
	begin(&b, 0x8400, 4, 0);
	record(&b, OWN, 2, DNS_CNAME, 50);
	data(&b, "\1b\xc0\x0c", 4);
	record(&b, "\1b\xc0\x0c", 4, DNS_A, 300);
	data(&b, "\300\0\2\2", 4);
	record(&b, "\1b\xc0\x0c", 4, DNS_A, 300);
	data(&b, "\300\0\2\1", 4);
	record(&b, "\1x\xc0\x0c", 4, DNS_A, 5);
	data(&b, "\300\0\2\3", 4);
	read_it(&b, &a);
	dns_set_take(&a, "a.example", DNS_A, &s);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ttl, 50);
	assert_string_equal(s.first, "b.a.example");
	dns_set_values(&s, &v);
	assert_string_equal(v.v[0], "192.0.2.1");
	assert_string_equal(v.v[1], "192.0.2.2");
	strs_release(&v);
	dns_set_release(&s);
	dns_answer_release(&a);
}

static void
aliases_in_a_circle_end(void **state)
{
	struct buf b = BUF_INIT;
	struct dns_answer a;
	struct dns_set s;

	(void)state;
	begin(&b, 0x8400, 2, 0);
	record(&b, OWN, 2, DNS_CNAME, 50);
	data(&b, "\1b\xc0\x0c", 4);
	record(&b, "\1b\xc0\x0c", 4, DNS_CNAME, 50);
	data(&b, OWN, 2);
	read_it(&b, &a);
	dns_set_take(&a, "a.example", DNS_MX, &s);
	assert_true(s.loop);
	assert_int_equal(s.n, 0);
	dns_set_release(&s);
	dns_answer_release(&a);
}

static void
what_is_not_there_is_kept_for_the_lesser_time(void **state)
{
	struct buf b = BUF_INIT;
	struct dns_answer a;
	struct dns_set s;

	(void)state;
	begin(&b, 0x8003, 0, 1);
	record(&b, OWN, 2, DNS_SOA, 900);
	data(&b, OWN OWN "\0\0\0\7\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\74", 24);
	read_it(&b, &a);
	assert_int_equal(a.outcome, DNS_NO_NAME);
	assert_int_equal(a.v[0].number, 7);
	dns_set_take(&a, "a.example", DNS_MX, &s);
	assert_int_equal(s.n, 0);
	assert_int_equal(s.ttl, 60);
	dns_set_release(&s);
	dns_answer_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_has_one_way_to_be_written),
		cmocka_unit_test(what_cannot_be_read_makes_all_malformed),
		cmocka_unit_test(the_code_tells_what_became_of_it),
		cmocka_unit_test(a_ttl_with_the_top_bit_is_none),
		cmocka_unit_test(aliases_are_followed_and_others_passed_over),
		cmocka_unit_test(aliases_in_a_circle_end),
		cmocka_unit_test(what_is_not_there_is_kept_for_the_lesser_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
