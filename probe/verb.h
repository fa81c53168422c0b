#ifndef PROBE_VERB_H
#define PROBE_VERB_H

#include <stddef.h>

#include "program/options.h"
#include "program/report.h"
#include "program/status.h"
#include "util/fault.h"

/* One run of a verb. */
struct probe {
	struct common_options common;
	void *own; /* the verb's settings */
	int operands;
	char **operand;
	struct report *report;
	struct outcome outcome; /* the exit status is made of it, and of the
				 * fault that run returns */
};

/*
 * `mprobe WORD ...`: a verb has its own options, help and operands, and is
 * found by mprobe.c's table.  Its files are in probe/WORD/.
 */
struct verb {
	const char *word;
	const char *summary;    /* one line, for mprobe -h */
	struct program program; /* named "mprobe WORD", WORK_NO_ACCOUNTS;
				 * own's arg are the settings */
	size_t settings;        /* their octets, zero before the options */
	/* After options, startup and report.  Prints its report on standard
	 * output, and flushes it. */
	enum rc (*run)(struct probe *p, struct fault *f);
	void (*release)(void *settings); /* what is in them; NULL: nothing */
};

extern const struct verb verb_login;
extern const struct verb verb_flow;
extern const struct verb verb_mx;

#endif
