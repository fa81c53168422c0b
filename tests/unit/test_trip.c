#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes/hash.h"
#include "probe/flow/trip.h"
#include "tests/unit/boxes.h"
#include "tests/unit/tempdir.h"
#include "util/interrupt.h"
#include "util/mem.h"

/* Marked messages from a sender that is none to Maildirs: found, told and
 * removed, and nothing else is touched. */

/* What the sender does with a message, try by try. */
struct step {
	enum handed what;
	const char *reply;
	const char *file;   /* where it delivers it; NULL: nowhere */
	const char *before; /* text before the message, and behind it */
	const char *behind;
	bool broken; /* no answer: a fault that is temporary */
};

struct sender {
	const char *dir;
	const struct step *step; /* the last one stays */
	size_t n;
	size_t at;
};

struct world {
	char *dir;
	struct mailbox box;
	struct mailbox *boxes[1];
	struct leg leg[2];
	struct trip trip;
	struct fault f;
};

static int
setup(void **state)
{
	(void)state;
	return hash_startup() ? 0 : -1;
}

static enum rc
send_it(void *arg, const struct mark *m, struct handing *r, struct fault *f)
{
	struct sender *s = arg;
	const struct step *step = &s->step[s->at];
	struct buf b = BUF_INIT;

	if (s->at + 1 < s->n)
		s->at++;
	if (step->file != NULL) {
		if (step->before != NULL)
			buf_adds(&b, step->before);
		mark_message(m, true, &b);
		if (step->behind != NULL)
			buf_adds(&b, step->behind);
		tempdir_write(s->dir, step->file, buf_str(&b));
	}
	buf_release(&b);
	if (step->broken)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "cut");
	*r = (struct handing){ step->what, true,
		step->reply != NULL ? xstrdup(step->reply) : NULL, NULL };
	return RC_OK;
}

static void
begin(struct world *w, struct sender *s)
{
	memset(w, 0, sizeof(*w));
	w->dir = tempdir_new();
	s->dir = w->dir;
	tempdir_mkdir(w->dir, "cur");
	tempdir_mkdir(w->dir, "new");
	tempdir_mkdir(w->dir, "tmp");
	tempdir_mkdir(w->dir, ".Junk/cur");
	tempdir_mkdir(w->dir, ".Junk/new");
	tempdir_mkdir(w->dir, ".Junk/tmp");
	tempdir_write(w->dir, "cur/1.a:2,S", "Subject: neighbour\n\nx\n");
	tempdir_write(w->dir, "dovecot-uidlist", "3 V77 N2\n1 :1.a\n");
	tempdir_write(w->dir, ".Junk/dovecot-uidlist", "3 V78 N1\n");
	assert_int_equal(mailbox_init(&w->box,
			     boxes_open(w->dir, MAILDIR_PLUSPLUS, true), &w->f),
	    RC_OK);
	w->boxes[0] = &w->box;
	w->leg[0].name = "one";
	w->leg[0].send = send_it;
	w->leg[0].send_arg = s;
	w->leg[0].box = w->leg[0].reports = &w->box;
	mark_init(&w->leg[0].mark, "a@b", "c@d", 1764112525);
	w->trip = (struct trip){ .leg = w->leg,
		.n = 1,
		.box = w->boxes,
		.boxes = 1,
		.wait_ms = 10,
		.again_ms = 20 };
}

static void
run(struct world *w)
{
	if (trip_run(&w->trip, &w->f) != RC_OK)
		fail_msg("%s", w->f.text);
}

/* Names of what lies in INBOX and Junk, by the UIDs. */
static void
assert_left(struct world *w, const char *inbox, const char *junk)
{
	struct folder_state st;
	char *got;

	boxes_select(w->box.store, "INBOX", STORE_READ, &st);
	got = boxes_scan(w->box.store, 1);
	assert_string_equal(got, inbox);
	free(got);
	folder_state_release(&st);
	boxes_select(w->box.store, "Junk", STORE_READ, &st);
	got = boxes_scan(w->box.store, 1);
	assert_string_equal(got, junk);
	free(got);
	folder_state_release(&st);
}

static void
finish(struct world *w)
{
	leg_release(&w->leg[0]);
	mailbox_release(&w->box);
	tempdir_remove(w->dir);
}

