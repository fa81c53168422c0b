#ifndef SURVEY_SUMS_H
#define SURVEY_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is counted of messages: for each folder, and for all of them. */

/* Messages by year of INTERNALDATE, or of Date: where there is none. */
struct year {
	int year; /* 0: neither is known, or it is out of range */
	uint64_t messages;
	uint64_t bytes;
};

enum { YEAR_FIRST = 1970, YEAR_LAST = 2199 };

/* Messages by size: class i holds those below size_limit(i), and not below
 * size_limit(i - 1). */
enum { SIZE_CLASSES = 17 };
struct size_class {
	uint64_t messages;
	uint64_t bytes;
};
/* 1 k, 4 k, 16 k, 64 k, 256 k, 1 M, 2 M, 5 M, 10 M, 20 M, 25 M, 35 M, 50 M,
 * 100 M, 150 M, 1 G (binary); UINT64_MAX for the last class. */
uint64_t size_limit(size_t i);

/* Attachments of one type. */
struct part_type {
	char *type; /* "application/pdf", lower case; or TYPE_OTHERS */
	uint64_t parts;
	uint64_t bytes; /* in transfer encoding, as they lie in the mail */
};

enum { TYPES_MAX = 200, TYPE_MAX = 100 /* octets of a type */ };
#define TYPE_OTHERS "others" /* what found no room */

/* A keyword and how many messages have it. */
struct keyword {
	char *name; /* as the server writes it, visible ASCII */
	uint64_t messages;
};

enum { KEYWORDS_MAX = 500 };

/*
 * What may trouble a migration, or a target that is strict.  Of each the
 * number of messages, not of places.  The last ones are known of bodies that
 * were read, and of no others: sums.sample.
 */
enum ugly {
	UGLY_NO_ID,       /* no Message-ID: field, or an empty one */
	UGLY_8BIT_HEADER, /* bytes over 0x7f in the header */
	UGLY_UTF8_HEADER, /* of them: all is UTF-8 (RFC 6532) */
	UGLY_BAD_HEADER,  /* a line that is neither field nor fold */
	UGLY_NO_HEADER,   /* no field at all */
	UGLY_NUL_HEADER,  /* NUL in the header */
	UGLY_EMPTY,       /* RFC822.SIZE 0 */
	UGLY_NO_DATE,     /* no INTERNALDATE */
	UGLY_OLD,         /* INTERNALDATE before 1990 */
	UGLY_FUTURE,      /* INTERNALDATE over a day after the survey */
	UGLY_DATE_FIELD,  /* no Date: field, or none that can be read */
	UGLY_DATES_APART, /* Date: and INTERNALDATE over 30 days apart */
	UGLY_OVER_LIMIT,  /* larger than the target's APPENDLIMIT */
	UGLY_STRUCTURE,   /* the server tells no BODYSTRUCTURE, or it is
			   * deeper or longer than is read */
	/* of bodies */
	UGLY_LINE_998,   /* a line over 998 octets without its end */
	UGLY_LINE_10000, /* a line over 10,000 */
	UGLY_NUL,        /* NUL anywhere */
	UGLY_BARE_LF,    /* LF without CR before it; never of a Maildir,
			  * whose files end their lines so */
	UGLY_BARE_CR,
	UGLY_8BIT_BODY, /* bytes over 0x7f in a body */
	UGLY_NO_END,    /* the last line has no end */
	UGLY_REFUSED,   /* the store lists it and does not give it */
};
enum { UGLY_KINDS = UGLY_REFUSED + 1, UGLY_OF_BODIES = UGLY_LINE_998 };

struct ugly_count {
	uint64_t messages;
	uint64_t bytes; /* of those messages */
};

struct sums {
	uint64_t messages; /* listed and selected */
	uint64_t bytes;    /* RFC822.SIZE, or what was read */
	uint64_t left_out; /* listed, but for --since and --before */
	struct year *year; /* rising, 0 first */
	size_t years, years_cap;
	struct size_class size[SIZE_CLASSES];

	/* Attachments: leaf parts with a disposition "attachment" or a file
	 * name, and all that are neither text nor multipart. */
	uint64_t with_attachments; /* messages that have one */
	uint64_t attachments;
	uint64_t attachment_bytes;
	struct part_type *type; /* sums_sort: by bytes, falling */
	size_t types, types_cap;
	uint64_t structured; /* messages whose parts are known */

	uint64_t flag[5];   /* messages by bit of FLAG_*: flag[0] is \Seen */
	uint64_t unflagged; /* with no flag and no keyword */
	struct keyword *keyword; /* sums_sort: by messages, falling */
	size_t keywords, keywords_cap;
	uint64_t other_keywords; /* uses of those that found no room */

	struct ugly_count ugly[UGLY_KINDS];
	/* Bodies that were read, and what they hold; all: sample.messages ==
	 * messages. */
	struct ugly_count sample;
	uint64_t longest_line; /* of those, without its end */
};

void sums_init(struct sums *t);
void sums_release(struct sums *t);
void sums_add(struct sums *to, const struct sums *from);
/* Types and keywords that have most come first. */
void sums_sort(struct sums *t);
/* One by one; a year that is out of range counts as 0. */
void sums_add_year(struct sums *t, int year, uint64_t messages, uint64_t bytes);
void sums_add_size(struct sums *t, uint64_t size);
void sums_add_type(struct sums *t, const char *type, uint64_t parts,
    uint64_t bytes);
void sums_add_keyword(struct sums *t, const char *name, size_t n,
    uint64_t messages);

/* A word for TSV and JSON: "no-message-id", "line-998"; static. */
const char *ugly_word(enum ugly u);
/* A phrase for people: "without Message-ID"; static. */
const char *ugly_phrase(enum ugly u);

#endif
