#ifndef UNIT_BOXES_H
#define UNIT_BOXES_H

#include "mail/store.h"
#include "stores/maildir/maildir.h"

/* What the tests of the Maildir store do again and again. */

/* Opens, or fails the test. */
struct store *boxes_open(const char *dir, enum maildir_layout layout,
    bool create);
/* Selects by canonical name; the caller releases *r. */
void boxes_select(struct store *s, const char *name, enum store_mode mode,
    struct folder_state *r);
/* The canonical names in order with what is subscribed marked "*", one
 * blank between.  The caller frees. */
char *boxes_folders(struct store *s);
/* "UID flags keywords" of each message from first on, "; " between. */
char *boxes_scan(struct store *s, uint32_t first);
/* Reads one message: "wire bytes", "gone" or "refused: reason". */
char *boxes_read(struct store *s, uint32_t uid);
/* Appends a message given in wire form to the selected folder; *item_r is
 * what came of it, without its pointers. */
enum rc boxes_append(struct store *s, const char *wire, const struct msg *m,
    struct append_item *item_r, struct fault *f) CHECKED;
/* Compares and frees what the above gave. */
void boxes_text(char *got, const char *wanted);
/* A Maildir whose INBOX has three messages, one still in new; its path is
 * tempdir's. */
char *boxes_small(void);
/* Creates and selects a folder for appending. */
void boxes_create(struct store *s, const char *name);

#endif
