#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/hash.h"
#include "program/startup.h"
#include "util/clock.h"
#include "util/interrupt.h"

/* What comes within this time of the first signal is the same signal once
 * more: timeout(1) sends it to us and then to our group. */
enum { ECHO_MS = 500 };

/* Octets from which on memory that is freed goes back to the system. */
enum { LARGE = 1 << 20 };

/*
 * The first one asks the program to end, a later one kills it: by itself,
 * so that whoever waits sees what it was.  Async-signal-safe throughout.
 */
static void
on_signal(int signo)
{
	static volatile sig_atomic_t began; /* tenths of a second */
	int saved = errno;
	int64_t now = clock_ms() / 100;

	if (interrupt_signal() == 0) {
		began = (sig_atomic_t)(now % INT32_MAX);
		interrupt_raise(signo);
	} else if (now % INT32_MAX - began > ECHO_MS / 100) {
		(void)signal(signo, SIG_DFL);
		(void)raise(signo);
	}
	errno = saved;
}

/* A closed descriptor 0, 1 or 2 would be given to the next file opened, and
 * messages would then land in an archive. */
static enum rc
fill_descriptors(struct fault *f)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd == -1)
			return fault_errno(f, RC_STORE, CAUSE_IO,
			    "open '/dev/null'");
	} while (fd <= STDERR_FILENO);
	(void)close(fd);
	return RC_OK;
}

static enum rc
handle(int signo, void (*handler)(int), int flags, struct fault *f)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	sa.sa_flags = flags;
	(void)sigemptyset(&sa.sa_mask);
	if (sigaction(signo, &sa, NULL) == -1)
		return fault_errno(f, RC_STORE, CAUSE_BUG, "cannot handle %s",
		    strsignal(signo));
	return RC_OK;
}

/*
 * No SA_RESTART: a wait must end.  A signal that is ignored when we start
 * stays so: nohup, and jobs that a shell put into the background, rely on
 * it.
 */
static enum rc
handle_interrupt(int signo, struct fault *f)
{
	struct sigaction old;

	if (sigaction(signo, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
		return RC_OK;
	return handle(signo, on_signal, 0, f);
}

enum rc
startup(struct fault *f)
{
	static const int interrupts[] = { SIGINT, SIGTERM, SIGHUP };
	static const int ignored[] = { SIGPIPE, SIGXFSZ };
	struct rlimit none = { 0, 0 };
	enum rc rc;
	size_t i;

	rc = fill_descriptors(f);
	if (rc != RC_OK)
		return rc;
	if (setrlimit(RLIMIT_CORE, &none) == -1)
		return fault_errno(f, RC_STORE, CAUSE_BUG,
		    "cannot forbid core files");
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
		rc = handle(ignored[i], SIG_IGN, 0, f);
		if (rc != RC_OK)
			return rc;
	}
	for (i = 0; i < sizeof(interrupts) / sizeof(interrupts[0]); i++) {
		rc = handle_interrupt(interrupts[i], f);
		if (rc != RC_OK)
			return rc;
	}
	(void)umask(077);
	/* Else the first large thing freed raises the threshold above our
	 * buffers, and holes between them count as ours for good. */
	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
	if (!hash_startup())
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "libsodium does not start");
	return RC_OK;
}
