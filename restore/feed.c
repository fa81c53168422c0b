#include "feed.h"

#include <stdlib.h>

#include "mail/date.h"
#include "parcel.h"
#include "stock.h"
#include "util/buf.h"
#include "util/mem.h"

/* Enough header to find a date in. */
enum { HEADER_MAX = 64 * 1024 };

struct feed {
	struct restore *restore;
	pthread_t thread;
	bool joined;
	enum rc rc;
	struct fault fault;
};

static bool
wanted(void *arg, const struct origin_message *m)
{
	const struct restore *r = arg;

	return selection_has_folder(r->selection, m->folder) &&
	    selection_has_date(r->selection, &m->msg.date) &&
	    (r->only == NULL ||
		only_has(r->only, m->folder, m->uidvalidity, m->msg.uid,
		    &m->hash));
}

/* A message whose server told no INTERNALDATE gets the date it tells of
 * itself, rather than the day of the migration. */
static enum rc
complete_date(struct pending *p, struct fault *f)
{
	struct buf header = BUF_INIT;
	enum rc rc = RC_OK;

	if (p->msg.date.known)
		return RC_OK;
	rc = body_header(&p->body, HEADER_MAX, &header, f);
	if (rc == RC_OK)
		(void)date_from_header(header.data, header.len, &p->msg.date);
	buf_release(&header);
	return rc;
}

static enum rc
fill(struct restore *r, struct load *l, struct fault *f)
{
	const size_t n = origin_count(r->origin);
	const struct origin_message *m;
	struct pending *p;
	enum rc rc = RC_OK;

	l->v = xcalloc(n + 1, sizeof(*l->v));
	while (rc == RC_OK && l->n < n) {
		m = origin_message(r->origin, l->n);
		p = &l->v[l->n];
		p->from = m->folder;
		p->uidvalidity = m->uidvalidity;
		p->msg = m->msg;
		p->fingerprint = m->fingerprint;
		p->absent = origin_is_absent(r->origin, l->n);
		if (!p->absent)
			rc = origin_body(r->origin, l->n, &p->body, f);
		if (rc == RC_OK && !p->absent)
			rc = complete_date(p, f);
		l->n++;
	}
	return rc;
}

static struct destination *
destination_of(const struct restore *r, const char *from)
{
	char *name = mapping_apply(r->mapping, from);
	struct destination *d = stock_destination(r->stock, name);

	free(name);
	return d;
}

/* Runs of messages for the same target folder go there together. */
static void
put(const struct restore *r, struct load *l)
{
	struct destination *to, *next = NULL;
	size_t i, j;

	for (i = 0; i < l->n; i = j) {
		to = i > 0 ? next : destination_of(r, l->v[0].from);
		next = to;
		for (j = i + 1; j < l->n && next == to; j++) {
			if (l->v[j].from != l->v[j - 1].from)
				next = destination_of(r, l->v[j].from);
			if (next != to)
				break;
		}
		stock_put(r->stock, parcel_new(l, i, j - i, to));
	}
}

/* What is left to be done is guessed from how much was read. */
static void
tell_share(const struct restore *r)
{
	uint64_t read, all;

	origin_share(r->origin, &read, &all);
	progress_share(r->report, read, all);
}

static void
tell_listed(const struct restore *r, const struct load *l)
{
	uint64_t octets = 0;
	size_t i;

	for (i = 0; i < l->n; i++)
		octets += l->v[i].body.digest.wire_size;
	progress_listed(r->report, l->n, l->n, octets);
}

static enum rc
next_segment(struct restore *r, struct load *l, struct fault *f)
{
	enum rc rc;

	rc = origin_next(r->origin, wanted, r, f);
	if (rc == RC_OK) {
		tell_share(r);
		rc = fill(r, l, f);
	}
	if (rc == RC_OK) {
		tell_listed(r, l);
		origin_move(r->origin, l->segment);
		put(r, l);
	}
	stock_put_end(r->stock, l);
	return rc;
}

static void *
run(void *arg)
{
	struct feed *feed = arg;
	struct restore *r = feed->restore;
	struct load *l;
	enum rc rc = RC_OK;

	tell_share(r);
	while (rc == RC_OK && (l = stock_room(r->stock)) != NULL)
		rc = next_segment(r, l, &feed->fault);
	if (rc == RC_END)
		progress_share(r->report, 1, 1);
	feed->rc = rc == RC_END ? RC_OK : rc;
	stock_end(r->stock);
	return NULL;
}

enum rc
feed_start(struct restore *r, struct feed **feed_r, struct fault *f)
{
	struct feed *feed = xcalloc(1, sizeof(*feed));

	feed->restore = r;
	if (pthread_create(&feed->thread, NULL, run, feed) != 0) {
		free(feed);
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "cannot start a thread");
	}
	*feed_r = feed;
	return RC_OK;
}

enum rc
feed_join(struct feed *feed, struct fault *f)
{
	if (!feed->joined)
		(void)pthread_join(feed->thread, NULL);
	feed->joined = true;
	if (feed->rc != RC_OK)
		*f = feed->fault;
	return feed->rc;
}

void
feed_free(struct feed *feed)
{
	struct fault unused = FAULT_INIT;

	if (feed == NULL)
		return;
	stock_stop(feed->restore->stock);
	origin_stop(feed->restore->origin);
	(void)!feed_join(feed, &unused);
	free(feed);
}
