#ifndef PROBE_LOGIN_H
#define PROBE_LOGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accounts/list.h"
#include "probe/verb.h"
#include "util/buf.h"
#include "util/fault.h"

/* The inside of `mprobe login`, shared by login*.c. */

/* What one login came to.  Texts are owned; NULL: not known.  They are the
 * server's, and may hold any bytes but NUL. */
struct login_result {
	enum cause cause; /* CAUSE_NONE: all is well */
	char *why;        /* it is not */
	char *mechanism;  /* "SCRAM-SHA-256" */
	char *tls;        /* "TLSv1.3", "" in plaintext */
	char *cipher;
	char *subject; /* of the certificate */
	char *issuer;
	char *unverified; /* what is wrong with the one that --insecure took */
	char *software;   /* ID's name and version, else the greeting */
	char *sender;     /* the address that MAIL FROM was accepted with */
	int64_t until;    /* the certificate's end, UTC seconds; 0: unknown */
	int64_t folders;  /* -1: not asked */
	int64_t inbox;    /* messages in it; -1: not asked */
	int64_t ms;       /* that it took */
};

struct login {
	const char *name;    /* the account's; NULL: none, a location */
	const char *address; /* the account's; NULL */
	const char *side;    /* "source"; "" for a location */
	const struct location *location;
	const char *secret; /* specification; NULL: netrc, prompt */
	const struct account_place *place; /* of the list; NULL */
	bool tried;
	struct login_result result;
};

struct logins {
	struct login *v;
	size_t n;
	size_t cap;
	struct access *access;
	struct report *report;
	int64_t now;      /* UTC seconds, for the days that are left */
	int64_t limit_ms; /* for one */
	size_t failed;
};

/* Days that a certificate has left are worth a word below these. */
enum { DAYS_FEW = 30, DAYS_URGENT = 14 };

/* login_plan.c: where to log in, by the operands or by a list (NULL: none);
 * what the logins borrow from. */
struct login_plan {
	struct location *location; /* of the operands */
	size_t locations;
	struct account_list list;
};

enum rc login_plan(struct login_plan *plan, const struct probe *p,
    const char *list, struct logins *all, struct fault *f) CHECKED;
void login_plan_release(struct login_plan *plan, struct logins *all);

/* login_try.c: in a process of its own. */
void login_try(const struct logins *all, const struct login *l,
    struct login_result *r);

/* login_result.c: as lines of TSV, and back; false when b holds no result. */
void login_result_write(struct buf *b, const struct login_result *r);
bool login_result_read(const struct buf *b, struct login_result *r);
void login_result_release(struct login_result *r);
/* Days left, rounded down; false when there is no certificate. */
bool login_days(const struct logins *all, const struct login_result *r,
    int64_t *days_r);
/* "ok", or the cause's word. */
const char *login_word(const struct login *l);
/* The indexes of all: those that failed first, the worst of them first, else
 * in order; the caller frees. */
size_t *login_order(const struct logins *all);

/* login_text.c, login_data.c: the reports, appended. */
void login_text(const struct logins *all, struct buf *b);
void login_tsv(const struct logins *all, struct buf *b);
void login_json(const struct logins *all, struct buf *b);
/* The event of one that has ended. */
void login_event(const struct logins *all, const struct login *l);

#endif
