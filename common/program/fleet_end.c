#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program/fleet_priv.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/mem.h"
#include "util/text.h"

enum { WORDS_MAX = 512, DOUBLINGS_MAX = 5, WAIT_MAX_MS = 15 * 60 * 1000 };

/* A signal that a program gets by its own doing. */
static bool
is_crash(int signo)
{
	static const int own[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL,
		SIGSYS, SIGTRAP };
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i] == signo)
			return true;
	return false;
}

/* It did not tell its outcome, or another one. */
static void
guess(const struct fleet *t, struct job *j, enum cause cause, const char *how)
{
	struct job_result *r = &j->result;
	char *log = fleet_path(t, j, "log");
	struct fault f = { .cause = cause };
	char words[WORDS_MAX];

	outcome_fault(&r->outcome, &f);
	outcome_words(&r->outcome, words, sizeof(words));
	r->status = outcome_status(&r->outcome);
	free(r->words);
	r->words = xstrdup(words);
	free(r->reason);
	r->reason = xasprintf("%s: see %s", how, log);
	free(log);
}

static void
conclude(const struct fleet *t, struct job *j, int wait_status)
{
	int status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
	enum cause cause;
	char *how;

	if (WIFSIGNALED(wait_status)) {
		how = xasprintf("ended by signal %d (%s)",
		    WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)));
		cause = is_crash(WTERMSIG(wait_status)) ? CAUSE_BUG :
							  CAUSE_TEMPORARY;
	} else if (j->told && status == j->result.status) {
		if (t->options->accounts.check && status == STATUS_COMPLETE) {
			free(j->result.words);
			j->result.words = xstrdup("logged in");
		}
		return;
	} else {
		how = xasprintf("ended with status %d%s", status,
		    j->told ? ", and had told another" : "");
		cause = j->told ? CAUSE_BUG : cause_of_status(status);
	}
	/* Who has finished has told its summary. */
	if (cause == CAUSE_NONE || cause == CAUSE_REFUSED)
		cause = CAUSE_BUG;
	guess(t, j, cause, how);
	free(how);
}

static void
clear_run(struct job *j)
{
	free(j->progress);
	buf_release(&j->line);
	j->progress = NULL;
	j->octets = 0;
	j->told = j->error = j->overlong = j->settled = false;
	j->pid = 0;
}

static bool
try_again(const struct fleet *t, const struct job *j)
{
	return (j->result.status == STATUS_TEMPORARY ||
		   j->result.status == STATUS_UNREACHABLE) &&
	    j->tries <= t->options->accounts.retry && interrupt_signal() == 0;
}

static void
wait_again(struct fleet *t, struct job *j)
{
	unsigned doublings = j->tries - 1;
	int64_t ms = (int64_t)t->options->accounts.retry_wait_s * 1000;
	struct buf pause = BUF_INIT;

	if (doublings > DOUBLINGS_MAX)
		doublings = DOUBLINGS_MAX;
	ms <<= doublings;
	/* A longer one was asked for. */
	if (ms > WAIT_MAX_MS && doublings > 0)
		ms = WAIT_MAX_MS;
	meter_seconds(&pause, ms);
	report_note(t->report, "%s: %s: %s; again in %s (%u of %u)",
	    j->account->name, j->result.words,
	    j->result.reason == NULL ? "no reason told" : j->result.reason,
	    buf_str(&pause), j->tries, t->options->accounts.retry);
	buf_release(&pause);
	job_result_release(&j->result);
	clear_run(j);
	j->not_before_ms = clock_ms() + ms;
	j->state = JOB_WAITING;
	t->first = 0;
}

static void
send_event(struct fleet *t, const struct job *j)
{
	struct event *e = event_begin(t->report, "account");

	event_text(e, "account", j->account->name);
	event_signed(e, "status", j->result.status);
	event_text(e, "words", j->result.words);
	event_text(e, "reason", j->result.reason);
	event_number(e, "tries", j->result.tries);
	event_signed(e, "elapsed_ms", j->result.ms);
	event_send(e);
}

/* "anna: complete, 12 messages, 1.2 MB, 0.4 s", or why not. */
static void
tell(struct fleet *t, const struct job *j)
{
	const struct job_result *r = &j->result;
	struct buf b = BUF_INIT;

	buf_adds(&b, r->words);
	if (!t->options->accounts.check)
		fleet_add_amount(&b, r);
	if (r->reason != NULL && r->status != STATUS_COMPLETE)
		buf_addf(&b, ": %s", r->reason);
	if (r->status != STATUS_COMPLETE)
		report_relay(t->report, j->account->name, buf_str(&b));
	else
		report_note(t->report, "%s: %s", j->account->name, buf_str(&b));
	buf_release(&b);
}

static enum rc
finish(struct fleet *t, struct job *j, struct fault *f)
{
	j->result.ms = clock_ms() - j->began_ms;
	j->result.tries = j->tries;
	if (try_again(t, j)) {
		wait_again(t, j);
		return RC_OK;
	}
	clear_run(j);
	j->state = JOB_ENDED;
	t->ended++;
	t->octets += j->result.octets;
	t->failed += j->result.status != STATUS_COMPLETE;
	meter_add(&t->meter, clock_ms() - t->began_ms, 1, 0);
	send_event(t, j);
	tell(t, j);
	return fleet_note_end(t, j, f);
}

enum rc
job_ended(struct fleet *t, struct job *j, int wait_status, struct fault *f)
{
	job_close(t, j);
	t->running--;
	t->settled -= j->settled;
	conclude(t, j, wait_status);
	job_tidy(t, j);
	return finish(t, j, f);
}

enum rc
job_failed(struct fleet *t, struct job *j, const struct fault *why,
    struct fault *f)
{
	struct job_result *r = &j->result;
	char words[WORDS_MAX];

	outcome_fault(&r->outcome, why);
	outcome_words(&r->outcome, words, sizeof(words));
	r->status = outcome_status(&r->outcome);
	r->words = xstrdup(words);
	r->reason = xstrdup(why->text);
	return finish(t, j, f);
}
