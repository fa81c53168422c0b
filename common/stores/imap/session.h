#ifndef IMAP_SESSION_H
#define IMAP_SESSION_H

#include <libetpan/libetpan.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/flags.h"
#include "mail/store.h"
#include "stores/imap/ahead.h"
#include "stores/imap/backoff.h"
#include "stores/imap/imap.h"
#include "stores/imap/net.h"
#include "util/buf.h"
#include "util/fault.h"
#include "util/strs.h"

/* What the server can do, read again after STARTTLS and login. */
struct imap_caps {
	bool literal_plus;  /* RFC 7888: any size */
	bool literal_minus; /* RFC 7888: up to 4096 octets */
	bool multiappend;   /* RFC 3502 */
	bool uidplus;       /* RFC 4315 */
	bool list_extended; /* RFC 5258 */
	bool list_status;   /* RFC 5819 */
	bool status_size;   /* RFC 8438 */
	bool special_use;   /* RFC 6154 */
	bool namespace;     /* RFC 2342 */
	bool condstore;     /* RFC 7162 */
	bool qresync;       /* the same; VANISHED */
	bool idle;          /* RFC 2177 */
	bool notify;        /* RFC 5465 */
	bool sasl_ir;       /* RFC 4959 */
	bool login_disabled;
	bool starttls;
	bool id;               /* RFC 2971 */
	bool enable;           /* RFC 5161 */
	bool compress;         /* RFC 4978: DEFLATE */
	uint64_t append_limit; /* RFC 7889; 0: not told */
	struct strs auth;      /* upper-case SASL mechanism names */
};

/*
 * One connection: libetpan's parser and command layer over our stream
 * driver.  The imap store is this; what the operations need stands here.
 * A dead session (im == NULL) answers every call with CAUSE_TEMPORARY
 * until session_open succeeds again.
 */
struct session {
	struct store store;        /* first: the store's operations */
	struct imap_config config; /* strings owned by the session */
	struct strs pins;
	mailimap *im;
	struct net *net; /* owned by im's stream; NULL when dead */
	struct imap_caps caps;
	char *prefix;   /* personal namespace, "" for none */
	char sep;       /* its separator; 0: flat or not told */
	char *software; /* ID's name and version, else greeting */
	char *tls;
	char *subject; /* of the certificate; NULL in plaintext */
	char *issuer;
	struct strs foreign; /* namespaces of others (RFC 2342) */
	/* ID and NAMESPACE that were sent and not answered yet; 0: none. */
	int id_tag;
	int namespace_tag;
	int tag; /* of the last command */
	struct ahead ahead;
	struct plea plea;    /* the server asks to be left alone */
	bool spent;          /* that was granted often enough: no more tries */
	bool leaving;        /* LOGOUT waits for nothing */
	bool qresync;        /* ENABLE QRESYNC was answered with OK */
	const char *line;    /* store_info's */
	bool never_compress; /* it went wrong once */
	struct store_info info;
	struct atoms *atoms;    /* keywords */
	struct intake *intake;  /* the door for bodies */
	struct folder selected; /* wire NULL: none */
	enum store_mode mode;
};

/* Connects, secures, logs in, reads capabilities and namespace. */
enum rc session_open(struct session *s, struct fault *f) CHECKED;
/* Says LOGOUT when alive, closes, forgets the selection. */
void session_close(struct session *s);
/* Closes without a word: the session is out of step. */
void session_drop(struct session *s);

/* One line of a server's answer to a raw command, with its literals in
 * line, without the CRLF; text[n] is NUL. */
typedef enum rc session_line_fn(void *arg, const char *text, size_t n,
    struct fault *f);

/* How a command ended, and what the server said. */
enum imap_status { IMAP_OK, IMAP_NO, IMAP_BAD };
struct imap_reply {
	enum imap_status status;
	char code[64];  /* response code's atom, upper case; "" */
	char text[512]; /* what the server said, code included */
};

/*
 * A raw command: writes "TAG command\r\n", gives each untagged line to fn
 * (NULL: dropped), reads to the tagged answer.  Not for FETCH of bodies.
 * RC_STORE when the line is lost; NO and BAD are in the reply.
 */
enum rc session_raw(struct session *s, const struct buf *command,
    session_line_fn *fn, void *arg, struct imap_reply *r, struct fault *f)
    CHECKED;

/* For pipelining: writes TAG and command (bytes as they are, CRLF added),
 * without waiting or flushing; *tag_r is to be waited for. One that is on
 * its way (ahead.h) is not written again. */
enum rc session_send(struct session *s, const struct buf *command, int *tag_r,
    struct fault *f) CHECKED;
/* As session_send, for handlers that libetpan calls: a line that is lost
 * shows when it is read next.  False then. */
bool session_post(struct session *s, const struct buf *command, int *tag_r);
enum rc session_flush(struct session *s, struct fault *f) CHECKED;
/*
 * After a command cut at a literal: flushes and waits for "+".  *go_r tells
 * whether it came; if not the command has ended, and *r says how.
 */
enum rc session_continue(struct session *s, int tag, bool *go_r,
    struct imap_reply *r, struct fault *f) CHECKED;
/* Reads raw answers up to this tag, as session_raw does. */
enum rc session_read(struct session *s, int tag, session_line_fn *fn, void *arg,
    struct imap_reply *r, struct fault *f) CHECKED;
/* The same up to the next tagged answer, of whichever command: with several
 * under way a server may answer the later one first (RFC 3501 section 5.5;
 * Dovecot does, when a folder is selected). */
enum rc session_read_any(struct session *s, session_line_fn *fn, void *arg,
    int *tag_r, struct imap_reply *r, struct fault *f) CHECKED;
/*
 * Reads libetpan-parsed answers up to this tag (answers come in the order
 * of the commands).  Handlers set on s->im see FETCH data; after it
 * s->im->imap_response_info and imap_selection_info hold what came.
 */
enum rc session_wait(struct session *s, int tag, struct imap_reply *r,
    struct fault *f) CHECKED;

/*
 * Makes a fault of a libetpan return code: out of step drops the session
 * and is RC_STORE; tells a stall, a cut and a BYE apart, with the server's
 * last words.  what: "examine 'Sent'".
 */
enum rc session_fault(struct session *s, int libetpan_rc, const char *what,
    struct fault *f);
/* The fault of a NO or BAD: RC_STORE, CAUSE_TEMPORARY where it asks for a
 * pause (backoff.h: s->plea holds that); by response code (RFC 5530)
 * [OVERQUOTA] CAUSE_CANTCREATE RC_STORE, [NONEXISTENT] CAUSE_NOINPUT, and so
 * on; else RC_FOLDER, CAUSE_REFUSED. */
enum rc session_refusal(struct session *s, const struct imap_reply *r,
    const char *what, struct fault *f);

/* Appends an astring: quoted, bytes over 0x7f as they are (as the server
 * named the folder); false for what no command may carry (CR, LF). */
bool imap_add_string(struct buf *b, const char *text);

/* The last words of the server that were no answer to anything: ALERT and
 * BYE texts; "" when none. Borrowed until the next call. */
const char *session_last_words(struct session *s);

#endif
