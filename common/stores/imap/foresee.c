#include <stdlib.h>
#include <string.h>

#include "stores/imap/ops.h"
#include "stores/imap/reading.h"
#include "util/mem.h"

/*
 * store_ops.ahead: an operation that has sent all of its commands sends
 * those of the next ones as well, so that the server never waits for us.
 * Their texts are made by the very functions that these use; what they ask
 * in another way, or only after an answer, is not asked ahead, nor is
 * anything behind it.
 *
 * Each begins with an EXAMINE, be it of the same folder: Dovecot answers
 * FETCH commands that come without a pause as if they were one, and does so
 * only while the selection stays.
 */

static bool
send_selection(struct imap_store *is, const struct store_ask *ask)
{
	struct fault f = FAULT_INIT;
	struct buf cmd = BUF_INIT;
	bool sent;

	sent = imap_select_command(&cmd, ask->folder, ask->mode, &f) == RC_OK &&
	    ahead_send(&is->s, &cmd, ask->number, 0);
	buf_release(&cmd);
	return sent;
}

static bool
is_one_list(const struct imap_store *is, const struct folder *folder,
    unsigned want)
{
	struct buf cmd = BUF_INIT;
	bool one;

	one = imap_list_command(&cmd, &is->s, folder, want);
	buf_release(&cmd);
	return one;
}

static bool
send_scan(struct imap_store *is, const struct store_ask *ask, unsigned want)
{
	struct buf cmd = BUF_INIT;
	bool sent;

	if (ask->folder->messages == 0)
		return true;
	sent = imap_list_command(&cmd, &is->s, ask->folder, want) &&
	    ahead_send(&is->s, &cmd, ask->number, 0);
	buf_release(&cmd);
	return sent;
}

static bool
has_room(const struct imap_store *is, uint64_t octets)
{
	return ahead_commands(&is->s) < AHEAD_COMMANDS &&
	    octets + ahead_answers(&is->s) < AHEAD_WINDOW;
}

/* Ranges as stream.c will ask for them, while there is room. */
static bool
send_ranges(struct imap_store *is, const struct store_ask *ask, uint64_t octets)
{
	struct reading rd = { .is = is, .m = ask->m, .n = ask->n };
	struct buf set = BUF_INIT, cmd = BUF_INIT;
	uint64_t bytes;
	size_t *at = &is->told.at;
	bool sent = true;

	rd.state = xcalloc(ask->n + 1, sizeof(*rd.state));
	while (sent && *at < rd.n && has_room(is, octets)) {
		buf_clear(&set);
		buf_clear(&cmd);
		*at = reading_collect(&rd, *at, READING_WAITING, &set, &bytes);
		reading_command(&cmd, &set, READING_ITEMS);
		sent = ahead_send(&is->s, &cmd, ask->number, bytes);
	}
	free(rd.state);
	buf_release(&set);
	buf_release(&cmd);
	return sent;
}

/* False when the rest of it, or all behind it, must wait. */
static bool
send_ask(struct imap_store *is, const struct store_ask *ask, uint64_t octets)
{
	unsigned want;
	const bool scan = imap_is_scanned(ask->mode, &want);
	bool sent = true;

	if (scan && !is_one_list(is, ask->folder, want))
		return false;
	if (is->told.at == 0)
		sent = send_selection(is, ask);
	if (sent && scan)
		sent = send_scan(is, ask, want);
	else if (sent)
		sent = send_ranges(is, ask, octets);
	/* A line that is lost shows when it is read. */
	if (!sent || (!scan && is->told.at < ask->n))
		return false;
	is->told.next++;
	is->told.at = 0;
	return true;
}

void
foresee_send(struct imap_store *is, uint64_t octets)
{
	if (pace_is_paused(is->s.config.at.pace))
		return;
	while (is->s.im != NULL && !is->s.ahead.astray &&
	    is->told.next < is->told.n && has_room(is, octets))
		if (!send_ask(is, &is->told.v[is->told.next], octets))
			break;
}

void
imap_ahead(struct store *st, const struct store_ask *ask, size_t n)
{
	struct imap_store *is = (struct imap_store *)st;
	const struct ahead_command *last = ahead_last(&is->s);
	uint64_t known = last != NULL ? last->ask : 0, part = 0;
	size_t i, at = is->told.at;

	if (is->told.next < is->told.n && at > 0)
		part = is->told.v[is->told.next].number;
	if (n > 0 && is->s.ahead.careful > 0) {
		is->s.ahead.careful--;
		n = 0;
	}
	if (ahead_is_single(&is->s))
		n = 0;
	free(is->told.v);
	memset(&is->told, 0, sizeof(is->told));
	is->told.v = xcalloc(n + 1, sizeof(*ask));
	is->told.n = n;
	for (i = 0; i < n; i++) {
		is->told.v[i] = ask[i];
		/* Numbers rise: what is not newer is on its way. */
		if (ask[i].number > known)
			continue;
		is->told.next = ask[i].number == part ? i : i + 1;
		is->told.at = ask[i].number == part ? at : 0;
	}
}
