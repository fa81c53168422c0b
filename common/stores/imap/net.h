#ifndef IMAP_NET_H
#define IMAP_NET_H

#include <libetpan/libetpan.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/link.h"
#include "stores/imap/imap.h"
#include "util/buf.h"
#include "util/fault.h"

/*
 * The stream under libetpan: a mailstream_low_driver over a socket, with
 * OpenSSL and a guard (guard.h) that keeps from the parser what would
 * crash, hang or flood it.  EOF is an error, a stall has a timeout, SIGPIPE
 * never comes, a signal ends a wait.
 */
struct net;

enum { NET_FAR_US = 5000 };

/* Resolves and connects (and, for SECURITY_TLS, shakes hands).  On success the
 * mailstream owns *net_r. */
enum rc net_open(const struct endpoint *at, mailstream **stream_r,
    struct net **net_r, struct fault *f) CHECKED;
/* After STARTTLS's OK: the handshake; refuses bytes that came before it. */
enum rc net_starttls(struct net *n, mailstream *stream,
    const struct endpoint *at, struct fault *f) CHECKED;
enum net_trouble net_trouble(const struct net *n, const char **text_r);
/* The last line from the server, for error texts; "" when none. */
const char *net_last_line(const struct net *n);
/* The last tagged line that the parser was given, as the server sent it
 * (the parser gets a simpler one), without CRLF; "" when none. */
const char *net_tagged_line(const struct net *n);
/* What the server said unasked: the text of the last ALERT or BYE; "". */
const char *net_words(const struct net *n);
/* raw: every line passes as it is, within the caps, for a reader of our
 * own; otherwise only what libetpan's parser is known to bear (guard.h).
 * Returns what it was. */
bool net_raw(struct net *n, bool raw);
/* A stall is one from now on after ms; returns what it was. */
int net_timeout(struct net *n, int ms);
/* For ms from now on a read that gets nothing fails without trouble: the
 * next one goes on.  0: no more. */
void net_linger(struct net *n, int ms);
/* "TLSv1.3 TLS_AES_256_GCM_SHA384 sha256:..", "" in plaintext; behind it
 * ", pinned" or ", accepted unverified: ..." where --insecure let it in. */
const char *net_tls(const struct net *n);
/* What tls.h tells of the handshake; NULL in plaintext. */
const struct tls_facts *net_tls_facts(const struct net *n);
/* After COMPRESS's OK (RFC 4978): from here on both directions are deflate
 * streams, under the guard. */
enum rc net_compress(struct net *n, mailstream *stream, struct fault *f)
    CHECKED;
bool net_is_compressed(const struct net *n);
/*
 * True where fewer octets are worth the CPU: not on this machine, and when
 * no answer so far, greeting and login included, came sooner than
 * NET_FAR_US.  A server that is only slow to check passwords is near.
 */
bool net_is_far(const struct net *n);
/* True when the server is on this machine. */
bool net_is_local(const struct net *n);
/* Octets in and out so far, as they cross the line (inside TLS). */
void net_traffic(const struct net *n, uint64_t *in_r, uint64_t *out_r);
int net_fd(const struct net *n);

#endif
