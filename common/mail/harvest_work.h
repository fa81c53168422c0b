#ifndef MAIL_HARVEST_WORK_H
#define MAIL_HARVEST_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/harvest.h"

/*
 * What is to be done: folders to be listed, and runs of listed messages to
 * be read, of about the size that one command asks for.  A connection takes
 * several at a time, so that its store knows what comes next.  All of it
 * under the crew's lock.
 */
struct harvest_task {
	uint64_t number;               /* rises with each one taken */
	const struct folder *list;     /* to be listed; NULL: */
	struct harvest_folder *folder; /* to be read, */
	size_t first;                  /* from here on, */
	size_t n;                      /* so many */
	uint64_t octets;               /* what it costs the server */
	bool again; /* left without a fate once: to be read alone */
	/* Taken: those that are not settled, in the folder's list or, where
	 * some are, copied. */
	const struct msg *ask;
	size_t left;
	struct msg *v;
	size_t *index;
	struct harvest_task *next;
};

struct harvest_tasks {
	struct harvest_task *first;
	struct harvest_task *last;
	size_t n;
	uint64_t octets;
};

struct harvest_work {
	unsigned hands; /* connections that share it */
	struct harvest_tasks list;
	struct harvest_tasks read;
	uint64_t number;  /* of the task taken last */
	uint64_t listing; /* messages of folders that are being listed */
};

void tasks_add(struct harvest_tasks *l, struct harvest_task *t);
struct harvest_task *tasks_shift(struct harvest_tasks *l);

/* n folders, which outlive it, to be listed. */
void work_init(struct harvest_work *w, const struct folder *folder, size_t n);
void work_release(struct harvest_work *w);
bool work_is_empty(const struct harvest_work *w);
/* The messages of a folder that was listed; h->open counts its tasks. */
void work_add(struct harvest_work *w, struct harvest_folder *h);
/* Adds to a plan what should be done behind it: one task, if there is any,
 * and behind that so many octets at most, or this connection's share of what
 * is left.  last is the folder that was read last. */
void work_plan(struct harvest_work *w, struct harvest_tasks *plan,
    const struct harvest_folder *last, uint64_t octets);
/* A task that was taken is done, and freed; or goes back, and may be done in
 * part. */
void work_done(struct harvest_work *w, struct harvest_task *t);
void work_give_back(struct harvest_work *w, struct harvest_task *t);
/* Where in the folder's list a message stands that t->ask holds. */
size_t task_index(const struct harvest_task *t, const struct msg *m);

#endif
