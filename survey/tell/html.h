#ifndef SURVEY_HTML_H
#define SURVEY_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/*
 * Pages of one file, without scripts and without anything from elsewhere;
 * HTML that is well-formed XML too.  All append.
 */

/* Text of anybody, for content and for quoted attributes: markup is escaped,
 * what is not UTF-8, controls and what XML forbids become U+FFFD. */
void html_text(struct buf *b, const char *text);
/* The same, in an element of its own that keeps the direction of its script
 * to itself; cut after so many octets. */
void html_foreign(struct buf *b, const char *text);

/* From the doctype to the heading; title is escaped. */
void html_begin(struct buf *b, const char *title);
void html_end(struct buf *b);

/* <table> with a caption and a head; columns that start with "#" are of
 * numbers.  Then rows: html_row, html_cell.., html_row_end. */
void html_table(struct buf *b, const char *caption, const char *const *columns);
void html_table_end(struct buf *b);
void html_row(struct buf *b);
void html_row_end(struct buf *b);
void html_cell(struct buf *b, const char *text);
void html_cell_number(struct buf *b, uint64_t n);
void html_cell_bytes(struct buf *b, uint64_t n);

#endif
