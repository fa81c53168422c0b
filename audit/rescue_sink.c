/* Where the messages of a damaged archive go. */
#include <stdlib.h>
#include <string.h>

#include "mail/fingerprint.h"
#include "rescue.h"
#include "stores/archive/format.h"
#include "util/mem.h"

enum { HEADER_MAX = 64 * 1024 }; /* octets, for the fingerprint */

/* Strays stay apart, so that nobody takes them for what was signed. */
static const char ASIDE[] = "Unsigned";

enum rc
rescue_announce(struct rescue *r, const struct folder *folder,
    uint32_t uidvalidity, uint32_t *number_r, struct fault *f)
{
	*number_r = 0;
	if (r->to == NULL)
		return RC_OK;
	return archive_writer_folder(r->to, folder, uidvalidity, number_r, f);
}

enum rc
rescue_message(void *arg, const struct archive_entry *e,
    const struct body *body, struct fault *f)
{
	struct rescue *r = arg;
	struct rescue_folder *at = &r->folder[e->msg.folder];
	struct msg m = e->msg;
	enum rc rc = RC_OK;

	m.folder = at->number;
	if (r->to != NULL)
		rc = archive_writer_add(r->to, &m, &e->fingerprint, body, f);
	at->saved++;
	r->saved++;
	r->octets += m.size;
	progress_add(r->report, 1, m.size);
	return rc == RC_OK ? RC_OK : RC_STORE;
}

void
rescue_refuse(struct rescue *r, const struct msg *m, uint32_t number,
    const char *reason)
{
	struct msg to = *m;

	to.folder = number;
	if (r->to != NULL)
		archive_writer_refuse(r->to, &to, reason);
}

enum rc
rescue_lost(void *arg, const struct archive_entry *e, uint32_t segment,
    struct fault *f)
{
	struct rescue *r = arg;
	struct rescue_folder *at = &r->folder[e->msg.folder];
	char *why;
	enum rc rc;

	why = e->reference.generation == 0 ?
	    xasprintf(LOST_REASON "segment %u is damaged", segment) :
	    xasprintf(LOST_REASON "it lies in the archive of generation %u",
		e->reference.generation);
	at->lost++;
	r->lost++;
	rescue_refuse(r, &e->msg, at->number, why);
	rc = rescue_line(r,
	    &(struct rescue_line){ .kind = "lost",
		.msg = &e->msg,
		.hash = &e->hash,
		.folder = at->name,
		.uidvalidity =
		    salvage_folder(r->from, e->msg.folder)->uidvalidity,
		.why = why },
	    f);
	free(why);
	return rc;
}

static enum rc
find_aside(struct rescue *r, const struct salvage_stray *m,
    struct rescue_aside **r_r, struct fault *f)
{
	struct rescue_aside *a;
	struct folder folder = { .sep = '/' };
	char *name = xasprintf("%s/%s", ASIDE, m->name);
	size_t i;
	enum rc rc;

	for (i = 0; i < r->asides; i++)
		if (r->aside[i].uidvalidity == m->uidvalidity &&
		    strcmp(r->aside[i].name, name) == 0) {
			*r_r = &r->aside[i];
			free(name);
			return RC_OK;
		}
	r->aside = xgrow(r->aside, r->asides, &r->aside_cap, sizeof(*r->aside));
	a = &r->aside[r->asides++];
	a->name = name;
	a->uidvalidity = m->uidvalidity;
	folder.name = folder.wire = name;
	rc = rescue_announce(r, &folder, m->uidvalidity, &a->number, f);
	*r_r = a;
	return rc;
}

static enum rc
store_stray(struct rescue *r, const struct salvage_stray *m, uint32_t number,
    const struct body *body, struct fault *f)
{
	struct buf header = BUF_INIT;
	struct fingerprint fp;
	struct msg to = m->msg;
	enum rc rc;

	rc = body_header(body, HEADER_MAX, &header, f);
	if (rc == RC_OK) {
		fingerprint_of(header.data, header.len, &fp);
		to.folder = number;
		rc = archive_writer_add(r->to, &to, &fp, body, f);
	}
	buf_release(&header);
	return rc == RC_OK ? RC_OK : RC_STORE;
}

enum rc
rescue_stray(void *arg, const struct salvage_stray *m, const struct body *body,
    struct fault *f)
{
	struct rescue *r = arg;
	struct rescue_aside *a;
	char *why;
	enum rc rc;

	rc = find_aside(r, m, &a, f);
	if (rc == RC_OK && r->to != NULL)
		rc = store_stray(r, m, a->number, body, f);
	if (rc != RC_OK)
		return rc;
	r->strays++;
	progress_add(r->report, 1, m->msg.size);
	why = xasprintf(LOST_REASON
	    "no manifest vouches for it: an unsigned copy is in %s",
	    a->name);
	if (m->folder < r->folders) {
		r->folder[m->folder].strays++;
		r->lost++;
		rescue_refuse(r, &m->msg, r->folder[m->folder].number, why);
	}
	rc = rescue_line(r,
	    &(struct rescue_line){ .kind = "unsigned",
		.msg = &m->msg,
		.hash = &m->hash,
		.folder = m->name,
		.uidvalidity = m->uidvalidity,
		.why = a->name },
	    f);
	free(why);
	return rc;
}
