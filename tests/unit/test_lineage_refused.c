#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sodium.h>
#include <cmocka.h>

#include "tests/unit/lineage_kit.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const FOLDER[] = { "INBOX" };
static const char *const RENAMED[] = { "Archive", "INBOX" };
static const uint32_t BASE[] = { 1 };
static const uint32_t MADE_AGAIN[] = { 77 };
static const struct kit_mail MAIL[] = {
	{ .uid = 1, .bytes = "one" },
	{ .uid = 2, .bytes = "two" },
	{ .uid = 3, .bytes = "three" },
	{ .uid = 4, .bytes = "four" },
};

enum {
	FULL,
	CHILD,  /* of FULL */
	THIRD,  /* of CHILD */
	SECOND, /* another child of FULL */
	OTHER,  /* another full one */
	NEPHEW, /* of OTHER */
	STRANGER,
	PARTIAL,
	RESCUED,
	ORPHAN, /* of RESCUED */
	COUSIN, /* of SECOND */
	ALL,
};

/* Each a message that the others have not. */
static void
add(struct kin_kit *k, const struct kit_plan *like, const size_t *parent,
    size_t n)
{
	struct kit_plan p = *like;

	p.folder = FOLDER;
	p.folders = 1;
	p.mail = &MAIL[n < N(MAIL) ? n : 0];
	p.n = 1;
	p.base = n > 0 ? BASE : NULL;
	kin_kit_child(k, &p, parent, n, 0);
}

static void
make(struct kin_kit *k)
{
	struct selection some;
	const struct kit_plan plain = { .n = 0 };
	const struct kit_plan stranger = { .account = "imap://eve@host" };
	const struct kit_plan partial = { .selection = &some };
	const struct kit_plan rescued = {
		.origin = "0123456789abcdef0123456789abcdef"
	};

	selection_init(&some);
	some.since = 5;
	kin_kit_open(k);
	add(k, &plain, NULL, 0);
	add(k, &plain, (const size_t[]){ FULL }, 1);
	add(k, &plain, (const size_t[]){ FULL, CHILD }, 2);
	add(k, &plain, (const size_t[]){ FULL }, 1);
	add(k, &plain, NULL, 0);
	add(k, &plain, (const size_t[]){ OTHER }, 1);
	add(k, &stranger, (const size_t[]){ FULL }, 1);
	add(k, &partial, (const size_t[]){ FULL }, 1);
	add(k, &rescued, NULL, 0);
	add(k, &plain, (const size_t[]){ RESCUED }, 1);
	add(k, &plain, (const size_t[]){ FULL, SECOND }, 2);
	assert_int_equal(k->n, ALL);
	selection_release(&some);
}

static const struct refused {
	size_t n;
	size_t order[3];
	const char *want;
} REFUSED[] = {
	{ 1, { CHILD }, "two: is generation 2 of a chain, a delta against" },
	{ 2, { CHILD, THIRD }, "two: is generation 2 of a chain" },
	{ 2, { THIRD, FULL }, "three (generation 3, " },
	{ 2, { THIRD, FULL }, "needs its parent, which is missing behind" },
	{ 3, { FULL, SECOND, CHILD }, "has the same parent as" },
	{ 2, { OTHER, FULL }, "starts another chain than" },
	{ 2, { CHILD, OTHER }, "two (generation 2, " },
	{ 2, { CHILD, OTHER }, "belongs to another chain than five (" },
	{ 3, { FULL, CHILD, NEPHEW }, "is of another branch of the chain" },
	{ 3, { FULL, CHILD, COUSIN }, "was not made from two (" },
	{ 3, { FULL, CHILD, FULL }, "is the same archive as" },
	{ 3, { CHILD, CHILD, FULL }, "is the same archive as" },
	{ 2, { STRANGER, FULL }, "is of another account than one (" },
	{ 2, { PARTIAL, FULL }, "selects other mail than one (" },
	{ 2, { ORPHAN, RESCUED }, "cannot go on with a salvaged archive" },
};

static void
what_is_no_chain_is_refused_by_name(void **state)
{
	const struct lineage_options o = { .at = 0 };
	const struct refused *p;
	struct lineage *l;
	struct fault f;
	struct kin_kit k;
	enum rc rc;

	(void)state;
	make(&k);
	for (p = REFUSED; p < REFUSED + N(REFUSED); p++) {
		f = (struct fault)FAULT_INIT;
		rc = kin_kit_lineage(&k, p->order, p->n, &o, &l, &f);
		if (rc != RC_STORE || f.cause != CAUSE_DATA ||
		    strstr(f.text, p->want) == NULL)
			fail_msg("wanted '%s', got %d '%s'", p->want, (int)rc,
			    f.text);
	}
	kin_kit_close(&k);
}

