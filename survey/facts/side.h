#ifndef SURVEY_SIDE_H
#define SURVEY_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accounts/opener.h"
#include "mail/about.h"
#include "mail/folder.h"
#include "util/strs.h"

/* What is known of a source or a target before any mail moves. */

struct side {
	const char *kind;       /* "imap", "maildir", "archive"; NULL: none */
	char *location;         /* without any secret */
	char *software;         /* "" when it tells nothing */
	char *tls;              /* "TLSv1.3 ...", "" for none */
	struct strs capability; /* of IMAP, after login, in its order */
	char *prefix;           /* of the personal namespace, "" */
	struct strs foreign;    /* prefixes of others' and shared ones */

	/* What a message may have (RFC 7889), of all that was told the
	 * smallest; 0: nothing was. */
	uint64_t append_limit;
	struct quota *quota;
	size_t quotas;

	/* PERMANENTFLAGS of INBOX: of the source as it was examined, which
	 * may be fewer than it would allow. */
	struct strs permanent_keywords;

	struct folders folders; /* all that it lists, whatever is selected */

	int64_t open_us;       /* from connecting to being logged in */
	int64_t round_trip_us; /* of NOOP, the median; -1: not measured */
	int64_t round_trip_least_us;
	char *failed; /* why what is told is not whole; NULL: it is */

	unsigned permanent_flags; /* FLAG_* */
	bool permanent_known;
	bool permanent_any; /* "\*": new keywords may be made */
	bool quota_known;   /* the server offers QUOTA and answered */
	bool namespaces;    /* prefix and foreign were told */
	bool plaintext;
	char sep; /* hierarchy separator; 0: flat or not told */
};

void side_init(struct side *s);
void side_release(struct side *s);
const struct quota *side_quota(const struct side *s, const char *resource);

/*
 * Opens a store and learns all of this; the store is the caller's in any case
 * (NULL: it could not be opened).  target: INBOX is selected rather than
 * examined, since that tells which flags it keeps; nothing else is done to
 * it.  RC_STORE: why is in s->failed as well.
 */
enum rc side_learn(struct side *s, struct opener *o, bool target,
    struct store **r, struct fault *f) CHECKED;

#endif
