#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "accounts/secret.h"
#include "util/file.h"
#include "util/interrupt.h"

enum { SLICE_MS = 200 };

static enum rc
tty_fault(struct fault *f)
{
	return fault_errno(f, RC_STORE, CAUSE_IO, "/dev/tty");
}

/* A signal may come before we wait, or go to another thread: then nothing
 * ends a wait, hence a slice at a time. */
static enum rc
await_input(int tty, struct fault *f)
{
	struct pollfd p = { .fd = tty, .events = POLLIN };
	enum rc rc;
	int n;

	do {
		rc = interrupt_check(f);
		if (rc != RC_OK)
			return rc;
		n = poll(&p, 1, SLICE_MS);
	} while (n == 0 || (n == -1 && errno == EINTR));
	return n == -1 ? tty_fault(f) : RC_OK;
}

/* Up to the line's end.  A signal of startup.h's ends it. */
static enum rc
read_line(int tty, struct buf *out, struct fault *f)
{
	unsigned char *p = buf_room(out, SECRET_MAX + 1);
	size_t have = 0;
	ssize_t n;
	enum rc rc;

	for (;;) {
		rc = await_input(tty, f);
		if (rc != RC_OK)
			return rc;
		n = read(tty, p + have, 1);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return tty_fault(f);
		if (n == 0 || p[have] == '\n')
			break;
		if (++have > SECRET_MAX)
			return fault_set(f, RC_STORE, CAUSE_CONFIG,
			    "/dev/tty: longer than %d octets", SECRET_MAX);
	}
	if (have == 0)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "/dev/tty: an empty secret was given");
	out->len += have;
	return RC_OK;
}

static enum rc
ask(int tty, const char *prompt, struct buf *out, struct fault *f)
{
	struct termios old, quiet;
	struct fault ignored;
	enum rc rc;

	if (tcgetattr(tty, &old) == -1)
		return tty_fault(f);
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	rc = file_write(tty, "/dev/tty", prompt, strlen(prompt), f);
	if (rc != RC_OK)
		return rc;
	if (tcsetattr(tty, TCSAFLUSH, &quiet) == -1)
		return tty_fault(f);
	rc = read_line(tty, out, f);
	(void)tcsetattr(tty, TCSADRAIN, &old);
	(void)!file_write(tty, "/dev/tty", "\n", 1, &ignored);
	return rc;
}

/*
 * What would stop or end us with the echo off waits until it is on again;
 * SIGINT, SIGTERM and SIGHUP only raise a flag and end the read.
 */
enum rc
secret_prompt(const char *prompt, struct buf *out, struct fault *f)
{
	static const int held[] = { SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU };
	sigset_t set, old;
	enum rc rc;
	size_t i;
	int tty;

	tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty == -1)
		return RC_END;
	(void)sigemptyset(&set);
	for (i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		(void)sigaddset(&set, held[i]);
	(void)sigprocmask(SIG_BLOCK, &set, &old);
	rc = ask(tty, prompt, out, f);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	(void)close(tty);
	return rc;
}
