#include "stores/imap/idleline.h"

#include "stores/imap/token.h"

/* "* VANISHED 1:7,9": how many went is not worth counting. */
static bool
is_vanished(const char *text, size_t n)
{
	struct tokens t;

	tokens_init(&t, text, n);
	return token_byte(&t, '*') && token_word(&t, "VANISHED");
}

void
idleline_take(struct idle_count *c, const char *text, size_t n)
{
	uint32_t number;

	if (token_untagged_number(text, n, "EXISTS", &number)) {
		if (number > c->exists)
			c->more = true;
		c->exists = number;
	} else if (token_untagged_number(text, n, "EXPUNGE", &number)) {
		if (c->exists > 0)
			c->exists--;
	} else if (is_vanished(text, n)) {
		/* Then any EXISTS is news. */
		c->exists = 0;
	}
}
