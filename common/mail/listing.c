#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mail/listing.h"
#include "util/num.h"
#include "util/text.h"

enum {
	FIELD_HASH,
	FIELD_FOLDER,
	FIELD_UIDVALIDITY,
	FIELD_UID,
	FIELDS_NEEDED,
	FIELDS_MAX = 10,
};

void
listing_header(struct buf *b)
{
	buf_adds(b, "#mailproof\t1\tlist\n");
}

static void
add_field(struct buf *b, const char *text)
{
	buf_addc(b, '\t');
	text_percent(b, text, strlen(text));
}

void
listing_format(struct buf *b, const struct hash *hash, const char *folder,
    uint32_t uidvalidity, const struct msg *m, const struct headline *head,
    const struct listing_place *at)
{
	hash_hex(b, hash);
	add_field(b, folder);
	buf_addf(b, "\t%" PRIu32 "\t%" PRIu32 "\t", uidvalidity, m->uid);
	if (m->date.known)
		date_format_utc(b, m->date.epoch);
	else
		buf_addc(b, '-');
	buf_addf(b, "\t%" PRIu64, m->size);
	add_field(b, head->from);
	add_field(b, head->subject);
	add_field(b, head->message_id);
	buf_addc(b, '\t');
	if (at->generation > 0)
		buf_addf(b, "%" PRIu32 ":", at->generation);
	buf_addf(b, "%" PRIu32 ":%" PRIu64 "\n", at->segment, at->offset);
}

enum rc
listing_parse(char *line, struct listing *r, struct fault *f)
{
	struct buf folder = BUF_INIT;
	char *field[FIELDS_MAX];
	size_t n;

	if (line[0] == '#' || line[0] == '\0')
		return RC_END;
	n = text_fields(line, field, FIELDS_MAX);
	if (n < FIELDS_NEEDED || n > FIELDS_MAX)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "not a line of a message list: give what maudit --list "
		    "wrote");
	if (!hash_parse(field[FIELD_HASH], strlen(field[FIELD_HASH]), &r->hash))
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "bad hash in a message list");
	if (!num_u32(field[FIELD_UIDVALIDITY], strlen(field[FIELD_UIDVALIDITY]),
		&r->uidvalidity) ||
	    !num_u32(field[FIELD_UID], strlen(field[FIELD_UID]), &r->uid))
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "bad UIDVALIDITY or UID in a message list");
	if (!text_unpercent(&folder, field[FIELD_FOLDER],
		strlen(field[FIELD_FOLDER]))) {
		buf_release(&folder);
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "bad folder name in a message list");
	}
	r->folder = buf_steal(&folder);
	return RC_OK;
}

void
listing_release(struct listing *l)
{
	free(l->folder);
	l->folder = NULL;
}
