#ifndef SURVEY_WALK_H
#define SURVEY_WALK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "copies.h"
#include "mail/harvest.h"
#include "mail/store.h"
#include "program/report.h"
#include "program/status.h"
#include "stores/archive/lineage.h"
#include "survey/facts/facts.h"
#include "util/buf.h"
#include "util/fault.h"

/* A message whose body is to be read for the sample. */
struct chosen {
	uint32_t box;
	uint32_t lot;   /* drawn for it */
	unsigned part;  /* of the sample */
	struct msg msg; /* keywords are "" */
};

/* The way through a mailbox, which fills in a survey. */
struct walk {
	/* set by the caller */
	struct survey *survey;
	struct report *report;
	struct outcome *outcome;
	struct store *source;  /* the first connection, borrowed */
	struct lineage *chain; /* in its place: archives, borrowed */
	harvest_open_fn *open;
	void *open_arg;
	unsigned connections; /* 0: as the store says */
	bool deep;
	bool dry;       /* no mail is looked at */
	uint64_t limit; /* octets that the target takes; 0: not known */
	/* inside */
	pthread_mutex_t lock; /* of all below, and of the survey */
	uint64_t seed;
	struct copy_list copies;
	uint64_t claimed; /* messages of all boxes */
	uint64_t odds;    /* lots below are chosen; UINT64_MAX: all */
	struct chosen *chosen;
	size_t chosens, chosens_cap;
	unsigned part;     /* of the sample that is read */
	struct pass *pass; /* at work */
	int64_t busy_us;   /* of all connections, in it */
};

/* Fills in boxes, sums, copies, largest, ugly and passes; the source's
 * folders are known.  RC_STORE: it ended early. */
enum rc walk_run(struct walk *w, struct fault *f) CHECKED;

/* count.c, under the lock: what a message's note tells, or that of its body
 * when its header was counted before. */
void count_message(struct walk *w, uint32_t box, const struct msg *m,
    const struct buf *note);
void count_body(struct walk *w, uint32_t box, const struct msg *m,
    const struct buf *note);
/* It is listed and not given; counted: count_message was called for it. */
void count_refused(struct walk *w, uint32_t box, const struct msg *m,
    bool counted, const char *reason);
/* Sums up the boxes, and the copies. */
void count_end(struct walk *w);

/* The folder cannot be read to its end. */
void walk_failed(struct walk *w, uint32_t box, struct fault *f);

/* deep.c: all bodies. */
enum rc walk_deep(struct walk *w, struct fault *f) CHECKED;
/* archive.c: likewise, of the chain. */
enum rc walk_archive(struct walk *w, struct fault *f) CHECKED;

/*
 * crew.c: several connections, which work on boxes side by side; lost ones
 * are left out.
 */
struct crew {
	struct walk *walk;
	struct store **store; /* NULL: lost, or not to be had */
	unsigned n;
	unsigned left;
};

/* Runs without the lock.  RC_STORE: the connection is lost. */
typedef enum rc crew_fn(struct walk *w, struct store *st, uint32_t box,
    struct fault *f);

void crew_open(struct crew *c, struct walk *w);
void crew_close(struct crew *c);
/* Over at most so many connections, each of the boxes that wants tells; the
 * time that it took in pass.  RC_STORE: none is left. */
enum rc crew_run(struct crew *c, unsigned hands, crew_fn *fn,
    bool (*wants)(const struct walk *w, uint32_t box), struct pass *pass,
    struct fault *f) CHECKED;

/* sample.c: chooses by chance which bodies are read. */
void sample_plan(struct walk *w);
void sample_choose(struct walk *w, uint32_t box, const struct msg *m);
enum rc sample_read(struct walk *w, struct crew *c, struct fault *f) CHECKED;

#endif
