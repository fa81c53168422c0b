/* Untagged lines as servers send them: LIST, STATUS, NAMESPACE, FETCH, SELECT,
 * VANISHED, QUOTA, and APPENDUID; nothing is read past the end, and what is
 * told is sound. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "stores/imap/bodyline.h"
#include "stores/imap/fetchline.h"
#include "stores/imap/idleline.h"
#include "stores/imap/listline.h"
#include "stores/imap/quotaline.h"
#include "stores/imap/selectline.h"
#include "stores/imap/uidset.h"
#include "stores/imap/vanishline.h"
#include "util/buf.h"

enum { UIDS = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_list(const char *text, size_t n)
{
	struct folders list = FOLDERS_INIT, none = FOLDERS_INIT;
	struct strs prefixes = STRS_INIT;
	struct folder f;
	enum listline_kind kind;
	size_t i;

	kind = listline_parse(text, n, &f);
	assert((f.wire != NULL) ==
	    (kind != LISTLINE_OTHER && kind != LISTLINE_BROKEN));
	(void)listline_foreign(text, n, &prefixes);
	if (f.wire != NULL) {
		(void)listline_is_foreign(&prefixes, &f);
		*folders_add(&list) = f;
		listline_merge(&list, &none, &none, "INBOX.", '.');
		for (i = 0; i < list.n; i++)
			assert(list.v[i].name != NULL);
		assert(folders_find(&list, "INBOX") != NULL);
	}
	folders_release(&list);
	strs_release(&prefixes);
}

static void
check_body(const char *text, size_t n)
{
	struct parts p = PARTS_INIT;
	size_t i;

	(void)bodyline_parse(text, n, &p);
	assert(p.n <= PARTS_MAX);
	for (i = 0; i < p.n; i++)
		assert(strlen(p.v[i].type) > 0 && p.v[i].name != NULL);
	parts_release(&p);
}

static void
check_about(const char *text, size_t n)
{
	struct about a;
	uint64_t limit;
	size_t i;

	about_init(&a);
	(void)quotaline_parse(text, n, &a);
	(void)quotaline_words(text, n, &a.capability);
	(void)quotaline_limit(text, n, &limit);
	assert(a.quotas <= QUOTAS_MAX);
	for (i = 0; i < a.quotas; i++)
		assert(a.quota[i].root != NULL && a.quota[i].resource != NULL);
	about_release(&a);
}

static void
check_fetch(const char *text, size_t n)
{
	struct fetchline r = FETCHLINE_INIT;
	struct buf scratch = BUF_INIT;

	if (fetchline_parse(text, n, &scratch, &r)) {
		assert((r.has & FETCHED_UID) == 0 || r.uid != 0);
		if ((r.has & FETCHED_HEADER) != 0 && r.header != NULL)
			(void)memchr(r.header, 0, r.header_len);
		if ((r.has & FETCHED_STRUCTURE) != 0)
			check_body(r.structure, r.structure_len);
	}
	fetchline_release(&r);
	buf_release(&scratch);
}

static void
check_select(const char *text, size_t n)
{
	struct selectline s = SELECTLINE_INIT;
	struct folder_state r;

	folder_state_init(&r);
	selectline_parse(&s, text, n);
	selectline_end(&s, &r);
	selectline_release(&s);
	folder_state_release(&r);
}

/* There are as many as the line says, or not more than before. */
static void
check_idle(const char *text, size_t n)
{
	struct idle_count c = { 5, false, false };

	idleline_take(&c, text, n);
	assert(c.more == (c.exists > 5));
}

static void
check_vanished(const char *text, size_t n)
{
	struct vanishline v;
	uint32_t first, last;

	if (!vanishline_begin(&v, text, n))
		return;
	while (vanishline_next(&v, &first, &last))
		assert(first > 0 && first <= last);
}

static void
check_appended(const char *text)
{
	uint32_t uidvalidity, uid[UIDS];
	struct uidset set = UIDSET_INIT;
	struct buf b = BUF_INIT;
	size_t n, i;

	for (n = 1; n <= UIDS; n++) {
		if (!uidset_appended(text, &uidvalidity, uid, n))
			continue;
		for (i = 0; i < n; i++)
			(void)uidset_add(&set, uid[i]);
		assert(set.count <= n);
		uidset_format(&set, &b);
		assert(b.len > 0);
	}
	uidset_release(&set);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf b = BUF_INIT;

	check_list((const char *)data, len);
	check_fetch((const char *)data, len);
	check_body((const char *)data, len);
	check_about((const char *)data, len);
	check_select((const char *)data, len);
	check_idle((const char *)data, len);
	check_vanished((const char *)data, len);
	buf_add(&b, data, len);
	check_appended(buf_str(&b));
	buf_release(&b);
	return 0;
}
