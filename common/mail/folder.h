#ifndef MAIL_FOLDER_H
#define MAIL_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/fault.h"
#include "util/strs.h"

enum {
	FOLDER_NOSELECT = 1 << 0, /* \Noselect or \NonExistent */
	FOLDER_NOINFERIORS = 1 << 1,
	FOLDER_SUBSCRIBED = 1 << 2,
};

/*
 * A folder has two names: wire, the bytes its server uses (for a Maildir:
 * its directory, "" for INBOX), and name, the canonical one that people
 * see and that two stores are compared by: UTF-8, components joined with
 * "/", without the personal namespace's prefix, INBOX always in capitals.
 * Inside a component "/" is written %2F and "%" %25.
 *
 * No wire name is lost or merged with another.  A component that is not
 * modified UTF-7, or not as everybody would encode it ("&AGE-" for "a"),
 * keeps its bytes: "&", controls and those over 0x7f as %XX, which is how
 * it is known again.  An empty component is %00.  A name outside of the
 * personal namespace starts with "/": with the prefix "INBOX." the wire
 * names "INBOX.a" and "shared.a" are "a" and "/shared/a".
 */
struct folder {
	char *wire;
	char *name;
	char *special;     /* "\Sent", "\All"..., or NULL */
	char sep;          /* hierarchy separator; 0: flat */
	unsigned attr;     /* FOLDER_* */
	bool status_known; /* what follows came with the list */
	uint32_t messages;
	uint32_t uidnext;
	uint32_t uidvalidity;
	uint64_t bytes;  /* 0: not told */
	uint64_t modseq; /* HIGHESTMODSEQ (RFC 7162); 0: not told */
	/* Who selects it to list it knows it as of this MODSEQ, so that the
	 * store may ask for changes at once; 0: does not know it. */
	uint64_t since;
	/* Not the same: it may hold other messages.  Of stores that tell no
	 * UIDNEXT here; 0: not told. */
	uint64_t version;
};

struct folders {
	struct folder *v;
	size_t n;
	size_t cap;
};

#define FOLDERS_INIT       \
	{                  \
		NULL, 0, 0 \
	}

/* Adds an empty folder and returns it, borrowed until the next add. */
struct folder *folders_add(struct folders *l);
const struct folder *folders_find(const struct folders *l, const char *name);
/* INBOX first, then by canonical name. */
void folders_sort(struct folders *l);
void folders_release(struct folders *l);
void folder_copy(struct folder *to, const struct folder *from);
void folder_release(struct folder *f);

/* Canonical name of a wire name, any bytes; the caller frees.  prefix is
 * the personal namespace's with its separator ("" for none). */
char *folder_name_from_wire(const char *wire, char sep, const char *prefix);
/*
 * The wire name for a canonical name, the exact one that it came from if
 * sep and prefix are the same.  RC_FOLDER and CAUSE_REFUSED when it cannot
 * be written: a component holds the separator, is empty, or holds a
 * control character (a name with "/" cannot live where "/" separates).
 */
enum rc folder_name_to_wire(const char *name, char sep, const char *prefix,
    char **wire_r, struct fault *f) CHECKED;

/* Splits a canonical name into decoded UTF-8 components.  One that keeps
 * its wire bytes is 0xFF (never in UTF-8) and those bytes; an empty one in
 * front means that the name starts with "/". */
void folder_components(const char *name, struct strs *r);
/* The exact opposite; the caller frees. */
char *folder_join(const struct strs *components);

/*
 * The Maildir++ directory, ".A.B" ("" for INBOX), pure ASCII: modified
 * UTF-7 per component with ".", "/", and a "\" that would be taken for one
 * of these, as "\" and two hex digits, which any Dovecot can serve and one
 * with its listescape plugin shows as they were.  The "%" of %XX is "\25".
 * A directory over 255 octets becomes ".~" and 32 hex digits of its hash.
 * The caller frees.
 */
char *folder_maildir_name(const char *name);
/* The canonical name of such a directory, exactly that which made it; one
 * that nothing of ours made is read as a wire name.  NULL for a hashed or
 * bad one (no leading ".", ".", "..", ".INBOX"). */
char *folder_from_maildir_name(const char *dir);

#endif
