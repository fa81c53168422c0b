#ifndef IMAP_ANSWER_H
#define IMAP_ANSWER_H

#include <stdbool.h>

#include "stores/imap/session.h"
#include "util/buf.h"
#include "util/fault.h"

/*
 * Reading and writing below session.h's commands: one answer's line at a
 * time, with its literals in it, without CRLF.  Faults name neither the
 * command nor the host; a session whose line is lost is dropped.
 */

/* RC_STORE when the line is lost (and the session with it). */
enum rc answer_line(struct session *s, struct buf *line, struct fault *f)
    CHECKED;
/* The same, when one comes within ms; RC_END: none did. */
enum rc answer_line_within(struct session *s, int ms, struct buf *line,
    struct fault *f) CHECKED;
/* True for "tag OK/NO/BAD text", taken apart. */
bool answer_tagged(const char *line, int tag, struct imap_reply *r);
/* The same as answer_write, and a session that is lost is not dropped: the
 * next that reads of it finds out.  For handlers that libetpan calls. */
bool answer_put(struct session *s, const void *p, size_t n);
/* Writes bytes as they are, without flushing. */
enum rc answer_write(struct session *s, const void *p, size_t n,
    struct fault *f) CHECKED;
/* A new tag and a blank, written as answer_put does. */
bool answer_put_tag(struct session *s, int *tag_r);
/* The same, after any pause that the server asked all connections for. */
enum rc answer_tag(struct session *s, int *tag_r, struct fault *f) CHECKED;
/* The connection is lost: says why, with the server's last words, and drops
 * the session.  RC_STORE. */
enum rc answer_lost(struct session *s, struct fault *f);
/* As answer_lost, with the reason told. */
enum rc answer_broken(struct session *s, struct fault *f, const char *why);
/* False, with the fault, for a dead session. */
bool answer_alive(const struct session *s, struct fault *f);

#endif
