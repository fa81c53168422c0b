#include <string.h>

#include "bytes/hash.h"
#include "journal.h"
#include "util/buf.h"
#include "util/path.h"
#include "util/text.h"

static void
add_digest(struct buf *b, const char *text)
{
	struct hash hash;

	hash_of(text, strlen(text), &hash);
	text_hex(b, hash.b, 8);
}

static char *
state_path(const char *first, bool digest, const char *target)
{
	struct buf b = BUF_INIT;

	path_add_state(&b);
	if (digest)
		add_digest(&b, first);
	else
		buf_adds(&b, first);
	buf_addc(&b, '-');
	add_digest(&b, target);
	buf_adds(&b, ".journal");
	return buf_steal(&b);
}

char *
journal_default_path(const struct journal_about *a)
{
	return state_path(a->account, true, a->target);
}

char *
journal_former_path(const struct journal_about *a)
{
	return state_path(a->archive, false, a->target);
}
