/*
 * All folders of a source, over several connections.  A connection takes a
 * folder, lists it and cuts it into parts, and then any connection takes
 * parts, its own folder's first.  One that is lost gives back what it had
 * taken; the run goes on as long as one is left.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	CONNECTIONS_MAX = 64,
	CONNECTIONS_USUAL = 4,
	PART_MESSAGES = 2000,
	PART_OCTETS = 16 << 20,
	/* a connection more for so much work */
	MESSAGES_EACH = 500,
	FOLDERS_EACH = 4,
};

struct crew {
	struct backup *backup;
	pthread_mutex_t lock;
	pthread_cond_t change;
	const struct folder **folder; /* to be listed: a stack */
	size_t folders;
	struct part *part; /* to be read: a queue */
	struct part **part_end;
	struct job *job; /* all that were begun */
	unsigned lanes;  /* connections that work */
	unsigned busy;   /* of them: inside a task */
	bool split;      /* more than one connection */
	bool stop;
	struct fault fault; /* why it stopped, or the last loss */
};

struct hand {
	struct crew *crew;
	struct lane lane;
	pthread_t thread;
	bool own; /* its store is to be freed */
};

bool
backup_wants(const struct backup *b, const struct folder *folder)
{
	return (folder->attr & FOLDER_NOSELECT) == 0 &&
	    selection_has_folder(b->selection, folder->name);
}

static void
queue_part(struct crew *c, struct part *p)
{
	p->next = NULL;
	*c->part_end = p;
	c->part_end = &p->next;
	pthread_cond_signal(&c->change);
}

static struct part *
take_part(struct crew *c, const struct job *preferred)
{
	struct part **at, *p;

	for (at = &c->part; (p = *at) != NULL; at = &p->next)
		if (preferred == NULL || p->job == preferred)
			break;
	if (p == NULL)
		return NULL;
	*at = p->next;
	if (p->next == NULL)
		c->part_end = at;
	return p;
}

static void
cut_into_parts(struct crew *c, struct job *j)
{
	size_t i, first = 0;
	uint64_t octets = 0;
	struct part *p;

	for (i = 0; i < j->listed.n; i++) {
		octets += j->listed.v[i].size;
		if (i + 1 < j->listed.n &&
		    (!c->split ||
			(i + 1 - first < PART_MESSAGES &&
			    octets < PART_OCTETS)))
			continue;
		p = xcalloc(1, sizeof(*p));
		p->job = j;
		p->first = first;
		p->n = i + 1 - first;
		j->open++;
		queue_part(c, p);
		first = i + 1;
		octets = 0;
	}
}

/* The lane is lost.  Under the lock. */
static void
lose(struct crew *c, const struct fault *f)
{
	struct backup *b = c->backup;

	c->fault = *f;
	c->lanes--;
	if (c->lanes == 0 || b->sink_failed || interrupt_signal() != 0)
		c->stop = true;
	else
		report_note(b->report, "%s; going on over %u connections",
		    f->text, c->lanes);
	pthread_cond_broadcast(&c->change);
}

/* False: the lane is spoiled. */
static bool
do_folder(struct hand *h, const struct folder *folder)
{
	struct crew *c = h->crew;
	struct job *j = xcalloc(1, sizeof(*j));
	struct fault f = FAULT_INIT;
	enum rc rc;

	rc = job_begin(&h->lane, folder, j, &f);
	pthread_mutex_lock(&c->lock);
	if (rc == RC_STORE) {
		c->folder[c->folders++] = folder;
		lose(c, &f);
		job_release(j);
		free(j);
		return false;
	}
	j->next = c->job;
	c->job = j;
	if (rc != RC_OK) {
		job_failed(c->backup, j, &f);
		return true;
	}
	cut_into_parts(c, j);
	if (j->open == 0)
		job_finish(&h->lane, j);
	return true;
}

static bool
do_part(struct hand *h, struct part *p)
{
	struct crew *c = h->crew;
	struct fault f = FAULT_INIT;
	enum rc rc;

	rc = part_read(&h->lane, p, &f);
	pthread_mutex_lock(&c->lock);
	if (rc == RC_STORE) {
		queue_part(c, p);
		lose(c, &f);
		return false;
	}
	if (rc != RC_OK)
		job_failed(c->backup, p->job, &f);
	if (--p->job->open == 0)
		job_finish(&h->lane, p->job);
	free(p);
	return true;
}

/* One task; returns under the lock.  False: the lane is spoiled. */
static bool
work(struct hand *h, struct part *p, const struct folder *folder)
{
	struct crew *c = h->crew;
	bool good;

	c->busy++;
	pthread_mutex_unlock(&c->lock);
	good = p != NULL ? do_part(h, p) : do_folder(h, folder);
	c->busy--;
	if (c->busy == 0)
		pthread_cond_broadcast(&c->change);
	return good;
}

