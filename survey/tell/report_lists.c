/* The lists at the end of the report for people. */
#include <inttypes.h>
#include <string.h>

#include "mail/flags.h"
#include "report_text.h"
#include "util/text.h"
#include "words.h"

enum { SHOWN_MAX = 20, COLUMN_MAX = 72 };

void
report_quotas(struct buf *b, const char *label, const struct side *s)
{
	const struct quota *q;
	size_t i;

	for (i = 0; i < s->quotas; i++) {
		q = &s->quota[i];
		report_field(b, i == 0 ? label : "");
		buf_addc(b, '\'');
		words_text(b, q->root);
		buf_adds(b, "': ");
		if (strcmp(q->resource, "STORAGE") == 0) {
			text_bytes(b, q->usage);
			buf_adds(b, " of ");
			text_bytes(b, q->limit);
		} else {
			words_number(b, q->usage);
			buf_adds(b, " of ");
			words_number(b, q->limit);
			buf_addc(b, ' ');
			words_text(b, q->resource);
		}
		buf_addc(b, '\n');
	}
}

/* A number, right-adjusted behind a blank. */
static void
right(struct buf *b, struct buf *word, int width)
{
	buf_addf(b, " %*s", width, buf_str(word));
	buf_clear(word);
}

static void
count(struct buf *b, uint64_t n, int width)
{
	struct buf word = BUF_INIT;

	words_number(&word, n);
	right(b, &word, width);
	buf_release(&word);
}

static void
octets(struct buf *b, uint64_t n, int width)
{
	struct buf word = BUF_INIT;

	text_bytes(&word, n);
	right(b, &word, width);
	buf_release(&word);
}

static void
add_folders(struct buf *b, const struct survey *s)
{
	const struct box *x;
	size_t i;

	buf_addf(b, "\n %9s %9s %9s %9s  %s\n", "messages", "octets",
	    "attached", "parts", "folder");
	for (i = 0; i < s->boxes; i++) {
		x = &s->box[i];
		count(b, box_messages(s, x), 9);
		octets(b, x->sums.bytes, 9);
		octets(b, x->sums.attachment_bytes, 9);
		count(b, x->sums.attachments, 9);
		buf_adds(b, "  ");
		words_text(b, x->folder.name);
		if (x->folder.special != NULL) {
			buf_adds(b, "  ");
			words_text(b, x->folder.special);
		}
		buf_adds(b,
		    x->failed         ? "  (not read to its end)\n" :
			x->selectable ? "\n" :
					"  (holds no mail)\n");
	}
	if (s->depth == DEPTH_NONE)
		return;
	count(b, s->total.messages, 9);
	octets(b, s->total.bytes, 9);
	octets(b, s->total.attachment_bytes, 9);
	count(b, s->total.attachments, 9);
	buf_adds(b, "  (all)\n");
}

static void
add_years(struct buf *b, const struct sums *all)
{
	size_t i;

	if (all->years > 0)
		buf_addf(b, "\n %9s %9s  %s\n", "messages", "octets", "year");
	for (i = 0; i < all->years; i++) {
		count(b, all->year[i].messages, 9);
		octets(b, all->year[i].bytes, 9);
		if (all->year[i].year == 0)
			buf_adds(b, "  not known\n");
		else
			buf_addf(b, "  %d\n", all->year[i].year);
	}
}

static void
add_sizes(struct buf *b, const struct sums *all)
{
	size_t i;

	buf_addf(b, "\n %9s %9s  %s\n", "messages", "octets", "size");
	for (i = 0; i < SIZE_CLASSES; i++) {
		if (all->size[i].messages == 0)
			continue;
		count(b, all->size[i].messages, 9);
		octets(b, all->size[i].bytes, 9);
		buf_adds(b, "  ");
		words_size_class(b, i);
		buf_addc(b, '\n');
	}
}

static void
add_types(struct buf *b, const struct sums *all)
{
	size_t i;

	if (all->types > 0)
		buf_addf(b, "\n %9s %9s  %s\n", "parts", "octets",
		    "type of attachment");
	for (i = 0; i < all->types && i < SHOWN_MAX; i++) {
		count(b, all->type[i].parts, 9);
		octets(b, all->type[i].bytes, 9);
		buf_adds(b, "  ");
		words_text(b, all->type[i].type);
		buf_addc(b, '\n');
	}
	if (all->types > SHOWN_MAX)
		buf_addf(b, "  and %zu more\n", all->types - SHOWN_MAX);
}

