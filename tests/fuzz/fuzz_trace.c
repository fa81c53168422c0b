/* What is read of a message that came: its way, verdicts, a bounce, our mark
 * and what became of it.  Texts are bounded, and none holds a NUL or a line
 * end that would break a report's line when made visible. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/hash.h"
#include "probe/flow/bounce.h"
#include "probe/flow/mark.h"
#include "probe/flow/mark_text.h"
#include "probe/flow/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char token[] = "00112233445566778899aabbccddeeff";

static void
check_trace(const uint8_t *data, size_t len)
{
	struct trace t;
	size_t i;

	trace_of(data, len, &t);
	assert(t.hops <= TRACE_HOPS_MAX && t.verdicts <= TRACE_VERDICTS_MAX);
	for (i = 0; i < t.hops; i++) {
		assert(strlen(t.hop[i].from) <= 2 * TRACE_FIELD_MAX);
		assert(strlen(t.hop[i].by) <= TRACE_FIELD_MAX);
		assert(strlen(t.hop[i].with) <= TRACE_FIELD_MAX);
		assert(strlen(t.hop[i].tls) <= 8);
		assert(t.hop[i].timed || t.hop[i].time == 0);
	}
	for (i = 0; i < t.verdicts; i++) {
		assert(t.verdict[i].method[0] != '\0' ||
		    t.verdict[i].result[0] != '\0' || len > 0);
		assert(strlen(t.verdict[i].about) <= 2 * TRACE_FIELD_MAX);
	}
	trace_release(&t);
}

static void
check_bounce(const uint8_t *data, size_t len)
{
	struct bounce b;

	if (!bounce_of(data, len, &b))
		return;
	assert(strlen(b.status) <= 9);
	assert(b.action == BOUNCE_FAILED || b.action == BOUNCE_DELAYED ||
	    b.action == BOUNCE_DELIVERED);
	bounce_release(&b);
}

static void
check_mark(const uint8_t *data, size_t len)
{
	struct mark_fate fate;
	struct mark m;
	int eight;

	mark_init(&m, "a@b", "c@d", 1764112525);
	memcpy(m.token, token, sizeof(token));
	free(m.id);
	m.id = strdup("<mailproof.00112233445566778899aabbccddeeff@b>");
	assert(m.id != NULL);
	(void)mark_signs(&m, data, len);
	for (eight = 0; eight < 2; eight++) {
		mark_compare(&m, eight != 0, data, len, &fate);
		/* what is the same is no other text */
		assert(fate.same || fate.changed.n > 0);
		strs_release(&fate.changed);
	}
	mark_release(&m);
}

/* What is quoted is what was. */
static void
check_quoting(const uint8_t *data, size_t len)
{
	struct buf quoted = BUF_INIT, back = BUF_INIT;
	size_t i;

	mark_text_quote(data, len, &quoted);
	for (i = 0; i < quoted.len; i++)
		assert(quoted.data[i] < 0x7f);
	mark_text_unquote(quoted.data, quoted.len, &back);
	assert(back.len == len);
	assert(len == 0 || memcmp(back.data, data, len) == 0);
	buf_clear(&back);
	mark_text_unbase64(data, len, &back);
	assert(back.len <= len);
	buf_release(&quoted);
	buf_release(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (!hash_startup())
		return 0;
	check_trace(data, len);
	check_bounce(data, len);
	check_mark(data, len);
	check_quoting(data, len);
	return 0;
}
