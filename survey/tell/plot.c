#include "plot.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "mail/utf8.h"
#include "util/mem.h"
#include "util/text.h"
#include "words.h"

/* All in the units of the picture. */
enum {
	WIDTH = 560,
	HEIGHT = 200,
	LEFT = 62,
	BOTTOM = 24,
	TOP = 10,
	RIGHT = 8,
	ROW = 22,
	LABEL = 180,
	VALUE = 185,
	CHARACTER = 7, /* the width of one */
	LABEL_CHARACTERS = 28,
	TICKS = 4,
	WIDEST = 48, /* of one column */
};

void
plot_add(struct plot *p, const char *label, uint64_t value, uint64_t beside)
{
	p->v = xgrow(p->v, p->n, &p->cap, sizeof(*p->v));
	p->v[p->n].label = xstrdup(label);
	p->v[p->n].value = value;
	p->v[p->n++].beside = beside;
}

void
plot_release(struct plot *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		free(p->v[i].label);
	free(p->v);
	p->v = NULL;
	p->n = p->cap = 0;
}

static uint64_t
largest(const struct plot *p)
{
	uint64_t max = 0;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->v[i].value > max)
			max = p->v[i].value;
	return max;
}

static void
say(struct buf *b, const struct plot *p, uint64_t value)
{
	if (p->octets)
		text_bytes(b, value);
	else
		words_number(b, value);
}

/* "1,234 messages, 12 MB" */
static void
say_point(struct buf *b, const struct plot *p, const struct plot_point *x)
{
	say(b, p, x->value);
	if (!p->octets)
		buf_addf(b, " %s", p->noun);
	if (p->beside_noun == NULL)
		return;
	buf_adds(b, ", ");
	words_number(b, x->beside);
	buf_addf(b, " %s", p->beside_noun);
}

/* 1, 2 or 5 times a power of ten, so that a few of them reach max. */
static uint64_t
step_for(uint64_t max)
{
	uint64_t step = 1;
	unsigned i;

	for (i = 0; max / step > TICKS; i++)
		step = i % 3 == 1 ? step / 2 * 5 : step * 2;
	return step;
}

static double
part_of(uint64_t value, uint64_t max)
{
	return max == 0 ? 0 : (double)value / (double)max;
}

/* The figure, its title and, in words, what is largest in it. */
static void
begin(struct buf *b, const struct plot *p, int width, int height)
{
	const struct plot_point *top = NULL;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (top == NULL || p->v[i].value > top->value)
			top = &p->v[i];
	buf_adds(b, "<figure><figcaption>");
	html_text(b, p->title);
	buf_addf(b,
	    "</figcaption>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" "
	    "aria-labelledby=\"%s-t %s-d\"><title id=\"%s-t\">",
	    width, height, p->id, p->id, p->id);
	html_text(b, p->title);
	buf_addf(b, "</title><desc id=\"%s-d\">", p->id);
	if (top != NULL) {
		buf_adds(b, "Most: ");
		html_text(b, top->label);
		buf_adds(b, ", ");
		say_point(b, p, top);
	}
	buf_adds(b, "</desc>\n");
}

static void
end(struct buf *b)
{
	buf_adds(b, "</svg></figure>\n");
}

static void
add_grid(struct buf *b, const struct plot *p, uint64_t top, uint64_t step)
{
	const double height = HEIGHT - TOP - BOTTOM;
	uint64_t at;
	double y;

	for (at = 0; at <= top; at += step) {
		y = TOP + height * (1 - part_of(at, top));
		buf_addf(b,
		    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" "
		    "y2=\"%.1f\"/><text class=\"soft\" x=\"%d\" y=\"%.1f\" "
		    "text-anchor=\"end\">",
		    LEFT, WIDTH - RIGHT, y, y, LEFT - 6, y + 4);
		say(b, p, at);
		buf_adds(b, "</text>\n");
	}
}

static void
add_bar(struct buf *b, const struct plot *p, const struct plot_point *x,
    const double at[4])
{
	buf_addf(b,
	    "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
	    "height=\"%.1f\"><title>",
	    p->second ? "bar2" : "bar", at[0], at[1], at[2], at[3]);
	html_text(b, x->label);
	buf_adds(b, ": ");
	say_point(b, p, x);
	buf_adds(b, "</title></rect>\n");
}

