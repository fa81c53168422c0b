#ifndef ACCOUNTS_LIST_H
#define ACCOUNTS_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "accounts/location.h"
#include "util/buf.h"
#include "util/fault.h"
#include "util/strs.h"

/*
 * An account list: a mailbox a line, with where it lies, where it goes and
 * where its passwords come from.  One of
 *
 *  - TSV (no quotes) or CSV (RFC 4180, with "," or ";") whose first line
 *    names the columns name source source_secret target target_secret
 *    address submit submit_secret, in any order, those that are needed;
 *  - imapsync's lines "host1;user1;password1;host2;user2;password2;".
 *
 * UTF-8, with or without a byte order mark, LF or CRLF; empty lines and those
 * that start with "#" are passed over.  No field goes over several lines.
 */

/* Where it lies, where it goes, and where it sends from. */
enum account_side { ACCOUNT_SOURCE, ACCOUNT_TARGET, ACCOUNT_SUBMIT };

enum {
	ACCOUNT_SIDES = 3,
	ACCOUNT_LIST_MAX = 16 << 20, /* octets of a list */
	ACCOUNT_NAME_MAX = 200,      /* octets: room for what is appended */
};

struct account_place {
	struct location location; /* text is NULL where the list names none */
	bool unread;              /* it names one that is none */
	bool unread_secret;       /* likewise */
	char *secret;             /* specification; NULL: none */
	/* imapsync's: in guarded memory of the list, without NUL or line
	 * end; NULL: none */
	const unsigned char *password;
	size_t password_len;
};

struct account {
	char *name; /* a file name; the user of the source, else of the target,
		     * else of submit, where the list gives none; NULL when it
		     * cannot be had */
	char *address; /* its mail address, without "<>"; NULL: not told */
	size_t line;   /* from 1 */
	struct account_place place[ACCOUNT_SIDES];
};

/* What is wrong with a list, line by line; line 0: all of it. */
struct account_fault {
	size_t line;
	size_t order; /* in which it was found */
	enum cause cause;
	char *text; /* never shows a secret */
};

struct account_list {
	struct account *v; /* in the order of the list */
	size_t n;
	size_t cap;
	bool has[ACCOUNT_SIDES]; /* there is such a column */
	struct account_fault *fault;
	size_t faults;
	size_t faults_cap;
	unsigned char *vault; /* sodium_malloc: imapsync's passwords */
	size_t vault_used;
};

#define ACCOUNT_LIST_INIT       \
	{                       \
		.vault_used = 0 \
	}

/*
 * Reads and parses a list.  CAUSE_NOINPUT: no such file.  CAUSE_CONFIG: too
 * large, a file with commands (cmd:, token-cmd:) that others may write, or one
 * with passwords that others may read.  What is wrong inside goes to l->fault.
 */
enum rc account_list_load(const char *path, struct account_list *l,
    struct fault *f) CHECKED;
/* The same from memory; l is new. */
void account_list_parse(struct account_list *l, const struct buf *text);
void account_list_release(struct account_list *l);

/* Which of the sides a program works on, each account. */
struct account_need {
	bool required[ACCOUNT_SIDES]; /* no account without it */
	bool used[ACCOUNT_SIDES];   /* where given: its secret must be there */
	bool single[ACCOUNT_SIDES]; /* no two accounts with the same */
	const char *secret;    /* of accounts that have none; NULL: netrc */
	const char *auth_user; /* whose secret it is; NULL: the user's */
};

/*
 * Adds the faults that are none of the form: names that are no file names or
 * are used twice (also in other case), sides that are lacking or named twice,
 * users and secrets that are lacking, secrets that cannot be fetched (file:,
 * env: and ~/.netrc are tried, commands are not run).
 */
void account_list_check(struct account_list *l,
    const struct account_need *need);

void account_list_fault(struct account_list *l, size_t line, enum cause cause,
    const char *fmt, ...) PRINTF_LIKE(4, 5);
/* By line; those of one line stay in order. */
void account_list_sort_faults(struct account_list *l);

/*
 * Cuts one line of CSV into its fields (appended); delimiter "," or ";".
 * False when a quote is not closed, or stands where none can.
 */
bool account_csv_fields(const unsigned char *line, size_t n, char delimiter,
    struct strs *fields);

#endif
