#include "stores/imap/reading.h"

#include <stdlib.h>
#include <string.h>

#include "stores/imap/uidset.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	RANGE_COUNT = 500,
	STEP = 1 << 20,        /* octets of a message between two calls */
	RANGE_BYTES = 4 << 20, /* of sizes told */
	RANGE_RUNS = 350,      /* of UIDs: 22 octets each, 8 KiB */
};

enum rc
reading_init(struct reading *rd, struct imap_store *is, const struct msg *m,
    size_t n, struct fault *f)
{
	memset(rd, 0, sizeof(*rd));
	rd->is = is;
	rd->m = m;
	rd->n = n;
	rd->alone = n;
	rd->state = xcalloc(n > 0 ? n : 1, 1);
	return mend_init(&rd->mend, is, f);
}

void
reading_release(struct reading *rd)
{
	mailimap *im = rd->is->s.im;

	if (im != NULL) {
		mailimap_set_progress_callback(im, NULL, NULL, NULL);
		mailimap_set_msg_body_handler(im, NULL, NULL);
		mailimap_set_msg_att_handler(im, NULL, NULL);
	}
	free(rd->state);
	mend_release(&rd->mend);
}

size_t
reading_next(const struct reading *rd, size_t i, enum reading_state state)
{
	while (i < rd->n && rd->state[i] != state)
		i++;
	return i;
}

size_t
reading_count(const struct reading *rd, enum reading_state state)
{
	size_t i, count = 0;

	for (i = 0; i < rd->n; i++)
		count += rd->state[i] == state;
	return count;
}

size_t
reading_collect(const struct reading *rd, size_t i, enum reading_state state,
    struct buf *set, uint64_t *octets_r)
{
	size_t most = pace_batch(rd->is->s.config.at.pace, RANGE_COUNT);
	struct uidset uids = UIDSET_INIT;
	uint64_t bytes = 0;

	for (; i < rd->n && uids.count < most && bytes < RANGE_BYTES &&
	     uids.n < RANGE_RUNS;
	     i++) {
		if (rd->state[i] != state)
			continue;
		/* One that is large comes alone. */
		if (uids.count > 0 && rd->m[i].size > RANGE_BYTES - bytes)
			break;
		(void)uidset_add(&uids, rd->m[i].uid);
		if (state == READING_WAITING)
			bytes += rd->m[i].size;
	}
	*octets_r = bytes;
	uidset_format(&uids, set);
	uidset_release(&uids);
	return i;
}

static void
stop(struct reading *rd, enum rc rc, const struct fault *f)
{
	if (rd->rc != RC_OK)
		return;
	rd->rc = rc;
	rd->fault = *f;
}

/* libetpan calls no other handler unless there is this one. */
static void
on_progress(size_t current, size_t maximum, void *arg)
{
	(void)current;
	(void)maximum;
	(void)arg;
}

static bool
on_bytes(int type, struct mailimap_msg_att_body_section *section, const char *p,
    size_t n, void *arg)
{
	struct reading *rd = arg;
	struct fault f = FAULT_INIT;
	enum rc rc;

	(void)type;
	if (rd->rc != RC_OK)
		return false;
	if (rd->section != section) {
		/* Twice in one answer: the last one counts. */
		rd->section = section;
		rd->filled++;
		if (rd->mode != READING_PARTS) {
			intake_begin(rd->is->s.intake);
			rd->begun = true;
		}
	}
	rc = intake_add(rd->is->s.intake, p, n, &f);
	if (rc != RC_OK) {
		stop(rd, rc, &f);
		return false;
	}
	if (rd->came != NULL && (rd->octets + n) / STEP > rd->octets / STEP)
		rd->came(rd, rd->n);
	rd->octets += n;
	return true;
}

/* What one FETCH answer was about. */
struct answer {
	uint32_t uid; /* 0: not told */
	bool body;    /* it held a body section */
	bool nil;     /* which was NIL */
};

static void
look_at(const struct mailimap_msg_att *att, struct answer *a)
{
	const struct mailimap_msg_att_static *item;
	const struct mailimap_msg_att_item *any;
	clistiter *it;

	memset(a, 0, sizeof(*a));
	for (it = clist_begin(att->att_list); it != NULL; it = clist_next(it)) {
		any = clist_content(it);
		if (any->att_type != MAILIMAP_MSG_ATT_ITEM_STATIC)
			continue;
		item = any->att_data.att_static;
		if (item->att_type == MAILIMAP_MSG_ATT_UID) {
			a->uid = item->att_data.att_uid;
		} else if (item->att_type == MAILIMAP_MSG_ATT_BODY_SECTION) {
			a->body = true;
			a->nil =
			    item->att_data.att_body_section->sec_body_part ==
			    NULL;
		}
	}
}

static int
by_uid(const void *key, const void *element)
{
	const struct msg *m = element;
	uint32_t uid = *(const uint32_t *)key;

	return (uid > m->uid) - (uid < m->uid);
}

