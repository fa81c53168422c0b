#include "lines.h"

#include <string.h>

/* n octets without LF, of the line that comes. */
static void
add_run(struct lines *l, const unsigned char *p, size_t n)
{
	unsigned char bits = 0;
	size_t i;

	if (n == 0)
		return;
	/* A CR that something but LF follows. */
	l->bare_cr |= l->cr || (n > 1 && memchr(p, '\r', n - 1) != NULL);
	l->cr = p[n - 1] == '\r';
	l->nul |= memchr(p, '\0', n) != NULL;
	if (l->body && !l->eight_bit) {
		for (i = 0; i < n; i++)
			bits |= p[i];
		l->eight_bit = (bits & 0x80) != 0;
	}
	l->line += n;
}

static void
end_line(struct lines *l)
{
	l->bare_lf |= !l->cr;
	if (l->cr)
		l->line--;
	if (l->line > l->longest)
		l->longest = l->line;
	if (l->line == 0)
		l->body = true;
	l->line = 0;
	l->cr = false;
}

void
lines_add(struct lines *l, const void *data, size_t n)
{
	const unsigned char *p = data, *lf;
	size_t len;

	if (n == 0)
		return;
	l->any = true;
	l->last = p[n - 1];
	while (n > 0) {
		lf = memchr(p, '\n', n);
		len = lf != NULL ? (size_t)(lf - p) : n;
		add_run(l, p, len);
		if (lf == NULL)
			break;
		end_line(l);
		p += len + 1;
		n -= len + 1;
	}
}

void
lines_end(struct lines *l)
{
	l->bare_cr |= l->cr;
	if (l->line > l->longest)
		l->longest = l->line;
}

bool
lines_lack_end(const struct lines *l)
{
	return l->any && l->last != '\n';
}
