#ifndef SMTP_SMTP_H
#define SMTP_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/endpoint.h"
#include "net/tls.h"
#include "smtp/reply.h"
#include "util/fault.h"
#include "util/strs.h"

/*
 * A client of SMTP (RFC 5321): submission with a login (RFC 6409), or
 * delivery to an MX.
 *
 * Functions that talk return RC_STORE when the connection is lost or out of
 * step (close it), and RC_MESSAGE when the server refused and waits for the
 * next command.  Causes: CAUSE_TEMPORARY for 4xx, a cut line and a stall,
 * CAUSE_REFUSED for 5xx, with the server's code and words.
 */
struct smtp;

/* What the server can do; read again after STARTTLS. */
struct smtp_caps {
	bool starttls;       /* RFC 3207 */
	bool eightbit;       /* RFC 6152: 8BITMIME */
	bool utf8;           /* RFC 6531: SMTPUTF8 */
	bool pipelining;     /* RFC 2920 */
	bool enhanced_codes; /* RFC 2034 */
	bool size;           /* RFC 1870 */
	uint64_t size_max;   /* octets a message; 0: no limit is told */
	struct strs auth;    /* RFC 4954: names of mechanisms, upper case */
};

/* All is borrowed until smtp_close, but who: during smtp_open. */
struct smtp_config {
	struct endpoint at;
	const struct credentials *who; /* NULL: nobody logs in */
	const char *name; /* EHLO's; NULL: this machine's, where that is fully
			   * qualified, else our address in brackets */
	/* As servers deliver to an MX (RFC 7435): STARTTLS is done where it is
	 * offered, and the certificate need not be trusted unless at names
	 * whom to trust (ca_file, pins).  With SECURITY_STARTTLS. */
	bool opportunistic;
};

/* Connects, secures, logs in.  CAUSE_UNREACHABLE, CAUSE_LOGIN,
 * CAUSE_TEMPORARY, CAUSE_CONFIG. */
enum rc smtp_open(const struct smtp_config *c, struct smtp **r, struct fault *f)
    CHECKED;
/* Says QUIT without waiting long; takes NULL. */
void smtp_close(struct smtp *s);

/* What it is talked to; borrowed until smtp_close. */
struct smtp_facts {
	const char *greeting;        /* of the server, without its code */
	const char *mechanism;       /* logged in by; NULL: nobody has */
	const char *line;            /* tls_describe's text; "" in plaintext */
	const struct tls_facts *tls; /* NULL in plaintext */
	const struct smtp_caps *caps;
};
struct smtp_facts smtp_facts(const struct smtp *s);

/* What MAIL says. */
struct smtp_envelope {
	const char *from; /* "": the null sender */
	uint64_t size;    /* of the message, about; 0: not told */
	bool eightbit;    /* it has octets over 0x7f */
	bool utf8;        /* its header has */
};

/* Addresses are without "<>".  One that no command can carry is CAUSE_USAGE;
 * a message that is larger than what the server says it takes, and UTF-8
 * where it offers no SMTPUTF8, CAUSE_REFUSED without asking. */
enum rc smtp_mail(struct smtp *s, const struct smtp_envelope *e,
    struct fault *f) CHECKED;
enum rc smtp_rcpt(struct smtp *s, const char *to, struct fault *f) CHECKED;
/*
 * The message: lines that end in CRLF; a bare CR or LF, which servers do not
 * agree on, is sent as CRLF, and one is added where the last line has none.
 * *r is the answer to its end (the caller releases it), NULL: not of interest.
 */
enum rc smtp_data(struct smtp *s, const void *message, size_t n,
    struct smtp_reply *r, struct fault *f) CHECKED;
/* Forgets what MAIL and RCPT said. */
enum rc smtp_reset(struct smtp *s, struct fault *f) CHECKED;

#endif
