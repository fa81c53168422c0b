#ifndef MAIL_STORE_H
#define MAIL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/body.h"
#include "mail/about.h"
#include "mail/fingerprint.h"
#include "mail/folder.h"
#include "mail/msg.h"
#include "util/fault.h"
#include "util/strs.h"

/*
 * The store interface: what imap and maildir can do, one folder at a time.
 * Operations are driven from one thread.  Errors name their scope: RC_STORE
 * spoils the connection (CAUSE_TEMPORARY when reopen may mend it).
 */
struct store;
struct parts; /* mail/parts.h */

enum store_mode {
	STORE_READ,    /* EXAMINE: never changes anything */
	STORE_APPEND,  /* SELECT */
	STORE_LIST,    /* as STORE_READ, and a scan from 1 on comes next:
		       * the store may ask for both at once */
	STORE_HEADERS, /* as STORE_LIST, with SCAN_FINGERPRINT */
	STORE_AGAIN,   /* as STORE_READ, where only UIDVALIDITY matters */
	STORE_STEADY,  /* as STORE_READ, and messages of it keep the UIDs that
			* they have now while the store is open */
};

/* What a server says of a folder when it is selected. */
struct folder_state {
	uint32_t uidvalidity;
	uint32_t uidnext;       /* 0: not told */
	uint64_t highestmodseq; /* 0: none */
	uint32_t exists;        /* EXISTS at selection */
	bool status_known;
	uint32_t status;          /* MESSAGES of STATUS */
	unsigned permanent_flags; /* FLAG_* that can be set */
	bool permanent_any;       /* "\*": new keywords may be made */
	struct strs permanent_keywords;
};

void folder_state_init(struct folder_state *s);
void folder_state_release(struct folder_state *s);

/* What to ask for beyond UID, FLAGS, INTERNALDATE and size. */
enum {
	SCAN_FINGERPRINT = 1 << 0, /* reads header blocks */
};

/* fp is NULL unless it was asked for.  m is borrowed during the call;
 * m->keywords lives as long as the store. */
typedef enum rc store_scan_fn(void *arg, const struct msg *m,
    const struct fingerprint *fp, struct fault *f);

/* What a store knows of a message without reading its body; borrowed. */
struct store_glance {
	const void *header; /* the block; NULL: not told */
	size_t header_len;
	const struct parts *parts; /* NULL: not told */
};

/* As store_scan_fn. */
typedef enum rc store_glance_fn(void *arg, const struct msg *m,
    const struct store_glance *g, struct fault *f);

/* UIDs that are no more, or never were. */
typedef enum rc store_gone_fn(void *arg, uint32_t first, uint32_t last,
    struct fault *f);

enum read_fate {
	READ_BODY,    /* here it is */
	READ_GONE,    /* expunged since it was listed */
	READ_REFUSED, /* the server lists it and will not give it */
};

/* Called once for each message asked for, in any order.  m points into the
 * caller's array; body is NULL unless READ_BODY; reason is for
 * READ_REFUSED. */
typedef enum rc store_read_fn(void *arg, const struct msg *m,
    enum read_fate fate, const struct body *body, const char *reason,
    struct fault *f);

enum change_fate {
	CHANGE_DONE,    /* reason not NULL: but for what it names */
	CHANGE_GONE,    /* it is not there (any more) */
	CHANGE_REFUSED, /* it stays as it is: reason */
};

/* Called once for each message that was to be changed or removed, in any
 * order; m points into the caller's array. */
typedef enum rc store_change_fn(void *arg, const struct msg *m,
    enum change_fate fate, const char *reason, struct fault *f);

enum append_fate {
	APPEND_TODO,    /* not sent */
	APPEND_DONE,    /* the store says that it has it */
	APPEND_REFUSED, /* the store will not have it: reason */
	APPEND_DOUBT,   /* sent, and the answer was lost */
};

enum { APPEND_REASON_MAX = 256 };

struct append_item {
	const struct msg *msg; /* date, flags, keywords to set */
	const struct body *body;
	void *owner;           /* the caller's */
	enum append_fate fate; /* set by the store from here on */
	uint32_t uid;          /* 0: not told */
	bool repaired;         /* reason says what had to change */
	char reason[APPEND_REASON_MAX];
};

