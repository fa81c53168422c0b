#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/mem.h"
#include "util/path.h"

enum rc
path_make_parents(const char *path, struct fault *f)
{
	char *dir = xstrdup(path);
	enum rc rc = RC_OK;
	char *p = dir[0] == '\0' ? NULL : strchr(dir + 1, '/');

	for (; p != NULL && rc == RC_OK; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(dir, 0700) == -1 && errno != EEXIST)
			rc = fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
			    "cannot create '%s'", dir);
		*p = '/';
	}
	free(dir);
	return rc;
}

void
path_add_state(struct buf *b)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (state != NULL && state[0] == '/')
		buf_adds(b, state);
	else
		buf_addf(b, "%s/.local/state", home != NULL ? home : "");
	buf_adds(b, "/mailproof/");
}
