#include "quirks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/file.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/text.h"

enum { LINE_OCTETS_MAX = 4096 };

enum kind { SIZE, NUMBER, WORDS, LIST, TEXT, CHARACTERS };

struct word {
	const char *word;
	unsigned bit;
};

static const struct word mail_words[] = {
	{ "nul", QUIRK_NUL },
	{ "bare-lf", QUIRK_BARE_LF },
	{ "bare-cr", QUIRK_BARE_CR },
	{ "empty", QUIRK_EMPTY },
	{ "bad-header", QUIRK_BAD_HEADER },
	{ "no-header", QUIRK_NO_HEADER },
	{ "8bit-header", QUIRK_8BIT_HEADER },
	{ "no-end", QUIRK_NO_END },
	{ "any", QUIRK_ANY },
	{ "copy", QUIRK_COPY },
	{ "no-date", QUIRK_NO_DATE },
	{ NULL, 0 },
};

static const struct word folder_words[] = {
	{ "case", QUIRK_CASE },
	{ "inbox", QUIRK_INBOX },
	{ "edges", QUIRK_EDGES },
	{ "blanks", QUIRK_BLANKS },
	{ "slash", QUIRK_SLASH },
	{ "normal", QUIRK_NORMAL },
	{ "not-utf7", QUIRK_NOT_UTF7 },
	{ NULL, 0 },
};

/* What a line may start with, and where it goes. */
struct entry {
	const char *word;
	enum kind kind;
	size_t to;
	const struct word *words;
};

#define AT(member) offsetof(struct quirk, member)

static const struct entry entries[] = {
	{ "message-max", SIZE, AT(message_max), NULL },
	{ "line-max", SIZE, AT(line_max), NULL },
	{ "name-max", NUMBER, AT(name_max), NULL },
	{ "path-max", NUMBER, AT(path_max), NULL },
	{ "depth-max", NUMBER, AT(depth_max), NULL },
	{ "keywords-max", NUMBER, AT(keywords_max), NULL },
	{ "listed-max", NUMBER, AT(listed_max), NULL },
	{ "connections-max", NUMBER, AT(connections_max), NULL },
	{ "day-in", SIZE, AT(day_in), NULL },
	{ "day-out", SIZE, AT(day_out), NULL },
	{ "hour-in", NUMBER, AT(hour_in), NULL },
	{ "refuses", WORDS, AT(refuses), mail_words },
	{ "changes", WORDS, AT(changes), mail_words },
	{ "folders", WORDS, AT(folders), folder_words },
	{ "forbids", CHARACTERS, AT(forbids), NULL },
	{ "reserved", LIST, AT(reserved), NULL },
	{ "no-flag", LIST, AT(no_flag), NULL },
	{ "match software", LIST, AT(software), NULL },
	{ "match host", LIST, AT(host), NULL },
	{ "match capability", LIST, AT(capability), NULL },
	{ "match kind", LIST, AT(kind), NULL },
	{ "level", TEXT, AT(level), NULL },
	{ "note", LIST, AT(note), NULL },
};

static void
quirk_release(struct quirk *q)
{
	free(q->name);
	free(q->level);
	buf_release(&q->forbids);
	strs_release(&q->software);
	strs_release(&q->host);
	strs_release(&q->capability);
	strs_release(&q->kind);
	strs_release(&q->reserved);
	strs_release(&q->no_flag);
	strs_release(&q->note);
}

static void
cut(struct quirks *l, size_t n)
{
	while (l->n > n)
		quirk_release(&l->v[--l->n]);
}

void
quirks_release(struct quirks *l)
{
	cut(l, 0);
	free(l->v);
	*l = (struct quirks)QUIRKS_INIT;
}

/* The words of a line, separated by blanks, as bits. */
static bool
take_words(const struct word *known, const char *value, unsigned *r)
{
	const struct word *w;
	size_t n;

	for (; *value != '\0'; value += n, value += strspn(value, " \t")) {
		n = strcspn(value, " \t");
		for (w = known; w->word != NULL; w++)
			if (strlen(w->word) == n &&
			    memcmp(w->word, value, n) == 0)
				break;
		if (w->word == NULL)
			return false;
		*r |= w->bit;
	}
	return true;
}

