#include "mail/harvest_work.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

enum {
	/* One task to read, where connections share a folder; and no more
	 * tasks of a folder than so many, as each selects it. */
	TASK_MESSAGES = 2000,
	TASK_OCTETS = 16 << 20,
	TASKS_MAX = 64,
	/* One plan. */
	PLAN_TASKS = 64,
	/* With less than this to be read folders are listed. */
	LOW_OCTETS = 32 << 20,
	/* Messages that are listed at one time, by whatever connections: what
	 * is listed lies in memory until it is read. */
	LISTING_MAX = 200000,
	/* What a server says of a message that it lists, more or less; and
	 * what one costs it, however small. */
	LISTED_OCTETS = 160,
	EXAMINED_OCTETS = 500,
	MESSAGE_OCTETS = 4096,
};

void
tasks_add(struct harvest_tasks *l, struct harvest_task *t)
{
	t->next = NULL;
	if (l->last == NULL)
		l->first = t;
	else
		l->last->next = t;
	l->last = t;
	l->n++;
	l->octets += t->octets;
}

/* Takes out the one behind before (NULL: the first). */
static struct harvest_task *
take_behind(struct harvest_tasks *l, struct harvest_task *before)
{
	struct harvest_task *t = before == NULL ? l->first : before->next;

	if (before == NULL)
		l->first = t->next;
	else
		before->next = t->next;
	if (l->last == t)
		l->last = before;
	t->next = NULL;
	l->n--;
	l->octets -= t->octets;
	return t;
}

struct harvest_task *
tasks_shift(struct harvest_tasks *l)
{
	return l->first == NULL ? NULL : take_behind(l, NULL);
}

static void
task_free(struct harvest_task *t)
{
	if (t == NULL)
		return;
	free(t->v);
	free(t->index);
	free(t);
}

static void
tasks_free(struct harvest_tasks *l)
{
	struct harvest_task *t;

	while ((t = tasks_shift(l)) != NULL)
		task_free(t);
}

void
work_init(struct harvest_work *w, const struct folder *folder, size_t n)
{
	struct harvest_task *t;
	size_t i;

	memset(w, 0, sizeof(*w));
	w->hands = 1;
	for (i = 0; i < n; i++) {
		t = xcalloc(1, sizeof(*t));
		t->list = &folder[i];
		t->octets = EXAMINED_OCTETS +
		    (uint64_t)folder[i].messages * LISTED_OCTETS;
		tasks_add(&w->list, t);
	}
}

void
work_release(struct harvest_work *w)
{
	tasks_free(&w->list);
	tasks_free(&w->read);
}

bool
work_is_empty(const struct harvest_work *w)
{
	return w->list.first == NULL && w->read.first == NULL;
}

void
work_add(struct harvest_work *w, struct harvest_folder *h)
{
	const struct msgs *l = &h->listed;
	struct harvest_task *t = NULL;
	uint64_t octets = 0;
	size_t i, messages;

	for (i = 0; i < l->n; i++)
		octets += l->v[i].size + MESSAGE_OCTETS;
	messages =
	    l->n / TASKS_MAX > TASK_MESSAGES ? l->n / TASKS_MAX : TASK_MESSAGES;
	octets =
	    octets / TASKS_MAX > TASK_OCTETS ? octets / TASKS_MAX : TASK_OCTETS;
	for (i = 0; i < l->n; i++) {
		if (t == NULL) {
			t = xcalloc(1, sizeof(*t));
			t->folder = h;
			t->first = i;
		}
		t->n++;
		t->octets += l->v[i].size + MESSAGE_OCTETS;
		if (i + 1 < l->n &&
		    (w->hands == 1 || (t->n < messages && t->octets < octets)))
			continue;
		h->open++;
		tasks_add(&w->read, t);
		t = NULL;
	}
}

/* Of the folder, or of any when it is NULL; one that must be read alone
 * only where that can be. */
