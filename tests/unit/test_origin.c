#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "restore/journal.h"
#include "tests/unit/origin_kit.h"
#include "tests/unit/tempdir.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* What is restored of chains, known beforehand or as a stream. */

/* Sorted; the number behind the folder is its UIDVALIDITY. */
static const char *const MAILBOX[] = {
	"INBOX.1000/1 one; INBOX.1000/2 two; INBOX.1000/5 five; "
	"Sent.1001/1 sent; Sent.1001/2 one",
	"INBOX.1000/1 S later one; INBOX.1000/5 five; INBOX.1000/7 seven; "
	"Sent.1001/1 sent; Sent.1001/2 one; Sent.1001/3 two; "
	"Sent.1001/4 seven",
	"Archive.1001/1 sent; Archive.1001/2 one; Archive.1001/3 two; "
	"Archive.1001/4 seven; INBOX.77/1 five; INBOX.77/2 eight",
};

static bool
wants_sent(void *arg, const struct origin_message *m)
{
	(void)arg;
	return strcmp(m->folder, "Sent") == 0;
}

static void
assert_restores(struct chain *c, const char *which, uint32_t at,
    const char *wanted)
{
	const struct origin_options o = { .at = at };
	enum rc rc;
	char *got;

	if (chain_open(c, which, &o) != RC_OK)
		fail_msg("%s: %s", which, c->f.text);
	got = chain_read(c, chain_wants_all, &rc);
	if (rc != RC_END)
		fail_msg("%s: %s", which, c->f.text);
	assert_string_equal(got, wanted);
	assert_non_null(origin_final(c->o));
	free(got);
	origin_free(c->o);
}

static const struct row {
	const char *which;
	uint32_t at;
	size_t generation;
} rows[] = {
	{ "1", 0, 1 },
	{ "1", 1, 1 },
	{ "-1", 0, 1 },
	{ "-1", 1, 1 },
	{ "12", 0, 2 },
	{ "21", 0, 2 },
	{ "312", 0, 3 },
	{ "312", 1, 1 },
	{ "31-2", 2, 2 },
	{ "1-2", 0, 2 },
	{ "-21", 0, 2 },
	{ "21-3", 0, 3 },
};

static void
the_mailbox_is_the_same_by_every_way(void **state)
{
	struct chain c;
	size_t i;

	(void)state;
	chain_make(&c);
	for (i = 0; i < N(rows); i++)
		assert_restores(&c, rows[i].which, rows[i].at,
		    MAILBOX[rows[i].generation - 1]);
	chain_finish(&c);
}

static void
a_stream_brings_its_own_before_its_end(void **state)
{
	static const struct origin_options none = { .at = 0 };
	struct kit_archive *a;
	struct chain c;
	enum rc rc;
	char *got;

	(void)state;
	chain_make(&c);
	/* Without the last octets there is no final. */
	a = &c.kin.archive[1];
	a->bytes.len -= 600;
	assert_int_equal(chain_open(&c, "1-2", &none), RC_OK);
	got = chain_read(&c, chain_wants_all, &rc);
	assert_int_equal(rc, RC_STORE);
	assert_int_equal(c.f.cause, CAUSE_DATA);
	assert_non_null(strstr(c.f.text, "truncated"));
	assert_null(origin_final(c.o));
	assert_string_equal(got,
	    "INBOX.1000/7 seven; Sent.1001/3 two; Sent.1001/4 seven");
	free(got);
	origin_free(c.o);
	chain_finish(&c);
}

static void
segments_without_a_wanted_message_are_passed_over(void **state)
{
	static const struct origin_options chain = { .chain = true };
	struct chain c;
	enum rc rc;
	char *got;

	(void)state;
	chain_make(&c);
	assert_int_equal(chain_open(&c, "1", &chain), RC_OK);
	assert_true(origin_has_chain(c.o));
	got = chain_read(&c, wants_sent, &rc);
	assert_int_equal(rc, RC_END);
	assert_string_equal(got, "Sent.1001/1 sent; Sent.1001/2 one");
	/* "one" lies in the first of three, "sent" in the second. */
	assert_int_equal(c.rounds, 2);
	free(got);
	origin_free(c.o);
	chain_finish(&c);
}

