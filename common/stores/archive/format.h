#ifndef ARCHIVE_FORMAT_H
#define ARCHIVE_FORMAT_H

#include <stdint.h>

/* The numbers of archive format version 1; manifest.h has the grammar. */
enum {
	FORMAT_VERSION = 1,
	SEGMENT_SIZE = 16 << 20,   /* octets of tar a segment is closed at */
	SEGMENT_LEAN = 8 << 20,    /* the same where memory is short */
	SEGMENT_LEAST = 2 << 20,   /* the first, and the last */
	SEGMENT_MAX = 1 << 30,     /* the most that a caller may ask for */
	SEGMENT_MEMORY = 16 << 20, /* the rest of a larger one is spooled */
	MANIFEST_MAX = 8 << 20,    /* H and M: octets of tar */
	MANIFEST_CLOSE = 4 << 20,  /* lines of a segment: close it */
	MANIFEST_WINDOW = 24,      /* H and M: window log */
	DATA_WINDOW = 27,          /* D: what stock zstd accepts */
	SIGNATURE_MAX = 16384,     /* a .minisig, octets */
	TAR_BLOCK = 512,
	TAR_RECORD = 10240, /* the whole tar is a multiple of it */
	TAR_SLACK = 65536,  /* headers and padding of one member */
	MEMBER_PATH_MAX = 1023,
	FOLDERS_MAX = 1 << 20,
	LETTERS_MAX = 26,         /* Dovecot's keyword letters */
	SEEK_FRAME_MAX = 1 << 30, /* zstd's own limit for a frame */
};

/* No message and no index file is larger, in octets. */
#define MEMBER_MAX ((uint64_t)1 << 36)

/* Above it libarchive puts the time into a pax record, which GNU tar and
 * others then treat as they like.  Early in 2038. */
#define TAR_TIME_MAX ((int64_t)0x7ffffffe)

#define HEADER_PATH "manifest/000000.tsv"
#define FINAL_PATH "manifest/final.tsv"
#define SIGNATURE_SUFFIX ".minisig"

/* How the reason of a refusal starts when it was not the source that did
 * not give the message. */
#define LOST_REASON "lost: "

#endif
