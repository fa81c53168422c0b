#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/fleet_priv.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"

enum { SUMMARY_MAX = 256 << 20 };

/* What earlier runs left of one account. */
struct past {
	bool started;   /* the last line about it says so */
	char *location; /* of that line */
	char *stamp;
	bool ended;
	struct job_result result;
};

struct memory {
	struct past *past;   /* one for each job */
	struct job **byname; /* sorted */
	bool complete;       /* the last run ended with status 0 */
	bool same_options;   /* as those of the last run */
};

static int
by_name(const void *a, const void *b)
{
	const struct job *const *x = a, *const *y = b;

	return strcmp((*x)->account->name, (*y)->account->name);
}

static struct past *
find(const struct fleet *t, const struct memory *m, const char *name)
{
	size_t from = 0, to = t->n, at;
	int order;

	while (from < to) {
		at = from + (to - from) / 2;
		order = strcmp(name, m->byname[at]->account->name);
		if (order == 0)
			return &m->past[m->byname[at] - t->job];
		if (order < 0)
			to = at;
		else
			from = at + 1;
	}
	return NULL;
}

static void
past_release(struct past *p)
{
	free(p->location);
	free(p->stamp);
	job_result_release(&p->result);
	memset(p, 0, sizeof(*p));
}

static void
recall_account(struct fleet *t, struct memory *m, const char *line)
{
	char *copy = xstrdup(line);
	struct fleet_line l;
	struct past *p;

	if (fleet_line_read(copy, &l)) {
		p = find(t, m, l.name);
		if (p == NULL) {
			strs_add(&t->others, line);
			job_result_release(&l.result);
		} else {
			past_release(p);
			p->ended = true;
			p->location = xstrdup(l.location);
			p->stamp = xstrdup(l.stamp);
			p->result = l.result;
		}
	}
	free(copy);
}

static void
recall_start(const struct fleet *t, struct memory *m, char *line)
{
	struct buf name = BUF_INIT, location = BUF_INIT;
	struct past *p = NULL;
	char *field[3];

	if (text_fields(line, field, 3) == 3 &&
	    text_unpercent(&name, field[1], strlen(field[1])) &&
	    text_unpercent(&location, field[2], strlen(field[2])))
		p = find(t, m, buf_str(&name));
	if (p != NULL) {
		past_release(p);
		p->started = true;
		p->location = buf_steal(&location);
	}
	buf_release(&name);
	buf_release(&location);
}

static void
recall_line(struct fleet *t, struct memory *m, char *line, const char *options)
{
	bool all = strncmp(line, "all\t", 4) == 0;

	m->complete = all && strncmp(line + 4, "0\t", 2) == 0;
	if (strncmp(line, "options\t", 8) == 0)
		m->same_options = strcmp(line, options) == 0;
	else if (strncmp(line, "account\t", 8) == 0)
		recall_account(t, m, line);
	else if (strncmp(line, "started\t", 8) == 0)
		recall_start(t, m, line);
}

/* A line that was cut off by a kill says nothing. */
static void
recall_text(struct fleet *t, struct memory *m, struct buf *text)
{
	char *options = fleet_options_line(t), *line, *rest = buf_str(text),
	     *end;
	size_t i;

	m->same_options = true;
	m->past = xcalloc(t->n, sizeof(*m->past));
	m->byname = xcalloc(t->n, sizeof(struct job *));
	for (i = 0; i < t->n; i++)
		m->byname[i] = &t->job[i];
	qsort(m->byname, t->n, sizeof(struct job *), by_name);
	while ((end = strchr(rest, '\n')) != NULL) {
		*end = '\0';
		line = rest;
		rest = end + 1;
		recall_line(t, m, line, options);
	}
	free(options);
}

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static void
skip(struct fleet *t, struct job *j, struct past *p)
{
	j->state = JOB_SKIPPED;
	j->result = p->result;
	memset(&p->result, 0, sizeof(p->result));
	t->ended++;
	t->octets += j->result.octets;
}

/* An archive appears whole, or not at all. */
static void
recall_backup(struct fleet *t, struct job *j, const struct memory *m,
    struct past *p)
{
	char *minisig = xasprintf("%s.minisig", j->archive);
	bool ours = (p->started || p->ended) && m->same_options &&
	    strcmp(p->location, j->where) == 0;

	if (!is_there(j->archive)) {
		if (is_there(minisig))
			account_list_fault(&t->list, j->account->line,
			    CAUSE_CANTCREATE,
			    "'%s' is there, and its archive is not", minisig);
	} else if (!ours) {
		account_list_fault(&t->list, j->account->line, CAUSE_CANTCREATE,
		    "'%s' is there, and no run of this list with these "
		    "options made it: move it away, or give another -d",
		    j->archive);
	} else if (!is_there(minisig)) {
		/* Killed between the archive and its signature: see
		 * fleet_resumes. */
		past_release(p);
	} else if (p->ended &&
	    (p->result.status == STATUS_COMPLETE ||
		p->result.status == STATUS_REFUSED)) {
		skip(t, j, p);
	} else {
		/* The run was killed between the archive and our line. */
		past_release(p);
		p->result.status = STATUS_REFUSED;
		p->result.outcome.worst = CAUSE_REFUSED;
		p->result.words = xstrdup("finished");
		p->result.reason = xasprintf(
		    "the run was killed before it told what was refused: "
		    "maudit %s does",
		    j->archive);
		skip(t, j, p);
	}
	free(minisig);
}

static void
recall_other(struct fleet *t, struct job *j, const struct memory *m,
    struct past *p)
{
	char *stamp;

	if (!is_there(j->archive)) {
		if (!fleet_surveys(t))
			account_list_fault(&t->list, j->account->line,
			    CAUSE_NOINPUT, "no archive '%s'", j->archive);
		return;
	}
	if (!p->ended || m->complete || !m->same_options ||
	    p->result.status != STATUS_COMPLETE ||
	    strcmp(p->location, j->where) != 0)
		return;
	stamp = fleet_stamp(j);
	if (strcmp(stamp, p->stamp) == 0)
		skip(t, j, p);
	free(stamp);
}

enum rc
fleet_recall(struct fleet *t, struct fault *f)
{
	struct memory m = { .past = NULL };
	char *path = fleet_path(t, NULL, "summary.tsv");
	struct buf text = BUF_INIT;
	enum rc rc = RC_OK;
	bool anew;
	size_t i;

	if (is_there(path))
		rc = file_slurp(path, SUMMARY_MAX, &text, f);
	if (rc != RC_OK)
		goto out;
	recall_text(t, &m, &text);
	for (i = 0; i < t->n; i++) {
		if (t->program->work == WORK_BACKUP)
			recall_backup(t, &t->job[i], &m, &m.past[i]);
		else
			recall_other(t, &t->job[i], &m, &m.past[i]);
		past_release(&m.past[i]);
	}
	/* What is complete is done again when it is asked for again; but an
	 * archive is there or not. */
	anew =
	    !m.same_options || (m.complete && t->program->work != WORK_BACKUP);
	if (t->list.faults == 0)
		rc = fleet_open_summary(t, anew, f);
out:
	free(m.past);
	free(m.byname);
	buf_release(&text);
	free(path);
	return rc;
}