static void
toil(struct hand *h)
{
	struct crew *c = h->crew;
	const struct folder *folder;
	struct part *p;

	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		folder = NULL;
		p = h->lane.selected != NULL ? take_part(c, h->lane.selected) :
					       NULL;
		if (p == NULL && c->folders > 0)
			folder = c->folder[--c->folders];
		if (p == NULL && folder == NULL)
			p = take_part(c, NULL);
		if (p == NULL && folder == NULL) {
			if (c->busy == 0)
				break;
			pthread_cond_wait(&c->change, &c->lock);
			continue;
		}
		if (!work(h, p, folder))
			break;
	}
	pthread_mutex_unlock(&c->lock);
}

/* A further connection that the server will not have is no failure. */
static void *
further(void *arg)
{
	struct hand *h = arg;
	struct crew *c = h->crew;
	struct fault f = FAULT_INIT;
	enum rc rc;

	rc = c->backup->open(c->backup->open_arg, &h->lane.store, &f);
	pthread_mutex_lock(&c->lock);
	if (rc == RC_OK)
		c->lanes++;
	else
		report_detail(c->backup->report, "no further connection: %s",
		    f.text);
	pthread_mutex_unlock(&c->lock);
	if (rc == RC_OK)
		toil(h);
	return NULL;
}

/* The folders to be listed: the largest are on top. */
static void
stack_folders(struct crew *c, const struct folders *folders)
{
	size_t i;

	c->folder = xcalloc(folders->n + 1, sizeof(*c->folder));
	for (i = folders->n; i-- > 0;) {
		if (!backup_wants(c->backup, &folders->v[i]))
			continue;
		c->folder[c->folders++] = &folders->v[i];
		if (folders->v[i].status_known)
			progress_expect(c->backup->report,
			    folders->v[i].messages, 0);
	}
}

/* As many connections as the work is worth. */
static unsigned
connections(const struct crew *c)
{
	uint64_t messages = 0, worth;
	unsigned most = c->backup->connections;
	size_t i;

	if (most == 0)
		most = CONNECTIONS_USUAL;
	for (i = 0; i < c->folders; i++)
		messages += c->folder[i]->status_known ?
		    c->folder[i]->messages :
		    MESSAGES_EACH;
	worth = 1 + messages / MESSAGES_EACH + c->folders / FOLDERS_EACH;
	if (most > CONNECTIONS_MAX)
		most = CONNECTIONS_MAX;
	return worth < most ? (unsigned)worth : most;
}

static void
hand_init(struct hand *h, struct crew *c, struct store *store)
{
	h->crew = c;
	h->lane.backup = c->backup;
	h->lane.lock = &c->lock;
	h->lane.store = store;
}

static void
run_hands(struct crew *c, struct hand *hand, unsigned n)
{
	unsigned i, started = 1;

	c->split = n > 1;
	c->lanes = 1;
	hand_init(&hand[0], c, c->backup->source);
	for (i = 1; i < n; i++) {
		hand_init(&hand[i], c, NULL);
		if (pthread_create(&hand[i].thread, NULL, further, &hand[i]) !=
		    0)
			break;
		started = i + 1;
	}
	toil(&hand[0]);
	for (i = 1; i < started; i++)
		(void)pthread_join(hand[i].thread, NULL);
	/* keywords of the jobs live in the stores that listed them */
	for (i = 0; i < started; i++) {
		buf_release(&hand[i].lane.header);
		if (i > 0)
			store_free(hand[i].lane.store);
	}
}

static bool
crew_is_done(const struct crew *c)
{
	return c->folders == 0 && c->part == NULL;
}

static void
crew_release(struct crew *c)
{
	struct part *p;
	struct job *j;

	while ((p = c->part) != NULL) {
		c->part = p->next;
		free(p);
	}
	while ((j = c->job) != NULL) {
		c->job = j->next;
		job_release(j);
		free(j);
	}
	free(c->folder);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->change);
}

enum rc
backup_run(struct backup *b, const struct folders *folders, struct fault *f)
{
	struct crew c = { .backup = b };
	struct hand *hand;
	unsigned n;
	enum rc rc = RC_OK;

	pthread_mutex_init(&c.lock, NULL);
	pthread_cond_init(&c.change, NULL);
	c.part_end = &c.part;
	stack_folders(&c, folders);
	n = connections(&c);
	hand = xcalloc(n, sizeof(*hand));
	run_hands(&c, hand, n);
	if (!crew_is_done(&c)) {
		*f = c.fault;
		rc = RC_STORE;
	}
	free(hand);
	crew_release(&c);
	return rc;
}
