#ifndef MAIL_ABOUT_H
#define MAIL_ABOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/strs.h"

/* A limit of a quota root (RFC 9208). */
struct quota {
	char *root;     /* "User quota"; may be "" */
	char *resource; /* "STORAGE", "MESSAGE", upper case */
	uint64_t usage; /* octets for STORAGE (the wire has 1024 each), */
	uint64_t limit; /* else a number */
};

enum { QUOTAS_MAX = 64, ROUND_TRIPS = 5 };

/* What a server says of itself and of an account, before any mail moves. */
struct about {
	struct strs capability; /* after login, in its order, none twice */
	bool namespaces;        /* it told prefix and foreign (RFC 2342) */
	char *prefix;           /* of the personal namespace; never NULL */
	char sep;               /* 0: flat, or not told */
	struct strs foreign;    /* prefixes of others' and of shared ones */
	/* Octets that a message may have (RFC 7889), the smallest that was
	 * told; 0: nothing was. */
	uint64_t append_limit;
	bool quota_known; /* it has answered about quotas */
	struct quota *quota;
	size_t quotas, quotas_cap;
	int64_t round_trip_us[ROUND_TRIPS]; /* of NOOP, rising */
	size_t round_trips;
};

void about_init(struct about *a);
void about_release(struct about *a);
/* Copies the texts; more than QUOTAS_MAX are left out. */
void about_add_quota(struct about *a, const struct quota *q);

#endif