static const struct refusal {
	const char *which;
	uint32_t at;
	uint32_t last;
	const char *final;
	enum cause cause;
	const char *why;
} refusals[] = {
	{ "13", 0, 0, NULL, CAUSE_DATA, "missing" },
	{ "1-3", 0, 0, NULL, CAUSE_DATA,
	    "on standard input is generation 3, and has to be 2" },
	{ "2-1", 0, 0, NULL, CAUSE_DATA, "which was not given" },
	{ "1-1", 0, 0, NULL, CAUSE_DATA, "generation 1, and has to be 2" },
	{ "12", 3, 0, NULL, CAUSE_USAGE, "3" },
	{ "-1-2", 0, 0, NULL, CAUSE_USAGE, "given twice" },
	{ "12", 0, 3, NULL, CAUSE_DATA,
	    "of generation 2, and the last one was to be 3" },
	{ "12", 0, 1, NULL, CAUSE_DATA,
	    "of generation 2, and the last one was to be 1" },
	{ "12", 0, 0, "00", CAUSE_DATA,
	    "its final does not have the hash 0000" },
};

static void
what_is_not_the_chain_is_refused_by_name(void **state)
{
	static const struct hash zero = { { 0 } };
	struct origin_options o;
	struct chain c;
	size_t i;

	(void)state;
	chain_make(&c);
	for (i = 0; i < N(refusals); i++) {
		o = (struct origin_options){ .at = refusals[i].at,
			.last = refusals[i].last,
			.final = refusals[i].final != NULL ? &zero : NULL };
		assert_int_equal(chain_open(&c, refusals[i].which, &o),
		    RC_STORE);
		assert_null(c.o);
		if (strstr(c.f.text, refusals[i].why) == NULL)
			fail_msg("%s: %s", refusals[i].which, c.f.text);
		assert_int_equal(c.f.cause, refusals[i].cause);
	}
	chain_finish(&c);
}

/* A parent of the same number and key, and another archive. */
static void
a_delta_of_another_full_archive_is_refused(void **state)
{
	static const struct origin_options none = { .at = 0 };
	struct chain c;

	(void)state;
	chain_make(&c);
	chain_replace_first(&c);
	assert_int_equal(chain_open(&c, "1-2", &none), RC_STORE);
	assert_int_equal(c.f.cause, CAUSE_DATA);
	assert_non_null(strstr(c.f.text, "on standard input goes on with"));
	assert_int_equal(chain_open(&c, "12", &none), RC_STORE);
	assert_int_equal(c.f.cause, CAUSE_DATA);
	chain_finish(&c);
}

static struct journal *
open_journal(struct chain *c, const char *name)
{
	static const struct journal_about about = { "a", "maildir:/x", "id" };
	struct journal *j = NULL;

	assert_int_equal(journal_open(tempdir_path(c->kin.kit.dir, name),
			     &about, false, &j, &c->f),
	    RC_OK);
	return j;
}

/* Its parent is known by the journal of an earlier run, or not at all. */
static void
a_delta_alone_goes_on_with_what_was_brought(void **state)
{
	static const struct origin_options none = { .at = 0 };
	static const char *const which[] = { "2", "-2" };
	const struct archive_header *h;
	struct journal *j;
	struct chain c;
	size_t i;

	(void)state;
	chain_make(&c);
	for (i = 0; i < N(which); i++) {
		j = open_journal(&c, which[i]);
		assert_int_equal(chain_open(&c, which[i], &none), RC_OK);
		assert_int_equal(origin_check_journal(c.o, j, &c.f), RC_STORE);
		assert_int_equal(c.f.cause, CAUSE_DATA);
		assert_non_null(strstr(c.f.text, "is generation 2 of a chain"));
		h = origin_header(c.o);
		assert_int_equal(journal_archive(j, h->parent, &h->parent_final,
				     &c.f),
		    RC_OK);
		journal_free(j);
		j = open_journal(&c, which[i]);
		assert_int_equal(origin_check_journal(c.o, j, &c.f), RC_OK);
		origin_free(c.o);
		journal_free(j);
	}
	chain_finish(&c);
}

static void
what_was_expected_is_taken(void **state)
{
	struct origin_options o = { .last = 3 };
	struct hash final;
	struct chain c;

	(void)state;
	chain_make(&c);
	assert_int_equal(chain_open(&c, "321", &o), RC_OK);
	final = origin_final(c.o)->hash;
	origin_free(c.o);
	o = (struct origin_options){ .final = &final };
	assert_int_equal(chain_open(&c, "123", &o), RC_OK);
	origin_free(c.o);
	/* An older chain does not have it. */
	assert_int_equal(chain_open(&c, "12", &o), RC_STORE);
	chain_finish(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mailbox_is_the_same_by_every_way),
		cmocka_unit_test(a_stream_brings_its_own_before_its_end),
		cmocka_unit_test(
		    segments_without_a_wanted_message_are_passed_over),
		cmocka_unit_test(what_is_not_the_chain_is_refused_by_name),
		cmocka_unit_test(a_delta_of_another_full_archive_is_refused),
		cmocka_unit_test(a_delta_alone_goes_on_with_what_was_brought),
		cmocka_unit_test(what_was_expected_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
