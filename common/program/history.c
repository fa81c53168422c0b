#include "program/history.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/num.h"
#include "util/path.h"
#include "util/text.h"

enum { FIELDS = 6 + HISTORY_MS };

static char *
file_path(void)
{
	struct buf b = BUF_INIT;

	path_add_state(&b);
	buf_adds(&b, "estimates.tsv");
	return buf_steal(&b);
}

unsigned
history_connections(size_t i)
{
	return 1U << i;
}

static void
begin_line(struct buf *b, const char *word, const struct history_run *run)
{
	buf_addf(b, "%s\t%s\t", word, run->program);
	text_percent(b, run->location, strlen(run->location));
	buf_addf(b, "\t%" PRId64 "\t%" PRIu64 "\t%" PRIu64, clock_utc(),
	    run->messages, run->octets);
}

/* One write is one line, whoever writes at the same time. */
static enum rc
append(const char *path, struct buf *line, struct fault *f)
{
	enum rc rc;
	int fd;

	buf_addc(line, '\n');
	fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC,
	    0600);
	if (fd == -1)
		return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot write '%s'", path);
	rc = file_write(fd, path, line->data, line->len, f);
	if (close(fd) == -1 && rc == RC_OK)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "write '%s'", path);
	return rc;
}

/* The last file is kept beside. */
static void
turn_over(const char *path)
{
	struct stat st;
	struct buf old = BUF_INIT;

	if (stat(path, &st) == 0 && st.st_size > HISTORY_FILE_MAX / 2) {
		buf_addf(&old, "%s.old", path);
		(void)rename(path, buf_str(&old));
	}
	buf_release(&old);
}

enum rc
history_foresee(const struct history_run *run, const int64_t ms[HISTORY_MS],
    struct fault *f)
{
	char *path = file_path();
	struct buf line = BUF_INIT;
	enum rc rc;
	size_t i;

	begin_line(&line, "foreseen", run);
	for (i = 0; i < HISTORY_MS; i++)
		buf_addf(&line, "\t%" PRId64, ms[i]);
	rc = path_make_parents(path, f);
	turn_over(path);
	if (rc == RC_OK)
		rc = append(path, &line, f);
	buf_release(&line);
	free(path);
	return rc;
}

/* A line of the file. */
struct entry {
	bool foreseen;
	uint64_t messages;
	uint64_t octets;
	uint64_t connections;
	int64_t ms[HISTORY_MS]; /* took: the first */
};

static bool
number(const char *text, uint64_t *r)
{
	return num_u64(text, strlen(text), INT64_MAX, r);
}

/* False for a line about something else, or none that we wrote. */
static bool
parse_line(char *line, const char *program, const char *location,
    struct entry *e)
{
	struct buf place = BUF_INIT;
	char *field[FIELDS];
	size_t n = text_fields(line, field, FIELDS), i;
	uint64_t ms;
	bool same;

	if (n < 8 || n > FIELDS || strcmp(field[1], program) != 0 ||
	    !number(field[4], &e->messages) || !number(field[5], &e->octets))
		return false;
	same = text_unpercent(&place, field[2], strlen(field[2])) &&
	    strcmp(buf_str(&place), location) == 0;
	buf_release(&place);
	if (!same)
		return false;
	e->foreseen = strcmp(field[0], "foreseen") == 0;
	if (!e->foreseen) {
		if (strcmp(field[0], "took") != 0 || n != 8 ||
		    !number(field[6], &e->connections) ||
		    !number(field[7], &ms))
			return false;
		e->ms[0] = (int64_t)ms;
		return true;
	}
	if (n != FIELDS)
		return false;
	for (i = 0; i < HISTORY_MS; i++)
		e->ms[i] = number(field[6 + i], &ms) ? (int64_t)ms : -1;
	return true;
}

/* The nearest estimate for no more connections. */
static int64_t
foreseen_ms(const struct entry *e, uint64_t n)
{
	int64_t ms = e->ms[0];
	size_t i;

	for (i = 0; i < HISTORY_MS && history_connections(i) <= n; i++)
		ms = e->ms[i];
	return ms;
}

/* 0: they cannot be compared. */
static double
compare(const struct entry *foreseen, const struct entry *took)
{
	const int64_t ms = foreseen_ms(foreseen, took->connections);

	if (ms <= 0 || foreseen->octets == 0 || took->octets == 0 ||
	    took->messages < (foreseen->messages + 1) / 2)
		return 0;
	return (double)took->ms[0] / (double)took->octets *
	    (double)foreseen->octets / (double)ms;
}

static int
by_size(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

void
history_parse(char *text, const char *program, const char *location,
    struct history *r)
{
	struct entry foreseen = { .foreseen = false }, e;
	double ratio[HISTORY_RUNS], now;
	size_t n = 0;
	char *line, *rest = text;

	memset(r, 0, sizeof(*r));
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (!parse_line(line, program, location, &e))
			continue;
		if (e.foreseen) {
			foreseen = e;
			continue;
		}
		now = foreseen.foreseen ? compare(&foreseen, &e) : 0;
		if (now <= 0)
			continue;
		if (n == HISTORY_RUNS)
			memmove(ratio, ratio + 1, --n * sizeof(ratio[0]));
		ratio[n++] = now;
		r->last = now;
	}
	if (n == 0)
		return;
	qsort(ratio, n, sizeof(ratio[0]), by_size);
	r->runs = (unsigned)n;
	r->ratio =
	    n % 2 == 1 ? ratio[n / 2] : (ratio[n / 2 - 1] + ratio[n / 2]) / 2;
}

static enum rc
slurp(struct buf *text, struct fault *f)
{
	char *path = file_path();
	enum rc rc = RC_OK;

	if (access(path, F_OK) == 0)
		rc = file_slurp(path, HISTORY_FILE_MAX, text, f);
	free(path);
	return rc;
}

enum rc
history_read(const char *program, const char *location, struct history *r,
    struct fault *f)
{
	struct buf text = BUF_INIT;
	enum rc rc;

	memset(r, 0, sizeof(*r));
	rc = slurp(&text, f);
	if (rc == RC_OK)
		history_parse(buf_str(&text), program, location, r);
	buf_release(&text);
	return rc;
}

static bool
is_foreseen(char *text, const struct history_run *run)
{
	struct entry e;
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n")) != NULL)
		if (parse_line(line, run->program, run->location, &e) &&
		    e.foreseen)
			return true;
	return false;
}

enum rc
history_took(const struct history_run *run, unsigned connections, int64_t ms,
    struct fault *f)
{
	struct buf text = BUF_INIT, line = BUF_INIT;
	char *path = file_path();
	enum rc rc;

	rc = slurp(&text, f);
	if (rc == RC_OK && is_foreseen(buf_str(&text), run)) {
		begin_line(&line, "took", run);
		buf_addf(&line, "\t%u\t%" PRId64, connections, ms);
		rc = append(path, &line, f);
	}
	buf_release(&text);
	buf_release(&line);
	free(path);
	return rc;
}
