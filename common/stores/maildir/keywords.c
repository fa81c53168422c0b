#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stores/maildir/dotlock.h"
#include "stores/maildir/keywords.h"
#include "stores/maildir/lines.h"
#include "util/mem.h"
#include "util/num.h"

#define KEYWORDS_NAME "dovecot-keywords"

enum { UNKNOWN_SIZE = 16 };

void
keywords_init(struct keywords *k)
{
	memset(k, 0, sizeof(*k));
}

void
keywords_release(struct keywords *k)
{
	size_t i;

	for (i = 0; i < KEYWORDS_MAX; i++)
		free(k->name[i]);
	keywords_init(k);
}

/* "0 name" */
static void
parse_line(struct keywords *k, const char *line)
{
	size_t n = strcspn(line, " ");
	uint64_t i;

	if (line[n] != ' ' || line[n + 1] == '\0' ||
	    !num_u64(line, n, KEYWORDS_MAX - 1, &i) || k->name[i] != NULL)
		return;
	k->name[i] = xstrdup(line + n + 1);
}

enum rc
keywords_read(struct keywords *k, int fd, struct fault *f)
{
	struct lines l;
	char *line;
	enum rc rc;

	keywords_release(k);
	rc = lines_open(&l, fd, KEYWORDS_NAME, f);
	while (rc == RC_OK) {
		rc = lines_next(&l, &line, f);
		if (rc == RC_OK)
			parse_line(k, line);
	}
	lines_close(&l);
	return rc == RC_END ? RC_OK : rc;
}

const char *
keywords_of_letters(const struct keywords *k, const char *letters,
    struct atoms *a)
{
	struct strs list = STRS_INIT;
	char unknown[UNKNOWN_SIZE];
	const char *canonical;
	int i;

	for (; *letters != '\0'; letters++) {
		if (*letters < 'a' || *letters > 'z')
			continue;
		i = *letters - 'a';
		(void)snprintf(unknown, sizeof(unknown), "unknown-%d", i);
		strs_add(&list, k->name[i] != NULL ? k->name[i] : unknown);
	}
	canonical =
	    list.n == 0 ? atoms_get(a, "", 0) : keywords_canonical(a, &list);
	strs_release(&list);
	return canonical;
}

/* RFC 3501: an atom, in 7 bits; and the file has one a line. */
static bool
can_be_kept(const char *keyword)
{
	const char *p;

	for (p = keyword; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 0x7f || strchr("(){%*\"\\]", *p) != NULL)
			return false;
	return p > keyword;
}

/* The letter's number, or KEYWORDS_MAX.  Dovecot knows no case here. */
static size_t
find(const struct keywords *k, const char *keyword)
{
	size_t i;

	for (i = 0; i < KEYWORDS_MAX; i++)
		if (k->name[i] != NULL && strcasecmp(k->name[i], keyword) == 0)
			break;
	return i;
}

static bool
lacks(const struct keywords *k, const struct strs *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (find(k, list->v[i]) == KEYWORDS_MAX)
			return true;
	return false;
}

/* Behind the last one, as Dovecot does: a letter once used may still stand
 * in the name of some file. */
static bool
add(struct keywords *k, const char *keyword)
{
	size_t i = KEYWORDS_MAX;

	while (i > 0 && k->name[i - 1] == NULL)
		i--;
	if (i == KEYWORDS_MAX)
		return false;
	k->name[i] = xstrdup(keyword);
	return true;
}

static void
format(const struct keywords *k, struct buf *b)
{
	size_t i;

	for (i = 0; i < KEYWORDS_MAX; i++)
		if (k->name[i] != NULL)
			buf_addf(b, "%zu %s\n", i, k->name[i]);
}

/* Adds what is missing and has room, to the file as it is now. */
static enum rc
extend(struct keywords *k, int fd, const struct strs *list, struct fault *f)
{
	struct buf text = BUF_INIT;
	struct dotlock lock;
	bool changed = false;
	enum rc rc;
	size_t i;

	rc = dotlock_take(&lock, fd, KEYWORDS_NAME, f);
	if (rc != RC_OK)
		return rc;
	rc = keywords_read(k, fd, f);
	for (i = 0; rc == RC_OK && i < list->n; i++)
		if (find(k, list->v[i]) == KEYWORDS_MAX)
			changed |= add(k, list->v[i]);
	if (rc == RC_OK && changed) {
		format(k, &text);
		rc = dotlock_publish(&lock, &text, f);
		buf_release(&text);
	} else {
		dotlock_drop(&lock);
	}
	return rc;
}

enum rc
keywords_to_letters(struct keywords *k, int fd, const char *canonical,
    struct buf *letters, struct strs *dropped, struct fault *f)
{
	struct strs all = STRS_INIT, list = STRS_INIT;
	bool used[KEYWORDS_MAX] = { false };
	enum rc rc = RC_OK;
	size_t i, at;

	if (*canonical == '\0')
		return RC_OK;
	keywords_split(canonical, &all);
	for (i = 0; i < all.n; i++)
		strs_add(can_be_kept(all.v[i]) ? &list : dropped, all.v[i]);
	/* A full file need not be asked again for each message. */
	if (lacks(k, &list) && k->name[KEYWORDS_MAX - 1] == NULL)
		rc = extend(k, fd, &list, f);
	for (i = 0; rc == RC_OK && i < list.n; i++) {
		at = find(k, list.v[i]);
		if (at < KEYWORDS_MAX)
			used[at] = true;
		else
			strs_add(dropped, list.v[i]);
	}
	for (i = 0; rc == RC_OK && i < KEYWORDS_MAX; i++)
		if (used[i])
			buf_addc(letters, 'a' + (int)i);
	strs_release(&all);
	strs_release(&list);
	return rc;
}
