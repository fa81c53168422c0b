#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes/hash.h"
#include "restore/destination.h"
#include "restore/extras.h"
#include "restore/restore.h"
#include "util/mem.h"

/* What is removed, and above all what is not. */

enum { UIDS = 6, UIDVALIDITY = 7 };

/* A folder in which UID n has the text of its letter. */
static struct toy {
	char text[UIDS + 1]; /* 0: not there; '-': is not given */
	bool removed[UIDS + 1];
	uint32_t uidvalidity;
	unsigned reads;
} toy;

static enum rc
toy_select(struct store *s, const struct folder *folder, enum store_mode mode,
    struct folder_state *st, struct fault *f)
{
	(void)s;
	(void)folder;
	(void)f;
	assert_int_equal(mode, STORE_APPEND);
	st->uidvalidity = toy.uidvalidity;
	return RC_OK;
}

static enum rc
toy_read(struct store *s, const struct msg *m, size_t n, store_read_fn *fn,
    void *arg, struct fault *f)
{
	struct intake *in = intake_new(1024);
	struct body body;
	enum rc rc = RC_OK;
	size_t i;

	(void)s;
	toy.reads++;
	for (i = 0; rc == RC_OK && i < n; i++) {
		if (toy.text[m[i].uid] == '\0') {
			rc = fn(arg, &m[i], READ_GONE, NULL, NULL, f);
			continue;
		}
		if (toy.text[m[i].uid] == '-') {
			rc = fn(arg, &m[i], READ_REFUSED, NULL, "no", f);
			continue;
		}
		intake_begin(in);
		assert_int_equal(intake_add(in, &toy.text[m[i].uid], 1, f),
		    RC_OK);
		assert_int_equal(intake_end(in, &body, f), RC_OK);
		rc = fn(arg, &m[i], READ_BODY, &body, NULL, f);
	}
	intake_free(in);
	return rc;
}

static enum rc
toy_remove(struct store *s, const struct msg *m, size_t n, store_change_fn *fn,
    void *arg, struct fault *f)
{
	enum rc rc = RC_OK;
	size_t i;

	(void)s;
	for (i = 0; rc == RC_OK && i < n; i++) {
		toy.removed[m[i].uid] = true;
		rc = fn(arg, &m[i], CHANGE_DONE, NULL, f);
	}
	return rc;
}

static const struct store_ops toy_ops = { .select = toy_select,
	.read = toy_read,
	.remove = toy_remove };
static struct store toy_store = { .ops = &toy_ops };

static struct common_options options;
static struct rollback back;
static struct restore run;
static struct lane lane = { .restore = &run, .store = &toy_store };
static struct back_folder folder;

static int
setup(void **state)
{
	struct fault f = FAULT_INIT;

	(void)state;
	if (!hash_startup())
		return -1;
	memset(&toy, 0, sizeof(toy));
	memset(&run, 0, sizeof(run));
	memset(&back, 0, sizeof(back));
	memset(&folder, 0, sizeof(folder));
	common_options_init(&options);
	options.quiet = true;
	run.rollback = &back;
	folder.to = destination_new(xstrdup("A"));
	folder.to->known = folder.to->made = true;
	folder.to->state.uidvalidity = toy.uidvalidity = UIDVALIDITY;
	lane.selected = folder.to;
	return report_new("test", &options, &run.report, &f) == RC_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	free(folder.extra);
	destination_free(folder.to);
	report_free(run.report);
	common_options_release(&options);
	return 0;
}

static void
extra(uint32_t uid, char text, bool kept)
{
	struct extra x = { .msg = { .uid = uid, .keywords = "" },
		.read = true,
		.kept = kept };

	hash_of(&text, 1, &x.hash);
	folder.extra = xgrow(folder.extra, folder.extras, &folder.cap,
	    sizeof(*folder.extra));
	folder.extra[folder.extras++] = x;
	toy.text[uid] = text;
}

static void
only_what_is_kept_and_is_still_the_same_goes(void **state)
{
	struct fault f = FAULT_INIT;

	(void)state;
	extra(1, 'a', true);
	extra(2, 'b', false); /* could not be kept */
	extra(3, 'c', true);
	extra(4, 'd', true);
	extra(5, 'e', true);
	extra(6, 'f', true);
	toy.text[3] = 'C';  /* is another message by now */
	toy.text[4] = '\0'; /* somebody was quicker */
	toy.text[5] = '-';  /* cannot be looked at */
	assert_int_equal(extras_remove(&lane, &folder, &f), RC_OK);
	assert_true(toy.removed[1]);
	assert_false(toy.removed[2]);
	assert_false(toy.removed[3]);
	assert_false(toy.removed[4]);
	assert_false(toy.removed[5]);
	assert_true(toy.removed[6]);
	assert_int_equal(back.removed, 2);
	assert_int_equal(run.outcome.refused, 2);
	/* Done again, as after a lost line: no more than what is left. */
	memset(toy.removed, 0, sizeof(toy.removed));
	assert_int_equal(extras_remove(&lane, &folder, &f), RC_OK);
	assert_false(toy.removed[1]);
	assert_false(toy.removed[6]);
	assert_int_equal(back.removed, 2);
}

static void
another_uidvalidity_keeps_everything(void **state)
{
	struct fault f = FAULT_INIT;

	(void)state;
	extra(1, 'a', true);
	toy.uidvalidity++;
	assert_int_equal(extras_remove(&lane, &folder, &f), RC_FOLDER);
	assert_false(toy.removed[1]);
}

static void
nothing_kept_is_nothing_asked(void **state)
{
	struct fault f = FAULT_INIT;

	(void)state;
	extra(1, 'a', false);
	assert_int_equal(extras_remove(&lane, &folder, &f), RC_OK);
	assert_int_equal(toy.reads, 0);
	assert_false(toy.removed[1]);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(only_what_is_kept_and_is_still_the_same_goes),
		T(another_uidvalidity_keeps_everything),
		T(nothing_kept_is_nothing_asked),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
