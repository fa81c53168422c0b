/*
 * Mail repeats itself by lines: an attachment that was forwarded, a text
 * that was sent to several.  So whole lines are looked at, those whose ends
 * give a certain number: wherever such a line comes again it is looked at
 * again.
 */
#include "stores/archive/texture.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "util/mem.h"

enum {
	LINE_MIN = 32,   /* shorter ones say little */
	SAMPLE_BITS = 5, /* of 32 lines one */
	SEEN = 32768,    /* lines remembered; later ones push out */
	FEW = 128,       /* of so many octets one, or the sample says nothing */
	FAR_OCTETS = 1 << 19 /* zstd's tables reach about so far */
};

struct seen_line {
	uint32_t hash; /* never 0 */
	uint32_t at;
};

static uint64_t
load(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Not the first octets: a word at the start of every header line would be
 * all of the sample. */
static bool
is_sampled(const unsigned char *line, size_t n)
{
	uint64_t v;

	v = load(line + 8) ^ load(line + n - 16) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ v >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	return v >> (64 - SAMPLE_BITS) == 0;
}

static bool
is_coded(const unsigned char *line, size_t n)
{
	unsigned char c;
	size_t i;

	for (i = 0; i < n; i++) {
		c = line[i];
		if ((c < 'A' || c > 'Z') && (c < 'a' || c > 'z') &&
		    (c < '0' || c > '9') && c != '+' && c != '/' && c != '=' &&
		    c != '\r')
			return false;
	}
	return true;
}

static bool
is_far(struct seen_line *seen, const unsigned char *line, size_t n, size_t at)
{
	const uint64_t hash = XXH3_64bits(line, n);
	const struct seen_line now = { (uint32_t)(hash >> 32) | 1,
		(uint32_t)at };
	struct seen_line *slot = &seen[hash % SEEN];
	bool far;

	far = slot->hash == now.hash && now.at - slot->at > FAR_OCTETS;
	*slot = now;
	return far;
}

static unsigned
permille(size_t part, size_t whole)
{
	return whole > 0 ? (unsigned)((uint64_t)part * 1000 / whole) : 0;
}

void
texture_of(const unsigned char *p, size_t n, struct texture *r)
{
	struct seen_line *seen = xcalloc(SEEN, sizeof(*seen));
	const unsigned char *const end = n > 0 ? p + n : p;
	const unsigned char *line, *next;
	size_t len, all = 0, coded = 0, far = 0;

	for (line = p; line < end; line = next) {
		next = memchr(line, '\n', (size_t)(end - line));
		len = (size_t)((next != NULL ? next : end) - line);
		next = next != NULL ? next + 1 : end;
		if (len < LINE_MIN || !is_sampled(line, len))
			continue;
		all += len;
		coded += is_coded(line, len) ? len : 0;
		far += is_far(seen, line, len, (size_t)(line - p)) ? len : 0;
	}
	free(seen);
	r->coded = permille(coded, all);
	r->repeated = all < n / FEW ? 1000 : permille(far, all);
}
