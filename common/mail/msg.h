#ifndef MAIL_MSG_H
#define MAIL_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "mail/date.h"
#include "mail/flags.h"

/*
 * The message record: what flows between stores.  A manifest line, a
 * Maildir name, a FETCH answer and an APPEND are views of it.
 */
struct msg {
	uint32_t folder; /* index into the owner's list of folders */
	uint32_t uid;
	uint64_t size;        /* wire octets; a claim until it was read */
	struct mdate date;    /* INTERNALDATE */
	unsigned flags;       /* FLAG_* */
	const char *keywords; /* canonical, never NULL; lives in an atoms */
};

/* A growing list of records. */
struct msgs {
	struct msg *v;
	size_t n;
	size_t cap;
};

#define MSGS_INIT          \
	{                  \
		NULL, 0, 0 \
	}

void msgs_add(struct msgs *l, const struct msg *m);
void msgs_clear(struct msgs *l);
void msgs_release(struct msgs *l);
/* By UID, ascending. */
void msgs_sort(struct msgs *l);

#endif