static struct harvest_task *
take_read(struct harvest_work *w, const struct harvest_folder *folder,
    bool alone)
{
	struct harvest_task *t, *before = NULL;

	for (t = w->read.first; t != NULL; before = t, t = t->next)
		if ((folder == NULL || t->folder == folder) &&
		    (alone || !t->again))
			return take_behind(&w->read, before);
	return NULL;
}

/* The next folder to be listed; NULL: none, or not now. */
static struct harvest_task *
take_list(struct harvest_work *w)
{
	struct harvest_task *t = w->list.first;

	if (t == NULL ||
	    (w->listing > 0 && w->listing + t->list->messages > LISTING_MAX))
		return NULL;
	w->listing += t->list->messages;
	return tasks_shift(&w->list);
}

/*
 * Folders are listed before what is left to be read runs out, so that there
 * is always something to ask for while a list is on its way; and not much
 * sooner, for lists take memory.
 */
static struct harvest_task *
take(struct harvest_work *w, const struct harvest_tasks *plan,
    const struct harvest_folder *last)
{
	struct harvest_task *t = NULL;

	if (w->list.first != NULL &&
	    (w->read.first == NULL ||
		w->read.octets - w->read.first->octets < LOW_OCTETS))
		t = take_list(w);
	if (t == NULL && last != NULL)
		t = take_read(w, last, plan->n == 0);
	if (t == NULL)
		t = take_read(w, NULL, plan->n == 0);
	return t != NULL ? t : take_list(w);
}

static void
take_note(struct harvest_work *w, struct harvest_task *t)
{
	const struct harvest_folder *h = t->folder;
	size_t i, settled = 0;

	t->number = ++w->number;
	if (t->list != NULL)
		return;
	for (i = t->first; i < t->first + t->n; i++)
		settled += h->settled[i];
	t->left = t->n - settled;
	t->ask = &h->listed.v[t->first];
	if (settled == 0)
		return;
	t->v = xcalloc(t->left + 1, sizeof(*t->v));
	t->index = xcalloc(t->left + 1, sizeof(*t->index));
	t->left = 0;
	for (i = t->first; i < t->first + t->n; i++) {
		if (h->settled[i])
			continue;
		t->v[t->left] = h->listed.v[i];
		t->index[t->left++] = i;
	}
	t->ask = t->v;
}

size_t
task_index(const struct harvest_task *t, const struct msg *m)
{
	size_t i = (size_t)(m - t->ask);

	return t->index == NULL ? t->first + i : t->index[i];
}

/* At the end no connection holds what others could do. */
static uint64_t
share(const struct harvest_work *w, uint64_t octets)
{
	uint64_t own = (w->list.octets + w->read.octets) / (2 * w->hands);

	return w->hands > 1 && own < octets ? own : octets;
}

void
work_plan(struct harvest_work *w, struct harvest_tasks *plan,
    const struct harvest_folder *last, uint64_t octets)
{
	struct harvest_task *t;

	while (plan->n == 0 ||
	    (plan->n < PLAN_TASKS && !plan->first->again &&
		plan->octets - plan->first->octets < share(w, octets))) {
		t = take(w, plan,
		    plan->last != NULL ? plan->last->folder : last);
		if (t == NULL)
			break;
		take_note(w, t);
		tasks_add(plan, t);
	}
}

static void
leave_list(struct harvest_work *w, const struct harvest_task *t)
{
	if (t->list != NULL)
		w->listing -= t->list->messages;
}

void
work_done(struct harvest_work *w, struct harvest_task *t)
{
	leave_list(w, t);
	task_free(t);
}

void
work_give_back(struct harvest_work *w, struct harvest_task *t)
{
	leave_list(w, t);
	free(t->v);
	free(t->index);
	t->v = NULL;
	t->index = NULL;
	tasks_add(t->list != NULL ? &w->list : &w->read, t);
}
