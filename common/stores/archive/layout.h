#ifndef ARCHIVE_LAYOUT_H
#define ARCHIVE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stores/archive/ledger.h"
#include "util/buf.h"
#include "util/strs.h"

/*
 * Where things lie in the extracted tree, so that Dovecot serves it as it
 * is: Maildir++ directories, file names that carry UID, size and flags, and
 * the texts of Dovecot's own files.
 */

/* "maildir" for INBOX, else "maildir/.A.B"; the caller frees. */
char *layout_dir(const char *name);

/* A time as a tar and a file name can hold it. */
int64_t layout_clamp_time(int64_t epoch);
/* The same of the INTERNALDATE; 0 where there is none. */
int64_t layout_time(const struct record *r);

/*
 * The letters behind ":2,": system flags, then keywords (a to z by their
 * place in words, the folder's dovecot-keywords, which grows up to 26).
 * False when a keyword found no letter.
 */
bool layout_letters(struct buf *b, const struct record *r, struct strs *words);

/* DIR/cur/BASE: all of a message's path up to ":2,". */
void layout_path(struct buf *b, const char *dir, uint32_t uidvalidity,
    const struct record *r);

/*
 * What a reader wants of the path that a manifest tells: true when it is
 * the one that layout_path and layout_letters could have made; *letters_r
 * is then the number of keyword letters in it.
 */
bool layout_path_fits(const char *path, const char *dir, uint32_t uidvalidity,
    const struct record *r, size_t *letters_r);

enum { LAYOUT_SHORT = 8 }; /* octets of the hash that a path tells */

/* What the path of a message says when there is no line about it. */
struct layout_name {
	size_t dir; /* octets of the path that are the folder's directory */
	int64_t epoch;
	uint32_t uid;
	uint32_t uidvalidity;
	unsigned char hash[LAYOUT_SHORT]; /* its first octets */
	uint64_t size;                    /* octets of the file */
	uint64_t wide;                    /* the same with CRLF */
	unsigned flags;
};

/* False: layout_path did not make it. */
bool layout_parse(const char *path, struct layout_name *r);

enum { LAYOUT_GUID = 16 }; /* octets of a folder's GUID */

/* Dovecot's files.  uidlist: version 3, then a line for each message. */
void layout_uidlist_begin(struct buf *b, uint32_t uidvalidity, uint32_t uidnext,
    const unsigned char *guid);
void layout_uidlist_line(struct buf *b, uint32_t uidvalidity,
    const struct record *r);
/* "0 word" and so on. */
void layout_keywords(struct buf *b, const struct strs *words);
/* A line of the subscriptions file (its old form, which every version
 * reads) for a folder's directory. */
void layout_subscription(struct buf *b, const char *dir);

#endif
