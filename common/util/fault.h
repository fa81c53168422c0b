#ifndef UTIL_FAULT_H
#define UTIL_FAULT_H

#include <stdbool.h>

#define CHECKED __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/*
 * What a fallible function returns: how much is spoiled.  Policy is one
 * switch over it: skip the message, skip the folder, or stop.
 */
enum rc {
	RC_OK = 0,
	RC_END,     /* nothing more to give; not a failure */
	RC_MESSAGE, /* one message is spoiled, the next may work */
	RC_FOLDER,  /* one folder is spoiled, the next may work */
	RC_STORE,   /* the store, the archive or the run is spoiled */
};

/* Why it failed; program/status.h maps it to the exit status. */
enum cause {
	CAUSE_NONE = 0,
	CAUSE_REFUSED,     /* the server will not give or take a thing */
	CAUSE_USAGE,       /* the command line */
	CAUSE_DATA,        /* bad archive, bad signature, cut stream */
	CAUSE_NOINPUT,     /* no such file, folder or key */
	CAUSE_UNREACHABLE, /* host unknown, refused, TLS not trusted */
	CAUSE_BUG,         /* ours */
	CAUSE_CANTCREATE,  /* output exists, disk or quota full */
	CAUSE_IO,          /* read or write error */
	CAUSE_TEMPORARY,   /* line cut, throttled, interrupted: run again */
	CAUSE_LOGIN,       /* the server refused the login */
	CAUSE_CONFIG,      /* secret file modes, bad CA file and the like */
};

enum { FAULT_MAX = 1024 };

/*
 * The story of one failure, context first: "INBOX/42: append: NO [..]".
 * Texts are UTF-8 and may hold bytes from a server: escape when printing.
 */
struct fault {
	enum cause cause;
	char text[FAULT_MAX];
	bool lasting; /* another try would meet it as well */
};

#define FAULT_INIT                    \
	{                             \
		CAUSE_NONE, "", false \
	}

/* Replaces *f with cause and text; returns rc, so that callers can
 * `return fault_set(f, RC_STORE, CAUSE_IO, ...)`. */
enum rc fault_set(struct fault *f, enum rc rc, enum cause cause,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* What is not set to rights by waiting: a host of an unknown name, one that is
 * not trusted.  Returns rc. */
enum rc fault_lasts(struct fault *f, enum rc rc);

/* As fault_set, with ": " and strerror(errno) behind.  ENOSPC, EDQUOT,
 * EFBIG, EROFS and EEXIST count as CAUSE_CANTCREATE, ENOENT as
 * CAUSE_NOINPUT unless cause is CAUSE_CANTCREATE; others keep cause. */
enum rc fault_errno(struct fault *f, enum rc rc, enum cause cause,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Puts "context: " before the text that *f holds; returns rc. */
enum rc fault_wrap(struct fault *f, enum rc rc, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* As fault_wrap with a name, unless the text starts with that already. */
enum rc fault_name(struct fault *f, enum rc rc, const char *name);

#endif
