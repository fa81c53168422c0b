#ifndef SURVEY_ROWS_H
#define SURVEY_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/*
 * Tables for programs, each with a name and columns, written as TSV (a line a
 * row, the table's name first, percent-encoded) or as one JSON document (an
 * array of objects each).  So both hold the same.
 */
struct rows {
	struct buf *out;
	bool json;
	const char *table;
	const char *const *column; /* ends with NULL */
	size_t at;                 /* the column that is next */
	size_t tables;
	size_t n; /* of this table */
};

/* what: "survey". */
void rows_begin(struct rows *r, bool json, const char *what, struct buf *out);
void rows_end(struct rows *r);
/* columns: static, ends with NULL. */
void rows_table(struct rows *r, const char *name, const char *const *columns);
/* A row: its values in the order of the columns, then rows_done. */
void rows_text(struct rows *r, const char *text); /* NULL: none */
void rows_number(struct rows *r, uint64_t n);
void rows_signed(struct rows *r, int64_t n);
void rows_flag(struct rows *r, bool is);
void rows_ratio(struct rows *r, double x); /* three digits behind the point */
void rows_done(struct rows *r);

#endif
