#include "tests/unit/dialogue.h"

#include "mail/parts.h"
#include "stores/imap/imap.h"
#include "stores/imap/quotaline.h"

/* What is known of messages whose bodies are not read, and of a server. */

static char name[] = "INBOX";
static const struct folder inbox = { .wire = name,
	.name = name,
	.sep = '/',
	.status_known = true,
	.messages = 2 };

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

/* "1 H12 text/plain; 2 - -; ": UID, octets of the header, types. */
static enum rc
tell(void *arg, const struct msg *m, const struct store_glance *g,
    struct fault *f)
{
	struct buf *b = arg;
	size_t i;

	(void)f;
	buf_addf(b, "%u ", m->uid);
	if (g->header != NULL)
		buf_addf(b, "H%zu ", g->header_len);
	else
		buf_adds(b, "- ");
	for (i = 0; g->parts != NULL && i < g->parts->n; i++)
		buf_addf(b, "%s ", g->parts->v[i].type);
	buf_adds(b, g->parts == NULL ? "-; " : g->parts->cut ? "cut; " : "; ");
	return RC_OK;
}

#define EXAMINED                                   \
	"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n" \
	"* OK [UIDNEXT 3] x\r\n2 OK [READ-ONLY] open\r\n"
#define ITEMS "UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]<0.1048576>"
#define ASK "3 UID FETCH 1:* (" ITEMS " BODYSTRUCTURE)"
#define ASK_BARE "4 UID FETCH 1:* (" ITEMS ")"
#define PLAIN "(\"text\" \"plain\" NIL NIL NIL \"7bit\" 12 3)"
#define ONE(n, more) \
	"* " n " FETCH (UID " n " FLAGS () RFC822.SIZE 20 " more ")\r\n"
#define HEADER "BODY[HEADER]<0> {8}\r\nA: b\r\n\r\n"
#define PARTS "BODYSTRUCTURE "
#define OPENS                                   \
	{                                       \
		"2 EXAMINE \"INBOX\"", EXAMINED \
	}
#define DONE "3 OK done\r\n"
#define HEADER_1 ONE("1", HEADER)
#define HEADER_2 ONE("2", HEADER)
#define PARTS_1 "* 1 FETCH (UID 1 " PARTS PLAIN ")\r\n"
#define WHOLE_1 ONE("1", HEADER " " PARTS PLAIN)
#define NIL_1 ONE("1", PARTS "NIL BODY[HEADER]<0> NIL")
#define SEVERAL_2 ONE("2", PARTS "(" PLAIN PLAIN " \"mixed\") " HEADER)
#define BROKEN_2 ONE("2", PARTS "(\"text\")")

static void
header_and_parts_are_given_as_far_as_they_are_told(void **state)
{
	static const struct {
		struct peer_turn turn[3];
		const char *told;
	} rows[] = {
		{ { OPENS, { ASK, WHOLE_1 SEVERAL_2 DONE } },
		    "1 H8 text/plain ; 2 H8 text/plain text/plain ; " },
		/* in two answers; nothing; something broken */
		{ { OPENS, { ASK, HEADER_1 PARTS_1 BROKEN_2 DONE } },
		    "1 H8 text/plain ; 2 - cut; " },
		{ { OPENS, { ASK, NIL_1 HEADER_2 DONE } }, "1 - -; 2 H8 -; " },
		/* one whose parts the server cannot tell */
		{ { OPENS, { ASK, WHOLE_1 "3 NO internal error\r\n" },
		      { ASK_BARE, HEADER_1 HEADER_2 "4 OK x\r\n" } },
		    "1 H8 text/plain ; 2 H8 -; " },
	};
	struct peer_turn turns[8] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN } };
	struct fault f = FAULT_INIT;
	struct folder_state st;
	struct buf got = BUF_INIT;
	struct store *s;
	struct peer p;
	uint64_t seen;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (n = 0; n < 3 && rows[i].turn[n].expect != NULL; n++)
			turns[2 + n] = rows[i].turn[n];
		peer_start(&p, turns, 2 + n);
		s = open_store(&p);
		folder_state_init(&st);
		buf_clear(&got);
		assert_int_equal(s->ops->select(s, &inbox, STORE_READ, &st, &f),
		    RC_OK);
		assert_int_equal(s->ops->glance(s, tell, &got, &seen, &f),
		    RC_OK);
		assert_string_equal(buf_str(&got), rows[i].told);
		assert_int_equal(seen, 2);
		folder_state_release(&st);
		store_free(s);
		assert_true(peer_end(&p));
	}
	buf_release(&got);
}

