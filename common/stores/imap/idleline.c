#include "stores/imap/idleline.h"

#include <string.h>
#include <strings.h>

#include "stores/imap/token.h"

static bool
is_line(const char *text, size_t n, const char *word)
{
	struct tokens t;

	tokens_init(&t, text, n);
	return token_byte(&t, '*') && token_word(&t, word);
}

/* Of which folder does not matter: all are listed then. */
static bool
is_elsewhere(const char *text, size_t n)
{
	static const char overflow[] = "* OK [NOTIFICATIONOVERFLOW]";

	return is_line(text, n, "STATUS") || is_line(text, n, "LIST") ||
	    (n >= sizeof(overflow) - 1 &&
		strncasecmp(text, overflow, sizeof(overflow) - 1) == 0);
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
	} else if (is_line(text, n, "VANISHED")) {
		/* How many went is not worth counting: any EXISTS is news
		 * then. */
		c->exists = 0;
	} else if (is_elsewhere(text, n)) {
		c->elsewhere = true;
	}
}
