#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/origin_kit.h"
#include "tests/unit/tempdir.h"
#include "util/file.h"
#include "util/strs.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const TWO[] = { "INBOX", "Sent" };
static const struct kit_mail FIRST[] = {
	{ .folder = 0, .uid = 1, .bytes = "one", .epoch = 100 },
	{ .folder = 0, .uid = 2, .bytes = "two", .epoch = 200 },
	{ .folder = 0, .uid = 5, .bytes = "five", .epoch = 500 },
	{ .folder = 1, .uid = 1, .bytes = "sent", .epoch = 600 },
	{ .folder = 1, .uid = 2, .bytes = "one", .epoch = 100 },
};
static const struct kit_plan FULL = { .folder = TWO,
	.folders = 2,
	.mail = FIRST,
	.n = N(FIRST),
	.flush_every = 2 };

/* One new, one moved, one removed, one read. */
static const struct kit_mail SECOND[] = {
	{ .folder = 0, .uid = 7, .bytes = "seven", .epoch = 700 },
	{ .folder = 1, .uid = 3, .bytes = "two", .epoch = 200 },
	{ .folder = 1, .uid = 4, .bytes = "seven", .epoch = 700 },
};
static const struct kit_mail GONE[] = { { .folder = 0, .uid = 2 } };
static const struct kit_mail READ[] = {
	{ .folder = 0, .uid = 1, .flags = FLAG_SEEN, .keywords = "later" },
};
static const uint32_t BOTH[] = { 1, 2 };
static const struct kit_plan DELTA = { .folder = TWO,
	.folders = 2,
	.mail = SECOND,
	.n = N(SECOND),
	.base = BOTH,
	.gone = GONE,
	.gones = N(GONE),
	.flagged = READ,
	.flaggeds = N(READ),
	.flush_every = 1 };

/* Sent has become Archive, INBOX was made again. */
static const char *const THREE[] = { "Archive", "INBOX", "New" };
static const uint32_t VALIDITY[] = { 1001, 77, 78 };
static const uint32_t SENT[] = { 2, 0, 0 };
static const struct kit_mail THIRD[] = {
	{ .folder = 1, .uid = 1, .bytes = "five", .epoch = 501 },
	{ .folder = 1, .uid = 2, .bytes = "eight", .epoch = 800 },
};
static const struct kit_plan AGAIN = { .folder = THREE,
	.folders = 3,
	.mail = THIRD,
	.n = N(THIRD),
	.uidvalidity = VALIDITY,
	.base = SENT };

void
chain_make(struct chain *c)
{
	memset(c, 0, sizeof(*c));
	kin_kit_open(&c->kin);
	kin_kit_add(&c->kin, &FULL);
	kin_kit_add(&c->kin, &DELTA);
	kin_kit_add(&c->kin, &AGAIN);
}

void
chain_finish(struct chain *c)
{
	kin_kit_close(&c->kin);
}

void
chain_replace_first(struct chain *c)
{
	struct kin_kit other = { .n = 0 };

	other.kit = c->kin.kit;
	kin_kit_add(&other, &FULL);
	kit_release(&c->kin.archive[0]);
	c->kin.archive[0] = other.archive[0];
}

static void
save(struct chain *c, size_t g)
{
	const struct buf *bytes = &c->kin.archive[g].bytes;
	const char *path;
	char name[32];

	(void)snprintf(name, sizeof(name), "%zu-%zu.tar.zst", g, c->n);
	path = tempdir_path(c->kin.kit.dir, name);
	assert_int_equal(
	    file_create(path, 0600, bytes->data, bytes->len, &c->f), RC_OK);
	assert_int_equal(location_parse(path, &c->v[c->n++], &c->f), RC_OK);
}

/* "1", "21-3": which archives, "-" before the one on standard input. */
static void
name_archives(struct chain *c, const char *which)
{
	const struct buf *bytes;
	int fd;

	c->n = 0;
	for (; *which != '\0'; which++) {
		if (*which != '-') {
			save(c, (size_t)(*which - '1'));
			continue;
		}
		bytes = &c->kin.archive[*++which - '1'].bytes;
		fd = kit_fd(bytes->data, bytes->len, true);
		assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
		assert_int_equal(close(fd), 0);
		assert_int_equal(location_parse("-", &c->v[c->n++], &c->f),
		    RC_OK);
	}
}

enum rc
chain_open(struct chain *c, const char *which, const struct origin_options *o)
{
	struct origin_options opt = *o;
	enum rc rc;
	size_t i;

	opt.key = &c->kin.kit.pub;
	name_archives(c, which);
	rc = origin_open(c->v, c->n, &opt, &c->o, &c->f);
	for (i = 0; i < c->n; i++) {
		if (c->v[i].path != NULL)
			assert_int_equal(unlink(c->v[i].path), 0);
		location_release(&c->v[i]);
	}
	return rc;
}

static enum rc
collect(void *arg, const void *p, size_t n, struct fault *f)
{
	(void)f;
	buf_add(arg, p, n);
	return RC_OK;
}

static void
show(struct chain *c, size_t i, struct strs *list)
{
	const struct origin_message *m = origin_message(c->o, i);
	struct buf b = BUF_INIT;
	struct body body;

	buf_addf(&b, "%s.%u/%u ", m->folder, m->uidvalidity, m->msg.uid);
	flags_to_letters(&b, m->msg.flags);
	buf_adds(&b, m->msg.flags != 0 ? " " : "");
	buf_addf(&b, "%s%s", m->msg.keywords,
	    *m->msg.keywords != '\0' ? " " : "");
	assert_int_equal(origin_body(c->o, i, &body, &c->f), RC_OK);
	assert_int_equal(body_wire(&body, collect, &b, &c->f), RC_OK);
	strs_take(list, buf_steal(&b));
}

bool
chain_wants_all(void *arg, const struct origin_message *m)
{
	(void)arg;
	(void)m;
	return true;
}

char *
chain_read(struct chain *c, origin_wants_fn *wants, enum rc *rc_r)
{
	struct archive_load *load = archive_load_new(1 << 20);
	struct strs list = STRS_INIT;
	char *text;
	size_t i;

	c->rounds = 0;
	for (;;) {
		*rc_r = origin_next(c->o, wants, NULL, &c->f);
		if (*rc_r != RC_OK)
			break;
		c->rounds++;
		for (i = 0; i < origin_count(c->o); i++)
			show(c, i, &list);
		origin_move(c->o, load);
	}
	strs_sort(&list);
	text = strs_join(&list, "; ");
	strs_release(&list);
	archive_load_free(load);
	return text;
}