static void
one_salvaged_archive_is_a_chain(void **state)
{
	static const size_t alone[] = { RESCUED };
	const struct lineage_options o = { .at = 1 };
	struct fault f = FAULT_INIT;
	struct lineage *l;
	struct kin_kit k;

	(void)state;
	make(&k);
	assert_int_equal(kin_kit_lineage(&k, alone, 1, &o, &l, &f), RC_OK);
	assert_int_equal(lineage_count(l), 1);
	lineage_free(l);
	kin_kit_close(&k);
}

static void
a_torn_delta_is_refused(void **state)
{
	const struct lineage_options o = { .at = 1 };
	struct fault f = FAULT_INIT;
	struct lineage *l;
	struct kin_kit k;
	size_t n;

	(void)state;
	make(&k);
	n = k.archive[CHILD].bytes.len;
	for (k.archive[CHILD].bytes.len = n - 1; k.archive[CHILD].bytes.len > 0;
	     k.archive[CHILD].bytes.len -= n / 20 + 1) {
		assert_int_equal(kin_kit_lineage(&k,
				     (const size_t[]){ CHILD, FULL }, 2, &o, &l,
				     &f),
		    RC_STORE);
		assert_int_equal(f.cause, CAUSE_DATA);
		assert_non_null(strstr(f.text, "two"));
		if (k.archive[CHILD].bytes.len <= n / 20 + 1)
			break;
	}
	kin_kit_close(&k);
}

/* What a broken writer would sign. */
static const struct lie {
	struct kit_plan plan;
	const char *want;
} LIES[] = {
	{ { .folder = FOLDER,
	      .folders = 1,
	      .mail = &MAIL[3],
	      .n = 1,
	      .base = BASE },
	    "the state" },
	{ { .folder = FOLDER,
	      .folders = 1,
	      .base = BASE,
	      .uidvalidity = MADE_AGAIN },
	    "a folder goes on with one of another UIDVALIDITY" },
	{ { .folder = RENAMED,
	      .folders = 2,
	      .base = (const uint32_t[]){ 0, 1 } },
	    "a folder goes on with one of another UIDVALIDITY" },
	{ { .folder = FOLDER,
	      .folders = 1,
	      .base = BASE,
	      .gone = &MAIL[0],
	      .gones = 1 },
	    "a message was removed that was not there" },
	{ { .folder = FOLDER,
	      .folders = 1,
	      .base = BASE,
	      .flagged = &MAIL[0],
	      .flaggeds = 1 },
	    "flags of a message that is not there" },
	{ { .folder = FOLDER,
	      .folders = 1,
	      .mail = &MAIL[1],
	      .n = 1,
	      .base = BASE },
	    "a UID is there twice" },
};

/* Generation 3, made of what generation 1 was. */
static void
a_state_that_does_not_come_out_is_refused(void **state)
{
	static const size_t chain[] = { 0, 1 };
	const struct kit_plan full = { .folder = FOLDER,
		.folders = 1,
		.mail = &MAIL[0],
		.n = 1 };
	const struct kit_plan delta = { .folder = FOLDER,
		.folders = 1,
		.mail = &MAIL[1],
		.n = 1,
		.base = BASE,
		.gone = &MAIL[0],
		.gones = 1 };
	const struct lineage_options o = { .at = 0 };
	struct fault f = FAULT_INIT;
	struct lineage *l;
	struct kin_kit k;
	size_t i;

	(void)state;
	kin_kit_open(&k);
	kin_kit_add(&k, &full);
	kin_kit_add(&k, &delta);
	for (i = 0; i < N(LIES); i++) {
		kin_kit_child(&k, &LIES[i].plan, chain, 2, 1);
		assert_int_equal(kin_kit_lineage(&k, NULL, 0, &o, &l, &f),
		    RC_STORE);
		if (strstr(f.text, LIES[i].want) == NULL ||
		    strstr(f.text, "three: generation 3 does not fit") == NULL)
			fail_msg("wanted '%s', got '%s'", LIES[i].want, f.text);
		kit_release(&k.archive[--k.n]);
	}
	kin_kit_close(&k);
}

