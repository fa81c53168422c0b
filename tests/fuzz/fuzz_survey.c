/*
 * Names, subjects and what servers say, all hostile: the page's elements close
 * in order and hold no control, TSV has its columns, and with the rules that
 * are offered all folders fit.  A text of quirks has stanzas or a fault.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "survey/facts/facts.h"
#include "survey/fit/fit.h"
#include "survey/tell/reports.h"
#include "survey/tell/totals.h"
#include "util/mem.h"
#include "util/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { BOXES_MAX = 12, DEPTH_MAX_ELEMENTS = 64 };

static const struct selection everything;

static const char quirks_text[] =
    "[Strict]\nmatch host strict*\nname-max 40\npath-max 60\ndepth-max 3\n"
    "folders case inbox edges blanks slash normal not-utf7\nforbids ^\"\\\n"
    "reserved Files\nrefuses nul\nchanges any copy\nno-flag \\*\n"
    "line-max 900\nmessage-max 10\nkeywords-max 1\nlevel mime\nnote a <b>\n";

static void
add_box(struct survey *s, const char *wire, char sep)
{
	struct box *b;

	s->box = xreallocarray(s->box, s->boxes + 1, sizeof(*s->box));
	b = &s->box[s->boxes++];
	memset(b, 0, sizeof(*b));
	sums_init(&b->sums);
	b->folder.wire = xstrdup(wire);
	b->folder.name = folder_name_from_wire(wire, sep, "");
	b->folder.sep = sep;
	b->selectable = true;
	b->claimed = b->sums.messages = strlen(wire);
	sums_add_keyword(&b->sums, wire, strlen(wire), 1);
	sums_add_keyword(&s->total, wire, strlen(wire), 1);
	sums_add_type(&s->total, wire, 1, strlen(wire));
	if (s->largests < LARGEST_MAX)
		s->largest[s->largests++] =
		    (struct example){ (uint32_t)s->boxes - 1, 1, 99,
			    { .known = false }, xstrdup(wire) };
}

/* Lines of the input are wire names; the first one is the target. */
static void
fill(struct survey *s, const uint8_t *data, size_t len)
{
	char *text = xstrndup((const char *)data, len), *line = text, *end;
	const char seps[] = { '/', '.', '\\', '\0' };

	survey_init(s, &everything);
	s->source.kind = s->target.kind = "imap";
	free(s->target.location);
	s->target.location = xstrdup("imap://strict.example");
	free(s->target.software);
	s->target.software = xstrndup(text, strcspn(text, "\n"));
	s->target.sep = seps[len % 4];
	s->total.ugly[UGLY_NUL].messages = 1;
	for (; line != NULL && s->boxes < BOXES_MAX; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		if (*line != '\0')
			add_box(s, line, seps[len / 4 % 4]);
	}
	free(text);
}

/* Elements close in order; a value stands in quotes; nothing else starts. */
static void
check_page(struct buf *b)
{
	const char *s = buf_str(b), *name[DEPTH_MAX_ELEMENTS];
	size_t n = 0, length[DEPTH_MAX_ELEMENTS], k;

	assert(text_is_utf8(s, b->len) && strlen(s) == b->len);
	for (; *s != '\0'; s++)
		if (*s == '<' && s[1] == '/') {
			assert(n > 0);
			n--;
			k = strcspn(s + 2, ">");
			assert(
			    k == length[n] && memcmp(s + 2, name[n], k) == 0);
		} else if (*s == '<' && s[1] != '!') {
			name[n] = ++s;
			length[n] = strcspn(s, " />");
			for (k = 0; k < length[n]; k++)
				assert((s[k] >= 'a' && s[k] <= 'z') ||
				    (s[k] >= '1' && s[k] <= '3'));
			for (s += k; *s != '>'; s++) {
				assert(*s != '\0' && *s != '<');
				if (*s == '"')
					s += 1 + strcspn(s + 1, "\"");
			}
			n += s[-1] != '/';
			assert(n < DEPTH_MAX_ELEMENTS);
		} else {
			assert((unsigned char)*s >= 0x20 || *s == '\n' ||
			    *s == '\t');
			assert(*s != '<' || strncmp(s, "<!DOCTYPE", 9) == 0);
		}
	assert(n == 0);
}

static void
check_rows(struct buf *b)
{
	char *line = buf_str(b), *end, *s;
	size_t n, columns = 0;

	assert(strlen(line) == b->len);
	for (; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		assert(end != NULL);
		n = 1;
		for (s = line; s < end; s++) {
			n += *s == '\t';
			assert(*s == '\t' || (unsigned char)*s >= 0x20);
		}
		if (*line == '#')
			columns = n;
		assert(n == columns);
	}
}

static void
check_rules(const struct survey *s, const struct quirk *q, struct fit *fit)
{
	struct mapping map = MAPPING_INIT;
	struct fault f = FAULT_INIT;
	struct fit again;
	size_t i;

	for (i = 0; i < fit->rules.n; i++)
		assert(mapping_add(&map, fit->rules.v[i], &f) == RC_OK);
	fit_survey(s, &map, NULL, q, &again);
	assert(again.rules.n == 0);
	fit_release(&again);
	mapping_release(&map);
}

static void
tell(const struct survey *s, const struct quirk *q)
{
	struct telling t = { .s = s, .target = q };
	struct buf b = BUF_INIT;
	struct totals totals, read;
	struct fault f = FAULT_INIT;
	struct fit fit;

	fit_survey(s, NULL, NULL, q, &fit);
	t.fit = &fit;
	check_rules(s, q, &fit);
	report_html(&t, &b);
	check_page(&b);
	buf_clear(&b);
	report_rows(&t, false, &b);
	check_rows(&b);
	buf_clear(&b);
	report_rows(&t, true, &b);
	assert(text_is_utf8(b.data, b.len));
	buf_clear(&b);
	report_text(&t, &b);
	assert(memchr(b.data, 27, b.len) == NULL);
	buf_clear(&b);
	totals_of(&t, 1, &totals);
	totals_write(&totals, &b);
	assert(totals_read(&b, &read, &f) == RC_OK);
	totals_release(&totals);
	totals_release(&read);
	fit_release(&fit);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct quirks q = QUIRKS_INIT;
	struct buf text = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct totals totals;
	struct survey s;
	enum rc rc;

	buf_add(&text, data, len);
	rc = quirks_parse(&q, "t", &text, &f);
	assert(rc == RC_OK || (f.cause == CAUSE_CONFIG && q.n == 0));
	if (totals_read(&text, &totals, &f) == RC_OK)
		totals_release(&totals);
	quirks_release(&q);
	buf_clear(&text);
	buf_adds(&text, quirks_text);
	rc = quirks_parse(&q, "t", &text, &f);
	assert(rc == RC_OK);
	fill(&s, data, len);
	tell(&s, &q.v[0]);
	tell(&s, NULL);
	survey_release(&s);
	quirks_release(&q);
	buf_release(&text);
	return 0;
}
