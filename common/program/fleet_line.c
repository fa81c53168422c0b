#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "program/fleet_priv.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/text.h"

/* The columns of a line "account" of the summary. */
enum {
	F_TYPE,
	F_NAME,
	F_STATUS,
	F_WORDS,
	F_CAUSE,
	F_DONE,
	F_ALREADY,
	F_GONE,
	F_REFUSED,
	F_UNLISTED,
	F_UNPROVED,
	F_MISSING,
	F_DIFFERENCES,
	F_FOLDERS_FAILED,
	F_OCTETS,
	F_MS,
	F_TRIES,
	F_STAMP,
	F_LOCATION,
	F_REASON,
	FIELDS,
};

static void
add_text(struct buf *b, const char *text)
{
	buf_addc(b, '\t');
	text_percent(b, text, strlen(text));
}

static void
add_number(struct buf *b, uint64_t n)
{
	buf_addf(b, "\t%" PRIu64, n);
}

char *
fleet_stamp(const struct job *j)
{
	struct stat st;

	if (stat(j->archive, &st) == -1)
		return xstrdup("-");
	return xasprintf("%jd:%jd.%09ld", (intmax_t)st.st_size,
	    (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

void
fleet_line_write(struct buf *b, const struct job *j, const char *location)
{
	const struct job_result *r = &j->result;
	const struct outcome *o = &r->outcome;
	const uint64_t count[] = { o->done, o->already, o->gone, o->refused,
		o->unlisted, o->unproved, o->missing, o->differences,
		o->folders_failed, r->octets, (uint64_t)r->ms, r->tries };
	char *stamp = fleet_stamp(j);
	size_t i;

	buf_adds(b, "account");
	add_text(b, j->account->name);
	add_number(b, (uint64_t)r->status);
	add_text(b, r->words);
	add_text(b, cause_word(o->worst));
	for (i = 0; i < sizeof(count) / sizeof(count[0]); i++)
		add_number(b, count[i]);
	add_text(b, stamp);
	add_text(b, location);
	add_text(b, r->reason == NULL ? "" : r->reason);
	buf_addc(b, '\n');
	free(stamp);
}

/* Undoes text_percent in place; what cannot be stays. */
static char *
plain(char *field)
{
	struct buf b = BUF_INIT;

	/* Never longer than it was. */
	if (text_unpercent(&b, field, strlen(field)) && b.len > 0)
		memcpy(field, buf_str(&b), b.len + 1);
	buf_release(&b);
	return field;
}

static bool
read_counts(char **field, struct job_result *r, uint64_t *status)
{
	struct outcome *o = &r->outcome;
	uint64_t ms, tries;
	const struct {
		size_t column;
		uint64_t *to;
	} rows[] = {
		{ F_STATUS, status },
		{ F_DONE, &o->done },
		{ F_ALREADY, &o->already },
		{ F_GONE, &o->gone },
		{ F_REFUSED, &o->refused },
		{ F_UNLISTED, &o->unlisted },
		{ F_UNPROVED, &o->unproved },
		{ F_MISSING, &o->missing },
		{ F_DIFFERENCES, &o->differences },
		{ F_FOLDERS_FAILED, &o->folders_failed },
		{ F_OCTETS, &r->octets },
		{ F_MS, &ms },
		{ F_TRIES, &tries },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!num_u64(field[rows[i].column],
			strlen(field[rows[i].column]), INT64_MAX, rows[i].to))
			return false;
	if (*status > UINT8_MAX || tries > UINT16_MAX)
		return false;
	r->ms = (int64_t)ms;
	r->tries = (unsigned)tries;
	return true;
}

bool
fleet_line_read(char *line, struct fleet_line *l)
{
	char *field[FIELDS];
	uint64_t status;

	memset(l, 0, sizeof(*l));
	if (text_fields(line, field, FIELDS) != FIELDS ||
	    !read_counts(field, &l->result, &status))
		return false;
	l->result.status = (int)status;
	l->result.outcome.worst = cause_of_word(field[F_CAUSE]);
	l->name = plain(field[F_NAME]);
	l->stamp = plain(field[F_STAMP]);
	l->location = plain(field[F_LOCATION]);
	l->result.words = xstrdup(plain(field[F_WORDS]));
	if (*field[F_REASON] != '\0')
		l->result.reason = xstrdup(plain(field[F_REASON]));
	return true;
}

void
job_result_release(struct job_result *r)
{
	free(r->words);
	free(r->reason);
	memset(r, 0, sizeof(*r));
}
