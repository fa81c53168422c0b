#ifndef ACCOUNTS_SUBMIT_H
#define ACCOUNTS_SUBMIT_H

#include "accounts/location.h"
#include "accounts/open.h"
#include "smtp/smtp.h"
#include "util/fault.h"

/*
 * Connects to where mail is submitted, and logs in, by the rules of
 * store_open; or to an MX (location_parse_mx), where nobody does and STARTTLS
 * is done where it is offered.  location and access must outlive it.
 * Anything else is CAUSE_USAGE.
 */
enum rc submit_open(const struct location *l, const struct access *a,
    struct smtp **r, struct fault *f) CHECKED;

#endif