/* Called for each item as soon as its fate is APPEND_DONE or _REFUSED. */
typedef enum rc store_append_fn(void *arg, struct append_item *item,
    struct fault *f);

/*
 * Messages on their way into one folder.  It and all it points to stay the
 * caller's and stay where they are until each item has its fate, or a call
 * has returned RC_STORE: then nothing is on its way any more.
 */
struct append_order {
	const struct folder *folder;
	const struct folder_state *state; /* as when it was selected */
	struct append_item *item;
	size_t n;
	store_append_fn *fn;
	void *arg;
	/* the store's */
	size_t next;                 /* the first item never sent */
	char why[APPEND_REASON_MAX]; /* the folder takes no more */
};

/* What can be asked about a folder ahead of its use. */
enum {
	ASK_CREATE = 1 << 0,
	ASK_SUBSCRIBE = 1 << 1,
	ASK_SELECT = 1 << 2, /* nothing is selected afterwards */
};

struct store_question {
	unsigned what;
	const char *name; /* canonical, for ASK_CREATE */
	/* As the store names it; filled when it is to be created.  The
	 * caller releases it and state, which are initialized. */
	struct folder folder;
	struct folder_state state; /* what ASK_SELECT told */
	unsigned open;             /* of what: no answer yet */
	unsigned done;             /* of what: OK */
};

/* What a store is and can take; strings are owned by the store. */
struct store_info {
	const char *location;  /* without any secret */
	const char *software;  /* what the server says of itself; "";
			       * whole after the first operation */
	const char *tls;       /* "TLSv1.3 ...", "accepted unverified", "" */
	const char *line;      /* "compressed", or why not; NULL, "" */
	const char *mechanism; /* that the login was done by; NULL: none was */
	const char *subject; /* of the server's certificate (RFC 4514); NULL, */
	const char *issuer;  /* as in plaintext: none */
	int64_t until;       /* its end, UTC seconds; 0: not known */
	uint64_t append_max; /* octets a message (RFC 7889); 0: not told */
	bool plaintext;      /* passwords and mail cross in the clear */
	unsigned connections; /* worth having where nobody says; 0: one */
};

/* What an owner of a store will ask of it: to select a folder and, for
 * STORE_LIST and STORE_HEADERS, scan it, or else read messages of it.  All
 * is borrowed until it was asked. */
struct store_ask {
	uint64_t number; /* not 0; rises with the order of asking */
	const struct folder *folder;
	enum store_mode mode;
	const struct msg *m;
	size_t n;
};

/* A folder that is waited at, as it was when it was read last. */
struct store_watch {
	const struct folder *folder; /* borrowed */
	uint32_t uidvalidity;
	uint32_t uidnext; /* 0: not told */
	uint32_t exists;
	int ms;    /* not negative */
	bool news; /* there may be other messages; false: the time is up */
	/* Something happened in another folder, or to one.  Not that nothing
	 * did: Dovecot does not tell what others put into its Maildir. */
	bool elsewhere;
};

