#include "tests/unit/dialogue.h"

#include "stores/imap/idleline.h"
#include "stores/imap/imap.h"
#include "util/clock.h"

/* A store of anna's with a scripted server that says what it can. */

#define CAPABLE "1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n"
#define EXAMINE "2 EXAMINE \"INBOX\""
#define OPENED(exists, uidvalidity, uidnext)                              \
	"* " exists " EXISTS\r\n* OK [UIDVALIDITY " uidvalidity "] x\r\n" \
	"* OK [UIDNEXT " uidnext "] x\r\n2 OK [READ-ONLY] open\r\n"
#define AS_IT_WAS OPENED("2", "7", "3")

static char name[] = "INBOX";
static const struct folder inbox = { .wire = name, .name = name, .sep = '/' };

static struct store *
open_store(const struct peer *p)
{
	struct fault f = FAULT_INIT;
	struct session as;
	struct store *s = NULL;

	session_start(&as, p);
	as.config.at.timeout_ms = 2000;
	assert_int_equal(imap_open(&as.config, &s, &f), RC_OK);
	session_end(&as);
	return s;
}

struct row {
	const char *name;
	struct peer_turn turn[6];
	int ms;
	enum rc rc;
	bool news;
	bool waits; /* until the time is up */
	bool elsewhere;
};

/* Turns end at one that neither hears nor says anything. */
static const struct row rows[] = {
	{ "mail comes",
	    { { EXAMINE, AS_IT_WAS },
		{ "3 IDLE", "+ idling\r\n* 3 EXISTS\r\n* 1 RECENT\r\n" },
		{ "DONE", "3 OK done\r\n" } },
	    20000, RC_OK, true, false, false },
	{ "flags change, mail goes",
	    { { EXAMINE, AS_IT_WAS },
		{ "3 IDLE",
		    "+ idling\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 1 EXPUNGE\r\n"
		    "* OK Still here\r\n" },
		{ "DONE", "* 1 EXISTS\r\n3 OK done\r\n" } },
	    200, RC_OK, false, true, false },
	{ "one goes and one comes",
	    { { EXAMINE, AS_IT_WAS },
		{ "3 IDLE", "+ idling\r\n* 1 EXPUNGE\r\n* 2 EXISTS\r\n" },
		{ "DONE", "3 OK done\r\n" } },
	    20000, RC_OK, true, false, false },
	{ "some go unnumbered and one comes",
	    { { EXAMINE, AS_IT_WAS },
		{ "3 IDLE", "+ idling\r\n* VANISHED 1:2\r\n* 1 EXISTS\r\n" },
		{ "DONE", "3 OK done\r\n" } },
	    20000, RC_OK, true, false, false },
	{ "it came before it idled", { { EXAMINE, OPENED("3", "7", "4") } },
	    20000, RC_OK, true, false, false },
	{ "another took its place before it idled",
	    { { EXAMINE, OPENED("2", "7", "4") } }, 20000, RC_OK, true, false,
	    false },
	{ "another UIDVALIDITY", { { EXAMINE, OPENED("2", "8", "3") } }, 20000,
	    RC_OK, true, false, false },
	{ "it comes with the answer to DONE",
	    { { EXAMINE, AS_IT_WAS }, { "3 IDLE", "+ idling\r\n" },
		{ "DONE", "* 3 EXISTS\r\n3 OK done\r\n" } },
	    100, RC_OK, true, true, false },
	{ "IDLE is refused",
	    { { EXAMINE, AS_IT_WAS }, { "3 IDLE", "3 NO not now\r\n" } }, 200,
	    RC_OK, false, true, false },
	{ "it ends by itself",
	    { { EXAMINE, AS_IT_WAS },
		{ "3 IDLE", "+ idling\r\n3 OK enough\r\n" } },
	    200, RC_OK, false, true, false },
	{ "BYE",
	    { { EXAMINE, AS_IT_WAS },
		{ "3 IDLE", "+ idling\r\n* BYE going down\r\n" } },
	    20000, RC_STORE, false, false, false },
	{ "a line without an end",
	    { { EXAMINE, AS_IT_WAS }, { "3 IDLE", "+ idling\r\n* 3 EXI" },
		{ "DONE", PEER_HANG } },
	    100, RC_STORE, false, true, false },
	{ "DONE is not answered",
	    { { EXAMINE, AS_IT_WAS }, { "3 IDLE", "+ idling\r\n" },
		{ "DONE", PEER_HANG } },
	    100, RC_STORE, false, true, false },
	{ "the folder cannot be opened", { { EXAMINE, "2 NO gone\r\n" } }, 200,
	    RC_OK, false, true, false },
};