/* The message that the answer is about; n when we do not want it. */
static size_t
which(const struct reading *rd, const struct answer *a)
{
	const struct msg *m;

	/* Some servers leave the UID out: one alone needs no name. */
	if (a->uid == 0)
		return a->body ? rd->alone : rd->n;
	m = bsearch(&a->uid, rd->m, rd->n, sizeof(rd->m[0]), by_uid);
	return m == NULL ? rd->n : (size_t)(m - rd->m);
}

void
reading_commit(struct reading *rd, size_t i)
{
	struct fault f = FAULT_INIT;
	struct body body;
	enum rc rc;

	rc = intake_end(rd->is->s.intake, &body, &f);
	if (rc == RC_OK)
		rc = rd->fn(rd->arg, &rd->m[i], READ_BODY, &body, NULL, &f);
	/* What is not read here does not come: the server waits too. */
	if (rc == RC_OK)
		rc = pace_messages(rd->is->s.config.at.pace, 1, &f);
	if (rc != RC_OK)
		stop(rd, rc, &f);
	rd->state[i] = READING_DONE;
	rd->mend.tries = 0;
}

/* The body of message i has come to its end. */
static void
take_body(struct reading *rd, size_t i, const struct answer *a)
{
	uint64_t size = rd->begun ? intake_size(rd->is->s.intake) : 0;

	if (size == 0 && (a->nil || rd->m[i].size > 0)) {
		rd->state[i] = READING_EMPTY;
		return;
	}
	if (!rd->begun)
		intake_begin(rd->is->s.intake);
	reading_commit(rd, i);
}

static void
on_answer(struct mailimap_msg_att *att, void *arg)
{
	struct reading *rd = arg;
	struct answer a;
	size_t i;

	look_at(att, &a);
	i = which(rd, &a);
	if (rd->rc == RC_OK && i < rd->n) {
		if (rd->mode == READING_BODIES && a.body &&
		    rd->state[i] == READING_WAITING) {
			take_body(rd, i, &a);
			rd->octets = 0;
			if (rd->came != NULL && rd->rc == RC_OK)
				rd->came(rd, i);
		} else if (rd->mode == READING_PARTS && a.body && !a.nil &&
		    rd->section == NULL)
			rd->filled++;
		else if (rd->mode == READING_LISTED &&
		    rd->state[i] == READING_MISSING)
			rd->state[i] = READING_SILENT;
	}
	rd->begun = false;
	rd->section = NULL;
	rd->octets = 0;
}

void
reading_command(struct buf *cmd, const struct buf *set, const char *items)
{
	buf_adds(cmd, "UID FETCH ");
	buf_add(cmd, set->data, set->len);
	buf_addf(cmd, " %s", items);
}

void
reading_listen(struct reading *rd)
{
	mailimap *im = rd->is->s.im;

	if (im == NULL)
		return;
	mailimap_set_progress_callback(im, on_progress, on_progress, NULL);
	mailimap_set_msg_body_handler(im, on_bytes, rd);
	mailimap_set_msg_att_handler(im, on_answer, rd);
}

enum rc
reading_send(struct reading *rd, const struct buf *set, const char *items,
    int *tag_r, struct fault *f)
{
	struct session *s = &rd->is->s;
	struct buf cmd = BUF_INIT;
	enum rc rc;

	rc = interrupt_check(f);
	if (rc != RC_OK)
		return rc;
	reading_listen(rd);
	reading_command(&cmd, set, items);
	rc = session_send(s, &cmd, tag_r, f);
	if (rc == RC_OK)
		rc = session_flush(s, f);
	buf_release(&cmd);
	return rc;
}

static enum rc
stopped(struct reading *rd, enum rc rc, struct fault *f)
{
	if (rd->rc == RC_OK)
		return rc;
	/* More answers may be on their way. */
	session_drop(&rd->is->s);
	*f = rd->fault;
	return rd->rc;
}

enum rc
reading_wait(struct reading *rd, int tag, struct imap_reply *reply,
    struct fault *f)
{
	enum rc rc;

	rd->begun = false;
	rd->section = NULL;
	rd->octets = 0;
	rc = session_wait(&rd->is->s, tag, reply, f);
	return stopped(rd, rc, f);
}

enum rc
reading_tell(struct reading *rd, size_t i, enum read_fate fate,
    const char *reason, struct fault *f)
{
	struct fault told = FAULT_INIT;
	enum rc rc;

	rd->state[i] = READING_DONE;
	rd->mend.tries = 0;
	rc = rd->fn(rd->arg, &rd->m[i], fate, NULL, reason, &told);
	if (rc != RC_OK)
		stop(rd, rc, &told);
	return stopped(rd, RC_OK, f);
}

enum rc
reading_judge(struct reading *rd, const struct imap_reply *reply,
    struct fault *f)
{
	struct fault said = FAULT_INIT;
	enum rc rc;

	if (reply->status == IMAP_OK ||
	    imap_is_particular(&rd->is->s, reply, "fetch", &rc, &said))
		return RC_OK;
	/* What asks for a pause is asked again after it. */
	if (rd->rc == RC_OK && rd->is->s.plea.kind == BACKOFF_NONE) {
		rd->rc = fault_wrap(&said, rc, "%s", rd->mend.folder.name);
		rd->fault = said;
	}
	session_drop(&rd->is->s);
	*f = said;
	return rc;
}
