#include "tests/unit/dialogue.h"

#include "stores/imap/ops.h"
#include "util/mem.h"

/* Flags set, messages and folders removed, word by word. */

#define SELECTED(exists, permanent)                         \
	"* " exists " EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n" \
	"* OK [PERMANENTFLAGS (" permanent ")] x\r\n2 OK [READ-WRITE] x\r\n"
#define ALL "\\Seen \\Flagged \\Deleted \\*"
#define WITH_UIDPLUS "1 OK [CAPABILITY IMAP4rev1 UIDPLUS] in\r\n"

struct talk {
	struct store *s;
	struct peer p;
	struct folder folder;
	struct buf told; /* "UID fate reason" of each, "; " between */
	struct fault f;
};

static void
begin(struct talk *t, const struct peer_turn *turns, size_t n)
{
	struct session like;
	struct folder_state st;

	memset(t, 0, sizeof(*t));
	peer_start(&t->p, turns, n);
	session_start(&like, &t->p);
	t->folder.wire = xstrdup("a");
	t->folder.name = xstrdup("a");
	assert_int_equal(imap_open(&like.config, &t->s, &t->f), RC_OK);
	session_end(&like);
	folder_state_init(&st);
	assert_int_equal(t->s->ops->select(t->s, &t->folder, STORE_APPEND, &st,
			     &t->f),
	    RC_OK);
	folder_state_release(&st);
}

/* The store's LOGOUT ends the script. */
static void
finish(struct talk *t)
{
	store_free(t->s);
	assert_true(peer_end(&t->p));
	folder_release(&t->folder);
	buf_release(&t->told);
}

static enum rc
on_change(void *arg, const struct msg *m, enum change_fate fate,
    const char *reason, struct fault *f)
{
	static const char *const fates[] = { "done", "gone", "refused" };
	struct talk *t = arg;

	(void)f;
	buf_addf(&t->told, "%s%u %s%s%s", t->told.len > 0 ? "; " : "", m->uid,
	    fates[fate], reason != NULL ? " " : "",
	    reason != NULL ? reason : "");
	return RC_OK;
}

static enum rc
set_flags(struct talk *t, const struct msg *m, size_t n)
{
	return t->s->ops->set_flags(t->s, m, n, on_change, t, &t->f);
}

static enum rc
take_away(struct talk *t, const struct msg *m, size_t n)
{
	return t->s->ops->remove(t->s, m, n, on_change, t, &t->f);
}

static void
messages_with_equal_flags_share_a_command(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN },
		{ "2 SELECT \"a\"", SELECTED("5", ALL) },
		{ "3 UID STORE 4 FLAGS.SILENT ()", NULL },
		{ "4 UID STORE 1:2,9 FLAGS.SILENT (\\Seen)", NULL },
		{ "5 UID STORE 3 FLAGS.SILENT (\\Seen $Forwarded kw)",
		    "3 OK x\r\n* 1 FETCH (FLAGS (\\Seen))\r\n4 OK x\r\n"
		    "5 OK x\r\n" },
		{ "6 LOGOUT", "* BYE\r\n6 OK x\r\n" } };
	const struct msg v[] = {
		{ .uid = 1, .flags = FLAG_SEEN, .keywords = "" },
		{ .uid = 2, .flags = FLAG_SEEN, .keywords = "" },
		{ .uid = 3, .flags = FLAG_SEEN, .keywords = "$Forwarded kw" },
		{ .uid = 4, .flags = 0, .keywords = "" },
		{ .uid = 9, .flags = FLAG_SEEN, .keywords = "" },
	};
	struct talk t;

	(void)state;
	begin(&t, TURNS(turns));
	assert_int_equal(set_flags(&t, v, 5), RC_OK);
	assert_string_equal(buf_str(&t.told),
	    "4 done; 1 done; 2 done; 9 done; 3 done");
	finish(&t);
}

