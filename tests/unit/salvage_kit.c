#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>

#include "stores/archive/salvage.h"
#include "tests/unit/salvage_kit.h"

struct run {
	const struct kit_plan *plan;
	struct salvage *from;
	struct rescue *r;
};

static enum rc
collect(void *arg, const void *p, size_t n, struct fault *f)
{
	(void)f;
	buf_add(arg, p, n);
	return RC_OK;
}

static bool
has_bytes(const struct body *body, const struct kit_mail *m)
{
	const size_t n = m->n > 0 ? m->n : strlen(m->bytes);
	struct buf wire = BUF_INIT;
	struct fault f = FAULT_INIT;
	bool same;

	same = body_wire(body, collect, &wire, &f) == RC_OK && wire.len == n &&
	    memcmp(wire.data, m->bytes, n) == 0;
	buf_release(&wire);
	return same;
}

/* The kit's UIDVALIDITY is 1000 and the folder's number. */
static size_t
find_mail(const struct kit_plan *p, unsigned folder, uint32_t uid)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->mail[i].folder == folder && p->mail[i].uid == uid)
			return i;
	return SIZE_MAX;
}

static size_t
mail_of(const struct run *x, const struct msg *m)
{
	const struct archive_folder *at = salvage_folder(x->from, m->folder);

	if (at == NULL || at->folder.name == NULL ||
	    m->folder >= x->plan->folders ||
	    strcmp(at->folder.name, x->plan->folder[m->folder]) != 0 ||
	    at->uidvalidity != 1000 + m->folder)
		return SIZE_MAX;
	return find_mail(x->plan, m->folder, m->uid);
}

static bool
has_state(const struct msg *m, const struct kit_mail *want)
{
	return m->flags == want->flags && m->date.known == !want->undated &&
	    (want->undated || m->date.epoch == want->epoch) &&
	    strcmp(m->keywords, want->keywords != NULL ? want->keywords : "") ==
	    0;
}

static enum rc
on_message(void *arg, const struct archive_entry *e, const struct body *body,
    struct fault *f)
{
	struct run *x = arg;
	const size_t i = mail_of(x, &e->msg);

	(void)f;
	x->r->messages++;
	if (i == SIZE_MAX || x->r->given[i] || x->r->named_lost[i] ||
	    !has_bytes(body, &x->plan->mail[i]) ||
	    !has_state(&e->msg, &x->plan->mail[i]))
		x->r->wrong++;
	else
		x->r->given[i] = true;
	return RC_OK;
}

static enum rc
on_lost(void *arg, const struct archive_entry *e, uint32_t segment,
    struct fault *f)
{
	struct run *x = arg;
	const size_t i = mail_of(x, &e->msg);

	(void)f;
	(void)segment;
	x->r->lost++;
	if (i == SIZE_MAX || x->r->given[i] || x->r->named_lost[i])
		x->r->wrong++;
	else
		x->r->named_lost[i] = true;
	return RC_OK;
}

static enum rc
on_stray(void *arg, const struct salvage_stray *m, const struct body *body,
    struct fault *f)
{
	struct run *x = arg;
	const unsigned folder = m->uidvalidity - 1000;
	size_t i = SIZE_MAX;

	(void)f;
	x->r->strays++;
	if (folder < x->plan->folders &&
	    strcmp(m->name, x->plan->folder[folder]) == 0)
		i = find_mail(x->plan, folder, m->msg.uid);
	if (i == SIZE_MAX || x->r->given[i] || x->r->stray[i] ||
	    !has_bytes(body, &x->plan->mail[i]) ||
	    m->msg.flags != x->plan->mail[i].flags)
		x->r->wrong++;
	else
		x->r->stray[i] = true;
	return RC_OK;
}

void
rescue_bytes(struct kit *k, const struct kit_plan *p, const void *bytes,
    size_t n, struct rescue *r)
{
	struct run x = { .plan = p, .r = r };
	const struct salvage_sink sink = { &x, on_message, on_lost, on_stray };
	struct salvage_end end;

	assert_true(p->n <= RESCUE_MAIL_MAX);
	memset(r, 0, sizeof(*r));
	r->rc =
	    salvage_new(kit_fd(bytes, n, false), &k->pub, &x.from, &r->fault);
	if (r->rc != RC_OK)
		return;
	r->rc = salvage_run(x.from, &sink, &r->fault);
	salvage_ending(x.from, &end);
	r->ended = end.final != NULL;
	r->headed = salvage_header(x.from) != NULL;
	r->segments = end.segments;
	r->manifests = end.manifests;
	salvage_free(x.from);
}

void
frames_of(const struct buf *b, struct frames *r)
{
	size_t at, len;

	r->n = 0;
	for (at = 0; at < b->len; at += len) {
		len = ZSTD_findFrameCompressedSize(b->data + at, b->len - at);
		assert_false(ZSTD_isError(len));
		assert_true(r->n < RESCUE_FRAMES_MAX);
		r->at[r->n] = at;
		r->len[r->n++] = len;
	}
}
