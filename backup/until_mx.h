#ifndef BACKUP_UNTIL_MX_H
#define BACKUP_UNTIL_MX_H

#include <stdbool.h>

#include "accounts/location.h"
#include "dns/zone.h"
#include "program/report.h"
#include "util/fault.h"
#include "util/strs.h"

/* What the command line says of --until-mx; all zero: nothing. */
struct until_mx_wish {
	struct strs hosts; /* the new mail exchangers */
	char *domain;      /* NULL: that of the source's user */
	struct dns_chosen chosen;
};

enum rc until_mx_take_host(struct until_mx_wish *w, const char *value,
    struct fault *f) CHECKED;
enum rc until_mx_take_domain(struct until_mx_wish *w, const char *value,
    struct fault *f) CHECKED;
enum rc until_mx_take_resolver(struct until_mx_wish *w, const char *value,
    struct fault *f) CHECKED;
enum rc until_mx_take_authoritative(struct until_mx_wish *w, const char *value,
    struct fault *f) CHECKED;
/* CAUSE_USAGE for what goes only together; follows: there is --follow. */
enum rc until_mx_check(const struct until_mx_wish *w, bool follows,
    struct fault *f) CHECKED;
/* --domain, or what stands behind the @ of the source's user; the caller
 * frees.  CAUSE_USAGE: neither is there. */
enum rc until_mx_domain(const struct until_mx_wish *w,
    const struct location *source, char **r, struct fault *f) CHECKED;
void until_mx_release(struct until_mx_wish *w);

/*
 * Looks, in a thread of its own and as often as the TTLs tell, whether the
 * mail of the domain has moved.  w, source and report outlive it.  Without a
 * wish *r is NULL.
 */
struct until_mx;
enum rc until_mx_start(const struct until_mx_wish *w,
    const struct location *source, struct report *report, struct until_mx **r,
    struct fault *f) CHECKED;
/*
 * True once every authoritative server and every resolver that is asked names
 * the new hosts alone, and all others have had time to forget what was before
 * (dns/mx.h).  A server that does not answer keeps it from ever being so.
 * NULL: false.
 */
bool until_mx_is_over(struct until_mx *u);
void until_mx_stop(struct until_mx *u); /* waits, and frees; NULL */

#endif
