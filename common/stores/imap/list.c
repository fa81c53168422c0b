#include <stdlib.h>
#include <string.h>

#include "stores/imap/introduce.h"
#include "stores/imap/listline.h"
#include "stores/imap/ops.h"
#include "util/mem.h"

/* Folders of one account; more is a server gone wild. */
enum { LIST_MAX = 200000 };

struct answers {
	struct folders list;
	struct folders lsub;
	struct folders status;
};

static void
answers_release(struct answers *a)
{
	folders_release(&a->list);
	folders_release(&a->lsub);
	folders_release(&a->status);
}

static enum rc
take_line(void *arg, const char *text, size_t n, struct fault *f)
{
	struct answers *a = arg;
	struct folders *to;
	struct folder line;

	switch (listline_parse(text, n, &line)) {
	case LISTLINE_OTHER:
		return RC_OK;
	case LISTLINE_LIST:
		to = &a->list;
		break;
	case LISTLINE_LSUB:
		to = &a->lsub;
		break;
	case LISTLINE_STATUS:
		to = &a->status;
		break;
	case LISTLINE_BROKEN:
	default:
		/* A folder that we cannot name would be lost in silence. */
		return fault_set(f, RC_STORE, CAUSE_REFUSED,
		    "list folders: cannot understand the server's line: %.*s",
		    n < 200 ? (int)n : 200, text);
	}
	if (to->n >= LIST_MAX) {
		folder_release(&line);
		return fault_set(f, RC_STORE, CAUSE_REFUSED,
		    "list folders: the server lists more than %d", LIST_MAX);
	}
	*folders_add(to) = line;
	return RC_OK;
}

/* Everything in one command (RFC 5258, 5819, 6154, 8438); RC_END when the
 * server cannot after all. */
static enum rc
list_extended(struct session *s, struct answers *a, struct fault *f)
{
	struct buf cmd = BUF_INIT;
	struct imap_reply reply;
	enum rc rc;

	buf_adds(&cmd, "LIST \"\" \"*\" RETURN (SUBSCRIBED");
	if (s->caps.special_use)
		buf_adds(&cmd, " SPECIAL-USE");
	if (s->caps.list_status)
		buf_addf(&cmd, " STATUS (MESSAGES UIDNEXT UIDVALIDITY%s%s)",
		    s->caps.condstore ? " HIGHESTMODSEQ" : "",
		    s->caps.status_size ? " SIZE" : "");
	buf_addc(&cmd, ')');
	rc = session_raw(s, &cmd, take_line, a, &reply, f);
	buf_release(&cmd);
	if (rc == RC_OK && reply.status != IMAP_OK)
		return RC_END;
	return rc;
}

/* One of several commands in a flight; what follows the first only adds to
 * the list: a NO to it is no loss of mail. */
static enum rc
list_plain(struct session *s, struct answers *a, struct fault *f)
{
	static const char *const commands[] = { "LIST \"\" \"*\"",
		"LSUB \"\" \"*\"", "LIST (SPECIAL-USE) \"\" \"*\"" };
	bool special = s->caps.special_use && !s->caps.list_extended;
	struct imap_reply reply, first = { .status = IMAP_OK };
	struct buf cmd = BUF_INIT;
	size_t i, n = special ? 3 : 2;
	int tag[3];
	enum rc rc = RC_OK;

	for (i = 0; rc == RC_OK && i < n; i++) {
		buf_clear(&cmd);
		buf_adds(&cmd, commands[i]);
		rc = session_send(s, &cmd, &tag[i], f);
	}
	for (i = 0; rc == RC_OK && i < n; i++) {
		rc = session_read(s, tag[i], take_line, a, &reply, f);
		if (i == 0)
			first = reply;
	}
	buf_release(&cmd);
	if (rc == RC_OK && first.status != IMAP_OK) {
		rc = imap_refusal(s, &first, "list folders", f);
		return rc == RC_OK ? rc : RC_STORE;
	}
	return rc;
}

