#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail/date.h"
#include "program/fleet_priv.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/mem.h"

/* The descriptors that a process starts with. */
enum {
	CHILD_IN,
	CHILD_OUT,
	CHILD_LOG,
	CHILD_SECRET,
	CHILD_EVENTS,
	CHILD_TARGET_SECRET, /* of a survey, which looks at both sides */
	CHILD_FDS,
};

enum { ABOVE = 16 }; /* more than any of them */

struct launch {
	int fd[CHILD_FDS]; /* ours; -1: none */
	int listen;        /* the reading end of its events */
	struct strs argv;
	pid_t parent;
	int orphaned; /* the signal that it gets when we are gone */
};

static void
add(struct launch *l, const char *option, const char *value)
{
	strs_take(&l->argv, xasprintf("%s=%s", option, value));
}

/* A specification is no secret: it may stand in argv.  Passwords of the list
 * go through a pipe. */
static void
add_secret(const struct fleet *t, const struct account_place *p,
    const char *option, const char *descriptor, struct launch *l)
{
	const char *spec = p->secret;

	if (p->password != NULL)
		spec = descriptor;
	else if (spec == NULL && p->location.host != NULL)
		spec = options_secret(t->options, 0);
	if (spec != NULL)
		add(l, option, spec);
}

/* The other side of a survey, and where its report goes. */
static void
add_survey(const struct fleet *t, const struct job *j, struct launch *l)
{
	const struct account_place *p = &j->account->place[ACCOUNT_TARGET];

	if (p->location.text != NULL) {
		add(l, "--target", p->location.text);
		add_secret(t, p, "--target-secret", "fd:5", l);
	}
	if (t->options->accounts.check)
		return;
	strs_add(&l->argv, "--replace");
	strs_add(&l->argv, "--totals");
	add(l, "--output", j->archive);
}

static void
make_argv(const struct fleet *t, const struct job *j, struct launch *l)
{
	const struct common_options *o = t->options;
	const char *location = j->account->place[t->side].location.text;
	size_t i;

	strs_add(&l->argv, t->program->name);
	for (i = 0; i < o->accounts.passed.n; i++)
		strs_take(&l->argv,
		    fleet_option(t, j, o->accounts.passed.v[i]));
	/* Work side by side comes from the accounts. */
	if (o->connections == 0)
		strs_add(&l->argv, "--connections=1");
	add_secret(t, &j->account->place[t->side], "--secret", "fd:3", l);
	if (fleet_surveys(t))
		add_survey(t, j, l);
	strs_add(&l->argv, "--json=fd:4");
	if (o->accounts.check)
		strs_add(&l->argv, "--check");
	else if (t->program->work == WORK_BACKUP && !o->dry_run)
		add(l, "--output", j->archive);
	if (fleet_resumes(t, j))
		strs_add(&l->argv, "--resume");
	strs_add(&l->argv, "--");
	if (t->program->work != WORK_BACKUP && !fleet_surveys(t))
		strs_add(&l->argv, j->archive);
	if (location != NULL)
		strs_add(&l->argv, location);
}

/* A file of the account that tells what happened; how: O_APPEND, O_TRUNC. */
static enum rc
open_file(const struct fleet *t, const struct job *j, const char *suffix,
    int how, int *fd_r, struct fault *f)
{
	char *path = fleet_path(t, j, suffix);
	enum rc rc = RC_OK;

	*fd_r = open(path,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC | how, 0600);
	if (*fd_r == -1)
		rc = fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot write '%s'", path);
	free(path);
	return rc;
}

/* One run after the other stands in the log. */
static enum rc
head_log(const struct job *j, int fd, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc;

	buf_adds(&b, "== ");
	date_format_utc(&b, clock_utc());
	buf_addf(&b, ", try %u\n", j->tries);
	rc = file_write(fd, "the log", b.data, b.len, f);
	buf_release(&b);
	return rc;
}

/* A pipe holds more than a password has octets: nobody waits. */
static enum rc
fill_pipe(const struct account_place *p, int *fd_r, struct fault *f)
{
	int fd[2];
	enum rc rc;

	if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO, "pipe");
	rc = file_write(fd[1], "pipe", p->password, p->password_len, f);
	if (rc == RC_OK)
		rc = file_write(fd[1], "pipe", "\n", 1, f);
	(void)close(fd[1]);
	*fd_r = fd[0];
	return rc;
}