/* So many columns apart do labels not touch each other. */
static size_t
label_every(const struct plot *p, double each)
{
	size_t i, n, longest = 1, every = 1;

	for (i = 0; i < p->n; i++) {
		n = strlen(p->v[i].label);
		if (n > longest)
			longest = n;
	}
	while (each > 0 &&
	    each * (double)every < (double)(longest * CHARACTER + CHARACTER))
		every++;
	return every;
}

void
plot_columns(struct buf *b, const struct plot *p)
{
	const uint64_t max = largest(p), step = step_for(max);
	const uint64_t top = max == 0 ? step : (max + step - 1) / step * step;
	const double height = HEIGHT - TOP - BOTTOM;
	const double each =
	    p->n == 0 ? 0 : (double)(WIDTH - LEFT - RIGHT) / (double)p->n;
	const size_t every = label_every(p, each);
	const double wide = each * 0.76 > WIDEST ? WIDEST : each * 0.76;
	double at[4];
	size_t i;

	begin(b, p, WIDTH, HEIGHT);
	add_grid(b, p, top, step);
	for (i = 0; i < p->n; i++) {
		at[3] = height * part_of(p->v[i].value, top);
		/* Few are more than none. */
		if (p->v[i].value > 0 && at[3] < 1)
			at[3] = 1;
		at[0] = LEFT + each * ((double)i + 0.5) - wide / 2;
		at[1] = TOP + height - at[3];
		at[2] = wide;
		add_bar(b, p, &p->v[i], at);
		if (i % every != 0)
			continue;
		buf_addf(b,
		    "<text class=\"soft\" x=\"%.1f\" y=\"%d\" "
		    "text-anchor=\"middle\">",
		    LEFT + each * ((double)i + 0.5), HEIGHT - 8);
		html_text(b, p->v[i].label);
		buf_adds(b, "</text>\n");
	}
	end(b);
}

static int
by_value(const void *a, const void *b)
{
	const struct plot_point *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return strcmp(x->label, y->label);
}

static void
gather(struct plot *p, size_t most)
{
	struct plot_point *last;
	size_t i, n = p->n;

	if (n > 0)
		qsort(p->v, n, sizeof(*p->v), by_value);
	if (n <= most)
		return;
	last = &p->v[most - 1];
	for (i = most; i < n; i++) {
		last->value += p->v[i].value;
		last->beside += p->v[i].beside;
		free(p->v[i].label);
	}
	free(last->label);
	last->label = xasprintf("%zu others", n - most + 1);
	p->n = most;
}

/* The end of a path tells more than its start. */
static void
add_label(struct buf *b, const char *label)
{
	const char *s = label;
	size_t n = 0, cut = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	while (n - cut > LABEL_CHARACTERS) {
		do
			label++;
		while (((unsigned char)*label & 0xc0) == 0x80);
		cut++;
	}
	if (cut > 0)
		buf_adds(b, "\xe2\x80\xa6");
	html_text(b, label);
}

void
plot_bars(struct buf *b, struct plot *p, size_t most)
{
	const double width = WIDTH - LABEL - VALUE;
	double at[4];
	uint64_t max;
	size_t i;

	gather(p, most);
	max = largest(p);
	begin(b, p, WIDTH, (int)p->n * ROW + 4);
	for (i = 0; i < p->n; i++) {
		at[0] = LABEL;
		at[1] = (double)i * ROW + 4;
		at[2] = width * part_of(p->v[i].value, max);
		if (p->v[i].value > 0 && at[2] < 1)
			at[2] = 1;
		at[3] = ROW - 8;
		buf_addf(b, "<text x=\"%d\" y=\"%zu\" text-anchor=\"end\">",
		    LABEL - 8, i * ROW + 15);
		add_label(b, p->v[i].label);
		buf_adds(b, "</text>\n");
		add_bar(b, p, &p->v[i], at);
		buf_addf(b, "<text class=\"soft\" x=\"%.1f\" y=\"%zu\">",
		    at[0] + at[2] + 6, i * ROW + 15);
		say_point(b, p, &p->v[i]);
		buf_adds(b, "</text>\n");
	}
	end(b);
}
