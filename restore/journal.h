#ifndef RESTORE_JOURNAL_H
#define RESTORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "mail/fingerprint.h"
#include "util/fault.h"

/*
 * What earlier runs brought from an account to a target: which message became
 * which.  It makes a second run cheap and keeps a message that somebody
 * deleted at the target from coming back; without it the content at the
 * target still decides, so losing it loses nothing.
 *
 * All archives of an account share it: a backup that follows its source and
 * was begun anew is another archive of the same mail.  An entry stands for one
 * message: for the one with its UID, if that has the same content, or else for
 * another one of that content in the same folder, as UIDs change.
 *
 * A text file, appended to.  A line that a crash cut short is dropped.
 *   #mailproof 2 journal | account | target
 *   d folder uidvalidity uid | target folder uidvalidity uid | fp canon
 *   k folder uidvalidity uid | target folder uidvalidity | canon |
 *     uidvalidity uid: the message is known by these from here on
 *   u folder uidvalidity uid | target folder uidvalidity uid | canon |
 *     gone: it was not there when it was read back, and stands for nothing
 *     or altered: something else was, or nobody could tell; it stands
 *   n folder uidvalidity uid | what the target forced us to change
 *   a id | hash of the final: all of this archive was brought
 * The lines before the first "2" may be those of a journal that was kept for
 * one archive, "#mailproof 1 journal | archive id | target".
 */
struct journal;

struct journal_entry {
	uint32_t folder; /* index of a name, see journal_folder */
	uint32_t uidvalidity;
	uint32_t uid;
	uint32_t to_folder; /* likewise */
	uint32_t to_uidvalidity;
	uint32_t to_uid; /* 0: the target did not tell */
	struct fingerprint fp;
	unsigned char canon[16];
	bool taken;   /* by a message of this run */
	bool gone;    /* it was not there when it was read back */
	bool altered; /* or was not proved to be the same */
	bool doubted; /* no message that is restored now is its */
};

/* What a line tells; all borrowed. */
struct journal_line {
	const char *folder;
	uint32_t uidvalidity;
	uint32_t uid;
	const char *to_folder;
	uint32_t to_uidvalidity;
	uint32_t to_uid;
	const struct fingerprint *fp;
	const unsigned char *canon; /* 16 octets */
};

/* Whose mail, and where to; all borrowed. */
struct journal_about {
	const char *account; /* the archive's, without any secret */
	const char *target;  /* location, likewise */
	const char *archive; /* id: of what was kept for an archive */
};

/*
 * Opens or creates path; a journal of another account or target is
 * CAUSE_CONFIG, one in use by another run CAUSE_TEMPORARY.  With read_only
 * nothing is created or written (dry run).
 */
enum rc journal_open(const char *path, const struct journal_about *a,
    bool read_only, struct journal **r, struct fault *f) CHECKED;
/* Takes over a journal that was kept for the one archive, if there is one at
 * path, and removes it. */
enum rc journal_adopt(struct journal *j, const char *path,
    const struct journal_about *a, struct fault *f) CHECKED;
void journal_free(struct journal *j);

/* $XDG_STATE_HOME/mailproof/ACCOUNT-TARGET.journal, digests of both, and
 * where an archive's own was; the caller frees. */
char *journal_default_path(const struct journal_about *a);
char *journal_former_path(const struct journal_about *a);

/*
 * The entry that stands for l's message in l's target folder (l->to_uid and
 * l->fp do not matter), for no other from here on; *r is NULL when no run has
 * brought it there.  Borrowed; one thread at a time.
 */
enum rc journal_take(struct journal *j, const struct journal_line *l,
    const struct journal_entry **r, struct fault *f) CHECKED;
/* Doubts the entries of a folder's messages below this UID, or (folder NULL)
 * all; then vouches for those of one message. */
void journal_doubt(struct journal *j, const char *folder, uint32_t uidvalidity,
    uint32_t below);
void journal_vouch(struct journal *j, const char *folder, uint32_t uidvalidity,
    uint32_t uid);
/* Was this message brought, wherever to? */
bool journal_has(const struct journal *j, const char *folder,
    uint32_t uidvalidity, uint32_t uid);
/* A run brought all of the archive that has this id and this final. */
bool journal_has_archive(const struct journal *j, const char *id,
    const struct hash *final);
enum rc journal_archive(struct journal *j, const char *id,
    const struct hash *final, struct fault *f) CHECKED;
size_t journal_count(const struct journal *j);
const struct journal_entry *journal_at(const struct journal *j, size_t i);
const char *journal_folder(const struct journal *j, uint32_t index);

enum rc journal_done(struct journal *j, const struct journal_line *l,
    struct fault *f) CHECKED;
enum rc journal_repair(struct journal *j, const struct journal_line *l,
    const char *what, struct fault *f) CHECKED;
/* What a line before said was not proved; gone: it is not there. */
enum rc journal_unproved(struct journal *j, const struct journal_line *l,
    bool gone, struct fault *f) CHECKED;
/* Everything so far is on the disk. */
enum rc journal_sync(struct journal *j, struct fault *f) CHECKED;

#endif
