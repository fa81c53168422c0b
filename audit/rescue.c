#include <stdlib.h>
#include <string.h>

#include "accounts/open.h"
#include "bytes/minisign.h"
#include "mail/date.h"
#include "program/output.h"
#include "rescue.h"
#include "stores/archive/format.h"
#include "util/mem.h"

enum { LINES_BOUND = 1 << 20 };

static const char END_LOST[] = LOST_REASON
    "the end of the archive: what else was there, and what the source "
    "refused, nobody can tell";
static const char UNNAMED[] = LOST_REASON "nothing tells which it was";

/* Folders keep their order, so that most keep their numbers. */
static enum rc
add_folders(struct rescue *r, struct fault *f)
{
	const size_t n = salvage_folders(r->from);
	const struct archive_folder *from;
	struct folder folder;
	struct rescue_folder *to;
	enum rc rc = RC_OK;

	if (n > r->folders)
		r->folder = xreallocarray(r->folder, n, sizeof(*r->folder));
	for (; r->folders < n && rc == RC_OK; r->folders++) {
		from = salvage_folder(r->from, (uint32_t)r->folders);
		to = &r->folder[r->folders];
		memset(to, 0, sizeof(*to));
		folder = from->folder;
		to->name = from->folder.name != NULL ?
		    xstrdup(from->folder.name) :
		    xasprintf("Lost name %zu", r->folders);
		folder.name = to->name;
		if (folder.wire == NULL)
			folder.wire = to->name;
		rc = rescue_announce(r, &folder, from->uidvalidity, &to->number,
		    f);
	}
	return rc;
}

static enum rc
lose_unnamed(struct rescue *r, uint32_t folder, uint64_t n, struct fault *f)
{
	struct rescue_folder *at = &r->folder[folder];
	const struct msg m = { .keywords = "" };
	uint64_t i;

	for (i = 0; i < n; i++)
		rescue_refuse(r, &m, at->number, UNNAMED);
	at->lost += n;
	r->lost += n;
	return rescue_line(r,
	    &(struct rescue_line){ .kind = "lost",
		.msg = &m,
		.folder = at->name,
		.uidvalidity = salvage_folder(r->from, folder)->uidvalidity,
		.why = UNNAMED,
		.count = n },
	    f);
}

/*
 * What the final counted, and nothing else tells of.  A delta's claims count
 * what its ancestors have, too: there only the total tells, and not in which
 * folder it was.
 */
static enum rc
count_unnamed(struct rescue *r, const struct archive_totals *t, struct fault *f)
{
	const bool delta = t->state != t->messages;
	uint64_t known, stored, all = 0;
	uint32_t i;
	enum rc rc = RC_OK;

	for (i = 0; i < r->folders && rc == RC_OK; i++) {
		known = r->folder[i].saved + r->folder[i].lost +
		    r->folder[i].strays;
		stored = salvage_folder(r->from, i)->claim.stored;
		all += known;
		if (!delta && known < stored)
			rc = lose_unnamed(r, i, stored - known, f);
	}
	if (rc == RC_OK && delta && r->folders > 0 && all < t->messages)
		rc = lose_unnamed(r, 0, t->messages - all, f);
	return rc;
}

static enum rc
keep_refusals(struct rescue *r, const struct archive_final *final,
    struct fault *f)
{
	const struct archive_refusal *x;
	size_t i;
	enum rc rc = RC_OK;

	for (i = 0; i < final->refusals && rc == RC_OK; i++) {
		x = &final->refusal[i];
		r->refused++;
		rescue_refuse(r, &x->msg, r->folder[x->msg.folder].number,
		    x->reason);
		rc = rescue_line(r,
		    &(struct rescue_line){ .kind = "refused",
			.msg = &x->msg,
			.folder = r->folder[x->msg.folder].name,
			.why = x->reason },
		    f);
	}
	return rc;
}

/* Nobody knows how much is lost: that is a line, too. */
static enum rc
lose_end(struct rescue *r, struct fault *f)
{
	const struct msg m = { .keywords = "" };

	r->endless = true;
	if (r->folders + r->asides > 0)
		rescue_refuse(r, &m, 0, END_LOST);
	return rescue_line(r,
	    &(struct rescue_line){ .kind = "lost",
		.msg = &m,
		.folder = r->folders > 0 ? r->folder[0].name : "",
		.why = END_LOST },
	    f);
}

/* Everything that the source had listed ends stored or refused. */
static enum rc
settle(struct rescue *r, struct fault *f)
{
	uint32_t i;
	enum rc rc;

	rc = add_folders(r, f);
	for (i = 0; i < r->folders && rc == RC_OK; i++)
		if (r->to != NULL && r->end.final != NULL)
			archive_writer_claim(r->to, r->folder[i].number,
			    &salvage_folder(r->from, i)->claim);
	if (rc == RC_OK && r->end.final != NULL)
		rc = count_unnamed(r, &r->end.final->totals, f);
	if (rc == RC_OK)
		rc = r->end.final != NULL ? keep_refusals(r, r->end.final, f) :
					    lose_end(r, f);
	r->outcome->done = r->saved;
	r->outcome->refused = r->lost + r->refused;
	r->outcome->uncounted = r->endless;
	return rc;
}

