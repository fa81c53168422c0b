#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/fleet_priv.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"

enum { WORDS_MAX = 512 };

static const char head[] =
    "#mailproof 1 summary\n"
    "#account\tname\tstatus\twords\tcause\tdone\talready\tgone\trefused\t"
    "unlisted\tunproved\tmissing\tdifferences\tfolders-failed\toctets\t"
    "milliseconds\ttries\tarchive\tlocation\treason\n";

char *
fleet_options_line(const struct fleet *t)
{
	char *words = strs_join(&t->options->accounts.scope, " ");
	struct buf b = BUF_INIT;

	buf_adds(&b, "options\t");
	text_percent(&b, words, strlen(words));
	free(words);
	return buf_steal(&b);
}

static void
add_head(const struct fleet *t, struct buf *b)
{
	char *options = fleet_options_line(t);

	buf_addf(b, "%s%s\n", head, options);
	free(options);
}

static void
add_others(const struct fleet *t, struct buf *b)
{
	size_t i;

	for (i = 0; i < t->others.n; i++)
		buf_addf(b, "%s\n", t->others.v[i]);
}

static enum rc
append(struct fleet *t, const struct buf *b, struct fault *f)
{
	char *path = fleet_path(t, NULL, "summary.tsv");
	enum rc rc = file_write(t->journal, path, b->data, b->len, f);

	free(path);
	return rc;
}

enum rc
fleet_open_summary(struct fleet *t, bool anew, struct fault *f)
{
	char *path = fleet_path(t, NULL, "summary.tsv");
	struct buf b = BUF_INIT;
	enum rc rc;

	t->journal = open(path,
	    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC |
		(anew ? O_TRUNC : 0),
	    0600);
	if (t->journal == -1) {
		rc = fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot write '%s'", path);
	} else {
		/* The last line may be cut off. */
		if (lseek(t->journal, 0, SEEK_END) > 0)
			buf_addc(&b, '\n');
		add_head(t, &b);
		if (anew)
			add_others(t, &b);
		rc = append(t, &b, f);
	}
	buf_release(&b);
	free(path);
	return rc;
}

enum rc
fleet_note_start(struct fleet *t, const struct job *j, struct fault *f)
{
	const char *location = j->where;
	struct buf b = BUF_INIT;
	enum rc rc;

	if (t->journal == -1)
		return RC_OK;
	buf_adds(&b, "started\t");
	text_percent(&b, j->account->name, strlen(j->account->name));
	buf_addc(&b, '\t');
	text_percent(&b, location, strlen(location));
	buf_addc(&b, '\n');
	rc = append(t, &b, f);
	buf_release(&b);
	return rc;
}

enum rc
fleet_note_end(struct fleet *t, const struct job *j, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc;

	if (t->journal == -1)
		return RC_OK;
	fleet_line_write(&b, j, j->where);
	rc = append(t, &b, f);
	if (rc == RC_OK && fdatasync(t->journal) == -1)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "the summary");
	buf_release(&b);
	return rc;
}

static enum rc
replace(const char *path, const struct buf *b, struct fault *f)
{
	char *new = xasprintf("%s.new", path);
	enum rc rc;

	(void)unlink(new); /* of a run that was killed here */
	rc = file_create(new, 0600, b->data, b->len, f);
	if (rc == RC_OK && rename(new, path) == -1)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "rename '%s'", new);
	if (rc == RC_OK)
		rc = file_sync_dir(path, f);
	free(new);
	return rc;
}

enum rc
fleet_summarize(struct fleet *t, const struct outcome *all, struct fault *f)
{
	char *path = fleet_path(t, NULL, "summary.tsv");
	char words[WORDS_MAX];
	struct buf b = BUF_INIT;
	bool whole = true;
	enum rc rc;
	size_t i;

	add_head(t, &b);
	add_others(t, &b);
	for (i = 0; i < t->n; i++) {
		if (t->job[i].result.words != NULL)
			fleet_line_write(&b, &t->job[i], t->job[i].where);
		else
			whole = false;
	}
	outcome_words(all, words, sizeof(words));
	if (whole)
		buf_addf(&b, "all\t%d\t%s\n", outcome_status(all), words);
	rc = replace(path, &b, f);
	buf_release(&b);
	free(path);
	return rc;
}
