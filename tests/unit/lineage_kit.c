#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lineage_kit.h"

void
kin_kit_open(struct kin_kit *k)
{
	memset(k, 0, sizeof(*k));
	kit_open(&k->kit);
}

void
kin_kit_close(struct kin_kit *k)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		kit_release(&k->archive[i]);
	kit_close(&k->kit);
}

enum rc
kin_kit_lineage(struct kin_kit *k, const size_t *order, size_t n,
    const struct lineage_options *options, struct lineage **r, struct fault *f)
{
	static const char *const name[KIN_MAX] = { "one", "two", "three",
		"four", "five", "six", "seven", "eight", "nine", "ten",
		"eleven", "twelve" };
	struct lineage_options o = *options;
	struct lineage_source source[KIN_MAX] = { { .fd = -1 } };
	const struct kit_archive *a;
	size_t i, which;

	if (o.key == NULL)
		o.key = &k->kit.pub;
	if (order == NULL)
		n = k->n;
	for (i = 0; i < n; i++) {
		which = order != NULL ? order[i] : i;
		a = &k->archive[which];
		source[i] = (struct lineage_source){ kit_fd(a->bytes.data,
							 a->bytes.len, false),
			name[which], o.verify ? &a->minisig : NULL };
	}
	return lineage_open(source, n, &o, r, f);
}

struct lineage *
kin_kit_must(struct kin_kit *k, uint32_t at, bool next)
{
	const struct lineage_options o = { .at = at, .next = next };
	struct lineage *l = NULL;
	struct fault f = FAULT_INIT;

	if (kin_kit_lineage(k, NULL, 0, &o, &l, &f) != RC_OK)
		fail_msg("%s", f.text);
	return l;
}

void
kin_kit_child(struct kin_kit *k, const struct kit_plan *plan,
    const size_t *parent, size_t n, uint32_t at)
{
	const struct lineage_options o = { .at = at, .next = true };
	struct kit_plan p = *plan;
	struct fault f = FAULT_INIT;

	assert_true(k->n < KIN_MAX);
	p.parent = NULL;
	if (n > 0 && kin_kit_lineage(k, parent, n, &o, &p.parent, &f) != RC_OK)
		fail_msg("%s", f.text);
	kit_write(&k->kit, &p, &k->archive[k->n++]);
	lineage_free(p.parent);
}

void
kin_kit_add(struct kin_kit *k, const struct kit_plan *plan)
{
	size_t all[KIN_MAX], i;

	for (i = 0; i < k->n; i++)
		all[i] = i;
	kin_kit_child(k, plan, all, k->n, 0);
}

static enum rc
collect(void *arg, const void *p, size_t n, struct fault *f)
{
	(void)f;
	buf_add(arg, p, n);
	return RC_OK;
}

static void
show_message(struct lineage *l, const struct lineage_message *m, struct buf *b)
{
	const struct archive_segment *s;
	struct fault f = FAULT_INIT;
	struct body body;
	size_t start;

	buf_addf(b, " %u ", m->msg.uid);
	flags_to_letters(b, m->msg.flags);
	buf_addf(b, " %s ", m->msg.keywords);
	start = b->len;
	if (lineage_segment(l, m->place.generation, m->place.segment, &s, &f) !=
		RC_OK ||
	    archive_reader_body(lineage_reader(l, m->place.generation),
		m->place.line, &body, &f) != RC_OK ||
	    body_wire(&body, collect, b, &f) != RC_OK)
		fail_msg("%s", f.text);
	assert_int_equal(b->len - start, m->msg.size);
	assert_true(hash_equal(&body.digest.hash, &m->hash));
	buf_addf(b, " @%u\n", m->place.generation);
}

void
kin_kit_show(struct lineage *l, struct buf *b)
{
	struct lineage_message m;
	struct fault f = FAULT_INIT;
	uint32_t i, at;

	buf_clear(b);
	for (i = 0; i < lineage_folders(l); i++) {
		buf_addf(b, "%s\n", lineage_folder(l, i)->folder.name);
		for (at = lineage_first(l, i); at < lineage_first(l, i + 1);
		     at++) {
			if (lineage_get(l, at, &m, &f) != RC_OK)
				fail_msg("%s", f.text);
			assert_int_equal(m.msg.folder, i);
			show_message(l, &m, b);
		}
	}
	assert_int_equal(at, lineage_count(l));
}
