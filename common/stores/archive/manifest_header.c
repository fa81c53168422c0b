#include "stores/archive/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "mail/date.h"
#include "stores/archive/column.h"
#include "stores/archive/format.h"
#include "stores/archive/lineage.h"
#include "stores/archive/parser.h"
#include "util/text.h"

enum { ID_DIGITS = 32, KEY_DIGITS = 16 };

static const char FULL[] = "full";
static const char DELTA[] = "delta";
static const char SALVAGE[] = "salvage";

static bool
is_kind(const struct archive_header *h, const char *kind)
{
	return h->kind != NULL && strcmp(h->kind, kind) == 0;
}

static bool
take_id(void *into, char **c)
{
	struct manifest_header *h = into;

	return column_id(c[0], h->about.id, ID_DIGITS);
}

static bool
take_created(void *into, char **c)
{
	struct manifest_header *h = into;

	return date_parse_utc(c[0], strlen(c[0]), &h->about.created);
}

static bool
take_account(void *into, char **c)
{
	struct manifest_header *h = into;

	return column_text_given(c[0], &h->about.account);
}

static bool
take_server(void *into, char **c)
{
	struct manifest_header *h = into;

	return column_text_given(c[0], &h->about.server);
}

static bool
take_kind(void *into, char **c)
{
	struct manifest_header *h = into;

	return (strcmp(c[0], FULL) == 0 || strcmp(c[0], DELTA) == 0 ||
		   strcmp(c[0], SALVAGE) == 0) &&
	    column_text_given(c[0], &h->about.kind);
}

static bool
take_generation(void *into, char **c)
{
	struct archive_header *h = &((struct manifest_header *)into)->about;

	return column_u32(c[0], &h->generation) &&
	    (is_kind(h, DELTA) ? h->generation > 1 : h->generation == 1);
}

static bool
take_parent(void *into, char **c)
{
	struct archive_header *h = &((struct manifest_header *)into)->about;

	memcpy(h->root, h->id, sizeof(h->root));
	if (is_kind(h, DELTA)) {
		h->root[0] = '\0';
		return column_id(c[0], h->parent, ID_DIGITS) &&
		    column_hash(c[1], &h->parent_final);
	}
	h->origin_ended = strcmp(c[1], "-") != 0;
	if (is_kind(h, SALVAGE))
		return column_id(c[0], h->origin, ID_DIGITS) &&
		    (!h->origin_ended || column_hash(c[1], &h->origin_final));
	return strcmp(c[0], "-") == 0 && !h->origin_ended;
}

static bool
take_root(void *into, char **c)
{
	struct archive_header *h = &((struct manifest_header *)into)->about;

	return h->root[0] == '\0' && column_id(c[0], h->root, ID_DIGITS);
}

static bool
take_select(void *into, char **c)
{
	struct manifest_header *h = into;
	char *text;

	if (!column_text_given(c[0], &text))
		return false;
	strs_take(&h->about.selection, text);
	return true;
}

static bool
take_key(void *into, char **c)
{
	struct manifest_header *h = into;

	return column_id(c[0], h->about.key_id, KEY_DIGITS);
}

static bool
take_tool(void *into, char **c)
{
	struct manifest_header *h = into;

	return column_text_given(c[0], &h->about.tool);
}

static bool
take_limits(void *into, char **c)
{
	struct manifest_header *h = into;

	return column_number(c[0], MEMBER_MAX, &h->limits.member) &&
	    column_number(c[1], SEGMENT_MAX, &h->limits.segment) &&
	    column_number(c[2], MANIFEST_MAX, &h->limits.manifest);
}

static const struct rule RULES[] = {
	{ "id", 1, 1, true, take_id },
	{ "created", 1, 2, true, take_created },
	{ "account", 1, 3, true, take_account },
	{ "server", 1, 4, true, take_server },
	{ "kind", 1, 5, true, take_kind },
	{ "generation", 1, 6, true, take_generation },
	{ "parent", 2, 7, true, take_parent },
	{ "root", 1, 8, false, take_root },
	{ "select", 1, 9, false, take_select },
	{ "key", 1, 10, true, take_key },
	{ "tool", 1, 11, true, take_tool },
	{ "limits", 3, 12, true, take_limits },
};

enum rc
manifest_parse_header(char *text, size_t n, struct manifest_header *r,
    struct fault *f)
{
	struct parser *p;
	enum rc rc;

	p = parser_new("header", RULES, sizeof(RULES) / sizeof(RULES[0]), r);
	rc = parser_text(p, text, n, f);
	parser_free(p);
	if (rc == RC_OK && r->about.root[0] == '\0')
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "there is no 'root' record");
	return rc;
}

void
archive_header_release(struct archive_header *h)
{
	free(h->account);
	free(h->server);
	free(h->kind);
	free(h->tool);
	strs_release(&h->selection);
	memset(h, 0, sizeof(*h));
}

static void
put_selection(struct buf *b, const struct selection *s)
{
	struct strs lines = STRS_INIT;
	size_t i;

	selection_lines(s, &lines);
	for (i = 0; i < lines.n; i++) {
		buf_adds(b, "select\t");
		text_percent(b, lines.v[i], strlen(lines.v[i]));
		buf_addc(b, '\n');
	}
	strs_release(&lines);
}

static void
put_text(struct buf *b, const char *name, const char *text)
{
	buf_addf(b, "%s\t", name);
	column_put_text(b, text);
	buf_addc(b, '\n');
}

void
manifest_put_begin(struct buf *b, const char *kind, const char *id)
{
	buf_addf(b, "#mailproof\t%d\t%s\nid\t%s\n", FORMAT_VERSION, kind, id);
}

static void
put_delta(struct buf *b, const struct lineage *parent)
{
	const uint32_t last = lineage_last(parent);
	const struct archive_header *h = lineage_header(parent, last);

	buf_addf(b, "kind\t%s\ngeneration\t%u\nparent\t%s\t", DELTA, last + 1,
	    h->id);
	hash_hex(b, &lineage_final(parent, last)->hash);
	buf_addf(b, "\nroot\t%s\n", h->root);
}

static void
put_kind(struct buf *b, const struct archive_about *a)
{
	if (a->parent != NULL) {
		put_delta(b, a->parent);
		return;
	}
	buf_addf(b, "kind\t%s\ngeneration\t1\nparent\t%s\t",
	    a->origin != NULL ? SALVAGE : FULL,
	    a->origin != NULL ? a->origin : "-");
	if (a->origin_final != NULL)
		hash_hex(b, a->origin_final);
	else
		buf_addc(b, '-');
	buf_addc(b, '\n');
}

void
manifest_put_header(struct buf *b, const struct header_facts *h)
{
	const struct archive_about *a = h->about;

	manifest_put_begin(b, "header", h->id);
	buf_adds(b, "created\t");
	date_format_utc(b, h->created);
	buf_addc(b, '\n');
	put_text(b, "account", a->account != NULL ? a->account : "");
	put_text(b, "server", a->server != NULL ? a->server : "");
	put_kind(b, a);
	if (a->selection != NULL)
		put_selection(b, a->selection);
	buf_addf(b, "key\t%s\n", h->key_id);
	put_text(b, "tool", a->tool != NULL ? a->tool : "");
	buf_addf(b, "limits\t%llu\t%llu\t%d\nend\n",
	    (unsigned long long)MEMBER_MAX, (unsigned long long)h->segment_size,
	    MANIFEST_MAX);
}