/* What is in a foreign namespace, and what has no name. */
static void
leave_out_foreign(struct answers *a, const struct strs *foreign)
{
	struct folders *l = &a->list;
	size_t i, kept = 0;

	for (i = 0; i < l->n; i++) {
		if (l->v[i].wire[0] == '\0' ||
		    listline_is_foreign(foreign, &l->v[i])) {
			folder_release(&l->v[i]);
			continue;
		}
		if (kept != i)
			l->v[kept] = l->v[i];
		kept++;
	}
	l->n = kept;
}

enum rc
imap_folders(struct store *st, struct folders *r, struct fault *f)
{
	struct session *s = &((struct imap_store *)st)->s;
	struct answers a = { FOLDERS_INIT, FOLDERS_INIT, FOLDERS_INIT };
	enum rc rc;

	rc = s->caps.list_extended ? list_extended(s, &a, f) : RC_END;
	if (rc == RC_END)
		rc = list_plain(s, &a, f);
	if (rc != RC_OK)
		goto out;
	leave_out_foreign(&a, &s->foreign);
	listline_merge(&a.list, &a.lsub, &a.status, s->prefix, s->sep);
	folders_release(r);
	*r = a.list;
	a.list = (struct folders)FOLDERS_INIT;
out:
	answers_release(&a);
	return rc;
}

/* Only the folder itself, or the separator when wire is "". */
static enum rc
list_one(struct session *s, const char *wire, struct answers *a,
    struct fault *f)
{
	struct buf cmd = BUF_INIT;
	struct imap_reply reply;
	enum rc rc = RC_OK;

	buf_adds(&cmd, "LIST \"\" ");
	if (imap_add_string(&cmd, wire))
		rc = session_raw(s, &cmd, take_line, a, &reply, f);
	buf_release(&cmd);
	return rc;
}

/* NO to CREATE may mean that it is there: *there_r, as it is listed. */
static enum rc
look_for(struct session *s, const char *wire, bool *there_r, struct fault *f)
{
	struct answers a = { FOLDERS_INIT, FOLDERS_INIT, FOLDERS_INIT };
	enum rc rc;
	size_t i;

	*there_r = false;
	rc = list_one(s, wire, &a, f);
	/* A "%" or "*" in the name is a wildcard: others are listed too. */
	for (i = 0; rc == RC_OK && i < a.list.n; i++)
		if (listline_same(a.list.v[i].wire, wire) &&
		    (a.list.v[i].attr & FOLDER_NOSELECT) == 0)
			*there_r = true;
	answers_release(&a);
	return rc;
}

static enum rc
create_one(struct session *s, const char *wire, struct imap_reply *reply,
    struct fault *f)
{
	struct buf cmd = BUF_INIT;
	enum rc rc;

	memset(reply, 0, sizeof(*reply));
	buf_adds(&cmd, "CREATE ");
	if (imap_add_string(&cmd, wire))
		rc = session_raw(s, &cmd, NULL, NULL, reply, f);
	else
		rc = fault_set(f, RC_FOLDER, CAUSE_REFUSED,
		    "the name holds a line end, which no command can carry");
	buf_release(&cmd);
	return rc;
}

/*
 * Most servers make what is above a folder by themselves, and must (RFC 3501
 * section 6.3.3); for the others each level is made in turn, from the top.
 */
static enum rc
create_levels(struct session *s, const char *wire, struct imap_reply *reply,
    struct fault *f)
{
	size_t at = strlen(s->prefix);
	char *part;
	const char *cut;
	enum rc rc = RC_OK;

	if (strncmp(wire, s->prefix, at) != 0)
		at = 0;
	for (cut = wire + at; rc == RC_OK; cut++) {
		cut = s->sep == 0 ? NULL : strchr(cut, s->sep);
		if (cut == NULL)
			break;
		part = xstrndup(wire, (size_t)(cut - wire));
		rc = create_one(s, part, reply, f);
		free(part);
	}
	return rc == RC_OK ? create_one(s, wire, reply, f) : rc;
}

static enum rc
create_wire(struct session *s, const char *wire, struct fault *f)
{
	struct imap_reply reply;
	bool there = false;
	enum rc rc;

	rc = create_one(s, wire, &reply, f);
	if (rc != RC_OK || reply.status == IMAP_OK)
		return rc;
	if (strcmp(reply.code, "ALREADYEXISTS") == 0)
		return RC_OK;
	rc = look_for(s, wire, &there, f);
	if (rc != RC_OK || there)
		return rc;
	rc = create_levels(s, wire, &reply, f);
	if (rc != RC_OK || reply.status == IMAP_OK)
		return rc;
	return imap_refusal(s, &reply, "cannot create", f);
}

