#ifndef PROGRAM_OPTIONS_H
#define PROGRAM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "accounts/open.h"
#include "mail/glob.h"
#include "util/buf.h"
#include "util/fault.h"
#include "util/strs.h"
#include "util/version.h"

/* One option of a program; tables are const and end with name NULL.  The
 * letters of the shared tables over 255 are their own: a program's own
 * numbers may start at 256. */
struct option_spec {
	const char *name;     /* long name */
	int letter;           /* short form, or a number over 255 */
	const char *argument; /* NULL: takes none; else its word in usage */
	const char *help;     /* one line */
};

/* Options of who works on many accounts (program/fleet.h). */
struct account_options {
	const char *list;      /* -A; NULL: one account, by operands */
	const char *directory; /* -d */
	unsigned at_once;      /* -P */
	unsigned per_host;
	unsigned retry;
	unsigned retry_wait_s;
	bool check;         /* --check, with a list or without */
	bool stays;         /* an account goes on when its work is done */
	const char *told;   /* one of those that need a list */
	const char *single; /* one that goes with no list */
	struct strs passed; /* for each account's process: --name=value */
	struct strs scope;  /* of them: those that say what is worked on */
};

void account_options_init(struct account_options *a);
void account_options_release(struct account_options *a);

/* Options that several programs share; values are borrowed from argv. */
struct common_options {
	bool quiet;
	int verbose;
	bool dry_run;
	const char *json;           /* --json FILE, "-" is standard error */
	const char *public_key;     /* -p */
	const char *secret_key;     /* -s */
	const char *key_secret;     /* --key-secret SPEC */
	struct strs secret;         /* --secret SPEC, in order */
	struct access access;       /* the rest of how to connect */
	unsigned connections;       /* -j; 0: not told */
	struct selection selection; /* --folder --exclude --since --before */
	struct account_options accounts;
};

void common_options_init(struct common_options *o);
void common_options_release(struct common_options *o);

/* Shared option tables, to be put together by a program. */
extern const struct option_spec options_general[];   /* h V q v n json */
extern const struct option_spec options_keys[];      /* p s key-secret */
extern const struct option_spec options_connect[];   /* secret auth ca pin.. */
extern const struct option_spec options_parallel[];  /* j */
extern const struct option_spec options_selection[]; /* folder exclude.. */
extern const struct option_spec options_accounts[];  /* A d P per-host.. */

/* A program's own options: returns CAUSE_USAGE faults. value is NULL for
 * an option without argument. */
typedef enum rc option_fn(void *arg, int letter, const char *value,
    struct fault *f);

/* What a program's operands are, for one account. */
enum program_work {
	WORK_NO_ACCOUNTS,
	WORK_BACKUP,  /* --output=ARCHIVE SOURCE */
	WORK_RESTORE, /* ARCHIVE TARGET */
	WORK_AUDIT,   /* ARCHIVE [TARGET] */
	/* --replace --totals --output=REPORT [--target=TARGET
	 * --target-secret=SPEC] SOURCE */
	WORK_SURVEY,
};

struct fleet_account;

struct program {
	const char *name;     /* "mbackup" */
	const char *synopsis; /* after "usage: mbackup ", one a line */
	const char *summary;  /* one line of what it does */
	const struct option_spec *const *tables; /* ends with NULL */
	option_fn *own;
	enum program_work work;
	const char *const *single;   /* own options, by long name, that mean
				    * one account; NULL at the end */
	const char *const *archives; /* likewise, that name an archive:
				      * with a list the directory of it */
	bool own_check; /* --check without a list is the program's own */
	/* Of WORK_SURVEY, arg being own's: what the name of an account's
	 * report ends with, and what is made of all of them at the end. */
	const char *(*suffix)(const void *arg);
	enum rc (*conclude)(void *arg, const struct common_options *o,
	    const struct fleet_account *v, size_t n, struct fault *f);
};

enum options_outcome {
	OPTIONS_GO,   /* carry on; operands start at *operand_r */
	OPTIONS_DONE, /* -h or -V was printed: exit 0 */
	OPTIONS_BAD,  /* usage error was printed: exit 64 */
};

/* Parses argv with getopt_long (options and operands may be mixed); prints
 * what -h and -V ask for, and what is wrong.  argv is permuted. */
enum options_outcome options_parse(const struct program *p, int argc,
    char **argv, struct common_options *o, void *arg, int *operand_r);

/*
 * The secret for the n-th location that needs one, in the order of the
 * command line; NULL when fewer --secret were given.
 */
const char *options_secret(const struct common_options *o, size_t n);

/* Key files: the option, else $XDG_CONFIG_HOME/mailproof/NAME, else
 * ~/.config/mailproof/NAME.  The caller frees. */
char *options_key_path(const char *given, const char *name);

/* A minisign_pass_fn; arg is --key-secret's specification (const char *) or
 * NULL: asks on the terminal. */
enum rc options_key_pass(void *arg, const char *what, struct buf *pass,
    struct fault *f);

#endif