static void
add_flags(struct buf *b, const struct sums *all)
{
	struct buf name = BUF_INIT;
	size_t i;

	buf_addf(b, "\n %9s  %s\n", "messages", "flag or keyword");
	for (i = 0; i < sizeof(all->flag) / sizeof(all->flag[0]); i++) {
		count(b, all->flag[i], 9);
		buf_clear(&name);
		flags_format(&name, 1U << i);
		buf_addf(b, "  %s\n", buf_str(&name));
	}
	for (i = 0; i < all->keywords && i < SHOWN_MAX; i++) {
		count(b, all->keyword[i].messages, 9);
		buf_adds(b, "  ");
		words_text(b, all->keyword[i].name);
		buf_addc(b, '\n');
	}
	if (all->keywords > SHOWN_MAX)
		buf_addf(b, "  and %zu more\n", all->keywords - SHOWN_MAX);
	buf_release(&name);
}

static void
add_message(struct buf *b, const struct survey *s, const struct example *e)
{
	buf_adds(b, "           ");
	octets(b, e->size, 9);
	buf_adds(b, "  ");
	words_day(b, &e->date);
	buf_adds(b, "  ");
	words_text(b, s->box[e->box].folder.name);
	buf_addf(b, "/%" PRIu32 ": ", e->uid);
	words_text(b, e->subject);
	buf_addc(b, '\n');
}

static void
add_ugly(struct buf *b, const struct survey *s)
{
	const struct sums *all = &s->total;
	const bool sampled = all->sample.messages < all->messages;
	size_t i, k;

	buf_addf(b, "\n %9s  %s\n", "messages", "of a kind that may trouble");
	for (i = 0; i < UGLY_KINDS; i++) {
		if (all->ugly[i].messages == 0)
			continue;
		count(b, all->ugly[i].messages, 9);
		buf_addf(b, "  %s", ugly_phrase((enum ugly)i));
		if (sampled && i >= UGLY_OF_BODIES)
			buf_addf(b, " (among %" PRIu64 " read)",
			    all->sample.messages);
		buf_addc(b, '\n');
		for (k = 0; k < s->ugly[i].n && k < 3; k++)
			add_message(b, s, &s->ugly[i].v[k]);
	}
}

static void
add_largest(struct buf *b, const struct survey *s)
{
	size_t i;

	if (s->largests > 0)
		buf_adds(b, "\nthe largest messages:\n");
	for (i = 0; i < s->largests && i < 10; i++)
		add_message(b, s, &s->largest[i]);
}

static void
add_capabilities(struct buf *b, const char *label, const struct side *s)
{
	size_t i, column = 0, n;

	if (s->capability.n == 0)
		return;
	buf_addf(b, "\ncapabilities of the %s:\n", label);
	for (i = 0; i < s->capability.n; i++) {
		n = strlen(s->capability.v[i]);
		if (column > 0 && column + 1 + n > COLUMN_MAX) {
			buf_addc(b, '\n');
			column = 0;
		}
		buf_adds(b, column == 0 ? "  " : " ");
		words_text(b, s->capability.v[i]);
		column += n + 1;
	}
	buf_addc(b, '\n');
}

static void
add_quirk(struct buf *b, const char *label, const struct quirk *q)
{
	struct strs lines;
	size_t i;

	if (q == NULL)
		return;
	quirk_tell(q, &lines);
	if (lines.n > 0)
		buf_addf(b, "\nknown of %s, the %s:\n", q->name, label);
	for (i = 0; i < lines.n; i++) {
		buf_adds(b, "  ");
		words_text(b, lines.v[i]);
		buf_addc(b, '\n');
	}
	strs_release(&lines);
}

void
report_lists(struct buf *b, const struct telling *t)
{
	add_folders(b, t->s);
	if (t->s->depth != DEPTH_NONE) {
		add_years(b, &t->s->total);
		add_sizes(b, &t->s->total);
		add_types(b, &t->s->total);
		add_flags(b, &t->s->total);
		add_ugly(b, t->s);
		add_largest(b, t->s);
	}
	add_capabilities(b, "source", &t->s->source);
	add_capabilities(b, "target", &t->s->target);
	add_quirk(b, "source", t->source);
	add_quirk(b, "target", t->target);
}
