#ifndef IMAP_OPS_H
#define IMAP_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "mail/store.h"
#include "stores/imap/session.h"

struct pipeline;

/* What the operations remember between calls. */
struct imap_store {
	struct session s;          /* first */
	struct folder_state state; /* of the selected folder */
	/*
	 * Messages still to be appended one at a time, each answer awaited:
	 * set after a connection was lost on an APPEND, so that the next
	 * loss leaves one message in doubt and names the offender.
	 */
	unsigned careful;
	struct pipeline *pipeline; /* what was sent and not answered */
	bool no_idle;              /* the server offers it and refuses it */
	bool no_notify;            /* likewise */
	bool joined; /* counted among the connections of the pace */
	/* What was told by store_ops.ahead. */
	struct {
		struct store_ask *v;
		size_t n;
		size_t next; /* the first that is not sent, */
		size_t at;   /* but its messages so far */
	} told;
};

enum {
	/* What a server is asked for at one time, so that it never waits for
	 * us: 100 ms of a line of 300 MB/s. */
	AHEAD_WINDOW = 32 << 20,
	/* Of commands that it may not have taken yet: a server that is busy
	 * writing reads none, and they must fit into the buffers between. */
	AHEAD_COMMANDS = 16 << 10,
};

/* Once an operation has sent all of its commands, and its answers bring so
 * many octets: sends those of the next ones that there is room for. */
void foresee_send(struct imap_store *is, uint64_t octets);

/* The operations of struct store_ops (mail/store.h). */
enum rc imap_folders(struct store *st, struct folders *r, struct fault *f)
    CHECKED;
enum rc imap_count(struct store *st, struct folder *v, size_t n,
    struct fault *f) CHECKED;
enum rc imap_select(struct store *st, const struct folder *folder,
    enum store_mode mode, struct folder_state *r, struct fault *f) CHECKED;
enum rc imap_scan(struct store *st, uint32_t first, unsigned want,
    store_scan_fn *fn, void *arg, uint64_t *seen_r, struct fault *f) CHECKED;
enum rc imap_glance(struct store *st, store_glance_fn *fn, void *arg,
    uint64_t *seen_r, struct fault *f) CHECKED;
enum rc imap_about(struct store *st, struct about *r, struct fault *f) CHECKED;
enum rc imap_changes(struct store *st, uint64_t since, store_scan_fn *fn,
    store_gone_fn *gone, void *arg, struct fault *f) CHECKED;
enum rc imap_read(struct store *st, const struct msg *m, size_t n,
    store_read_fn *fn, void *arg, struct fault *f) CHECKED;
enum rc imap_watch(struct store *st, struct store_watch *w, struct fault *f)
    CHECKED;
enum rc imap_create(struct store *st, const char *name, struct folder *r,
    struct fault *f) CHECKED;
enum rc imap_subscribe(struct store *st, const struct folder *folder,
    struct fault *f) CHECKED;
enum rc imap_unsubscribe(struct store *st, const struct folder *folder,
    struct fault *f) CHECKED;
enum rc imap_set_flags(struct store *st, const struct msg *m, size_t n,
    store_change_fn *fn, void *arg, struct fault *f) CHECKED;
enum rc imap_remove(struct store *st, const struct msg *m, size_t n,
    store_change_fn *fn, void *arg, struct fault *f) CHECKED;
enum rc imap_remove_folder(struct store *st, const struct folder *folder,
    struct fault *f) CHECKED;
enum rc imap_append(struct store *st, struct append_order *o, struct fault *f)
    CHECKED;
enum rc imap_await(struct store *st, struct fault *f) CHECKED;
enum rc imap_ask(struct store *st, struct store_question *q, struct fault *f)
    CHECKED;

/* Tells the server what will be asked (store_ops.ahead). */
void imap_ahead(struct store *st, const struct store_ask *ask, size_t n);

/*
 * A second opinion on how much there is, from before the selection: a server
 * need not tell it of the folder selected (RFC 3501 6.3.10).  Sets what STATUS
 * told of to; where it told nothing that stays as it is.
 */
enum rc imap_status_send(struct session *s, const struct folder *folder,
    int *tag_r, struct fault *f) CHECKED;
enum rc imap_status_read(struct session *s, const struct folder *folder,
    int tag, struct folder *to, struct fault *f) CHECKED;

/* The commands of select, scan and changes, appended to b as these send
 * them. */
enum rc imap_select_command(struct buf *b, const struct folder *folder,
    enum store_mode mode, struct fault *f) CHECKED;
void imap_scan_command(struct buf *b, unsigned want);
/* That is all of a scan where there are no more messages than these. */
uint32_t imap_scan_alone(unsigned want);
void imap_changes_command(struct buf *b, const struct session *s,
    uint64_t since);
/* True where a scan follows a selection; *want_r: what it wants. */
bool imap_is_scanned(enum store_mode mode, unsigned *want_r);
/* The first command by which a folder is scanned, as one selected for that
 * is; false: others go before it. */
bool imap_list_command(struct buf *b, const struct session *s,
    const struct folder *folder, unsigned want);

/* Appends folder's wire name as an astring; RC_FOLDER when no command may
 * carry it. */
enum rc imap_add_folder(struct buf *b, const struct folder *folder,
    struct fault *f) CHECKED;

/*
 * session_refusal, and what servers say without a response code: that the
 * quota is full (RC_STORE, CAUSE_CANTCREATE).
 */
enum rc imap_refusal(struct session *s, const struct imap_reply *r,
    const char *what, struct fault *f);
/* True for a refusal that is about one message or the like: asking for
 * others makes sense.  *rc_r and *f are imap_refusal's. */
bool imap_is_particular(struct session *s, const struct imap_reply *r,
    const char *what, enum rc *rc_r, struct fault *f);

/* Where an operation was when its line was lost. */
struct mend {
	struct folder folder; /* a copy: the session forgets its own */
	enum store_mode mode;
	uint32_t uidvalidity;
	unsigned tries; /* new connections or pauses since the last progress */
};

/* Takes note of what is selected; RC_STORE when the session is dead,
 * CAUSE_BUG when nothing is selected. */
enum rc mend_init(struct mend *m, const struct imap_store *is, struct fault *f)
    CHECKED;
void mend_release(struct mend *m);
/*
 * After an operation failed with rc and *f: when that was the line, makes a
 * new connection, after a pause that grows, and selects the folder again;
 * when the server asked for a pause, grants that first.  Anything else, an
 * interrupt, or too many tries without progress (set tries to 0 for
 * progress): returns rc, and *f as it is.  RC_FOLDER when the folder is not
 * what it was.
 */
enum rc mend_line(struct mend *m, struct imap_store *is, enum rc rc,
    struct fault *f) CHECKED;
/* True when the server asked for a pause, and now that it is over the line
 * is there for the same command again.  False leaves *rc alone unless the
 * server asked; then *rc and *f tell why not. */
bool mend_pause(struct mend *m, struct imap_store *is, enum rc *rc,
    struct fault *f);
/* As mend_line where nothing is selected: the store's operation reopen. */
enum rc mend_store(struct store *st, unsigned tries, struct fault *f) CHECKED;

#endif
