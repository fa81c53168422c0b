#ifndef RESTORE_SETTINGS_H
#define RESTORE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "mail/mapping.h"
#include "program/options.h"

/* What the command line asks for; strings are borrowed from argv. */
struct settings {
	struct common_options common;
	struct mapping mapping;
	const char *only;
	const char *journal;
	bool again;
	bool prove;
	uint32_t at;                /* generation; 0: the last */
	uint32_t expect_generation; /* 0: any */
	struct hash expect_final;
	bool expects_final;
	bool rollback;
	bool delete_extra;
	const char *keep;
};

/* Options that do not go together: CAUSE_USAGE. */
enum rc settings_check(const struct settings *s, struct fault *f) CHECKED;

/* mrestore's options and usage; the options_parse argument is a settings. */
extern const struct program settings_program;

void settings_release(struct settings *s);

#endif