static enum rc
open_all(const struct fleet *t, const struct job *j, struct launch *l,
    struct fault *f)
{
	const struct account_place *p = &j->account->place[t->side],
				   *to = &j->account->place[ACCOUNT_TARGET];
	enum rc rc;
	int fd[2];

	l->fd[CHILD_IN] = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (l->fd[CHILD_IN] == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO, "open '/dev/null'");
	rc = open_file(t, j, "report", O_TRUNC, &l->fd[CHILD_OUT], f);
	if (rc == RC_OK)
		rc = open_file(t, j, "log", O_APPEND, &l->fd[CHILD_LOG], f);
	if (rc == RC_OK)
		rc = head_log(j, l->fd[CHILD_LOG], f);
	if (rc == RC_OK && p->password != NULL)
		rc = fill_pipe(p, &l->fd[CHILD_SECRET], f);
	if (rc == RC_OK && fleet_surveys(t) && to->password != NULL)
		rc = fill_pipe(to, &l->fd[CHILD_TARGET_SECRET], f);
	if (rc != RC_OK)
		return rc;
	if (pipe2(fd, O_CLOEXEC) == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO, "pipe");
	l->fd[CHILD_EVENTS] = fd[1];
	l->listen = fd[0];
	(void)fcntl(l->listen, F_SETFL, O_NONBLOCK);
	return RC_OK;
}

static void
close_all(struct launch *l)
{
	size_t i;

	for (i = 0; i < CHILD_FDS; i++)
		if (l->fd[i] != -1)
			(void)close(l->fd[i]);
	strs_release(&l->argv);
}

/*
 * In the new process, between fork and exec: only calls that a signal handler
 * may make.  Without a terminal it asks nobody for a password, and Ctrl-C
 * reaches us alone; it ends when we do.
 */
static void
become(const struct launch *l, char **argv)
{
	static const char text[] = "cannot run the program again\n";
	int fd[CHILD_FDS], i;
	ssize_t ignored;

	(void)setsid();
	(void)prctl(PR_SET_PDEATHSIG, l->orphaned);
	if (getppid() != l->parent)
		_exit(STATUS_TEMPORARY);
	for (i = 0; i < CHILD_FDS; i++)
		fd[i] = l->fd[i] == -1 ?
		    -1 :
		    fcntl(l->fd[i], F_DUPFD_CLOEXEC, ABOVE);
	for (i = 0; i < CHILD_FDS; i++)
		if (fd[i] != -1)
			(void)dup2(fd[i], i);
	(void)execv("/proc/self/exe", argv);
	ignored = write(CHILD_LOG, text, sizeof(text) - 1);
	(void)ignored;
	_exit(STATUS_IO);
}

enum rc
job_start(struct fleet *t, struct job *j, struct fault *f)
{
	struct launch l = { .fd = { -1, -1, -1, -1, -1, -1 },
		.listen = -1,
		.parent = getpid(),
		/* SIGTERM would be the end of what the next run is to go on
		 * with. */
		.orphaned = t->options->accounts.stays ? SIGKILL : SIGTERM };
	enum rc rc = open_all(t, j, &l, f);
	char **argv = NULL;

	if (rc != RC_OK)
		goto out;
	make_argv(t, j, &l);
	argv = xcalloc(l.argv.n + 1, sizeof(*argv));
	memcpy(argv, l.argv.v, l.argv.n * sizeof(*argv));
	j->pid = fork();
	if (j->pid == 0)
		become(&l, argv);
	if (j->pid == -1) {
		rc = fault_errno(f, RC_STORE, CAUSE_TEMPORARY, "fork");
		goto out;
	}
	j->events = l.listen;
	l.listen = -1;
out:
	if (l.listen != -1)
		(void)close(l.listen);
	free(argv);
	close_all(&l);
	return rc;
}

void
job_tidy(const struct fleet *t, const struct job *j)
{
	char *path = fleet_path(t, j, "report");
	struct stat st;

	if (stat(path, &st) == 0 && st.st_size == 0)
		(void)unlink(path);
	free(path);
}
