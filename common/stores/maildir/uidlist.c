#include <inttypes.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "stores/maildir/dotlock.h"
#include "stores/maildir/lines.h"
#include "stores/maildir/name.h"
#include "stores/maildir/uidlist.h"
#include "util/num.h"
#include "util/text.h"

#define UIDLIST_NAME "dovecot-uidlist"

enum { GUID_OCTETS = 16 };

/* "1 UIDVALIDITY NEXT" */
static bool
parse_head_1(const char *s, struct uidlist_head *h)
{
	size_t n = strcspn(s, " ");

	return num_u32(s, n, &h->uidvalidity) && s[n] == ' ' &&
	    num_u32(s + n + 1, strcspn(s + n + 1, " "), &h->next);
}

/* "3 V<uidvalidity> N<next> G<guid>", in any order. */
static bool
parse_head_3(const char *s, struct uidlist_head *h)
{
	size_t n;

	for (; *s != '\0'; s += n + (s[n] == ' ')) {
		n = strcspn(s, " ");
		if (*s == 'V' && !num_u32(s + 1, n - 1, &h->uidvalidity))
			return false;
		if (*s == 'N' && !num_u32(s + 1, n - 1, &h->next))
			return false;
	}
	return true;
}

static bool
parse_head(const char *line, struct uidlist_head *h, bool *three_r)
{
	bool good = false;

	*three_r = strncmp(line, "3 ", 2) == 0;
	if (*three_r)
		good = parse_head_3(line + 2, h);
	else if (strncmp(line, "1 ", 2) == 0)
		good = parse_head_1(line + 2, h);
	if (!good || h->uidvalidity == 0)
		return false;
	if (h->next == 0)
		h->next = 1;
	h->found = true;
	return true;
}

/* "UID NAME", or "UID [field...] :NAME" in version 3. */
static void
parse_line(const char *line, bool three, uidlist_fn *fn, void *arg)
{
	size_t n = strcspn(line, " ");
	const char *name;
	uint32_t uid;

	if (line[n] != ' ' || !num_u32(line, n, &uid) || uid == 0 ||
	    uid == UINT32_MAX)
		return;
	name = line + n + 1;
	if (three) {
		name = strchr(line + n, ':');
		if (name == NULL)
			return;
		name++;
	}
	fn(arg, uid, name, name_base_length(name));
}

enum rc
uidlist_read(int fd, struct uidlist_head *head_r, uidlist_fn *fn, void *arg,
    struct fault *f)
{
	struct lines l;
	bool three;
	char *line;
	enum rc rc;

	memset(head_r, 0, sizeof(*head_r));
	rc = lines_open(&l, fd, UIDLIST_NAME, f);
	if (rc != RC_OK)
		return rc;
	rc = lines_next(&l, &line, f);
	if (rc == RC_OK && !parse_head(line, head_r, &three)) {
		memset(head_r, 0, sizeof(*head_r));
		rc = RC_END;
	}
	while (rc == RC_OK) {
		rc = lines_next(&l, &line, f);
		if (rc == RC_OK)
			parse_line(line, three, fn, arg);
	}
	lines_close(&l);
	return rc == RC_END ? RC_OK : rc;
}

static void
format(struct buf *b, const struct index *x, uint32_t uidvalidity)
{
	unsigned char guid[GUID_OCTETS];
	const char *name;
	size_t i;

	randombytes_buf(guid, sizeof(guid));
	buf_addf(b, "3 V%" PRIu32 " N%" PRIu32 " G", uidvalidity, x->next);
	text_hex(b, guid, sizeof(guid));
	buf_addc(b, '\n');
	for (i = 0; i < x->n; i++) {
		name = index_name(x, &x->v[i]);
		buf_addf(b, "%" PRIu32 " :", x->v[i].uid);
		buf_add(b, name, name_base_length(name));
		buf_addc(b, '\n');
	}
}

enum rc
uidlist_create(int fd, const struct index *x, uint32_t uidvalidity,
    struct fault *f)
{
	struct buf text = BUF_INIT;
	struct dotlock lock;
	enum rc rc;

	rc = dotlock_take(&lock, fd, UIDLIST_NAME, f);
	if (rc != RC_OK)
		return rc;
	if (faccessat(fd, UIDLIST_NAME, F_OK, 0) == 0) {
		dotlock_drop(&lock);
		return RC_END;
	}
	format(&text, x, uidvalidity);
	rc = dotlock_publish(&lock, &text, f);
	buf_release(&text);
	return rc;
}
