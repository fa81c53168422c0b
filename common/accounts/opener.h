#ifndef ACCOUNTS_OPENER_H
#define ACCOUNTS_OPENER_H

#include <stdbool.h>

#include "accounts/location.h"
#include "accounts/open.h"
#include "mail/store.h"
#include "util/fault.h"

/* What it takes to open one more connection to the same place. */
struct opener {
	const struct location *location;
	const struct access *access;
	bool create;
};

/* A harvest_open_fn; arg is an opener.  Threads may call it side by side. */
enum rc opener_open(void *arg, struct store **r, struct fault *f) CHECKED;

#endif
