/* What goes on in the process of a job. */
#include "worker.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

#include "frame.h"
#include "util/file.h"
#include "util/interrupt.h"

struct pool_line {
	int fd;
};

static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

/* A terminal signals us, too, beside the one that forked us: the second time
 * is not to end the cleaning up. */
static void
on_signal(int signo)
{
	interrupt_raise(signo);
	(void)signal(signo, SIG_IGN);
}

static void
on_time(int signo)
{
	(void)signo;
	interrupt_raise(SIGTERM);
}

static void
handle(int signo, void (*handler)(int))
{
	struct sigaction sa, old;

	/* What nohup lets us ignore stays so. */
	if (sigaction(signo, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
		return;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	(void)sigaction(signo, &sa, NULL);
}

static enum rc
send_frame(int fd, enum frame_kind kind, const void *p, size_t n)
{
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;
	enum rc rc;

	frame_add(&b, kind, p, n);
	rc = file_write(fd, "pipe", b.data, b.len, &f);
	buf_release(&b);
	return rc;
}

void
pool_say(struct pool_line *l, const void *p, size_t n)
{
	if (send_frame(l->fd, FRAME_NEWS, p, n) != RC_OK)
		_exit(1);
}

void
pool_spare(struct pool_line *l, int ms)
{
	const struct itimerval time = { .it_value = { ms / 1000,
					    ms % 1000 * 1000 } };
	size_t i;

	(void)l;
	for (i = 0; i < SIGNALS; i++)
		(void)signal(signals[i], SIG_IGN);
	handle(SIGALRM, on_time);
	(void)setitimer(ITIMER_REAL, &time, NULL);
	interrupt_raise(0);
}

_Noreturn void
worker_run(const struct pool *p, size_t job, int fd, pid_t parent,
    const sigset_t *old)
{
	struct pool_line line = { fd };
	struct buf result = BUF_INIT;
	size_t i;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	for (i = 0; i < SIGNALS; i++)
		handle(signals[i], on_signal);
	(void)sigprocmask(SIG_SETMASK, old, NULL);
	p->work(p->arg, job, &line, &result);
	_exit(send_frame(fd, FRAME_RESULT, result.data, result.len) == RC_OK ?
		0 :
		1);
}
