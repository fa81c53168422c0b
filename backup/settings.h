#ifndef BACKUP_SETTINGS_H
#define BACKUP_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "follow.h"
#include "program/options.h"
#include "until_mx.h"
#include "util/fault.h"
#include "util/strs.h"

/* What the command line asks for; strings are borrowed from argv. */
struct settings {
	struct common_options common;
	const char *output;
	bool generate;
	bool best;
	bool resume;
	uint64_t segment_size;
	struct follow_plan follow; /* ms 0: not */
	struct until_mx_wish until_mx;
	struct strs base;
};

/* Options that do not go together: CAUSE_USAGE. */
enum rc settings_check(const struct settings *s, struct fault *f) CHECKED;
/* True without -o, and for "-". */
bool settings_to_stdout(const struct settings *s);

/* mbackup's options and usage; the options_parse argument is a settings. */
extern const struct program settings_program;

void settings_release(struct settings *s);

#endif
