#ifndef MAILDIR_BOX_H
#define MAILDIR_BOX_H

#include <stdbool.h>

#include "bytes/body.h"
#include "mail/flags.h"
#include "mail/store.h"
#include "stores/maildir/index.h"
#include "stores/maildir/keywords.h"
#include "stores/maildir/maildir.h"

/* What a folder's messages were when it was selected last (STORE_STEADY). */
struct steady {
	char *wire;
	struct index index; /* empty while the folder is selected */
};

/* The store, shared by the files of its operations. */
struct maildir {
	struct store store; /* first */
	char *dir;
	enum maildir_layout layout;
	bool create;
	char *location;
	struct store_info info;
	struct atoms *atoms;
	struct intake *intake;

	char *wire; /* of the selected folder; NULL: none */
	int fd;     /* its directory; -1 */
	enum store_mode mode;
	struct index index;
	struct keywords keywords;

	struct steady *steady; /* indexes kept, by folder */
	size_t steadies, steady_cap;

	struct strs touched; /* wire names of folders not yet synced */
	unsigned serial;     /* for unique names */
};

/* The store's own struct. */
struct maildir *maildir_of(struct store *s);

/* What is selected is so no more. */
void maildir_deselect(struct maildir *m);

/* Opens the directory of a folder by its wire name; -1 and errno. */
int maildir_open_dir(const struct maildir *m, const char *wire);

/* store_ops, by file. */
enum rc maildir_folders(struct store *s, struct folders *r, struct fault *f)
    CHECKED;
enum rc maildir_create(struct store *s, const char *name, struct folder *r,
    struct fault *f) CHECKED;
enum rc maildir_subscribe(struct store *s, const struct folder *folder,
    struct fault *f) CHECKED;
enum rc maildir_unsubscribe(struct store *s, const struct folder *folder,
    struct fault *f) CHECKED;
enum rc maildir_set_flags(struct store *s, const struct msg *m, size_t n,
    store_change_fn *fn, void *arg, struct fault *f) CHECKED;
enum rc maildir_remove(struct store *s, const struct msg *m, size_t n,
    store_change_fn *fn, void *arg, struct fault *f) CHECKED;
enum rc maildir_remove_folder(struct store *s, const struct folder *folder,
    struct fault *f) CHECKED;
enum rc maildir_scan(struct store *s, uint32_t first, unsigned want,
    store_scan_fn *fn, void *arg, uint64_t *seen_r, struct fault *f) CHECKED;
enum rc maildir_read(struct store *s, const struct msg *msgs, size_t n,
    store_read_fn *fn, void *arg, struct fault *f) CHECKED;
enum rc maildir_append(struct store *s, struct append_order *o, struct fault *f)
    CHECKED;
enum rc maildir_commit(struct store *s, struct fault *f) CHECKED;

/* The selected folder is changed: the next commit syncs it. */
void maildir_touch(struct maildir *m);

/* Lists the selected folder again, for messages that were renamed; those
 * known keep their UIDs. */
enum rc maildir_refresh(struct maildir *m, struct fault *f) CHECKED;

/* Marks those of l that the subscriptions file names. */
enum rc maildir_mark_subscribed(struct maildir *m, struct folders *l,
    struct fault *f) CHECKED;

/* The canonical name of a wire name; the caller frees. */
char *maildir_name(enum maildir_layout layout, const char *wire);

#endif
