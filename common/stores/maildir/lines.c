#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "stores/maildir/lines.h"

enum { LINES_STEP = 65536 };

enum rc
lines_open(struct lines *l, int dirfd, const char *name, struct fault *f)
{
	memset(l, 0, sizeof(*l));
	l->name = name;
	l->fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (l->fd == -1 && errno != ENOENT)
		return fault_errno(f, RC_FOLDER, CAUSE_IO, "cannot open '%s'",
		    name);
	return RC_OK;
}

/* More bytes behind what is left; *n_r is 0 at the end of the file. */
static enum rc
fill(struct lines *l, size_t *n_r, struct fault *f)
{
	ssize_t n;

	buf_drop(&l->data, l->at);
	l->at = 0;
	if (l->data.len > LINES_STEP)
		return fault_set(f, RC_FOLDER, CAUSE_DATA,
		    "'%s' has a line of more than %d octets", l->name,
		    LINES_STEP);
	do
		n = read(l->fd, buf_room(&l->data, LINES_STEP), LINES_STEP);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return fault_errno(f, RC_FOLDER, CAUSE_IO, "cannot read '%s'",
		    l->name);
	l->data.len += (size_t)n;
	*n_r = (size_t)n;
	return RC_OK;
}

enum rc
lines_next(struct lines *l, char **line_r, struct fault *f)
{
	unsigned char *start, *lf = NULL;
	size_t n = 1;
	enum rc rc;

	*line_r = NULL;
	if (l->fd == -1)
		return RC_END;
	for (;;) {
		if (l->data.len > l->at)
			lf = memchr(l->data.data + l->at, '\n',
			    l->data.len - l->at);
		if (lf != NULL)
			break;
		if (n == 0)
			return RC_END;
		rc = fill(l, &n, f);
		if (rc != RC_OK)
			return rc;
	}
	start = l->data.data + l->at;
	*lf = '\0';
	l->at = (size_t)(lf - l->data.data) + 1;
	*line_r = (char *)start;
	return RC_OK;
}

void
lines_close(struct lines *l)
{
	if (l->fd != -1)
		(void)close(l->fd);
	l->fd = -1;
	buf_release(&l->data);
}