/* A bounce that carries what was sent. */
#define BOUNCE_OF(status)                                          \
	"Return-Path: <>\nFrom: MAILER-DAEMON@b\nContent-Type: "   \
	"multipart/report; boundary=q\n\n--q\n"                    \
	"Content-Type: message/delivery-status\n\nAction: " status \
	"\nDiagnostic-Code: smtp; no such user\n\n--q\n"           \
	"Content-Type: message/rfc822\n\n"

static const struct {
	const char *label;
	struct step step[2];
	size_t n;
	int wait_ms;
	enum leg_state state;
	const char *place;
	const char *left[2];
	size_t removed;
} table[] = {
	{ "arrives",
	    { { HANDED_OVER, "250 ok", "new/2.b", NULL, NULL, false } }, 1, 10,
	    LEG_ARRIVED, "INBOX", { "1 \\Seen", "" }, 1 },
	{ "arrives as junk",
	    { { HANDED_OVER, NULL, ".Junk/new/2.b", NULL, NULL, false } }, 1,
	    10, LEG_ARRIVED, "Junk", { "1 \\Seen", "" }, 1 },
	{ "refused", { { HANDED_BACK, "550 no", NULL, NULL, NULL, false } }, 1,
	    10, LEG_REFUSED, NULL, { "1 \\Seen", "" }, 0 },
	{ "never arrives",
	    { { HANDED_OVER, "250 ok", NULL, NULL, NULL, false } }, 1, 10,
	    LEG_MISSING, NULL, { "1 \\Seen", "" }, 0 },
	{ "later, for ever",
	    { { HANDED_LATER, "451 wait", NULL, NULL, NULL, false } }, 1, 10,
	    LEG_DEFERRED, NULL, { "1 \\Seen", "" }, 0 },
	{ "later, then it arrives",
	    { { HANDED_LATER, "451 wait", NULL, NULL, NULL, false },
		{ HANDED_OVER, "250 ok", "new/2.b", NULL, NULL, false } },
	    2, 5000, LEG_ARRIVED, "INBOX", { "1 \\Seen", "" }, 1 },
	{ "the answer is lost, and it arrives",
	    { { HANDED_OVER, NULL, "new/2.b", NULL, NULL, true } }, 1, 10,
	    LEG_ARRIVED, "INBOX", { "1 \\Seen", "" }, 1 },
	{ "bounces",
	    { { HANDED_OVER, "250 ok", "new/2.b",
		BOUNCE_OF("failed\nStatus: 5.1.1"), "\n--q--\n", false } },
	    1, 10, LEG_BOUNCED, NULL, { "1 \\Seen", "" }, 1 },
	{ "is late, and told so",
	    { { HANDED_OVER, "250 ok", "new/2.b",
		BOUNCE_OF("delayed\nStatus: 4.4.1"), "\n--q--\n", false } },
	    1, 10, LEG_MISSING, NULL, { "1 \\Seen", "" }, 1 },
	{ "comes as a forward, which is another message",
	    { { HANDED_OVER, "250 ok", "new/2.b",
		"Subject: Fwd: test\nContent-Type: multipart/mixed; "
		"boundary=q\n\n--q\nContent-Type: message/rfc822\n\n",
		"\n--q--\n", false } },
	    1, 10, LEG_MISSING, NULL, { "1 \\Seen; 2", "" }, 0 },
};

static void
each_leg_comes_to_its_end_and_neighbours_stay(void **state)
{
	struct sender s;
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		s = (struct sender){ NULL, table[i].step, table[i].n, 0 };
		begin(&w, &s);
		w.trip.wait_ms = table[i].wait_ms;
		run(&w);
		if (w.leg[0].state != table[i].state)
			fail_msg("%s: it is %s", table[i].label,
			    leg_word(w.leg[0].state));
		if (table[i].place == NULL)
			assert_null(w.leg[0].place);
		else
			assert_string_equal(w.leg[0].place->folder.name,
			    table[i].place);
		if (w.leg[0].removed != table[i].removed)
			fail_msg("%s: %zu removed, %s", table[i].label,
			    w.leg[0].removed,
			    w.leg[0].left != NULL ? w.leg[0].left : "");
		assert_left(&w, table[i].left[0], table[i].left[1]);
		finish(&w);
	}
}

static void
a_bounce_tells_its_status(void **state)
{
	static const struct step step = { HANDED_OVER, "250 ok", "new/2.b",
		BOUNCE_OF("failed\nStatus: 5.1.1"), "\n--q--\n", false };
	struct sender s = { NULL, &step, 1, 0 };
	struct world w;

	(void)state;
	begin(&w, &s);
	run(&w);
	assert_true(w.leg[0].reported);
	assert_string_equal(w.leg[0].bounce.status, "5.1.1");
	assert_string_equal(w.leg[0].bounce.diagnostic, "no such user");
	finish(&w);
}

