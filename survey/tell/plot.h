#ifndef SURVEY_PLOT_H
#define SURVEY_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/* Plots as figures of inline SVG (survey/html.h), with a title and a
 * description for who does not see them. */

struct plot_point {
	char *label; /* text of anybody */
	uint64_t value;
	uint64_t beside; /* said with it, when beside_noun is given */
};

struct plot {
	const char *id; /* a word, of this page alone */
	const char *title;
	bool octets;             /* else messages, parts.. */
	const char *noun;        /* "messages"; of numbers */
	const char *beside_noun; /* NULL: none */
	bool second;             /* in the second colour */
	struct plot_point *v;
	size_t n;
	size_t cap;
};

void plot_add(struct plot *p, const char *label, uint64_t value,
    uint64_t beside);
/* From left to right in their order: years, sizes. */
void plot_columns(struct buf *b, const struct plot *p);
/* One below the other, the largest first; what is behind most of them
 * becomes one. */
void plot_bars(struct buf *b, struct plot *p, size_t most);
void plot_release(struct plot *p);

#endif
