#ifndef SURVEY_FIT_PRIV_H
#define SURVEY_FIT_PRIV_H

#include "fit.h"

/* The inside of fit*.c. */
struct fitting {
	const struct survey *s;
	const struct mapping *map;
	const struct quirk *from; /* never NULL: one that knows nothing */
	const struct quirk *to;
	bool target; /* there is one, and it was looked at */
	struct fit *r;
};

/* Adds one; the caller fills messages, bytes and sampled.  name is copied,
 * why is printed, way is "". */
struct finding *fit_add(struct fitting *t, enum fit_kind kind,
    enum fit_level level, const char *name, const char *why, ...)
    PRINTF_LIKE(5, 6);
/* way is printed. */
void fit_way(struct finding *f, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Appends "FROM=TO", as --map takes it. */
void fit_rule_text(struct buf *b, const char *from, const char *to);
/* "--map 'FROM=TO'", quoted for a shell, becomes the way. */
void fit_rule(struct finding *f, const char *rule);

/* fit_folders.c, fit_clash.c: names.  to is what the canonical names of all
 * boxes become at the target, by box; NULL where they cannot be. */
void fit_folders(struct fitting *t, char **to);
void fit_clashes(struct fitting *t, char **to);
/* fit_room.c: quota, large messages, pace. */
void fit_room(struct fitting *t);
/* fit_mail.c: messages that are refused or changed. */
void fit_mail(struct fitting *t);
/* fit_flags.c */
void fit_flags(struct fitting *t);

#endif
