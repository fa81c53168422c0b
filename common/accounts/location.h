#ifndef ACCOUNTS_LOCATION_H
#define ACCOUNTS_LOCATION_H

#include <stdbool.h>
#include <stdint.h>

#include "stores/maildir/maildir.h"
#include "util/fault.h"

enum location_kind {
	LOCATION_IMAPS,      /* imaps://[user@]host[:port] */
	LOCATION_IMAP,       /* imap://: STARTTLS */
	LOCATION_IMAP_PLAIN, /* imap+plain://: no TLS */
	LOCATION_SMTPS,      /* smtps://[user@]host[:port] */
	LOCATION_SMTP,       /* smtp://: STARTTLS */
	LOCATION_SMTP_PLAIN, /* smtp+plain://: no TLS */
	LOCATION_MX,         /* location_parse_mx alone */
	LOCATION_MAILDIR,    /* maildir:DIR[?layout=++|fs] */
	LOCATION_ARCHIVE,    /* PATH.tar.zst */
	LOCATION_STDIO,      /* - */
};

struct location {
	enum location_kind kind;
	char *text; /* canonical, for reports: never holds a secret */
	char *user; /* decoded; NULL when absent */
	char *host; /* no brackets; NULL unless IMAP or SMTP */
	uint16_t port;
	char *path; /* Maildir or archive; NULL unless one of these */
	enum maildir_layout layout;
};

/*
 * The last @ before the host ends the user; %XX is decoded in the user;
 * IPv6 in brackets.  CAUSE_USAGE names what is wrong: an unknown scheme, a
 * password in the URL (refused: it would stand in argv), a bad port.
 * Anything without a scheme is an archive's path.
 */
enum rc location_parse(const char *s, struct location *r, struct fault *f)
    CHECKED;
void location_release(struct location *l);
/* HOST[:PORT] of a server that takes mail for others (25), by the same rules;
 * the text is the same. */
enum rc location_parse_mx(const char *s, struct location *r, struct fault *f)
    CHECKED;
/* Is it one that mail is given to? */
bool location_is_smtp(const struct location *l);
bool location_is_archive(const struct location *l);

#endif
