#ifndef NET_SASL_TROUBLE_H
#define NET_SASL_TROUBLE_H

#include <stddef.h>

#include "util/buf.h"

/*
 * Why a server refuses a token (RFC 7628, 3.2.2): JSON, one object such as
 * {"status":"invalid_token","schemes":"bearer","scope":"mail"}; Google and
 * Dovecot write a number of HTTP's as status.  What is not JSON leaves both
 * empty.  Texts are the server's, SASL_TROUBLE_MAX octets at most, without
 * NUL.
 */
enum { SASL_TROUBLE_MAX = 200 };

struct sasl_trouble {
	struct buf status;
	struct buf scope;
};

#define SASL_TROUBLE_INIT          \
	{                          \
		BUF_INIT, BUF_INIT \
	}

void sasl_trouble_parse(struct sasl_trouble *t, const void *p, size_t n);
/* Appends what it means to a person; nothing where nothing is known. */
void sasl_trouble_explain(struct sasl_trouble *t, struct buf *r);
void sasl_trouble_release(struct sasl_trouble *t);

#endif
