#ifndef RESTORE_JOURNAL_H
#define RESTORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/fingerprint.h"
#include "util/fault.h"

/*
 * What earlier runs of the same archive, or others of its chain, into the
 * same target did: which
 * message became which.  It makes a second run cheap and keeps a message
 * that somebody deleted at the target from coming back; without it the
 * content at the target still decides, so losing it loses nothing.
 *
 * A text file, appended to.  A line that a crash cut short is dropped.
 *   #mailproof 1 journal | id of generation 1 | target
 *   d folder uidvalidity uid | target folder uidvalidity uid | fp canon
 *   n folder uidvalidity uid | what the target forced us to change
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

/*
 * Opens or creates path; a journal of another archive or target is
 * CAUSE_CONFIG, one in use by another run CAUSE_TEMPORARY.  With read_only
 * nothing is created or written (dry run).
 */
enum rc journal_open(const char *path, const char *archive_id,
    const char *target, bool read_only, struct journal **r, struct fault *f)
    CHECKED;
void journal_free(struct journal *j);

/* $XDG_STATE_HOME/mailproof/ID-HASH.journal; the caller frees. */
char *journal_default_path(const char *archive_id, const char *target);

/* NULL when no run has restored this message. */
const struct journal_entry *journal_find(const struct journal *j,
    const char *folder, uint32_t uidvalidity, uint32_t uid);
/* Doubts the entries of a folder's messages below this UID, or (folder NULL)
 * all; then vouches for those of one message. */
void journal_doubt(struct journal *j, const char *folder, uint32_t uidvalidity,
    uint32_t below);
void journal_vouch(struct journal *j, const char *folder, uint32_t uidvalidity,
    uint32_t uid);
size_t journal_count(const struct journal *j);
const struct journal_entry *journal_at(const struct journal *j, size_t i);
const char *journal_folder(const struct journal *j, uint32_t index);

enum rc journal_done(struct journal *j, const struct journal_line *l,
    struct fault *f) CHECKED;
enum rc journal_repair(struct journal *j, const struct journal_line *l,
    const char *what, struct fault *f) CHECKED;
/* Everything so far is on the disk. */
enum rc journal_sync(struct journal *j, struct fault *f) CHECKED;

#endif