static void
interrupt(void *arg, const struct leg *l)
{
	(void)arg;
	if (l->state == LEG_SENT)
		interrupt_raise(SIGTERM);
}

static void
forget(void *arg)
{
	(void)arg;
	interrupt_raise(0);
}

static void
after_a_signal_what_came_is_removed(void **state)
{
	static const struct step step = { HANDED_OVER, "250 ok", "new/2.b",
		NULL, NULL, false };
	struct sender s = { NULL, &step, 1, 0 };
	struct world w;

	(void)state;
	begin(&w, &s);
	w.trip.wait_ms = 60000;
	w.trip.tell = interrupt;
	w.trip.spare = forget;
	assert_int_equal(trip_run(&w.trip, &w.f), RC_STORE);
	interrupt_raise(0);
	assert_int_equal(w.f.cause, CAUSE_TEMPORARY);
	assert_int_equal(w.leg[0].state, LEG_ARRIVED);
	assert_int_equal(w.leg[0].removed, 1);
	assert_left(&w, "1 \\Seen", "");
	finish(&w);
}

static void
what_is_to_be_left_is(void **state)
{
	static const struct step step = { HANDED_OVER, "250 ok", "new/2.b",
		"Received: by x\n", NULL, false };
	struct sender s = { NULL, &step, 1, 0 };
	struct world w;

	(void)state;
	begin(&w, &s);
	w.trip.leave = true;
	run(&w);
	assert_int_equal(w.leg[0].state, LEG_ARRIVED);
	assert_int_equal(w.leg[0].removed, 0);
	assert_int_equal(w.leg[0].trace.hops, 1);
	assert_true(w.leg[0].fate.same);
	assert_left(&w, "1 \\Seen; 2", "");
	finish(&w);
}

/* The UID means another message by now. */
static void
what_does_not_carry_the_mark_stays(void **state)
{
	static const struct step step = { HANDED_OVER, "250 ok", "new/2.b",
		NULL, NULL, false };
	struct sender s = { NULL, &step, 1, 0 };
	struct world w;

	(void)state;
	begin(&w, &s);
	w.trip.leave = true;
	run(&w);
	assert_int_equal(w.leg[0].finds, 1);
	w.leg[0].find[0].uid = 1;
	trip_clean(&w.trip);
	assert_int_equal(w.leg[0].removed, 0);
	assert_non_null(strstr(w.leg[0].left, "another one"));
	assert_left(&w, "1 \\Seen; 2", "");
	w.leg[0].find[0].uid = 2;
	w.leg[0].find[0].uidvalidity = 78;
	trip_clean(&w.trip);
	assert_non_null(strstr(w.leg[0].left, "UIDVALIDITY"));
	assert_left(&w, "1 \\Seen; 2", "");
	finish(&w);
}

static void
folders_are_known_by_use_and_by_name(void **state)
{
	static const struct {
		char name[24], special[8];
		enum place_kind kind;
	} t[] = {
		{ "INBOX", "", PLACE_INBOX },
		{ "INBOX/Spam", "", PLACE_JUNK },
		{ "junk e-mail", "", PLACE_JUNK },
		{ "Courrier ind", "\\Junk", PLACE_JUNK },
		{ "Junk", "\\Trash", PLACE_OTHER },
		{ "Junk/old", "", PLACE_OTHER },
		{ "Sent Items", "", PLACE_SENT },
		{ "x", "\\sent", PLACE_SENT },
	};
	struct folder f;
	char name[24], special[8];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		memcpy(name, t[i].name, sizeof(name));
		memcpy(special, t[i].special, sizeof(special));
		f = (struct folder){ .name = name,
			.special = *special != '\0' ? special : NULL };
		if (place_kind_of(&f) != t[i].kind)
			fail_msg("%s", name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_leg_comes_to_its_end_and_neighbours_stay),
		cmocka_unit_test(a_bounce_tells_its_status),
		cmocka_unit_test(after_a_signal_what_came_is_removed),
		cmocka_unit_test(what_is_to_be_left_is),
		cmocka_unit_test(what_does_not_carry_the_mark_stays),
		cmocka_unit_test(folders_are_known_by_use_and_by_name),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
