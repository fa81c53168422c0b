#ifndef MAIL_PARTS_H
#define MAIL_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/params.h"
#include "util/buf.h"

/*
 * The leaves of a message's tree of parts, from its own bytes (mime.h) or
 * from a server's BODYSTRUCTURE.  A message inside of a message is a leaf:
 * what is in it is not looked at.
 */
enum {
	PARTS_MAX = 1000,    /* of one message: the rest is not told */
	PARTS_DEPTH = 100,   /* multiparts in each other; deeper: not told */
	PART_TYPE_MAX = 100, /* octets */
	PART_NAME_MAX = 300, /* octets of UTF-8 */
};

struct part {
	char type[PART_TYPE_MAX + 1]; /* "image/png", lower case, visible
				       * ASCII; "?" for what is no type */
	char *name;                   /* UTF-8; "" when it has none */
	uint64_t octets;              /* as transferred, without its header */
	bool attachment;              /* what a person would call one */
};

struct parts {
	struct part *v;
	size_t n;
	size_t cap;
	bool cut; /* there are more, or deeper ones */
};

#define PARTS_INIT                \
	{                         \
		NULL, 0, 0, false \
	}

void parts_clear(struct parts *p);
void parts_release(struct parts *p);

/* What is told of a leaf before it is one. */
struct part_facts {
	const char *type; /* "Image/PNG", any bytes */
	size_t type_len;
	const struct params *type_params;
	/* NULL: no Content-Disposition (RFC 2183) */
	const char *disposition;
	size_t disposition_len;
	const struct params *disposition_params;
	uint64_t octets;
};

/*
 * An attachment is what says so, has a file name, or is neither text nor
 * one of the things that stand for the message itself (multipart, a
 * signature, a delivery report's status).
 */
void parts_add(struct parts *p, const struct part_facts *f);

/* Appends what a person takes it for: its type, and where that says nothing
 * (application/octet-stream) what its name ends in, if that is short:
 * "application/octet-stream .pdf". */
void part_kind(const struct part *p, struct buf *out);

#endif
