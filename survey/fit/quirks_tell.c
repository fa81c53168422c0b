/* What is known of a server, in words. */
#include <inttypes.h>

#include "quirks.h"
#include "util/text.h"

static void
add_bytes(struct strs *r, const char *before, uint64_t n, const char *after)
{
	struct buf b = BUF_INIT;

	if (n == 0)
		return;
	buf_adds(&b, before);
	text_bytes(&b, n);
	buf_adds(&b, after);
	strs_add(r, buf_str(&b));
	buf_release(&b);
}

static void
add_number(struct strs *r, const char *before, uint64_t n, const char *after)
{
	struct buf b = BUF_INIT;

	if (n == 0)
		return;
	buf_addf(&b, "%s%" PRIu64 "%s", before, n, after);
	strs_add(r, buf_str(&b));
	buf_release(&b);
}

void
quirk_tell(const struct quirk *q, struct strs *r)
{
	size_t i;

	*r = (struct strs)STRS_INIT;
	add_bytes(r, "Messages up to ", q->message_max,
	    ", unless it tells another limit.");
	add_number(r, "Lines of mail up to ", q->line_max, " octets.");
	add_number(r, "Parts of folder names up to ", q->name_max, " octets.");
	add_number(r, "Folder names up to ", q->path_max,
	    " octets with all above them.");
	add_number(r, "Folders up to ", q->depth_max, " deep.");
	add_number(r, "Lists at most ", q->listed_max, " messages a folder.");
	add_number(r, "At most ", q->connections_max,
	    " connections of a user at once (-j).");
	add_bytes(r, "Takes about ", q->day_in, " a day.");
	add_bytes(r, "Gives about ", q->day_out, " a day.");
	add_number(r, "Takes about ", q->hour_in, " messages an hour.");
	for (i = 0; i < q->note.n; i++)
		strs_add(r, q->note.v[i]);
}
