#include "util/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Drops a UTF-8 character that the end of text cut in two. */
static void
trim_torn(char *text, size_t n)
{
	unsigned char lead;
	size_t i, want;

	i = n;
	while (
	    i > 0 && n - i < 3 && ((unsigned char)text[i - 1] & 0xc0) == 0x80)
		i--;
	if (i == 0)
		return;
	lead = (unsigned char)text[i - 1];
	want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	if (want > n - i + 1)
		text[i - 1] = '\0';
}

static void
trim(char *text, int wanted)
{
	if (wanted < 0)
		text[0] = '\0';
	else if (wanted >= FAULT_MAX)
		trim_torn(text, FAULT_MAX - 1);
}

static void set_text(struct fault *f, const char *fmt, va_list ap)
    PRINTF_LIKE(2, 0);

/* Formats aside first: an argument may be the old text. */
static void
set_text(struct fault *f, const char *fmt, va_list ap)
{
	char text[FAULT_MAX];

	trim(text, vsnprintf(text, sizeof(text), fmt, ap));
	memcpy(f->text, text, strlen(text) + 1);
}

static void
append(struct fault *f, const char *text)
{
	char joined[FAULT_MAX];

	trim(joined, snprintf(joined, sizeof(joined), "%s: %s", f->text, text));
	memcpy(f->text, joined, strlen(joined) + 1);
}

enum rc
fault_set(struct fault *f, enum rc rc, enum cause cause, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_text(f, fmt, ap);
	va_end(ap);
	f->cause = cause;
	f->lasting = false;
	return rc;
}

enum rc
fault_lasts(struct fault *f, enum rc rc)
{
	f->lasting = true;
	return rc;
}

static enum cause
errno_cause(int error, enum cause cause)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
	case EROFS:
	case EEXIST:
		return CAUSE_CANTCREATE;
	case ENOENT:
		return cause == CAUSE_CANTCREATE ? cause : CAUSE_NOINPUT;
	default:
		return cause;
	}
}

enum rc
fault_errno(struct fault *f, enum rc rc, enum cause cause, const char *fmt, ...)
{
	char room[128];
	int error = errno;
	va_list ap;

	va_start(ap, fmt);
	set_text(f, fmt, ap);
	va_end(ap);
	append(f, strerror_r(error, room, sizeof(room)));
	f->cause = errno_cause(error, cause);
	f->lasting = false;
	return rc;
}

enum rc
fault_wrap(struct fault *f, enum rc rc, const char *fmt, ...)
{
	char inner[FAULT_MAX];
	va_list ap;

	memcpy(inner, f->text, sizeof(inner));
	va_start(ap, fmt);
	set_text(f, fmt, ap);
	va_end(ap);
	append(f, inner);
	return rc;
}

enum rc
fault_name(struct fault *f, enum rc rc, const char *name)
{
	size_t n = strlen(name);

	if (strncmp(f->text, name, n) == 0 && f->text[n] == ':')
		return rc;
	return fault_wrap(f, rc, "%s", name);
}