/* What a reference says, and what else it might say. */
static const struct astray {
	const char *octets;
	struct lineage_place place;
	bool verify; /* it shows in the tar alone */
	const char *want;
} ASTRAY[] = {
	{ "one", { 1, 1, 0 }, true, NULL },
	{ "one", { 1, 1, 0 }, false, NULL },
	{ "two", { 1, 1, 0 }, false, "refers to a message that generation 1" },
	{ "one", { 1, 1, 1 }, false, "refers to a message that generation 1" },
	{ "one", { 1, 2, 0 }, true, NULL },
	{ "two", { 1, 1, 0 }, true, "is a link to another message" },
};

static void
a_reference_must_lead_to_what_it_says(void **state)
{
	/* the second is a link, the third has another date */
	static const struct kit_mail mail[] = {
		{ .uid = 1, .bytes = "one", .epoch = 10 },
		{ .uid = 2, .bytes = "one", .epoch = 10 },
		{ .uid = 3, .bytes = "one", .epoch = 11 },
	};
	static const struct kit_mail more = { .uid = 4, .bytes = "" };
	static const size_t chain[] = { 0 };
	const struct kit_plan full = { .folder = FOLDER,
		.folders = 1,
		.mail = mail,
		.n = N(mail),
		.flush_every = 2 };
	struct lineage_message octets = { .msg = { .keywords = "" } };
	const struct kit_plan delta = { .folder = FOLDER,
		.folders = 1,
		.base = BASE,
		.referred = &more,
		.octets = &octets };
	struct fault f = FAULT_INIT;
	struct lineage *l;
	struct kin_kit k;
	size_t i;
	enum rc rc;

	(void)state;
	kin_kit_open(&k);
	kin_kit_add(&k, &full);
	for (i = 0; i < N(ASTRAY); i++) {
		const struct lineage_options o = { .verify = ASTRAY[i].verify };

		octets.place = ASTRAY[i].place;
		hash_of(ASTRAY[i].octets, 3, &octets.hash);
		octets.file_size = octets.msg.size = octets.virtual_size = 3;
		kin_kit_child(&k, &delta, chain, 1, 0);
		rc = kin_kit_lineage(&k, NULL, 0, &o, &l, &f);
		if ((rc == RC_OK) != (ASTRAY[i].want == NULL))
			fail_msg("%zu: got %d '%s'", i, (int)rc, f.text);
		if (rc == RC_OK)
			lineage_free(l);
		else if (strstr(f.text, ASTRAY[i].want) == NULL)
			fail_msg("%zu: got '%s'", i, f.text);
		kit_release(&k.archive[--k.n]);
	}
	kin_kit_close(&k);
}

/* Not random at all. */
static void
same_octets(void *p, size_t n)
{
	memset(p, 7, n);
}

static const char *
same_name(void)
{
	return "same";
}

static uint32_t
same_number(void)
{
	return 7;
}

static void
a_parent_that_ends_otherwise_is_refused(void **state)
{
	static struct randombytes_implementation same = { .implementation_name =
							      same_name,
		.random = same_number,
		.buf = same_octets };
	static const size_t parent[] = { 0 }, twin[] = { 1, 2 };
	const struct kit_plan plan[] = {
		{ .folder = FOLDER, .folders = 1, .mail = &MAIL[0], .n = 1 },
		{ .folder = FOLDER, .folders = 1, .mail = &MAIL[1], .n = 1 },
	};
	const struct lineage_options o = { .at = 0 };
	struct fault f = FAULT_INIT;
	struct lineage *l;
	struct kin_kit k;

	(void)state;
	kin_kit_open(&k);
	assert_int_equal(randombytes_set_implementation(&same), 0);
	kin_kit_child(&k, &plan[0], NULL, 0, 0);
	kin_kit_child(&k, &plan[1], NULL, 0, 0);
	assert_int_equal(randombytes_set_implementation(
			     &randombytes_sysrandom_implementation),
	    0);
	kin_kit_child(&k, &plan[1], parent, 1, 0);
	assert_int_equal(kin_kit_lineage(&k, twin, 2, &o, &l, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_DATA);
	assert_non_null(strstr(f.text, "of the same id that ends otherwise"));
	kin_kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_chain_is_refused_by_name),
		cmocka_unit_test(one_salvaged_archive_is_a_chain),
		cmocka_unit_test(a_torn_delta_is_refused),
		cmocka_unit_test(a_state_that_does_not_come_out_is_refused),
		cmocka_unit_test(a_reference_must_lead_to_what_it_says),
		cmocka_unit_test(a_parent_that_ends_otherwise_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
