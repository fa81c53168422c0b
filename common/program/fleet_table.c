#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/fleet_priv.h"
#include "util/text.h"

enum { NAME_OCTETS = 200, NAME_COLUMNS = 40, TEXT_OCTETS = 1000 };

static void
put_name(const char *name, size_t columns, struct buf *b)
{
	struct buf shown = BUF_INIT;
	size_t used;

	text_visible(&shown, name, strlen(name), NAME_OCTETS);
	used = meter_cut(&shown, columns);
	buf_addf(b, "%s%*s", buf_str(&shown), (int)(columns - used), "");
	buf_release(&shown);
}

static size_t
name_columns(const struct fleet *t)
{
	size_t i, n, columns = 4;

	for (i = 0; i < t->n; i++) {
		n = strlen(t->job[i].account->name);
		if (n > columns)
			columns = n;
	}
	return columns > NAME_COLUMNS ? NAME_COLUMNS : columns;
}

static void
put_job(const struct job *j, struct buf *b)
{
	const struct job_result *r = &j->result;
	const struct outcome *o = &r->outcome;

	if (r->words == NULL) {
		buf_addf(b, "  %6s  %9s  %14s  %9s  not run\n", "-", "-", "-",
		    "-");
		return;
	}
	buf_addf(b, "  %6d  %9" PRIu64 "  %14" PRIu64 "  %7" PRId64 ".%d  %s",
	    r->status, o->done + o->already, r->octets, r->ms / 1000,
	    (int)(r->ms % 1000 / 100), r->words);
	if (r->reason != NULL && r->status != STATUS_COMPLETE) {
		buf_adds(b, ": ");
		text_visible(b, r->reason, strlen(r->reason), TEXT_OCTETS);
	}
	if (j->state == JOB_SKIPPED)
		buf_adds(b, " (in an earlier run)");
	buf_addc(b, '\n');
}

enum rc
fleet_table(const struct fleet *t, struct fault *f)
{
	size_t columns = name_columns(t), i;
	struct buf b = BUF_INIT;
	enum rc rc = RC_OK;

	put_name("name", columns, &b);
	buf_addf(&b, "  %6s  %9s  %14s  %9s  %s\n", "status", "messages",
	    "octets", "seconds", "result");
	for (i = 0; i < t->n; i++) {
		put_name(t->job[i].account->name, columns, &b);
		put_job(&t->job[i], &b);
	}
	if (fwrite(b.data, 1, b.len, stdout) != b.len || fflush(stdout) != 0)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "standard output");
	buf_release(&b);
	return rc;
}
