#include "stores/archive/layout.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mail/flags.h"
#include "mail/folder.h"
#include "stores/archive/format.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/text.h"

static const char ROOT[] = "maildir";

char *
layout_dir(const char *name)
{
	char *dir, *r;

	dir = folder_maildir_name(name);
	r = dir[0] == '\0' ? xstrdup(ROOT) : xasprintf("%s/%s", ROOT, dir);
	free(dir);
	return r;
}

int64_t
layout_clamp_time(int64_t epoch)
{
	if (epoch < 0)
		return 0;
	return epoch < TAR_TIME_MAX ? epoch : TAR_TIME_MAX;
}

int64_t
layout_time(const struct record *r)
{
	return (r->bits & RECORD_DATED) != 0 ? layout_clamp_time(r->epoch) : 0;
}

/* The place of a keyword in the folder's list, put there if need be. */
static size_t
find_word(struct strs *words, const char *s)
{
	size_t i;

	for (i = 0; i < words->n; i++)
		if (strcmp(words->v[i], s) == 0)
			return i;
	if (words->n < LETTERS_MAX)
		strs_add(words, s);
	return i;
}

bool
layout_letters(struct buf *b, const struct record *r, struct strs *words)
{
	struct strs list = STRS_INIT;
	uint32_t letters = 0;
	bool all = true;
	size_t i, at;

	flags_to_letters(b, r->flags);
	if (r->keywords[0] == '\0')
		return true;
	keywords_split(r->keywords, &list);
	for (i = 0; i < list.n; i++) {
		at = find_word(words, list.v[i]);
		if (at < LETTERS_MAX)
			letters |= (uint32_t)1 << at;
		else
			all = false;
	}
	/* Dovecot wants the letters in order. */
	for (i = 0; i < LETTERS_MAX; i++)
		if ((letters >> i & 1) != 0)
			buf_addc(b, 'a' + (int)i);
	strs_release(&list);
	return all;
}

/* Up to and with "W=": all that a manifest line tells. */
static void
put_known(struct buf *b, uint32_t uidvalidity, const struct record *r)
{
	buf_addf(b, "%" PRId64 ".U%" PRIu32 "V%" PRIu32 ".", layout_time(r),
	    r->uid, uidvalidity);
	text_hex(b, r->hash.b, LAYOUT_SHORT);
	buf_addf(b, ".mailproof,S=%" PRIu64 ",W=", r->size);
}

static void
put_base(struct buf *b, uint32_t uidvalidity, const struct record *r)
{
	put_known(b, uidvalidity, r);
	buf_addf(b, "%" PRIu64, r->virtual_size);
}

void
layout_path(struct buf *b, const char *dir, uint32_t uidvalidity,
    const struct record *r)
{
	buf_adds(b, dir);
	buf_adds(b, "/cur/");
	put_base(b, uidvalidity, r);
	buf_adds(b, ":2,");
}

/* The flags' letters, then a to z, each at most once, in order. */
static bool
letters_fit(const char *s, const struct record *r, size_t *letters_r)
{
	struct buf flags = BUF_INIT;
	size_t i, n;
	bool ok;

	flags_to_letters(&flags, r->flags);
	n = flags.len;
	ok = strncmp(s, buf_str(&flags), n) == 0;
	buf_release(&flags);
	if (!ok)
		return false;
	s += n;
	for (i = 0; s[i] != '\0'; i++)
		if (s[i] < 'a' || s[i] > 'z' || (i > 0 && s[i] <= s[i - 1]))
			return false;
	*letters_r = i;
	return true;
}

bool
layout_path_fits(const char *path, const char *dir, uint32_t uidvalidity,
    const struct record *r, size_t *letters_r)
{
	struct buf want = BUF_INIT;
	uint64_t wide;
	size_t n;
	bool ok;

	buf_adds(&want, dir);
	buf_adds(&want, "/cur/");
	put_known(&want, uidvalidity, r);
	n = want.len;
	ok = strncmp(path, buf_str(&want), n) == 0;
	buf_release(&want);
	if (!ok)
		return false;
	path += n;
	n = strspn(path, "0123456789");
	if (!num_u64(path, n, UINT64_MAX, &wide) || wide < r->size ||
	    strncmp(path + n, ":2,", 3) != 0)
		return false;
	if ((r->bits & RECORD_RAW) == 0 && wide != r->wire)
		return false;
	return letters_fit(path + n + 3, r, letters_r);
}

void
layout_uidlist_begin(struct buf *b, uint32_t uidvalidity, uint32_t uidnext,
    const unsigned char *guid)
{
	/* Dovecot takes 0 for a broken file. */
	buf_addf(b, "3 V%" PRIu32 " N%" PRIu32 " G",
	    uidvalidity > 0 ? uidvalidity : 1, uidnext > 0 ? uidnext : 1);
	text_hex(b, guid, LAYOUT_GUID);
	buf_addc(b, '\n');
}

void
layout_uidlist_line(struct buf *b, uint32_t uidvalidity, const struct record *r)
{
	buf_addf(b, "%" PRIu32 " :", r->uid);
	put_base(b, uidvalidity, r);
	buf_addc(b, '\n');
}

void
layout_keywords(struct buf *b, const struct strs *words)
{
	size_t i;

	for (i = 0; i < words->n; i++)
		buf_addf(b, "%zu %s\n", i, words->v[i]);
}

void
layout_subscription(struct buf *b, const char *dir)
{
	const char *name = strchr(dir, '/');

	/* The directory is /.A.B: the name starts behind the dot. */
	buf_adds(b, name == NULL ? "INBOX" : name + 2);
	buf_addc(b, '\n');
}

/* A number up to a letter, which is passed over. */
static bool
take_number(const char **p, char end, uint64_t max, uint64_t *r)
{
	const size_t n = strspn(*p, "0123456789");

	if ((*p)[n] != end || !num_u64(*p, n, max, r))
		return false;
	*p += n + 1;
	return true;
}

static bool
take_word(const char **p, const char *word)
{
	const size_t n = strlen(word);

	if (strncmp(*p, word, n) != 0)
		return false;
	*p += n;
	return true;
}

bool
layout_parse(const char *path, struct layout_name *r)
{
	static const char cur[] = "/cur/";
	const char *p = strstr(path, cur);
	uint64_t epoch, uid, uidvalidity;

	if (p == NULL || strncmp(path, ROOT, sizeof(ROOT) - 1) != 0)
		return false;
	r->dir = (size_t)(p - path);
	p += sizeof(cur) - 1;
	if (!take_number(&p, '.', TAR_TIME_MAX, &epoch) ||
	    !take_word(&p, "U") || !take_number(&p, 'V', UINT32_MAX, &uid) ||
	    !take_number(&p, '.', UINT32_MAX, &uidvalidity) ||
	    strlen(p) < (size_t)2 * LAYOUT_SHORT ||
	    !text_unhex(p, (size_t)2 * LAYOUT_SHORT, r->hash, LAYOUT_SHORT))
		return false;
	p += (size_t)2 * LAYOUT_SHORT;
	if (!take_word(&p, ".mailproof,S=") ||
	    !take_number(&p, ',', MEMBER_MAX, &r->size) ||
	    !take_word(&p, "W=") ||
	    !take_number(&p, ':', UINT64_MAX, &r->wide) || !take_word(&p, "2,"))
		return false;
	r->epoch = (int64_t)epoch;
	r->uid = (uint32_t)uid;
	r->uidvalidity = (uint32_t)uidvalidity;
	r->flags = flags_from_letters(p, strlen(p));
	return true;
}
