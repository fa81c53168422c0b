#ifndef BACKUP_KNOWN_H
#define BACKUP_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/folder.h"
#include "mail/harvest.h"
#include "mail/msg.h"
#include "stores/archive/lineage.h"
#include "stores/archive/writer.h"
#include "util/fault.h"

/*
 * What an archive and its ancestors hold of the source, by folder and UID,
 * so that a look at the source tells what is new.  It may be looked at again
 * and again: what was found is known from then on.  16 octets a message.
 *
 * A folder is the same as long as its canonical name and its UIDVALIDITY are
 * (RFC 3501 section 2.3.1.1); whatever else looks like it is compared by
 * content, when it was fetched.
 */
struct known;

#define KNOWN_NONE UINT32_MAX

enum {
	/* In the parent's state: what becomes of it stands in the final. */
	KNOWN_PARENT = 1 << 0,
	KNOWN_GONE = 1 << 1,
	KNOWN_CHANGED = 1 << 2, /* other flags or keywords than there */
};

struct known_message {
	uint32_t uid;
	unsigned char flags;  /* FLAG_*, as last seen */
	unsigned char marks;  /* KNOWN_* */
	const char *keywords; /* canonical, in the atoms */
};

struct known_folder {
	char *name;
	uint32_t uidvalidity;
	uint32_t parent; /* its number in the parent; KNOWN_NONE: in none */
	uint32_t number; /* in the archive; KNOWN_NONE: not announced yet */
	struct folder_claim claim; /* of the last look */
	struct known_message *v;   /* by UID */
	size_t n, cap;
	size_t gone;   /* of them: known to be gone */
	uint64_t kept; /* others, which the parent was not asked for */
	bool sorted;
	/* Not all that was in it is here: it is to be listed, whatever its
	 * claim says. */
	bool partial;
};

/* What a look told. */
struct known_news {
	uint64_t added; /* not known: to be read */
	uint64_t kept;
	uint64_t changed; /* of these: with other flags or keywords, newly */
	uint64_t removed;
};

struct known *known_new(void);
void known_free(struct known *k); /* takes NULL */
/* All that the chain's last generation holds; of one that was glanced at the
 * folders, enough for known_is_unchanged.  Of several with one name and
 * different UIDVALIDITYs each is partial: the later has not what the earlier
 * ones had. */
enum rc known_take(struct known *k, struct lineage *l, struct fault *f) CHECKED;

size_t known_folders(const struct known *k);
struct known_folder *known_folder(struct known *k, size_t i);
/* NULL: not known. */
struct known_folder *known_find(struct known *k, const char *name,
    uint32_t uidvalidity);
/* With any UIDVALIDITY: the first that was announced, or that the parent
 * has. */
struct known_folder *known_named(struct known *k, const char *name,
    bool announced);
struct known_folder *known_add_folder(struct known *k, const char *name,
    uint32_t uidvalidity);

/*
 * What STATUS told of a folder shows that nothing happened to it since the
 * last look: no mail came (UIDNEXT), none went (with MESSAGES), no flag
 * changed (HIGHESTMODSEQ, RFC 7162).  False where that is not certain.
 */
bool known_is_unchanged(const struct known_folder *p,
    const struct folder *folder);
/* The MODSEQ since which changes are worth asking for; 0: list it. */
uint64_t known_since(const struct known_folder *p, const struct folder *folder);
/* Whether changes, as harvest_ops.suffices has them, are all of them. */
bool known_suffices(struct known_folder *p, const struct harvest_folder *h);

/*
 * Compares what was listed, or the changes, with what is known, which it
 * then is no more: flags are what they are now, and what is gone is gone.
 * Messages known are taken off h->listed.
 */
void known_look(struct known *k, struct known_folder *p,
    struct harvest_folder *h, struct known_news *r);
/* The same keywords, kept as long as known. */
const char *known_words(struct known *k, const char *keywords);
/* A message that the archive now holds. */
void known_add(struct known *k, struct known_folder *p, const struct msg *m);

/* What became of the parent's messages, for the final, once: of folders that
 * were announced. */
void known_write(const struct known *k, struct archive_writer *w);

#endif