static void
a_server_tells_what_it_is(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN },
		{ "2 CAPABILITY",
		    "* CAPABILITY IMAP4rev1 QUOTA APPENDLIMIT QUOTA\r\n"
		    "2 OK x\r\n" },
		{ "3 STATUS INBOX (APPENDLIMIT)",
		    "* STATUS INBOX (APPENDLIMIT 35651584)\r\n3 OK x\r\n" },
		{ "4 GETQUOTAROOT INBOX",
		    "* QUOTAROOT INBOX \"all of it\"\r\n"
		    "* QUOTA \"all of it\" (STORAGE 10 512 message 3 100)\r\n"
		    "4 OK x\r\n" },
		{ "5 NOOP", "5 OK x\r\n" }, { "6 NOOP", "6 OK x\r\n" },
		{ "7 NOOP", "7 OK x\r\n" }, { "8 NOOP", "8 OK x\r\n" },
		{ "9 NOOP", "9 OK x\r\n" } };
	struct fault f = FAULT_INIT;
	struct store *s;
	struct about a;
	struct peer p;

	(void)state;
	about_init(&a);
	peer_start(&p, TURNS(turns));
	s = open_store(&p);
	assert_int_equal(s->ops->about(s, &a, &f), RC_OK);
	assert_int_equal(a.capability.n, 3);
	assert_true(a.append_limit == 35651584);
	assert_true(a.quota_known);
	assert_int_equal(a.quotas, 2);
	assert_string_equal(a.quota[0].root, "all of it");
	assert_string_equal(a.quota[0].resource, "STORAGE");
	assert_true(a.quota[0].usage == 10240 && a.quota[0].limit == 524288);
	assert_string_equal(a.quota[1].resource, "MESSAGE");
	assert_true(a.quota[1].usage == 3 && a.quota[1].limit == 100);
	assert_int_equal(a.round_trips, ROUND_TRIPS);
	assert_true(a.round_trip_us[0] <= a.round_trip_us[4]);
	about_release(&a);
	store_free(s);
	assert_true(peer_end(&p));
}

static void
quota_lines_are_read_as_far_as_they_make_sense(void **state)
{
	static const struct {
		const char *line;
		bool whole;
		size_t quotas;
	} rows[] = {
		{ "* QUOTA \"\" (STORAGE 1 2)", true, 1 },
		{ "* QUOTA {4}\r\nroot ()", true, 0 },
		{ "* quota root (storage 18446744073709551615 1)", true, 1 },
		{ "* QUOTA x (STORAGE 1 2 MESSAGE 1", false, 1 },
		{ "* QUOTA x (STORAGE -1 2)", false, 0 },
		{ "* QUOTA x", false, 0 },
		{ "* QUOTAROOT x y", false, 0 },
		{ "", false, 0 },
	};
	static const struct {
		const char *line;
		uint64_t limit; /* 0: none */
	} limits[] = {
		{ "* STATUS INBOX (APPENDLIMIT 5)", 5 },
		{ "* STATUS \"a b\" (MESSAGES 3 appendlimit 6)", 6 },
		{ "* STATUS a (APPENDLIMIT NIL)", 0 },
		{ "* STATUS a (MESSAGES 3)", 0 },
		{ "* STATUS", 0 },
	};
	struct about a;
	uint64_t limit;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		about_init(&a);
		assert_int_equal(quotaline_parse(rows[i].line,
				     strlen(rows[i].line), &a),
		    rows[i].whole);
		assert_int_equal(a.quotas, rows[i].quotas);
		about_release(&a);
	}
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		limit = 0;
		assert_int_equal(quotaline_limit(limits[i].line,
				     strlen(limits[i].line), &limit),
		    limits[i].limit != 0);
		assert_true(limit == limits[i].limit);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    header_and_parts_are_given_as_far_as_they_are_told),
		cmocka_unit_test(a_server_tells_what_it_is),
		cmocka_unit_test(
		    quota_lines_are_read_as_far_as_they_make_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
