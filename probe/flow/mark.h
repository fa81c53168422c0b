#ifndef PROBE_MARK_H
#define PROBE_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/strs.h"

enum { MARK_OCTETS = 16, MARK_CHARS = 2 * MARK_OCTETS };

/* The header field that carries the token, and nothing else. */
#define MARK_FIELD "X-Mailproof-Mark"

/*
 * A message that is known again wherever it comes out: by a token of 128
 * random bits, in hex, in a field of its own and in the Message-ID.
 */
struct mark {
	char token[MARK_CHARS + 1];
	char *id;   /* the Message-ID, with its angle brackets */
	char *from; /* addresses; owned */
	char *to;
	int64_t made; /* its Date: UTC seconds */
};

/* from and to are addresses that mark_address_is_plain. */
void mark_init(struct mark *m, const char *from, const char *to, int64_t now);
void mark_release(struct mark *m);

/* LOCAL@DOMAIN of printable ASCII, at most 254 octets (RFC 5321 4.5.3.1.3),
 * without what would need quotes or end a command. */
bool mark_address_is_plain(const char *s);

/*
 * Appends the message in wire form (RFC 5322, CRLF): plain text in UTF-8 with
 * the lines that transport agents are known to alter.  eight: as it is
 * (8bit, for servers with 8BITMIME, RFC 6152); else quoted-printable.
 */
void mark_message(const struct mark *m, bool eight, struct buf *out);

/* What of a message says that it is the marked one, compared exactly. */
enum {
	MARK_BY_FIELD = 1 << 0,
	MARK_BY_ID = 1 << 1,
};

/* header: a block as for header_start; MARK_BY_*, 0: another message. */
unsigned mark_signs(const struct mark *m, const void *header, size_t n);

/* How the text came: its transfer encoding. */
enum mark_encoding {
	MARK_EIGHT,  /* as 8-bit octets */
	MARK_QUOTED, /* quoted-printable */
	MARK_BASE64,
	MARK_OTHER, /* none of these: it cannot be compared */
};

/* What became of the message on its way. */
struct mark_fate {
	enum mark_encoding sent;
	enum mark_encoding came;
	bool same;           /* the text is, once decoded */
	struct strs changed; /* what is not as it was sent, each in words */
};

/* Compares a message that has signs with what was sent; raw has any line
 * ends.  The caller releases r->changed. */
void mark_compare(const struct mark *m, bool eight, const void *raw, size_t n,
    struct mark_fate *r);
/* "8bit", "quoted-printable", ...; static. */
const char *mark_encoding_word(enum mark_encoding e);

#endif
