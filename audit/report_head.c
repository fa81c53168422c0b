/*
 * The first part of the report for people: which archives, how far they were
 * verified, and what the source claimed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "util/text.h"

void
audit_show(const char *label, const char *text)
{
	struct buf b = BUF_INIT;

	text_visible(&b, text, strlen(text), 300);
	printf("%s%s\n", label, buf_str(&b));
	buf_release(&b);
}

static void
show_utc(const char *label, int64_t epoch)
{
	struct buf b = BUF_INIT;

	date_format_utc(&b, epoch);
	printf("%s%s\n", label, buf_str(&b));
	buf_release(&b);
}

static void
print_signed(const struct audit *a, uint32_t generation)
{
	printf("signed by   %s: header, %" PRIu32 " segments, final%s\n",
	    lineage_header(a->chain, generation)->key_id,
	    lineage_final(a->chain, generation)->totals.segments,
	    audit_whole_signed(a, generation) ? ", whole file" : "");
}

/* Against a target, what was not needed of an archive was not read. */
static void
print_verified(const struct audit *a)
{
	uint64_t read = 0, segments = 0;
	bool detached = false;
	uint32_t g;

	if (a->target == NULL) {
		printf("verified    every segment\n");
		return;
	}
	for (g = 1; g <= lineage_last(a->chain); g++) {
		read += audit_segments_read(a, g);
		segments += lineage_final(a->chain, g)->totals.segments;
		detached = detached || lineage_is_detached(a->chain, g);
	}
	printf("verified    the manifests, and the data of %" PRIu64
	       " of %" PRIu64 " segments\n",
	    read, segments);
	if (read < segments || detached)
		printf("            (the others%s: maudit ARCHIVE, without a "
		       "target)\n",
		    detached ? ", the signature of the whole file" : "");
}

static void
print_id(const struct audit *a, uint32_t generation)
{
	const struct archive_header *h = lineage_header(a->chain, generation);
	struct buf final = BUF_INIT;

	show_utc("made        ", h->created);
	printf("id          %s\n", h->id);
	hash_hex(&final, &lineage_final(a->chain, generation)->hash);
	printf("final       %s\n", buf_str(&final));
	buf_release(&final);
	print_signed(a, generation);
}

/* Each archive of a chain, and which of its mailboxes is looked at. */
static void
print_chain(const struct audit *a)
{
	const uint32_t last = lineage_last(a->chain), at = lineage_at(a->chain);
	const struct archive_header *h;
	uint32_t g;

	for (g = 1; g <= last; g++) {
		h = lineage_header(a->chain, g);
		printf("generation  %" PRIu32 "%s\n", g,
		    h->parent[0] == '\0' ? "" : ", a delta");
		audit_show("archive     ", lineage_name(a->chain, g));
		print_id(a, g);
		printf("\n");
	}
	printf("mailbox     as it was at generation %" PRIu32 " of %" PRIu32
	       "\n",
	    at, last);
}

static void
print_salvaged(const struct archive_header *h, const struct archive_final *f)
{
	struct buf text = BUF_INIT;

	archive_lost_text(&text, h, f);
	printf("salvaged    from the damaged archive %s: %s\n", h->origin,
	    buf_str(&text));
	buf_release(&text);
}

static void
print_archives(const struct audit *a)
{
	const uint32_t at = lineage_at(a->chain);
	const struct archive_header *h = lineage_header(a->chain, at);
	const struct archive_final *f = lineage_final(a->chain, at);
	struct buf octets = BUF_INIT;
	size_t i;

	if (lineage_last(a->chain) > 1)
		print_chain(a);
	else
		audit_show("archive     ", lineage_name(a->chain, at));
	audit_show("of          ", h->account);
	if (h->server[0] != '\0')
		audit_show("server      ", h->server);
	if (lineage_last(a->chain) == 1)
		print_id(a, at);
	if (h->origin[0] != '\0')
		print_salvaged(h, f);
	print_verified(a);
	for (i = 0; i < h->selection.n; i++)
		audit_show("selection   ", h->selection.v[i]);
	text_bytes(&octets, a->octets);
	printf("messages    %" PRIu64 ", %s, in %zu folders\n", f->totals.state,
	    buf_str(&octets), lineage_folders(a->chain));
	buf_release(&octets);
}

/* What the source claimed, listed and gave: rule 1 made visible. */
static void
print_source(const struct audit *a)
{
	const struct archive_folder *from;
	const struct folder_claim *c;
	size_t i;

	printf("\n%9s %9s %9s %6s %7s %9s  %s\n", "claimed", "listed", "stored",
	    "gone", "refused", "left out", "folder");
	for (i = 0; i < lineage_folders(a->chain); i++) {
		from = lineage_folder(a->chain, (uint32_t)i);
		c = &from->claim;
		printf("%9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %6" PRIu64
		       " %7" PRIu64 " %9" PRIu64,
		    c->exists, c->seen, c->stored, c->gone, c->refused,
		    c->unselected);
		audit_show("  ", from->folder.name);
	}
}

static void
print_refusals(const struct audit *a)
{
	const struct archive_final *f =
	    lineage_final(a->chain, lineage_at(a->chain));
	const struct archive_refusal *r;
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < f->refusals; i++) {
		r = &f->refusal[i];
		if (i == 0)
			printf("\n%s:\n",
			    archive_final_lost(f) > 0 ?
				"lost when the archive was damaged, or refused "
				"by the source" :
				"the source refused");
		buf_clear(&b);
		buf_addf(&b, "%s/%" PRIu32 ": %s",
		    lineage_folder(a->chain, r->msg.folder)->folder.name,
		    r->msg.uid, r->reason);
		audit_show("  ", buf_str(&b));
	}
	buf_release(&b);
}

void
audit_print_head(const struct audit *a)
{
	print_archives(a);
	print_source(a);
	print_refusals(a);
}
