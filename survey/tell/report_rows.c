/* The report for programs: tables of all facts, TSV or JSON. */
#include <string.h>

#include "mail/flags.h"
#include "reports.h"
#include "rows.h"

#define COLUMNS(name, ...) \
	static const char *const name[] = { __VA_ARGS__, NULL }

static void
add_utc(struct rows *r, bool known, int64_t epoch)
{
	struct buf b = BUF_INIT;

	if (known)
		date_format_utc(&b, epoch);
	rows_text(r, known ? buf_str(&b) : NULL);
	buf_release(&b);
}

static void
put_survey(const struct telling *t, struct rows *r)
{
	const struct survey *s = t->s;
	static const char *const depth[] = { "sample", "all", "none" };
	COLUMNS(columns, "began", "us", "depth", "bodies_read", "verdict",
	    "problems", "warnings", "notes");

	rows_table(r, "survey", columns);
	add_utc(r, true, s->began);
	rows_signed(r, s->us);
	rows_text(r, depth[s->depth]);
	rows_number(r, s->total.sample.messages);
	rows_text(r, fit_verdict_word(t->fit->verdict));
	rows_number(r, t->fit->count[FIT_PROBLEM]);
	rows_number(r, t->fit->count[FIT_WARNING]);
	rows_number(r, t->fit->count[FIT_NOTE]);
	rows_done(r);
}

static void
put_side(const char *which, const struct side *s, const struct quirk *q,
    struct rows *r)
{
	const char sep[] = { s->sep, '\0' };

	if (s->kind == NULL)
		return;
	rows_text(r, which);
	rows_text(r, s->kind);
	rows_text(r, s->location);
	rows_text(r, s->software);
	rows_text(r, s->tls);
	rows_flag(r, s->plaintext);
	rows_text(r, sep);
	rows_text(r, s->prefix);
	rows_number(r, s->append_limit);
	rows_signed(r, s->open_us);
	rows_signed(r, s->round_trip_us);
	rows_number(r, s->folders.n);
	rows_text(r, q == NULL ? NULL : q->name);
	rows_text(r, s->failed);
	rows_done(r);
}

static void
put_each(const char *which, const struct strs *l, struct rows *r)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		rows_text(r, which);
		rows_text(r, l->v[i]);
		rows_done(r);
	}
}

static void
put_quirk(const char *which, const struct quirk *q, struct rows *r)
{
	struct strs lines;

	if (q == NULL)
		return;
	quirk_tell(q, &lines);
	put_each(which, &lines, r);
	strs_release(&lines);
}

static void
put_quotas(const char *which, const struct side *s, struct rows *r)
{
	size_t i;

	for (i = 0; i < s->quotas; i++) {
		rows_text(r, which);
		rows_text(r, s->quota[i].root);
		rows_text(r, s->quota[i].resource);
		rows_number(r, s->quota[i].usage);
		rows_number(r, s->quota[i].limit);
		rows_done(r);
	}
}

static void
put_sides(const struct telling *t, struct rows *r)
{
	const struct side *a = &t->s->source, *b = &t->s->target;
	COLUMNS(side, "side", "kind", "location", "software", "tls",
	    "plaintext", "separator", "prefix", "append_limit", "open_us",
	    "round_trip_us", "folders", "quirks", "failed");
	COLUMNS(capability, "side", "capability");
	COLUMNS(quota, "side", "root", "resource", "usage", "limit");
	COLUMNS(quirk, "side", "note");

	rows_table(r, "side", side);
	put_side("source", a, t->source, r);
	put_side("target", b, t->target, r);
	rows_table(r, "capability", capability);
	put_each("source", &a->capability, r);
	put_each("target", &b->capability, r);
	rows_table(r, "quota", quota);
	put_quotas("source", a, r);
	put_quotas("target", b, r);
	rows_table(r, "quirk", quirk);
	put_quirk("source", t->source, r);
	put_quirk("target", t->target, r);
}

static void
put_counts(const struct sums *s, struct rows *r)
{
	rows_number(r, s->messages);
	rows_number(r, s->bytes);
	rows_number(r, s->left_out);
	rows_number(r, s->with_attachments);
	rows_number(r, s->attachments);
	rows_number(r, s->attachment_bytes);
}

