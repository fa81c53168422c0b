#include "util/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/* A handler writes it, and all threads look. */
static atomic_int raised;

void
interrupt_raise(int signo)
{
	atomic_store(&raised, signo);
}

int
interrupt_signal(void)
{
	return atomic_load(&raised);
}

static const char *
name_of(int signo)
{
	switch (signo) {
	case SIGHUP:
		return "SIGHUP";
	case SIGINT:
		return "SIGINT";
	case SIGQUIT:
		return "SIGQUIT";
	case SIGTERM:
		return "SIGTERM";
	default:
		return NULL;
	}
}

enum rc
interrupt_check(struct fault *f)
{
	int signo = interrupt_signal();

	if (signo == 0)
		return RC_OK;
	if (name_of(signo) == NULL)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "interrupted by signal %d", signo);
	return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "interrupted by %s",
	    name_of(signo));
}