/* A server without NAMESPACE tells its separator this way (RFC 3501 section
 * 6.3.8). */
static enum rc
learn_separator(struct session *s, struct fault *f)
{
	struct answers a = { FOLDERS_INIT, FOLDERS_INIT, FOLDERS_INIT };
	struct buf cmd = BUF_INIT;
	struct imap_reply reply;
	enum rc rc;

	buf_adds(&cmd, "LIST \"\" \"\"");
	rc = session_raw(s, &cmd, take_line, &a, &reply, f);
	if (rc == RC_OK && a.list.n > 0)
		s->sep = a.list.v[0].sep;
	buf_release(&cmd);
	answers_release(&a);
	return rc;
}

enum rc
imap_create(struct store *st, const char *name, struct folder *r,
    struct fault *f)
{
	struct session *s = &((struct imap_store *)st)->s;
	char *wire = NULL;
	enum rc rc = RC_OK;

	memset(r, 0, sizeof(*r));
	if (s->sep == 0)
		rc = introduce_finish(s, f);
	if (rc == RC_OK && s->sep == 0)
		rc = learn_separator(s, f);
	if (rc == RC_OK)
		rc = folder_name_to_wire(name, s->sep, s->prefix, &wire, f);
	if (rc == RC_OK)
		rc = create_wire(s, wire, f);
	if (rc != RC_OK) {
		free(wire);
		return fault_wrap(f, rc, "%s", name);
	}
	r->wire = wire;
	r->name = xstrdup(name);
	r->sep = s->sep;
	return RC_OK;
}

/* A command that takes one folder. */
static enum rc
tell(struct store *st, const char *command, const struct folder *folder,
    const char *what, struct fault *f)
{
	struct session *s = &((struct imap_store *)st)->s;
	struct buf cmd = BUF_INIT;
	struct imap_reply reply;
	enum rc rc;

	buf_adds(&cmd, command);
	rc = imap_add_folder(&cmd, folder, f);
	if (rc == RC_OK)
		rc = session_raw(s, &cmd, NULL, NULL, &reply, f);
	if (rc == RC_OK && reply.status != IMAP_OK)
		rc = imap_refusal(s, &reply, what, f);
	buf_release(&cmd);
	return rc == RC_OK ? rc : fault_wrap(f, rc, "%s", folder->name);
}

enum rc
imap_subscribe(struct store *st, const struct folder *folder, struct fault *f)
{
	return tell(st, "SUBSCRIBE ", folder, "cannot subscribe", f);
}

enum rc
imap_unsubscribe(struct store *st, const struct folder *folder, struct fault *f)
{
	return tell(st, "UNSUBSCRIBE ", folder, "cannot unsubscribe", f);
}

/* DELETE takes a folder with its mail: what came since it was emptied must
 * not go with it. */
static enum rc
must_be_empty(struct store *st, const struct folder *folder, struct fault *f)
{
	struct folder_state state;
	uint32_t exists;
	enum rc rc;

	folder_state_init(&state);
	rc = imap_select(st, folder, STORE_AGAIN, &state, f);
	exists = state.exists;
	folder_state_release(&state);
	if (rc == RC_OK && exists > 0)
		rc = fault_set(f, RC_FOLDER, CAUSE_REFUSED,
		    "%s: not removed: it holds %u messages", folder->name,
		    exists);
	return rc;
}

enum rc
imap_remove_folder(struct store *st, const struct folder *folder,
    struct fault *f)
{
	struct session *s = &((struct imap_store *)st)->s;
	enum rc rc;

	rc = must_be_empty(st, folder, f);
	/* Some servers do not delete what is selected. */
	folder_release(&s->selected);
	memset(&s->selected, 0, sizeof(s->selected));
	return rc == RC_OK ? tell(st, "DELETE ", folder, "cannot remove", f) :
			     rc;
}
