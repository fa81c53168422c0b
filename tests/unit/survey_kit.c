#include "tests/unit/survey_kit.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

static const struct selection everything;

static void
set_side(struct side *s, const char *location, const char *software, char sep)
{
	s->kind = "imap";
	s->location = xstrdup(location);
	s->software = xstrdup(software);
	s->tls = xstrdup("");
	s->prefix = xstrdup("");
	s->sep = sep;
	s->namespaces = true;
	s->open_us = 20500;
	s->round_trip_us = 1230;
}

void
kit_survey(struct survey *s, bool target)
{
	survey_init(s, &everything);
	s->began = 1764115200; /* 2025-11-26 */
	s->us = 2345678;
	s->depth = DEPTH_ALL;
	free(s->source.location);
	free(s->source.software);
	free(s->source.tls);
	free(s->source.prefix);
	set_side(&s->source, "imaps://anna@old.example.com", "Old 1.0", '/');
	if (!target)
		return;
	free(s->target.location);
	free(s->target.software);
	free(s->target.tls);
	free(s->target.prefix);
	set_side(&s->target, "imaps://anna@new.example.com", "New 2.0", '.');
}

struct box *
kit_box(struct survey *s, const char *name, uint64_t messages)
{
	struct box *b;

	s->box = xreallocarray(s->box, s->boxes + 1, sizeof(*s->box));
	b = &s->box[s->boxes++];
	memset(b, 0, sizeof(*b));
	sums_init(&b->sums);
	b->folder.name = xstrdup(name);
	b->folder.wire = xstrdup(name);
	b->folder.sep = '/';
	b->uidvalidity = 42;
	b->claimed = messages;
	b->selectable = true;
	b->sums.messages = messages;
	b->sums.bytes = messages * 1000;
	b->sums.sample = (struct ugly_count){ messages, messages * 1000 };
	s->total.messages += messages;
	s->total.bytes += messages * 1000;
	s->total.sample.messages += messages;
	s->total.sample.bytes += messages * 1000;
	return b;
}

struct folder *
kit_folder(struct side *s, const char *name)
{
	struct folder *f = folders_add(&s->folders);

	f->name = xstrdup(name);
	f->wire = xstrdup(name);
	f->sep = s->sep;
	return f;
}

void
kit_quota(struct side *s, const char *resource, uint64_t usage, uint64_t limit)
{
	s->quota = xreallocarray(s->quota, s->quotas + 1, sizeof(*s->quota));
	s->quota_known = true;
	s->quota[s->quotas++] = (struct quota){ xstrdup("User quota"),
		xstrdup(resource), usage, limit };
}

void
kit_largest(struct survey *s, uint32_t box, uint64_t size, const char *subject)
{
	s->largest[s->largests] =
	    (struct example){ box, (uint32_t)s->largests + 7, size,
		    { .known = true, .epoch = 1000000000 }, xstrdup(subject) };
	s->largests++;
}

static void
set_ugly(struct survey *s, enum ugly u, uint64_t messages, const char *subject)
{
	struct examples *l = &s->ugly[u];

	s->total.ugly[u] = (struct ugly_count){ messages, messages * 900 };
	l->v[l->n++] = (struct example){ 0, 99, 900, { .known = false },
		xstrdup(subject) };
}

static void
set_outlook(struct outlook *o, int64_t ms, const char *basis)
{
	size_t i;

	for (i = 0; i < 3; i++) {
		o->v[i].connections = (unsigned)i + 1;
		o->v[i].ms = ms / (int64_t)(i + 1);
		o->v[i].usual_ms = -1;
	}
	o->n = 3;
	o->basis = basis;
	o->guessed = basis[0] != '\0';
	o->ratio = 1;
}

static void
fill_sums(struct sums *all)
{
	int year;

	for (year = 2003; year < 2026; year++)
		sums_add_year(all, year, (uint64_t)(year - 2000) * 11 % 97,
		    (uint64_t)(year - 2000) * 3000000);
	sums_add_year(all, 1970, 2, 2000);
	sums_add_size(all, 500);
	sums_add_size(all, 5000);
	sums_add_size(all, 5000);
	sums_add_size(all, 50000);
	sums_add_size(all, 30000000);
	sums_add_type(all, "application/pdf", 120, 150000000);
	sums_add_type(all, "image/jpeg", 310, 98000000);
	sums_add_type(all, "a/<b>\"&'", 1, 10);
	all->with_attachments = 301;
	all->attachments = 431;
	all->attachment_bytes = 248000010;
	all->flag[0] = 1000;
	all->flag[2] = 12;
	sums_add_keyword(all, "$Forwarded", 10, 7);
	sums_add_keyword(all, "<&>", 3, 1);
	all->longest_line = 12345;
	sums_sort(all);
}

void
kit_everything(struct survey *s)
{
	struct box *b;

	kit_survey(s, true);
	strs_add(&s->source.capability, "IMAP4rev1");
	strs_add(&s->target.capability, "IMAP4rev1");
	strs_add(&s->target.capability, "APPENDLIMIT=20000000");
	s->target.append_limit = 20000000;
	kit_quota(&s->target, "STORAGE", 1000000, 900000);
	kit_quota(&s->target, "MESSAGE", 10, 100000);
	(void)kit_box(s, "INBOX", 1000);
	(void)kit_box(s, "A.b", 20);
	(void)kit_box(s, "<script>alert(1)</script>", 3);
	(void)kit_box(s, "Tab%09 and 50%25", 1);
	b = kit_box(s, "Sent", 5);
	b->folder.special = xstrdup("\\Sent");
	b = kit_box(s, "Parent", 0);
	b->selectable = false;
	kit_folder(&s->target, "Sent Items")->special = xstrdup("\\Sent");
	kit_largest(s, 0, 30000000,
	    "=1+1 <img src=x> \"q\" 'a' & \xff\x01 "
	    "\xe2\x80\xae cod");
	kit_largest(s, 1, 100, "small");
	set_ugly(s, UGLY_NUL, 3, "-->]]>&amp;<b>");
	set_ugly(s, UGLY_NO_ID, 4, "tab\tand\nline");
	fill_sums(&s->total);
	s->copies = (struct copies){ true, 2, 3, 1, 3000, 2, 1, 2 };
	s->listed = (struct pass){ 1, 1029, 0, 500000 };
	s->read[0] = (struct pass){ 1, 1029, 1029000, 1800000 };
	s->reads = 1;
	set_outlook(&s->outlook[TASK_BACKUP], 65000, "");
	set_outlook(&s->outlook[TASK_RESTORE], 7500000,
	    "Appending was not measured.");
	set_outlook(&s->outlook[TASK_AUDIT], 1200, "");
	s->outlook[TASK_BACKUP].runs = 3;
	s->outlook[TASK_BACKUP].ratio = 1.25;
}
