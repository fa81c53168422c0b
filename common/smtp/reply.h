#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include <stddef.h>

#include "util/buf.h"
#include "util/strs.h"

/* What a server may say at once.  RFC 5321 (4.5.3.1.5) has 512 octets a line;
 * some write more. */
enum {
	REPLY_LINE_MAX = 4096,
	REPLY_LINES_MAX = 256,
	REPLY_MAX = 64 * 1024,
};

/* An answer (RFC 5321, 4.2). */
struct smtp_reply {
	int code;          /* 200 to 599 */
	char enhanced[12]; /* "5.7.8" (RFC 3463); "" */
	struct strs line;  /* what stands behind the code on each line, and
			    * behind the enhanced one; any bytes but NUL */
};

void smtp_reply_release(struct smtp_reply *r);
/* Appends it in one line: "535 5.7.8 Error: authentication failed". */
void smtp_reply_add(struct buf *b, const struct smtp_reply *r);

/* Reads one answer; zero at its start but for reply, which is empty. */
struct reply_reader {
	struct smtp_reply *reply;
	struct buf line; /* that has not ended yet */
	size_t octets;
	const char *why; /* of REPLY_BAD; static */
};

enum reply_step { REPLY_MORE, REPLY_WHOLE, REPLY_BAD };

/*
 * Takes octets as they come, up to the end of the answer; *used_r are those
 * that belong to it.  Lines end in LF, with or without CR.
 */
enum reply_step reply_feed(struct reply_reader *r, const void *p, size_t n,
    size_t *used_r);
void reply_reader_release(struct reply_reader *r);

#endif
