#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/boxes.h"
#include "tests/unit/tempdir.h"
#include "util/mem.h"

struct store *
boxes_open(const char *dir, enum maildir_layout layout, bool create)
{
	struct fault f = FAULT_INIT;
	struct store *s;

	if (maildir_open(dir, layout, create, &s, &f) != RC_OK)
		fail_msg("open: %s", f.text);
	return s;
}

void
boxes_select(struct store *s, const char *name, enum store_mode mode,
    struct folder_state *r)
{
	struct folders l = FOLDERS_INIT;
	struct fault f = FAULT_INIT;
	const struct folder *folder;

	assert_int_equal(s->ops->folders(s, &l, &f), RC_OK);
	folder = folders_find(&l, name);
	if (folder == NULL)
		fail_msg("no folder %s", name);
	folder_state_init(r);
	if (s->ops->select(s, folder, mode, r, &f) != RC_OK)
		fail_msg("select: %s", f.text);
	folders_release(&l);
}

char *
boxes_folders(struct store *s)
{
	struct folders l = FOLDERS_INIT;
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;
	size_t i;

	if (s->ops->folders(s, &l, &f) != RC_OK)
		fail_msg("folders: %s", f.text);
	for (i = 0; i < l.n; i++)
		buf_addf(&b, "%s%s%s", i > 0 ? " " : "", l.v[i].name,
		    (l.v[i].attr & FOLDER_SUBSCRIBED) != 0 ? "*" : "");
	folders_release(&l);
	return buf_steal(&b);
}

static enum rc
on_scan(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct buf *b = arg;

	(void)fp;
	(void)f;
	buf_addf(b, "%s%u", b->len > 0 ? "; " : "", m->uid);
	if (m->flags != 0) {
		buf_addc(b, ' ');
		flags_format(b, m->flags);
	}
	if (*m->keywords != '\0')
		buf_addf(b, " %s", m->keywords);
	return RC_OK;
}

char *
boxes_scan(struct store *s, uint32_t first)
{
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;
	uint64_t seen;

	if (s->ops->scan(s, first, 0, on_scan, &b, &seen, &f) != RC_OK)
		fail_msg("scan: %s", f.text);
	return buf_steal(&b);
}

static enum rc
on_read(void *arg, const struct msg *m, enum read_fate fate,
    const struct body *body, const char *reason, struct fault *f)
{
	struct buf *b = arg;

	(void)m;
	switch (fate) {
	case READ_BODY:
		return body_add_wire(body, b, f);
	case READ_GONE:
		buf_adds(b, "gone");
		break;
	case READ_REFUSED:
		buf_addf(b, "refused: %s", reason);
		break;
	}
	return RC_OK;
}

char *
boxes_read(struct store *s, uint32_t uid)
{
	const struct msg m = { .uid = uid, .keywords = "" };
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;

	if (s->ops->read(s, &m, 1, on_read, &b, &f) != RC_OK)
		fail_msg("read: %s", f.text);
	return buf_steal(&b);
}

static enum rc
on_append(void *arg, struct append_item *item, struct fault *f)
{
	unsigned *calls = arg;

	(void)f;
	(*calls)++;
	assert_int_equal(item->fate, APPEND_DONE);
	return RC_OK;
}

enum rc
boxes_append(struct store *s, const char *wire, const struct msg *m,
    struct append_item *item_r, struct fault *f)
{
	struct intake *in = intake_new(1 << 20);
	struct append_order order = { .item = item_r, .n = 1 };
	struct body body;
	unsigned calls = 0;
	enum rc rc;

	intake_begin(in);
	assert_int_equal(intake_add(in, wire, strlen(wire), f), RC_OK);
	assert_int_equal(intake_end(in, &body, f), RC_OK);
	memset(item_r, 0, sizeof(*item_r));
	item_r->msg = m;
	item_r->body = &body;
	order.fn = on_append;
	order.arg = &calls;
	rc = s->ops->append(s, &order, f);
	if (rc == RC_OK) {
		assert_int_equal(calls, 1);
		rc = s->ops->commit(s, f);
	}
	item_r->msg = NULL;
	item_r->body = NULL;
	intake_free(in);
	return rc;
}

void
boxes_create(struct store *s, const char *name)
{
	struct fault f = FAULT_INIT;
	struct folder_state state;
	struct folder folder;

	if (s->ops->create(s, name, &folder, &f) != RC_OK)
		fail_msg("create: %s", f.text);
	assert_string_equal(folder.name, name);
	folder_state_init(&state);
	if (s->ops->select(s, &folder, STORE_APPEND, &state, &f) != RC_OK)
		fail_msg("select: %s", f.text);
	folder_state_release(&state);
	folder_release(&folder);
}

void
boxes_text(char *got, const char *wanted)
{
	assert_string_equal(got, wanted);
	free(got);
}

char *
boxes_small(void)
{
	char *dir = tempdir_new();

	tempdir_write(dir, "cur/2.b:2,S", "Subject: b\n\nb\n");
	tempdir_write(dir, "cur/1.a,S=13,W=16:2,FRa", "Subject: a\n\na\n");
	tempdir_write(dir, "new/3.c", "Subject: c\n\nc\n");
	tempdir_write(dir, "dovecot-keywords", "0 todo\n");
	tempdir_mkdir(dir, "tmp");
	return dir;
}