static void
what_is_not_permanent_is_left_out_and_told(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN },
		{ "2 SELECT \"a\"", SELECTED("5", "\\Seen kw") },
		{ "3 UID STORE 1 FLAGS.SILENT (\\Seen kw)", "3 OK x\r\n" },
		{ "4 LOGOUT", "* BYE\r\n4 OK x\r\n" } };
	const struct msg m = { .uid = 1,
		.flags = FLAG_SEEN | FLAG_FLAGGED,
		.keywords = "kw new" };
	struct talk t;

	(void)state;
	begin(&t, TURNS(turns));
	assert_int_equal(set_flags(&t, &m, 1), RC_OK);
	assert_string_equal(buf_str(&t.told),
	    "1 done \\Flagged not taken, keyword new not taken");
	finish(&t);
}

static void
a_refused_command_is_halved(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN },
		{ "2 SELECT \"a\"", SELECTED("5", ALL) },
		{ "3 UID STORE 1:3 FLAGS.SILENT (\\Seen)",
		    "3 NO [SERVERBUG] cannot\r\n" },
		{ "4 UID STORE 1 FLAGS.SILENT (\\Seen)", NULL },
		{ "5 UID STORE 2:3 FLAGS.SILENT (\\Seen)",
		    "4 OK x\r\n5 NO cannot\r\n" },
		{ "6 UID STORE 2 FLAGS.SILENT (\\Seen)", NULL },
		{ "7 UID STORE 3 FLAGS.SILENT (\\Seen)",
		    "6 NO cannot\r\n7 OK x\r\n" },
		{ "8 LOGOUT", "* BYE\r\n8 OK x\r\n" } };
	const struct msg v[] = {
		{ .uid = 1, .flags = FLAG_SEEN, .keywords = "" },
		{ .uid = 2, .flags = FLAG_SEEN, .keywords = "" },
		{ .uid = 3, .flags = FLAG_SEEN, .keywords = "" },
	};
	struct talk t;

	(void)state;
	begin(&t, TURNS(turns));
	assert_int_equal(set_flags(&t, v, 3), RC_OK);
	assert_string_equal(buf_str(&t.told),
	    "1 done; 2 refused cannot; 3 done");
	finish(&t);
}

static void
exactly_these_are_expunged(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, WITH_UIDPLUS },
		{ "2 SELECT \"a\"", SELECTED("5", ALL) },
		{ "3 UID STORE 2,7:8 +FLAGS.SILENT (\\Deleted)", "3 OK x\r\n" },
		{ "4 UID EXPUNGE 2,7:8",
		    "* 2 EXPUNGE\r\n* 3 EXPUNGE\r\n* 3 EXPUNGE\r\n4 OK x\r\n" },
		{ "5 LOGOUT", "* BYE\r\n5 OK x\r\n" } };
	const struct msg v[] = {
		{ .uid = 8, .flags = FLAG_SEEN, .keywords = "" },
		{ .uid = 2, .keywords = "" },
		{ .uid = 7, .keywords = "x" },
	};
	struct talk t;

	(void)state;
	begin(&t, TURNS(turns));
	assert_int_equal(take_away(&t, v, 3), RC_OK);
	assert_string_equal(buf_str(&t.told), "2 done; 7 done; 8 done");
	finish(&t);
}

static void
what_cannot_be_marked_is_not_expunged(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, WITH_UIDPLUS },
		{ "2 SELECT \"a\"", SELECTED("5", ALL) },
		{ "3 UID STORE 2 +FLAGS.SILENT (\\Deleted)",
		    "3 NO not yours\r\n" },
		{ "4 LOGOUT", "* BYE\r\n4 OK x\r\n" } };
	const struct msg m = { .uid = 2, .keywords = "" };
	struct talk t;

	(void)state;
	begin(&t, TURNS(turns));
	assert_int_equal(take_away(&t, &m, 1), RC_OK);
	assert_string_equal(buf_str(&t.told), "2 refused not yours");
	finish(&t);
}

