#include "accounts/list.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts/list_priv.h"
#include "accounts/secret.h"
#include "util/interrupt.h"
#include "util/mem.h"

const char *
account_side_word(enum account_side side)
{
	static const char *const words[] = {
		[ACCOUNT_SOURCE] = "source",
		[ACCOUNT_TARGET] = "target",
		[ACCOUNT_SUBMIT] = "submit",
	};

	return words[side];
}

struct account *
account_list_add(struct account_list *l, size_t line)
{
	struct account *a;

	l->v = xgrow(l->v, l->n, &l->cap, sizeof(*l->v));
	a = &l->v[l->n++];
	memset(a, 0, sizeof(*a));
	a->line = line;
	return a;
}

void
account_list_fault(struct account_list *l, size_t line, enum cause cause,
    const char *fmt, ...)
{
	struct account_fault *to;
	char text[FAULT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->fault =
	    xgrow(l->fault, l->faults, &l->faults_cap, sizeof(*l->fault));
	to = &l->fault[l->faults++];
	to->line = line;
	to->order = l->faults;
	to->cause = cause;
	to->text = xstrdup(text);
}

static int
by_line(const void *a, const void *b)
{
	const struct account_fault *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void
account_list_sort_faults(struct account_list *l)
{
	if (l->faults > 0)
		qsort(l->fault, l->faults, sizeof(*l->fault), by_line);
}

static void
place_release(struct account_place *p)
{
	location_release(&p->location);
	free(p->secret);
}

void
account_list_release(struct account_list *l)
{
	size_t i, side;

	for (i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].address);
		for (side = 0; side < ACCOUNT_SIDES; side++)
			place_release(&l->v[i].place[side]);
	}
	for (i = 0; i < l->faults; i++)
		free(l->fault[i].text);
	free(l->v);
	free(l->fault);
	sodium_free(l->vault);
	memset(l, 0, sizeof(*l));
}

/* One octet more than the list has; of a pipe nobody knows. */
static size_t
room_for(const struct stat *st)
{
	if (S_ISREG(st->st_mode) && st->st_size < ACCOUNT_LIST_MAX)
		return (size_t)st->st_size + 1;
	return ACCOUNT_LIST_MAX + 1;
}

/* In one piece: a buffer that grows leaves passwords behind. */
static enum rc
slurp(int fd, const char *path, size_t room, struct buf *text, struct fault *f)
{
	unsigned char *p = buf_room(text, room);
	ssize_t n;
	enum rc rc;

	for (;;) {
		n = read(fd, p + text->len, room - text->len);
		if (n == -1 && errno == EINTR) {
			rc = interrupt_check(f);
			if (rc != RC_OK)
				return rc;
			continue;
		}
		if (n == -1)
			return fault_errno(f, RC_STORE, CAUSE_IO, "'%s'", path);
		if (n == 0)
			return RC_OK;
		text->len += (size_t)n;
		if (text->len == room)
			return fault_set(f, RC_STORE, CAUSE_CONFIG,
			    "'%s': grows, or has more than %d octets: no "
			    "account list",
			    path, ACCOUNT_LIST_MAX);
	}
}

static bool
has_commands(const struct account_list *l)
{
	const char *spec;
	size_t i, side;

	for (i = 0; i < l->n; i++)
		for (side = 0; side < ACCOUNT_SIDES; side++) {
			spec = l->v[i].place[side].secret;
			if (spec != NULL && secret_is_command(spec))
				return true;
		}
	return false;
}

static enum rc
check_mode(const struct stat *st, const char *path,
    const struct account_list *l, struct fault *f)
{
	if (!S_ISREG(st->st_mode))
		return RC_OK;
	/* Who can write it can run commands as us. */
	if ((st->st_mode & 022) != 0 && has_commands(l))
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "'%s': others may write it, and it names commands: chmod "
		    "go-w '%s'",
		    path, path);
	if (l->vault != NULL && (st->st_mode & 077) != 0)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "'%s' holds passwords and others may read it: chmod 600 "
		    "'%s'",
		    path, path);
	return RC_OK;
}

enum rc
account_list_load(const char *path, struct account_list *l, struct fault *f)
{
	struct buf text = BUF_INIT;
	struct stat st;
	enum rc rc;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		return fault_errno(f, RC_STORE, CAUSE_NOINPUT,
		    "cannot open '%s'", path);
	if (fstat(fd, &st) == -1) {
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "'%s'", path);
		goto out;
	}
	rc = slurp(fd, path, room_for(&st), &text, f);
	if (rc == RC_OK)
		account_list_parse(l, &text);
	if (rc == RC_OK)
		rc = check_mode(&st, path, l, f);
out:
	(void)close(fd);
	buf_wipe(&text);
	return rc;
}