#define NOTIFY_CAPABLE "1 OK [CAPABILITY IMAP4rev1 IDLE NOTIFY] in\r\n"
#define NOTIFY                                                         \
	"3 NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge)) " \
	"(PERSONAL (MessageNew MessageExpunge MailboxName))"
#define IDLE_WITH(lines)                                                  \
	{ NOTIFY, "3 OK yes\r\n" }, { "4 IDLE", "+ idling\r\n" lines },   \
	    { "DONE", "4 OK done\r\n" },                                  \
	{                                                                 \
		"5 NOTIFY NONE", "* STATUS a (MESSAGES 1)\r\n5 OK no\r\n" \
	}

/* The same of one that offers to tell of other folders. */
static const struct row notified[] = {
	{ "mail comes elsewhere",
	    { { EXAMINE, AS_IT_WAS },
		IDLE_WITH("* STATUS \"Sent \\\" x\" (MESSAGES 2)\r\n") },
	    20000, RC_OK, false, false, true },
	{ "a folder is made",
	    { { EXAMINE, AS_IT_WAS }, IDLE_WITH("* LIST () \"/\" New\r\n") },
	    20000, RC_OK, false, false, true },
	{ "it is too much for the server",
	    { { EXAMINE, AS_IT_WAS },
		IDLE_WITH("* OK [NOTIFICATIONOVERFLOW] sorry\r\n") },
	    20000, RC_OK, false, false, true },
	{ "mail comes here",
	    { { EXAMINE, AS_IT_WAS }, IDLE_WITH("* 3 EXISTS\r\n") }, 20000,
	    RC_OK, true, false, true },
	{ "NOTIFY is refused",
	    { { EXAMINE, AS_IT_WAS }, { NOTIFY, "3 NO never\r\n" },
		{ "4 IDLE", "+ idling\r\n* STATUSES\r\n* 3 EXISTS\r\n" },
		{ "DONE", "4 OK done\r\n" } },
	    20000, RC_OK, true, false, false },
	{ "NOTIFY is not answered",
	    { { EXAMINE, AS_IT_WAS }, { NOTIFY, PEER_HANG } }, 100, RC_STORE,
	    false, true, false },
};

static void
play(const struct row *row, const char *capable)
{
	struct peer_turn turns[8] = { { NULL, GREETING },
		{ LOGIN_PLAIN, capable } };
	struct store_watch w = { &inbox, 7, 3, 2, row->ms, !row->news,
		!row->elsewhere };
	struct fault f = FAULT_INIT;
	struct store *s;
	struct peer p;
	int64_t began, took;
	size_t n = 2, i;
	enum rc rc;

	for (i = 0; i < 6 && row->turn[i].expect != NULL; i++)
		turns[n++] = row->turn[i];
	peer_start(&p, turns, n);
	s = open_store(&p);
	began = clock_ms();
	rc = s->ops->watch(s, &w, &f);
	took = clock_ms() - began;
	if (rc != row->rc ||
	    (rc == RC_OK &&
		(w.news != row->news || w.elsewhere != row->elsewhere)) ||
	    (took >= row->ms) != row->waits)
		fail_msg("%s: rc %d, news %d, %lld ms: %s", row->name, (int)rc,
		    w.news, (long long)took, f.text);
	if (rc != RC_OK)
		assert_int_equal(f.cause, CAUSE_TEMPORARY);
	store_free(s);
	assert_true(peer_end(&p));
}

static void
what_a_server_tells_while_it_idles(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		play(&rows[i], CAPABLE);
	for (i = 0; i < sizeof(notified) / sizeof(notified[0]); i++)
		play(&notified[i], NOTIFY_CAPABLE);
}

static void
a_refusal_is_remembered(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, CAPABLE }, { EXAMINE, AS_IT_WAS },
		{ "3 IDLE", "3 BAD what\r\n" } };
	struct store_watch w = { &inbox, 7, 3, 2, 50, true, true };
	struct fault f = FAULT_INIT;
	struct store *s;
	struct peer p;

	(void)state;
	peer_start(&p, TURNS(turns));
	s = open_store(&p);
	assert_int_equal(s->ops->watch(s, &w, &f), RC_OK);
	/* nothing is asked any more */
	assert_int_equal(s->ops->watch(s, &w, &f), RC_OK);
	assert_false(w.news);
	store_free(s);
	assert_true(peer_end(&p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_server_tells_while_it_idles),
		cmocka_unit_test(a_refusal_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
