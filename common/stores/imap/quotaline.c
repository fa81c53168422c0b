#include "stores/imap/quotaline.h"

#include <ctype.h>
#include <string.h>

#include "stores/imap/token.h"

/* Words of one CAPABILITY; servers have a hundred. */
enum { WORDS_MAX = 1000, WORD_MAX = 100, STORAGE_UNIT = 1024 };

static void
upper(struct buf *b, const char *p, size_t n)
{
	size_t i;

	buf_clear(b);
	for (i = 0; i < n && i < WORD_MAX; i++)
		buf_addc(b, toupper((unsigned char)p[i]));
}

/* "STORAGE 10 512" */
static bool
take_resource(struct tokens *t, const char *root, struct about *a)
{
	struct buf name = BUF_INIT;
	struct quota q;
	const char *p;
	size_t n;
	bool ok;

	ok = token_atom(t, &p, &n) && token_u64(t, &q.usage) &&
	    token_u64(t, &q.limit);
	if (ok) {
		upper(&name, p, n);
		q.root = (char *)(uintptr_t)root;
		q.resource = buf_str(&name);
		if (strcmp(q.resource, "STORAGE") == 0) {
			if (q.usage <= UINT64_MAX / STORAGE_UNIT)
				q.usage *= STORAGE_UNIT;
			if (q.limit <= UINT64_MAX / STORAGE_UNIT)
				q.limit *= STORAGE_UNIT;
		}
		about_add_quota(a, &q);
	}
	buf_release(&name);
	return ok;
}

bool
quotaline_parse(const char *text, size_t n, struct about *a)
{
	struct buf scratch = BUF_INIT, root = BUF_INIT;
	struct tokens t;
	const char *p;
	bool ok;

	tokens_init(&t, text, n);
	ok = token_byte(&t, '*') && token_word(&t, "QUOTA") &&
	    token_string(&t, &scratch, &p, &n, NULL);
	if (ok) {
		buf_add(&root, p, n);
		ok = token_byte(&t, '(');
	}
	while (ok && !token_byte(&t, ')'))
		ok = take_resource(&t, buf_str(&root), a);
	buf_release(&scratch);
	buf_release(&root);
	return ok;
}

bool
quotaline_limit(const char *text, size_t n, uint64_t *r)
{
	struct tokens t;
	const char *p;
	size_t len;

	tokens_init(&t, text, n);
	if (!token_byte(&t, '*') || !token_word(&t, "STATUS") ||
	    !token_skip(&t) || !token_byte(&t, '('))
		return false;
	while (!token_word(&t, "APPENDLIMIT"))
		if (!token_atom(&t, &p, &len) || !token_skip(&t))
			return false;
	return token_u64(&t, r);
}

bool
quotaline_words(const char *text, size_t n, struct strs *words)
{
	struct buf word = BUF_INIT;
	struct tokens t;
	const char *p;
	size_t len;

	tokens_init(&t, text, n);
	if (!token_byte(&t, '*') || !token_word(&t, "CAPABILITY"))
		return false;
	while (words->n < WORDS_MAX && token_atom(&t, &p, &len)) {
		buf_clear(&word);
		buf_add(&word, p, len < WORD_MAX ? len : WORD_MAX);
		if (!strs_has(words, buf_str(&word)))
			strs_add(words, buf_str(&word));
	}
	buf_release(&word);
	return true;
}