static enum rc
recover(struct rescue *r, struct fault *f)
{
	const struct salvage_sink sink = { r, rescue_message, rescue_lost,
		rescue_stray };
	enum rc rc;

	rc = add_folders(r, f);
	if (rc == RC_OK)
		rc = salvage_run(r->from, &sink, f);
	if (rc != RC_OK)
		return rc;
	salvage_ending(r->from, &r->end);
	rc = settle(r, f);
	if (rc == RC_OK && r->saved == 0 && r->strays == 0 &&
	    (r->lost > 0 || r->endless))
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "%s: no message is whole: nothing is salvaged", r->name);
	return rc;
}

/* The selection as the header tells it, "folder GLOB" and so on. */
static void
copy_selection(const struct strs *from, struct selection *to)
{
	const char *s;
	size_t i;

	selection_init(to);
	for (i = 0; i < from->n; i++) {
		s = from->v[i];
		if (strncmp(s, "folder ", 7) == 0)
			strs_add(&to->folder, s + 7);
		else if (strncmp(s, "exclude ", 8) == 0)
			strs_add(&to->exclude, s + 8);
		else if (strncmp(s, "since ", 6) == 0)
			(void)date_parse_utc(s + 6, strlen(s + 6), &to->since);
		else if (strncmp(s, "before ", 7) == 0)
			(void)date_parse_utc(s + 7, strlen(s + 7), &to->before);
	}
}

static enum rc
write_archive(struct rescue *r, const struct seckey *key, struct fault *f)
{
	const struct archive_header *h = salvage_header(r->from);
	struct selection selection;
	struct archive_about about = { .account = "", .server = "" };
	struct outfile out = { .fd = -1 };
	enum rc rc;

	selection_init(&selection);
	if (h != NULL) {
		about.account = h->account;
		about.server = h->server;
		copy_selection(&h->selection, &selection);
	}
	about.tool = "mailproof " MAILPROOF_VERSION;
	about.selection = &selection;
	about.origin = salvage_id(r->from);
	about.origin_final = salvage_final_hash(r->from);
	rc = output_create(r->output, &out, f);
	if (rc == RC_OK) {
		rc = archive_writer_new(&about, key, &out, &r->to, f);
		if (rc == RC_OK)
			rc = recover(r, f);
		if (rc == RC_OK)
			rc = output_publish(r->to, &out, f);
		if (rc == RC_OK)
			memcpy(r->to_id, archive_writer_id(r->to),
			    sizeof(r->to_id));
		if (rc != RC_OK)
			outfile_abandon(&out, false);
	}
	archive_writer_free(r->to);
	r->to = NULL;
	selection_release(&selection);
	return rc;
}

static enum rc
open_damaged(struct rescue *r, const struct location *damaged, struct fault *f)
{
	char *path = options_key_path(r->options->public_key, "public.key");
	struct buf minisig = BUF_INIT;
	struct pubkey key;
	enum rc rc;
	int fd;

	r->name = damaged->text;
	rc = pubkey_load(path, &key, f);
	/* The signature of the whole cannot hold. */
	if (rc == RC_OK)
		rc = archive_open_fd(damaged, &fd, &minisig, f);
	if (rc == RC_OK) {
		rc = salvage_new(fd, &key, &r->from, f);
		if (rc != RC_OK)
			rc = fault_wrap(f, rc, "%s", r->name);
	}
	buf_release(&minisig);
	free(path);
	return rc;
}

static void
release(struct rescue *r)
{
	size_t i;

	for (i = 0; i < r->folders; i++)
		free(r->folder[i].name);
	for (i = 0; i < r->asides; i++)
		free(r->aside[i].name);
	free(r->folder);
	free(r->aside);
	spool_free(r->lines);
	salvage_free(r->from);
}

enum rc
rescue_run(struct rescue *r, const struct location *damaged, struct fault *f)
{
	struct seckey *key = NULL;
	enum rc rc = RC_OK;

	r->lines = spool_new(LINES_BOUND);
	if (r->output != NULL)
		rc = output_key(r->options, &key, f);
	if (rc == RC_OK)
		rc = open_damaged(r, damaged, f);
	if (rc == RC_OK)
		rc = r->output != NULL ? write_archive(r, key, f) :
					 recover(r, f);
	progress_clear(r->report);
	if (rc == RC_OK) {
		rescue_tell(r);
		rc = rescue_print(r, f);
	}
	seckey_free(key);
	release(r);
	return rc;
}
