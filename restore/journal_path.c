#include <stdlib.h>
#include <string.h>

#include "bytes/hash.h"
#include "journal.h"
#include "util/buf.h"
#include "util/text.h"

char *
journal_default_path(const char *archive_id, const char *target)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	struct buf b = BUF_INIT;
	struct hash hash;

	hash_of(target, strlen(target), &hash);
	if (state != NULL && state[0] == '/')
		buf_adds(&b, state);
	else
		buf_addf(&b, "%s/.local/state", home != NULL ? home : "");
	buf_addf(&b, "/mailproof/%s-", archive_id);
	text_hex(&b, hash.b, 8);
	buf_adds(&b, ".journal");
	return buf_steal(&b);
}