/* NULL, or what is wrong with the value. */
static const char *
take_value(struct quirk *q, const struct entry *e, const char *value)
{
	char *to = (char *)q + e->to;
	uint64_t n;

	switch (e->kind) {
	case SIZE:
		if (!num_size(value, &n) || n == 0)
			return "a size like 35M is wanted";
		memcpy(to, &n, sizeof(n));
		break;
	case NUMBER:
		if (!num_u64(value, strlen(value), UINT32_MAX, &n) || n == 0)
			return "a number is wanted";
		memcpy(to, &n, sizeof(n));
		break;
	case WORDS:
		if (!take_words(e->words, value, (unsigned *)(void *)to))
			return "holds a word that is not known";
		break;
	case LIST:
		strs_add((struct strs *)(void *)to, value);
		break;
	case TEXT:
		free(q->level);
		q->level = xstrdup(value);
		break;
	case CHARACTERS:
		buf_adds(&q->forbids, value);
		break;
	}
	return NULL;
}

/* "word value"; a value may have blanks inside. */
static const char *
take_line(struct quirk *q, const char *line)
{
	const char *value;
	size_t i, n;

	for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		n = strlen(entries[i].word);
		if (strncmp(line, entries[i].word, n) != 0 ||
		    (line[n] != ' ' && line[n] != '\t'))
			continue;
		value = line + n;
		value += strspn(value, " \t");
		return take_value(q, &entries[i], value);
	}
	return "is nothing that is known, or has no value";
}

static const char *
start_stanza(struct quirks *l, const char *line, size_t n)
{
	struct quirk *q;

	if (n < 3 || line[n - 1] != ']')
		return "a stanza starts with [NAME]";
	if (l->n >= QUIRKS_MAX)
		return "too many stanzas";
	l->v = xgrow(l->v, l->n, &l->cap, sizeof(*l->v));
	q = &l->v[l->n++];
	memset(q, 0, sizeof(*q));
	q->name = xstrndup(line + 1, n - 2);
	return NULL;
}

static bool
has_match(const struct quirk *q)
{
	return q->software.n + q->host.n + q->capability.n + q->kind.n > 0;
}

/* One line without its end; first: stanzas before it are another text's. */
static const char *
read_line(struct quirks *l, size_t first, char *line, size_t n)
{
	while (n > 0 && strchr(" \t\r", line[n - 1]) != NULL)
		n--;
	line[n] = '\0';
	if (strlen(line) != n || !text_is_utf8(line, n))
		return "is no text";
	if (n > LINE_OCTETS_MAX)
		return "is too long";
	if (n == 0 || line[0] == '#')
		return NULL;
	if (line[0] == '[') {
		if (l->n > first && !has_match(&l->v[l->n - 1]))
			return "the stanza above has no 'match'";
		return start_stanza(l, line, n);
	}
	if (l->n == first)
		return "stands before the first [NAME]";
	return take_line(&l->v[l->n - 1], line);
}

enum rc
quirks_parse(struct quirks *l, const char *name, const struct buf *text,
    struct fault *f)
{
	struct buf copy = BUF_INIT;
	const char *why = NULL;
	size_t first = l->n, at, len, number = 0;
	char *line, *end;

	buf_add(&copy, text->data, text->len);
	line = buf_str(&copy);
	for (at = 0; at < copy.len && why == NULL; at += len + 1) {
		number++;
		end = memchr(line + at, '\n', copy.len - at);
		len = end == NULL ? copy.len - at : (size_t)(end - (line + at));
		why = read_line(l, first, line + at, len);
	}
	if (why == NULL && l->n > first && !has_match(&l->v[l->n - 1]))
		why = "the last stanza has no 'match'";
	buf_release(&copy);
	if (why == NULL)
		return RC_OK;
	cut(l, first);
	return fault_set(f, RC_STORE, CAUSE_CONFIG, "%s:%zu: %s", name, number,
	    why);
}

enum rc
quirks_load(struct quirks *l, const char *file, struct fault *f)
{
	struct buf text = BUF_INIT;
	enum rc rc = RC_OK;

	if (file != NULL) {
		rc = file_slurp(file, QUIRKS_OCTETS_MAX, &text, f);
		if (rc == RC_OK)
			rc = quirks_parse(l, file, &text, f);
	}
	if (rc == RC_OK) {
		buf_clear(&text);
		quirks_known(&text);
		rc = quirks_parse(l, "known quirks", &text, f);
	}
	buf_release(&text);
	return rc;
}