static void
put_total(const struct telling *t, struct rows *r)
{
	const struct survey *s = t->s;
	COLUMNS(columns, "messages", "bytes", "left_out", "with_attachments",
	    "attachments", "attachment_bytes", "folders", "copies",
	    "copies_bytes", "copies_by", "shared_message_ids", "longest_line");

	rows_table(r, "total", columns);
	put_counts(&s->total, r);
	rows_number(r, s->boxes);
	rows_number(r, s->copies.spare);
	rows_number(r, s->copies.bytes);
	rows_text(r, s->copies.by_content ? "content" : "header");
	rows_number(r, s->copies.shared_ids);
	rows_number(r, s->total.longest_line);
	rows_done(r);
}

static void
put_folders(const struct survey *s, struct rows *r)
{
	const struct box *b;
	size_t i;
	COLUMNS(columns, "name", "messages", "bytes", "left_out",
	    "with_attachments", "attachments", "attachment_bytes", "claimed",
	    "selectable", "special", "wire", "uidvalidity", "failed");

	rows_table(r, "folder", columns);
	for (i = 0; i < s->boxes; i++) {
		b = &s->box[i];
		rows_text(r, b->folder.name);
		put_counts(&b->sums, r);
		rows_number(r, b->claimed);
		rows_flag(r, b->selectable);
		rows_text(r, b->folder.special);
		rows_text(r, b->folder.wire);
		rows_number(r, b->uidvalidity);
		rows_text(r, b->failed ? b->why : NULL);
		rows_done(r);
	}
}

static void
put_years(const char *folder, const struct sums *s, struct rows *r)
{
	size_t i;

	for (i = 0; i < s->years; i++) {
		rows_text(r, folder);
		rows_signed(r, s->year[i].year);
		rows_number(r, s->year[i].messages);
		rows_number(r, s->year[i].bytes);
		rows_done(r);
	}
}

/* "" is all folders together. */
static void
put_distribution(const struct survey *s, struct rows *r)
{
	const struct sums *all = &s->total;
	size_t i;
	COLUMNS(year, "folder", "year", "messages", "bytes");
	COLUMNS(size, "below", "messages", "bytes");
	COLUMNS(type, "type", "parts", "bytes");

	rows_table(r, "year", year);
	put_years("", all, r);
	for (i = 0; i < s->boxes; i++)
		put_years(s->box[i].folder.name, &s->box[i].sums, r);
	rows_table(r, "size", size);
	for (i = 0; i < SIZE_CLASSES; i++) {
		rows_number(r, i + 1 < SIZE_CLASSES ? size_limit(i) : 0);
		rows_number(r, all->size[i].messages);
		rows_number(r, all->size[i].bytes);
		rows_done(r);
	}
	rows_table(r, "type", type);
	for (i = 0; i < all->types; i++) {
		rows_text(r, all->type[i].type);
		rows_number(r, all->type[i].parts);
		rows_number(r, all->type[i].bytes);
		rows_done(r);
	}
}

static void
put_flags(const struct survey *s, struct rows *r)
{
	const struct sums *all = &s->total;
	struct buf b = BUF_INIT;
	size_t i;
	COLUMNS(columns, "flag", "messages");

	rows_table(r, "flag", columns);
	for (i = 0; i < sizeof(all->flag) / sizeof(all->flag[0]); i++) {
		buf_clear(&b);
		flags_format(&b, 1U << i);
		rows_text(r, buf_str(&b));
		rows_number(r, all->flag[i]);
		rows_done(r);
	}
	for (i = 0; i < all->keywords; i++) {
		rows_text(r, all->keyword[i].name);
		rows_number(r, all->keyword[i].messages);
		rows_done(r);
	}
	buf_release(&b);
}

static void
put_message(const struct survey *s, const char *what, const struct example *e,
    struct rows *r)
{
	rows_text(r, what);
	rows_text(r, s->box[e->box].folder.name);
	rows_number(r, e->uid);
	rows_number(r, e->size);
	add_utc(r, e->date.known, e->date.epoch);
	rows_text(r, e->subject);
	rows_done(r);
}

