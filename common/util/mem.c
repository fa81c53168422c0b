#include "util/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STATUS_TEMPORARY = 75 }; /* sysexits(3): run it again */

/* _exit: handlers that run at exit may want memory, too. */
static _Noreturn void
out_of_memory(void)
{
	static const char text[] = "mailproof: out of memory\n";
	ssize_t n;

	n = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)n;
	_exit(STATUS_TEMPORARY);
}

void *
xmalloc(size_t n)
{
	void *p;

	p = malloc(n > 0 ? n : 1);
	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p;

	p = n > 0 && size > 0 ? calloc(n, size) : calloc(1, 1);
	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xreallocarray(void *p, size_t n, size_t size)
{
	void *q;

	/* realloc() with 0 may free and return NULL. */
	q = n > 0 && size > 0 ? reallocarray(p, n, size) :
				reallocarray(p, 1, 1);
	if (q == NULL)
		out_of_memory();
	return q;
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *
xstrndup(const char *s, size_t n)
{
	char *p;

	n = strnlen(s, n);
	if (n == SIZE_MAX)
		out_of_memory();
	p = xmalloc(n + 1);
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&p, fmt, ap);
	va_end(ap);
	if (n < 0)
		out_of_memory();
	return p;
}

void *
xgrow(void *p, size_t n, size_t *cap, size_t size)
{
	size_t more;

	if (n < *cap)
		return p;
	if (*cap > SIZE_MAX / 2)
		out_of_memory();
	more = *cap < 8 ? 8 : *cap * 2;
	if (more <= n)
		more = n + 1;
	p = xreallocarray(p, more, size);
	*cap = more;
	return p;
}

void *
xpages(size_t n)
{
	void *p;

	p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);
	if (p == MAP_FAILED)
		out_of_memory();
	/* Fewer faults; what it is worth depends on the system. */
	(void)madvise(p, n, MADV_HUGEPAGE);
	return p;
}

void
pages_free(void *p, size_t n)
{
	if (p != NULL)
		(void)munmap(p, n);
}
