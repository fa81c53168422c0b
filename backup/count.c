/* mbackup -n: what there is, and what of it is not known. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "backup.h"
#include "plan.h"
#include "util/buf.h"
#include "util/interrupt.h"
#include "util/text.h"

struct count {
	struct backup *backup;
	struct harvest_folder h; /* what is listed, where some is known */
	uint64_t messages;
	uint64_t octets;
	struct known_news news;
};

static enum rc
on_counted(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct count *c = arg;

	(void)fp;
	if (!selection_has_date(c->backup->selection, &m->date))
		return interrupt_check(f);
	if (c->backup->known != NULL) {
		msgs_add(&c->h.listed, m);
	} else {
		c->messages++;
		c->octets += m->size;
	}
	return interrupt_check(f);
}

/* Counts what is left of the list. */
static void
compare(struct count *c, const struct folder *folder)
{
	struct known *k = c->backup->known;
	struct known_folder *p;
	size_t i;

	p = known_find(k, folder->name, c->h.uidvalidity);
	if (p != NULL) {
		msgs_sort(&c->h.listed);
		known_look(k, p, &c->h, &c->news);
		p->number = 0;
	}
	c->messages = c->h.listed.n;
	for (i = 0; i < c->h.listed.n; i++)
		c->octets += c->h.listed.v[i].size;
}

static enum rc
count_folder(struct backup *b, const struct folder *folder, struct count *c,
    struct fault *f)
{
	struct store *s = b->source;
	struct folder_state state;
	enum rc rc;

	folder_state_init(&state);
	rc = store_select(s, folder, STORE_READ, &state, f);
	if (rc == RC_OK)
		rc = s->ops->scan(s, 1, 0, on_counted, c, &c->h.seen, f);
	c->h.uidvalidity = state.uidvalidity;
	c->h.exists = state.exists;
	if (rc == RC_OK && b->known != NULL)
		compare(c, folder);
	folder_state_release(&state);
	msgs_release(&c->h.listed);
	return rc;
}

static void
print_count(const struct count *c, const char *name)
{
	struct buf visible = BUF_INIT;

	text_visible(&visible, name, strlen(name), SIZE_MAX);
	printf("%10" PRIu64 "  %14" PRIu64, c->messages, c->octets);
	if (c->backup->known != NULL)
		printf("  %8" PRIu64 "  %8" PRIu64, c->news.changed,
		    c->news.removed);
	printf("  %s\n", buf_str(&visible));
	buf_release(&visible);
}

static void
add(struct count *total, const struct count *c, const char *name)
{
	print_count(c, name);
	total->messages += c->messages;
	total->octets += c->octets;
	total->news.changed += c->news.changed;
	total->news.removed += c->news.removed;
}

/* A plan_same_fn: there is nothing to tell of it. */
static enum rc
same(struct backup *b, const struct folder *folder, struct known_folder *p,
    struct fault *f)
{
	(void)b;
	(void)folder;
	(void)f;
	p->number = 0;
	return RC_OK;
}

static void
failed(struct backup *b, const struct folder *folder, enum rc rc,
    struct fault *f)
{
	struct known_folder *p = NULL;

	b->outcome.folders_failed++;
	(void)fault_name(f, rc, folder->name);
	report_fault(b->report, f);
	if (b->known != NULL)
		p = known_named(b->known, folder->name, false);
	if (p != NULL)
		p->number = 0;
}

static enum rc
list_folders(struct backup *b, const struct plan *plan, struct count *total,
    struct fault *f)
{
	enum rc rc;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		struct count c = { .backup = b };

		rc = count_folder(b, plan->list[i], &c, f);
		if (rc == RC_FOLDER || rc == RC_MESSAGE) {
			failed(b, plan->list[i], rc, f);
			continue;
		}
		if (rc != RC_OK)
			return rc;
		add(total, &c, plan->list[i]->name);
	}
	return RC_OK;
}

/* Folders that the parent has, and the source has not. */
static void
list_gone(struct backup *b, struct count *total)
{
	const struct known_folder *p;
	struct count c;
	size_t i;

	for (i = 0; b->known != NULL && i < known_folders(b->known); i++) {
		p = known_folder(b->known, i);
		if (p->number != KNOWN_NONE)
			continue;
		c = (struct count){ .backup = b, .news.removed = p->n };
		add(total, &c, p->name);
	}
}

enum rc
backup_list(struct backup *b, const struct folders *folders, struct fault *f)
{
	struct count total = { .backup = b };
	struct plan plan;
	enum rc rc;

	printf(b->known != NULL ?
		"       new          octets   changed   removed  folder\n" :
		"  messages          octets  folder\n");
	rc = plan_make(b, folders, same, &plan, f);
	if (rc == RC_OK)
		rc = list_folders(b, &plan, &total, f);
	plan_release(&plan);
	if (rc != RC_OK)
		return rc;
	list_gone(b, &total);
	print_count(&total, "(all)");
	if (fflush(stdout) != 0 || ferror(stdout))
		return fault_errno(f, RC_STORE, CAUSE_IO, "standard output");
	return RC_OK;
}
