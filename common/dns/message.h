#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/strs.h"

/* The types that are asked for, with their numbers. */
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_TLSA = 52,
};

const char *dns_type_name(enum dns_type t);

/* What became of a question; of those behind DNS_NO_NAME nothing is known. */
enum dns_outcome {
	DNS_ANSWERED,    /* NOERROR: records, or none */
	DNS_NO_NAME,     /* NXDOMAIN */
	DNS_SERVFAIL,    /* the server could not find out */
	DNS_REFUSED,     /* it does not answer such questions */
	DNS_ODD,         /* any other RCODE */
	DNS_MALFORMED,   /* what came is no answer */
	DNS_TIMEOUT,     /* nothing came */
	DNS_UNREACHABLE, /* nobody is there */
};

/* "timeout", "refused": for people and for programs. */
const char *dns_outcome_word(enum dns_outcome o);

struct dns_record {
	enum dns_type type;
	bool authority; /* of that section, which tells of the zone */
	uint32_t ttl;   /* seconds; RFC 2181 section 8 */
	char *name;     /* lower case, no dot at the end */
	/*
	 * The value as text, in one way of writing only: "10 mx.example.com",
	 * "192.0.2.1", of SOA the serial, of TXT its octets (which may hold
	 * anything but NUL: one is told as U+FFFD).
	 */
	char *text;
	char *target;    /* of NS CNAME MX SRV; NULL. The root is "" */
	uint32_t number; /* MX preference, SRV priority, SOA serial */
	uint32_t port;   /* SRV */
	uint32_t least;  /* SOA: minimum, the TTL of what is not there */
};

struct dns_answer {
	enum dns_outcome outcome;
	bool authoritative; /* AA */
	struct dns_record *v;
	size_t n;
};

/*
 * Takes a message as it came.  What is not of the types above, or of a class
 * other than IN, is passed over; a record that cannot be read makes all
 * DNS_MALFORMED.  *r is overwritten; dns_answer_release it.
 */
void dns_message_read(const unsigned char *p, size_t n, struct dns_answer *r);
void dns_answer_release(struct dns_answer *a);

/* The records of one name and type, aliases followed. */
struct dns_set {
	const struct dns_record **v; /* borrowed from the answer */
	size_t n;
	const char *first; /* the first CNAME's target; NULL: none */
	const char *alias; /* the last one's */
	bool loop;         /* the aliases lead nowhere */
	uint32_t ttl;      /* for so long what is here, or is not, is kept */
};

/*
 * Records of other names, which nobody asked for, are passed over.  Nothing
 * there: ttl is that of the SOA which came with it (RFC 2308), else 0.
 */
void dns_set_take(const struct dns_answer *a, const char *name,
    enum dns_type type, struct dns_set *r);
void dns_set_release(struct dns_set *s);
/* The values, sorted, each once. */
void dns_set_values(const struct dns_set *s, struct strs *r);

#endif