static void
put_ugly(const struct survey *s, struct rows *r)
{
	size_t i, k;
	COLUMNS(ugly, "kind", "messages", "bytes", "among");
	COLUMNS(message, "what", "folder", "uid", "size", "date", "subject");

	rows_table(r, "ugly", ugly);
	for (i = 0; i < UGLY_KINDS; i++) {
		rows_text(r, ugly_word((enum ugly)i));
		rows_number(r, s->total.ugly[i].messages);
		rows_number(r, s->total.ugly[i].bytes);
		rows_number(r,
		    i < UGLY_OF_BODIES ? s->total.messages :
					 s->total.sample.messages);
		rows_done(r);
	}
	rows_table(r, "message", message);
	for (i = 0; i < UGLY_KINDS; i++)
		for (k = 0; k < s->ugly[i].n; k++)
			put_message(s, ugly_word((enum ugly)i),
			    &s->ugly[i].v[k], r);
	for (i = 0; i < s->largests; i++)
		put_message(s, "largest", &s->largest[i], r);
}

static void
put_fit(const struct fit *f, struct rows *r)
{
	size_t i;
	COLUMNS(finding, "kind", "level", "name", "messages", "bytes",
	    "sampled", "why", "way");
	COLUMNS(rule, "map");

	rows_table(r, "finding", finding);
	for (i = 0; i < f->n; i++) {
		rows_text(r, fit_kind_word(f->v[i].kind));
		rows_text(r, fit_level_word(f->v[i].level));
		rows_text(r, f->v[i].name);
		rows_number(r, f->v[i].messages);
		rows_number(r, f->v[i].bytes);
		rows_number(r, f->v[i].sampled);
		rows_text(r, f->v[i].why);
		rows_text(r, f->v[i].way);
		rows_done(r);
	}
	rows_table(r, "rule", rule);
	for (i = 0; i < f->rules.n; i++) {
		rows_text(r, f->rules.v[i]);
		rows_done(r);
	}
}

static void
put_pass(const char *what, const struct pass *p, struct rows *r)
{
	rows_text(r, what);
	rows_number(r, p->connections);
	rows_number(r, p->messages);
	rows_number(r, p->bytes);
	rows_signed(r, p->us);
	rows_done(r);
}

static void
put_times(const struct survey *s, struct rows *r)
{
	const struct outlook *o;
	size_t i, k;
	COLUMNS(pass, "what", "connections", "messages", "bytes", "us");
	COLUMNS(estimate, "task", "connections", "ms", "usual_ms");
	COLUMNS(outlook, "task", "guessed", "basis", "runs", "ratio", "last");

	rows_table(r, "pass", pass);
	put_pass("list", &s->listed, r);
	for (i = 0; i < s->reads; i++)
		put_pass("read", &s->read[i], r);
	rows_table(r, "estimate", estimate);
	for (i = 0; i < TASKS; i++) {
		o = &s->outlook[i];
		for (k = 0; k < o->n; k++) {
			rows_text(r, task_name(o->task));
			rows_number(r, o->v[k].connections);
			rows_signed(r, o->v[k].ms);
			rows_signed(r, o->v[k].usual_ms);
			rows_done(r);
		}
	}
	rows_table(r, "outlook", outlook);
	for (i = 0; i < TASKS; i++) {
		o = &s->outlook[i];
		rows_text(r, task_name(o->task));
		rows_flag(r, o->guessed);
		rows_text(r, o->basis);
		rows_number(r, o->runs);
		rows_ratio(r, o->ratio);
		rows_ratio(r, o->last);
		rows_done(r);
	}
}

void
report_rows(const struct telling *t, bool json, struct buf *out)
{
	struct rows r;

	rows_begin(&r, json, "survey", out);
	put_survey(t, &r);
	put_sides(t, &r);
	put_total(t, &r);
	put_fit(t->fit, &r);
	put_times(t->s, &r);
	put_folders(t->s, &r);
	put_distribution(t->s, &r);
	put_flags(t->s, &r);
	put_ugly(t->s, &r);
	rows_end(&r);
}