struct store_ops {
	const char *kind;
	/* With canonical names, sorted; subscriptions in attr. */
	enum rc (*folders)(struct store *, struct folders *, struct fault *);
	/* NULL, or: learns how many messages those hold whose status_known is
	 * not set, and sets it, where the store can tell. */
	enum rc (
	    *count)(struct store *, struct folder *, size_t n, struct fault *);
	enum rc (*select)(struct store *, const struct folder *,
	    enum store_mode, struct folder_state *, struct fault *);
	/* Every message of the selected folder with UID >= first; *seen_r is
	 * the number of distinct messages listed. */
	enum rc (*scan)(struct store *, uint32_t first, unsigned want,
	    store_scan_fn *, void *, uint64_t *seen_r, struct fault *);
	/* NULL, or: as scan from 1 on, with header and parts. */
	enum rc (*glance)(struct store *, store_glance_fn *, void *,
	    uint64_t *seen_r, struct fault *);
	/* NULL, or: what the server says of itself (about.h); nothing needs
	 * to be selected. */
	enum rc (*about)(struct store *, struct about *, struct fault *);
	/* NULL, or: what is new in the selected folder, or has other flags,
	 * since it was at a MODSEQ (RFC 7162), and, where the store knows,
	 * what is gone.  Whether that is all of it, numbers must show.
	 * RC_END: nobody can tell; scan. */
	enum rc (*changes)(struct store *, uint64_t since, store_scan_fn *,
	    store_gone_fn *, void *, struct fault *);
	/* Bodies of n messages, sorted by UID, of the selected folder.  When
	 * there is more ahead some may be left without a fate: to be asked
	 * for again when nothing is. */
	enum rc (*read)(struct store *, const struct msg *, size_t n,
	    store_read_fn *, void *, struct fault *);
	/* NULL, or: waits, at most w->ms, until the folder that w knows may
	 * hold other messages, or others do.  Nothing is selected then. */
	enum rc (*watch)(struct store *, struct store_watch *w, struct fault *);
	/* NULL, or: what will be asked after the next operation, in this
	 * order, told again before each; the store may send it ahead, so that
	 * the line does not wait.  Where a read is not preceded by a scan of
	 * its folder, it is by a select. */
	void (*ahead)(struct store *, const struct store_ask *, size_t n);
	/* Of each body read from now on, keep at most so many octets
	 * (intake_keep); all, unless this was called. */
	void (*keep)(struct store *, uint64_t most);
	/* Makes the folder and what is above it; RC_OK if it exists. *r
	 * is the folder as the store names it; the caller releases. */
	enum rc (*create)(struct store *, const char *name, struct folder *r,
	    struct fault *);
	enum rc (
	    *subscribe)(struct store *, const struct folder *, struct fault *);
	enum rc (*unsubscribe)(struct store *, const struct folder *,
	    struct fault *);
	/*
	 * Of the folder selected with STORE_APPEND: gives n messages, by UID,
	 * the flags and keywords of their records, and takes all others from
	 * them.  RC_OK: fn was called for each.
	 */
	enum rc (*set_flags)(struct store *, const struct msg *, size_t n,
	    store_change_fn *, void *, struct fault *);
	/* Likewise: removes them for good, and no other message, whatever is
	 * marked as deleted.  RC_FOLDER, CAUSE_REFUSED: the store cannot
	 * without that danger, or may not. */
	enum rc (*remove)(struct store *, const struct msg *, size_t n,
	    store_change_fn *, void *, struct fault *);
	/* Removes a folder that holds no message and is not selected; what is
	 * below it stays.  RC_FOLDER: it may not, or there is mail in it. */
	enum rc (*remove_folder)(struct store *, const struct folder *,
	    struct fault *);
	/*
	 * Into the order's folder, in order; where the store has no await it
	 * is the selected one.  RC_OK: every item is DONE or REFUSED, or, with
	 * await, on its way: fn may be called for it in a later append, ask or
	 * await.  RC_STORE: items may be TODO or DOUBT as well.
	 */
	enum rc (
	    *append)(struct store *, struct append_order *, struct fault *);
	/* NULL: nothing is on its way when append returns.  Else: waits until
	 * all orders and questions are answered, as is necessary before any
	 * operation but append and ask. */
	enum rc (*await)(struct store *, struct fault *);
	/* NULL, or: asks without waiting.  What is not done by await may
	 * still be had from create, subscribe and select, which try harder. */
	enum rc (*ask)(struct store *, struct store_question *, struct fault *);
	/* Makes what was appended durable (fsync). */
	enum rc (*commit)(struct store *, struct fault *);
	/* After an operation failed for the reason in *f: a new connection,
	 * where that may mend it; nothing is selected then.  First comes the
	 * pause that the server asked for, or one that grows with tries (1:
	 * the first since the last progress).  RC_STORE and *f: it may not. */
	enum rc (*reopen)(struct store *, unsigned tries, struct fault *);
	const struct store_info *(*info)(const struct store *);
	void (*free)(struct store *);
};

/* Stores put this first in their own struct. */
struct store {
	const struct store_ops *ops;
};

void store_free(struct store *s); /* takes NULL */

/* ops->select, over a new connection (a few times) when the line is lost at
 * it, or a pause is asked for, and reopen may mend that.  state is as
 * folder_state_init left it. */
enum rc store_select(struct store *s, const struct folder *folder,
    enum store_mode mode, struct folder_state *state, struct fault *f) CHECKED;

#endif
