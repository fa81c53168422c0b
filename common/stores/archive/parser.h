#ifndef ARCHIVE_PARSER_H
#define ARCHIVE_PARSER_H

#include <stdbool.h>
#include <stddef.h>

#include "util/fault.h"

/*
 * A manifest file is a list of records in a fixed order: a table of rules
 * says which, and how many columns each has.  Rules with the same rank may
 * mix; ranks never fall.
 */
struct rule {
	const char *name;
	size_t columns; /* without the name */
	unsigned rank;  /* 1 and up */
	bool once;      /* exactly one; else any number */
	/* False: a column is not what the grammar wants. */
	bool (*take)(void *into, char **column);
};

/* Reads line by line, so that no file needs to be in memory. */
struct parser;

/* All but into are borrowed constants; at most 16 rules. */
struct parser *parser_new(const char *kind, const struct rule *rules, size_t n,
    void *into);
void parser_free(struct parser *p); /* takes NULL */
/* A line of n octets without its LF, which is cut into columns in place;
 * line[n] can be written to.  CAUSE_DATA. */
enum rc parser_line(struct parser *p, char *line, size_t n, struct fault *f)
    CHECKED;
/* After the last line: nothing may be missing. */
enum rc parser_end(const struct parser *p, struct fault *f) CHECKED;
/* A whole text; text[n] can be written to. */
enum rc parser_text(struct parser *p, char *text, size_t n, struct fault *f)
    CHECKED;

#endif
