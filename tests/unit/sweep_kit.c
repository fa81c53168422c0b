#include "tests/unit/sweep_kit.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { KEPT = 1 << 16 };

static struct source *
source_of(struct store *s)
{
	return (struct source *)s;
}

static uint32_t
count(const struct source *s, uint32_t *next_r)
{
	uint32_t uid, n = 0;

	*next_r = 1;
	for (uid = 1; uid < SOURCE_MAIL; uid++)
		if (s->mail[uid] != NULL) {
			n++;
			*next_r = uid + 1;
		}
	return n;
}

static enum rc
table_select(struct store *st, const struct folder *folder,
    enum store_mode mode, struct folder_state *r, struct fault *f)
{
	struct source *s = source_of(st);

	(void)folder;
	assert_true(mode == STORE_STEADY || mode == STORE_AGAIN);
	if (s->closed)
		return fault_set(f, RC_FOLDER, CAUSE_REFUSED, "locked");
	r->uidvalidity = s->uidvalidity;
	r->exists = count(s, &r->uidnext);
	return RC_OK;
}

static enum rc
table_scan(struct store *st, uint32_t first, unsigned want, store_scan_fn *fn,
    void *arg, uint64_t *seen_r, struct fault *f)
{
	struct source *s = source_of(st);
	struct msg m = { .keywords = "", .size = 10 };
	enum rc rc = RC_OK;

	(void)want;
	s->first = first;
	s->scans++;
	*seen_r = 0;
	for (m.uid = first; rc == RC_OK && m.uid < SOURCE_MAIL; m.uid++) {
		if (s->mail[m.uid] == NULL)
			continue;
		(*seen_r)++;
		rc = fn(arg, &m, NULL, f);
	}
	return rc;
}

static enum rc
table_give(struct source *s, const struct msg *m, store_read_fn *fn, void *arg,
    struct fault *f)
{
	const char *text = s->mail[m->uid];
	struct body body;

	if (text == NULL)
		return fn(arg, m, READ_GONE, NULL, NULL, f);
	if (m->uid == s->refused)
		return fn(arg, m, READ_REFUSED, NULL, "broken", f);
	intake_begin(s->intake);
	assert_int_equal(intake_add(s->intake, text, strlen(text), f), RC_OK);
	assert_int_equal(intake_end(s->intake, &body, f), RC_OK);
	s->reads++;
	return fn(arg, m, READ_BODY, &body, NULL, f);
}

static enum rc
table_read(struct store *st, const struct msg *m, size_t n, store_read_fn *fn,
    void *arg, struct fault *f)
{
	struct source *s = source_of(st);
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < n; i++) {
		if (m[i].uid == s->lost_at)
			return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "cut");
		if (m[i].uid == s->trouble)
			return fault_set(f, RC_FOLDER, CAUSE_TEMPORARY, "busy");
		rc = table_give(s, &m[i], fn, arg, f);
	}
	return rc;
}

static const struct store_info *
table_info(const struct store *st)
{
	return &((const struct source *)st)->info;
}

static const struct store_ops ops = {
	.kind = "table",
	.select = table_select,
	.scan = table_scan,
	.read = table_read,
	.info = table_info,
};

void
source_start(struct source *s)
{
	struct archive_about about = { .account = "x",
		.server = "",
		.tool = "t",
		.threads = 1 };
	struct fault f = FAULT_INIT;
	struct folder *inbox;

	memset(s, 0, sizeof(*s));
	s->store.ops = &ops;
	s->intake = intake_new(KEPT);
	s->uidvalidity = 7;
	kit_open(&s->kit);
	common_options_init(&s->options);
	s->options.quiet = true;
	about.selection = &s->options.selection;
	assert_int_equal(report_new("t", &s->options, &s->b.report, &f), RC_OK);
	outfile_borrow(&s->out, open("/dev/null", O_WRONLY | O_CLOEXEC));
	assert_int_equal(archive_writer_new(&about, s->kit.key, &s->out,
			     &s->b.archive, &f),
	    RC_OK);
	s->b.source = &s->store;
	s->b.selection = &s->options.selection;
	followeds_init(&s->all);
	s->sweep = (struct sweep){ &s->b, &s->all, false, false };
	inbox = folders_add(&s->list);
	inbox->wire = strdup("INBOX");
	inbox->name = strdup("INBOX");
}

enum rc
source_look(struct source *s)
{
	struct folder *inbox = &s->list.v[0];
	struct fault f = FAULT_INIT;
	struct followed *p;

	inbox->status_known = true;
	inbox->uidvalidity = s->uidvalidity;
	inbox->messages = count(s, &inbox->uidnext);
	sweep_note(&s->sweep, &s->list);
	for (p = s->all.first; p != NULL; p = p->next)
		p->not_before = 0;
	return sweep_run(&s->sweep, &f);
}

void
source_finish(struct source *s, uint64_t stored, uint64_t gone,
    uint64_t refused)
{
	struct followed *p = s->all.first;
	struct archive_totals t;
	struct buf minisig = BUF_INIT;
	struct fault f = FAULT_INIT;

	followed_finish(&s->b, p, "not read");
	archive_writer_totals(s->b.archive, &t);
	assert_int_equal(t.messages, stored);
	assert_int_equal(s->b.outcome.done, stored);
	assert_int_equal(s->b.outcome.gone, gone);
	assert_int_equal(s->b.outcome.refused, refused);
	assert_int_equal(p->copy.claim.seen,
	    p->copy.claim.stored + p->copy.claim.gone + p->copy.claim.refused +
		p->copy.claim.unselected);
	assert_int_equal(archive_writer_final(s->b.archive, &minisig, &f),
	    RC_OK);
	buf_release(&minisig);
	archive_writer_free(s->b.archive);
	followeds_release(&s->all);
	folders_release(&s->list);
	report_free(s->b.report);
	common_options_release(&s->options);
	intake_free(s->intake);
	kit_close(&s->kit);
	(void)close(s->out.fd);
}
