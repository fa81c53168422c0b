#ifndef DNS_MX_H
#define DNS_MX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/message.h"
#include "util/buf.h"
#include "util/strs.h"

/* Where a name server thinks that the mail of a domain goes. */
enum mx_state {
	MX_NEW,     /* to hosts that are expected, and to no others */
	MX_MIXED,   /* to some of them, and to others */
	MX_OLD,     /* to others, or there is no MX */
	MX_UNKNOWN, /* no answer, or one that is none: a lame server's */
	MX_STATES,
};

const char *mx_state_word(enum mx_state s); /* "new", "mixed", ... */

/* What one server said. */
struct mx_sight {
	bool authoritative;
	enum mx_state state;
	uint32_t ttl; /* for so long a resolver keeps it, or goes on to */
};

/* True for an answer that says nothing of the domain: a failure, or, of an
 * authoritative server, one without AA. */
bool mx_is_lame(const struct dns_answer *a, bool authoritative);

/* hosts: what is expected, as dns_name_take makes them. */
void mx_sight_take(const struct dns_answer *a, const char *domain,
    bool authoritative, const struct strs *hosts, struct mx_sight *r);

/* What all of them said together. */
struct mx_verdict {
	size_t authoritative[MX_STATES];
	size_t resolvers[MX_STATES];
	bool moved;      /* at all authoritative servers that answered */
	bool everywhere; /* all did, and so did all resolvers asked */
	/*
	 * When the last one forgets the old server, UTC seconds; 0 where that
	 * cannot be told: as long as an authoritative server tells of it, any
	 * resolver may learn of it again.
	 */
	int64_t asked_at;   /* of the resolvers asked; now: none knows it */
	int64_t unasked_at; /* of all others, at the latest */
};

/*
 * moved_at: when it was seen to have moved, 0: just now, or before; before:
 * the longest TTL that was seen of old values at authoritative servers, 0:
 * the one of now is taken for it.
 */
void mx_judge(const struct mx_sight *v, size_t n, int64_t now, int64_t moved_at,
    uint32_t before, struct mx_verdict *r);

/* "45 s", "12 min 5 s", "3 h 20 min", "2 d 4 h". */
void mx_duration(struct buf *b, int64_t seconds);

#endif
