#ifndef SMTP_WIRE_H
#define SMTP_WIRE_H

#include "net/link.h"
#include "smtp/reply.h"
#include "smtp/smtp.h"
#include "util/buf.h"
#include "util/fault.h"

/* The inside of an SMTP client, shared by the files of smtp/. */

struct smtp {
	struct link link;
	struct smtp_config config;
	struct smtp_caps caps;
	char *greeting;
	const char *mechanism;  /* static; NULL */
	unsigned char in[4096]; /* in[from..to) was not taken yet */
	size_t from;
	size_t to;
};

/* Writes octets as they are. */
enum rc wire_write(struct smtp *s, const void *p, size_t n, struct fault *f)
    CHECKED;
/* Reads an answer into *r, which is released first.  A server that is silent
 * for the timeout, or does not come to an end within it, stalls. */
enum rc wire_reply(struct smtp *s, struct smtp_reply *r, struct fault *f)
    CHECKED;
/* A command, CRLF added, and its answer. */
enum rc wire_ask(struct smtp *s, const char *command, struct smtp_reply *r,
    struct fault *f) CHECKED;

/* The fault of an answer that is not the one wanted, by its code; what is
 * "RCPT TO:<anna@example.com>". */
enum rc wire_refusal(const struct smtp_reply *r, const char *what,
    struct fault *f);
/* Puts the server's name before a fault. */
enum rc wire_name(const struct smtp *s, enum rc rc, struct fault *f);

/* caps.c: takes the answer to EHLO, without its first line. */
void smtp_caps_take(struct smtp_caps *c, const struct smtp_reply *r);
void smtp_caps_release(struct smtp_caps *c);

/* auth.c: logs in with AUTH (RFC 4954). */
enum rc smtp_auth(struct smtp *s, struct fault *f) CHECKED;

#endif
