#ifndef MAIL_LISTING_H
#define MAIL_LISTING_H

#include <stdint.h>

#include "bytes/hash.h"
#include "mail/fingerprint.h"
#include "mail/msg.h"
#include "util/buf.h"
#include "util/fault.h"

/*
 * A list of messages, one a line, as maudit names them and mrestore --only
 * takes them.  TSV, percent-encoded as a manifest is; the first line says
 * "#mailproof 1 list" and may be missing, so that grep and sort may work
 * on it:
 *
 *   hash folder uidvalidity uid date size from subject message-id place
 *
 * date is UTC or "-"; place is SEGMENT:OFFSET in the archive, of a chain
 * of archives GENERATION:SEGMENT:OFFSET.  A reader needs the first four.
 */
struct listing {
	struct hash hash;
	char *folder; /* canonical name in the archive */
	uint32_t uidvalidity;
	uint32_t uid;
};

/* Where a message lies. */
struct listing_place {
	uint32_t generation; /* 0: there is one archive */
	uint32_t segment;
	uint64_t offset;
};

void listing_header(struct buf *b);
void listing_format(struct buf *b, const struct hash *hash, const char *folder,
    uint32_t uidvalidity, const struct msg *m, const struct headline *head,
    const struct listing_place *at);
/* Cuts line (without its LF) in place.  RC_END for a comment or an empty
 * line; CAUSE_DATA says what is wrong with it. */
enum rc listing_parse(char *line, struct listing *r, struct fault *f) CHECKED;
void listing_release(struct listing *l);

#endif