static void
nothing_is_removed_where_others_would_be(void **state)
{
	static const struct peer_turn no_uidplus[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN },
		{ "2 SELECT \"a\"", SELECTED("5", ALL) },
		{ "3 LOGOUT", "* BYE\r\n3 OK x\r\n" } };
	static const struct peer_turn no_mark[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, WITH_UIDPLUS },
		{ "2 SELECT \"a\"", SELECTED("5", "\\Seen") },
		{ "3 LOGOUT", "* BYE\r\n3 OK x\r\n" } };
	static const struct {
		const struct peer_turn *turns;
		size_t n;
		const char *why;
	} rows[] = {
		{ TURNS(no_uidplus), "the server has no UIDPLUS" },
		{ TURNS(no_mark), "does not let \\Deleted be set" },
	};
	const struct msg m = { .uid = 2, .keywords = "" };
	struct talk t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(&t, rows[i].turns, rows[i].n);
		assert_int_equal(take_away(&t, &m, 1), RC_FOLDER);
		assert_int_equal(t.f.cause, CAUSE_REFUSED);
		assert_non_null(strstr(t.f.text, rows[i].why));
		finish(&t);
	}
}

static void
a_line_cut_in_a_removal_is_told(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, WITH_UIDPLUS },
		{ "2 SELECT \"a\"", SELECTED("5", ALL) },
		{ "3 UID STORE 2 +FLAGS.SILENT (\\Deleted)", "3 OK x\r\n" },
		{ "4 UID EXPUNGE 2", NULL } };
	const struct msg m = { .uid = 2, .keywords = "" };
	struct talk t;

	(void)state;
	begin(&t, TURNS(turns));
	assert_int_equal(take_away(&t, &m, 1), RC_STORE);
	assert_int_equal(t.f.cause, CAUSE_TEMPORARY);
	assert_int_equal(t.told.len, 0);
	finish(&t);
}

static void
a_folder_is_deleted_when_it_is_empty(void **state)
{
	static const struct peer_turn empty[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN },
		{ "2 SELECT \"a\"", SELECTED("5", ALL) },
		{ "3 EXAMINE \"a\"", "* 0 EXISTS\r\n3 OK x\r\n" },
		{ "4 DELETE \"a\"", "4 OK x\r\n" },
		{ "5 LOGOUT", "* BYE\r\n5 OK x\r\n" } };
	static const struct peer_turn mail[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN },
		{ "2 SELECT \"a\"", SELECTED("5", ALL) },
		{ "3 EXAMINE \"a\"", "* 1 EXISTS\r\n3 OK x\r\n" },
		{ "4 LOGOUT", "* BYE\r\n4 OK x\r\n" } };
	struct talk t;

	(void)state;
	begin(&t, TURNS(empty));
	assert_int_equal(t.s->ops->remove_folder(t.s, &t.folder, &t.f), RC_OK);
	finish(&t);
	begin(&t, TURNS(mail));
	assert_int_equal(t.s->ops->remove_folder(t.s, &t.folder, &t.f),
	    RC_FOLDER);
	assert_string_equal(t.f.text, "a: not removed: it holds 1 messages");
	finish(&t);
}

static void
a_subscription_is_taken_off(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN },
		{ "2 SELECT \"a\"", SELECTED("5", ALL) },
		{ "3 UNSUBSCRIBE \"a\"", "3 OK x\r\n" },
		{ "4 LOGOUT", "* BYE\r\n4 OK x\r\n" } };
	struct talk t;

	(void)state;
	begin(&t, TURNS(turns));
	assert_int_equal(t.s->ops->unsubscribe(t.s, &t.folder, &t.f), RC_OK);
	finish(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_with_equal_flags_share_a_command),
		cmocka_unit_test(what_is_not_permanent_is_left_out_and_told),
		cmocka_unit_test(a_refused_command_is_halved),
		cmocka_unit_test(exactly_these_are_expunged),
		cmocka_unit_test(what_cannot_be_marked_is_not_expunged),
		cmocka_unit_test(nothing_is_removed_where_others_would_be),
		cmocka_unit_test(a_line_cut_in_a_removal_is_told),
		cmocka_unit_test(a_folder_is_deleted_when_it_is_empty),
		cmocka_unit_test(a_subscription_is_taken_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
