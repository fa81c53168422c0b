/* Messages as anybody may send them: their leaves are the same in whatever
 * pieces they come, and no more than there is room for; fields of MIME, and
 * what the survey finds in lines. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/mime.h"
#include "survey/walk/lines.h"
#include "util/buf.h"
#include "util/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
read_parts(const uint8_t *data, size_t len, size_t step, struct parts *p)
{
	struct mime *m = mime_new();
	size_t at;

	mime_begin(m, p);
	for (at = 0; at < len; at += step)
		mime_add(m, data + at, len - at < step ? len - at : step);
	mime_end(m);
	mime_free(m);
}

static void
check_parts(const uint8_t *data, size_t len)
{
	struct parts whole = PARTS_INIT, pieces = PARTS_INIT;
	struct buf kind = BUF_INIT;
	uint64_t octets = 0;
	size_t i;

	read_parts(data, len, len + 1, &whole);
	read_parts(data, len, 1 + len % 7, &pieces);
	assert(whole.n == pieces.n && whole.cut == pieces.cut);
	for (i = 0; i < whole.n; i++) {
		assert(strcmp(whole.v[i].type, pieces.v[i].type) == 0);
		assert(strcmp(whole.v[i].name, pieces.v[i].name) == 0);
		assert(whole.v[i].octets == pieces.v[i].octets);
		assert(text_is_utf8(whole.v[i].name, strlen(whole.v[i].name)));
		octets += whole.v[i].octets;
		part_kind(&whole.v[i], &kind);
	}
	assert(octets <= len && whole.n <= PARTS_MAX);
	buf_release(&kind);
	parts_release(&whole);
	parts_release(&pieces);
}

static void
check_params(const char *text, size_t len)
{
	struct params p = PARAMS_INIT;
	struct buf word = BUF_INIT, name = BUF_INIT;

	params_parse(text, len, &word, &p);
	assert(p.n <= PARAMS_MAX && p.text.len <= PARAMS_OCTETS);
	(void)params_text(&p, "filename", PART_NAME_MAX, &name);
	assert(name.len <= PART_NAME_MAX);
	params_release(&p);
	buf_release(&word);
	buf_release(&name);
}

static void
check_lines(const uint8_t *data, size_t len)
{
	struct lines whole = { .longest = 0 }, pieces = { .longest = 0 };
	size_t i;

	lines_add(&whole, data, len);
	lines_end(&whole);
	for (i = 0; i < len; i++)
		lines_add(&pieces, data + i, 1);
	lines_end(&pieces);
	assert(whole.longest == pieces.longest && whole.longest <= len);
	assert(whole.nul == pieces.nul && whole.bare_lf == pieces.bare_lf);
	assert(whole.bare_cr == pieces.bare_cr);
	assert(whole.eight_bit == pieces.eight_bit);
	assert(whole.nul == (len > 0 && memchr(data, 0, len) != NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	check_parts(data, len);
	check_params((const char *)data, len);
	check_lines(data, len);
	return 0;
}
