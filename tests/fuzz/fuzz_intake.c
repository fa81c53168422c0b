/*
 * The first octet gives the size of the pieces and the kind of message, the
 * rest is a message: the intake must say what the naive model says, and the
 * wire form must come back.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "bytes/body.h"
#include "tests/unit/naive.h"

enum { BOUND = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static enum rc
collect(void *arg, const void *p, size_t n, struct fault *f)
{
	struct buf *b = arg;

	(void)f;
	buf_add(b, p, n);
	return RC_OK;
}

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
take(struct intake *in, const uint8_t *p, size_t n, size_t step, struct body *r)
{
	struct fault f = FAULT_INIT;
	size_t k;

	for (; n > 0; p += k, n -= k) {
		k = n < step ? n : step;
		must(intake_add(in, p, k, &f) == RC_OK);
	}
	must(intake_end(in, r, &f) == RC_OK);
}

static void
compare(const struct body *b, const struct naive *m)
{
	struct buf wire = BUF_INIT, file = BUF_INIT, header = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct body again;

	must(naive_digest_is(m, &b->digest));
	must(body_file(b, collect, &file, &f) == RC_OK);
	must(body_wire(b, collect, &wire, &f) == RC_OK);
	must(file.len == m->file.len && wire.len == m->wire.len);
	must(file.len == 0 || memcmp(file.data, m->file.data, file.len) == 0);
	must(wire.len == 0 || memcmp(wire.data, m->wire.data, wire.len) == 0);
	must(body_at(b->spool, 0, file.len, m->eol, &again, &f) == RC_OK);
	must(naive_digest_is(m, &again.digest));
	must(body_header(b, 50, &header, &f) == RC_OK);
	must(header.len <= 50 && header.len <= file.len);
	must(
	    header.len == 0 || memcmp(header.data, file.data, header.len) == 0);
	buf_release(&wire);
	buf_release(&file);
	buf_release(&header);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct intake *in;
	struct naive m;
	struct body b;
	bool maildir;

	if (len == 0 || !hash_startup())
		return 0;
	maildir = (data[0] & 1) != 0;
	in = intake_new(BOUND);
	if (maildir)
		intake_begin_maildir(in);
	naive_of(data + 1, len - 1, maildir, &m);
	take(in, data + 1, len - 1, 1 + (size_t)(data[0] >> 1), &b);
	compare(&b, &m);
	intake_keep(in, data[0] >> 3);
	if (maildir)
		intake_begin_maildir(in);
	else
		intake_begin(in);
	take(in, data + 1, len - 1, 1 + (size_t)(data[0] >> 1), &b);
	must(naive_agrees(&m, &b.digest));
	naive_release(&m);
	intake_free(in);
	return 0;
}
