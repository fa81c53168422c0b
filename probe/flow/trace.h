#ifndef PROBE_TRACE_H
#define PROBE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What servers wrote into a header about the way of a message.  All texts
 * are owned, bytes as they came: to be made visible when printed.  "" stands
 * for what is not told.
 */

enum {
	TRACE_HOPS_MAX = 50,      /* the topmost, where there are more */
	TRACE_VERDICTS_MAX = 50,  /* likewise */
	TRACE_FIELD_MAX = 8 << 10 /* octets of a field that are looked at */
};

/* A Received field (RFC 5321 4.4). */
struct trace_hop {
	char *from; /* with what the server found out about it */
	char *by;
	char *with; /* protocol: ESMTPSA */
	char *tls;  /* "TLSv1.3"; "yes": the protocol says so, no version */
	bool timed;
	int64_t time; /* UTC seconds */
};

/* A result of Authentication-Results (RFC 8601) or Received-SPF. */
struct trace_verdict {
	char *server; /* who says so: anybody may write such a field */
	char *method; /* "spf", "dkim", "dmarc", in lower case */
	char *result; /* "pass", likewise */
	char *about;  /* properties: "header.d=example.org" */
};

struct trace {
	struct trace_hop *hop; /* in the order of the way: the first is the
				* first server's */
	size_t hops;
	struct trace_verdict *verdict; /* from the top */
	size_t verdicts;
	char *return_path; /* NULL: none; "": the null path */
};

/* header: a block as for header_start.  The caller releases. */
void trace_of(const void *header, size_t n, struct trace *r);
void trace_release(struct trace *t);

/* Of one field's body, unfolded: the inside of trace_of. */
void trace_received(const char *s, size_t n, struct trace_hop *r);
void trace_results(const char *s, size_t n, struct trace *t);
void trace_spf(const char *s, size_t n, struct trace *t);

/* Adds one, with copies; passed over when there are too many. */
void trace_add_verdict(struct trace *t, const struct trace_verdict *v);

#endif
