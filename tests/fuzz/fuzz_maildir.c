/*
 * The files that Dovecot keeps in a Maildir may hold anything: no message is
 * lost for it, none is listed twice, and UIDs ascend.  Input: the texts of
 * dovecot-uidlist, dovecot-keywords and subscriptions with \0 between.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stores/maildir/maildir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char *const dirs[] = { "cur", "new", "tmp", ".A", ".A/cur" };
static const char *const mails[] = { "cur/1.a:2,Sabz", "cur/2.b,W=7:2,",
	"new/3.c", "cur/3.c:2,F", "cur/4.d" };
static const char *const files[] = { "dovecot-uidlist", "dovecot-keywords",
	"subscriptions" };

enum { DIRS = 5, MAILS = 5, FILES = 3, DISTINCT = 4, PATH_SIZE = 128 };

/* Made once: a fuzzer runs this thousands of times a second. */
static char root[] = "/tmp/mailproof-fuzz.XXXXXX";
static int root_fd = -1;

static void
clean(void)
{
	int i;

	for (i = 0; i < FILES; i++)
		(void)unlinkat(root_fd, files[i], 0);
	for (i = 0; i < MAILS; i++)
		(void)unlinkat(root_fd, mails[i], 0);
	for (i = DIRS; i > 0; i--)
		(void)unlinkat(root_fd, dirs[i - 1], AT_REMOVEDIR);
	(void)close(root_fd);
	(void)rmdir(root);
}

static void
put(const char *name, const void *p, size_t n)
{
	int fd = openat(root_fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert(fd != -1);
	assert(write(fd, p, n) == (ssize_t)n);
	assert(close(fd) == 0);
}

static void
make(void)
{
	int i;

	assert(mkdtemp(root) != NULL);
	root_fd = open(root, O_RDONLY | O_DIRECTORY);
	assert(root_fd != -1);
	for (i = 0; i < DIRS; i++)
		assert(mkdirat(root_fd, dirs[i], 0700) == 0);
	for (i = 0; i < MAILS; i++)
		put(mails[i], "a: b\n\nc\n", 8);
	assert(atexit(clean) == 0);
}

static enum rc
on_message(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	uint32_t *last = arg;

	(void)fp;
	(void)f;
	assert(m->uid > *last && m->uid < UINT32_MAX);
	assert(m->keywords != NULL);
	*last = m->uid;
	return RC_OK;
}

static void
look(struct store *s, const struct folder *folder)
{
	struct fault f = FAULT_INIT;
	struct folder_state st;
	uint32_t last = 0;
	uint64_t seen;

	folder_state_init(&st);
	if (s->ops->select(s, folder, STORE_READ, &st, &f) == RC_OK) {
		assert(st.exists == DISTINCT && st.uidvalidity != 0);
		assert(s->ops->scan(s, 1, 0, on_message, &last, &seen, &f) ==
		    RC_OK);
		assert(seen == DISTINCT && last < st.uidnext);
	} else {
		assert(f.cause != CAUSE_NONE && f.text[0] != '\0');
	}
	folder_state_release(&st);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct folders l = FOLDERS_INIT;
	struct fault f = FAULT_INIT;
	struct store *s;
	const uint8_t *end;
	size_t n;
	int i;

	if (root_fd == -1)
		make();
	for (i = 0; i < FILES; i++) {
		end = len > 0 ? memchr(data, '\0', len) : NULL;
		n = end == NULL ? len : (size_t)(end - data);
		put(files[i], data, n);
		data += n + (end != NULL);
		len -= n + (end != NULL);
	}
	if (maildir_open(root, MAILDIR_PLUSPLUS, false, &s, &f) != RC_OK)
		return 0;
	if (s->ops->folders(s, &l, &f) == RC_OK) {
		assert(l.n == 2);
		look(s, &l.v[0]);
	}
	folders_release(&l);
	store_free(s);
	return 0;
}
