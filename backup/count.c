/* mbackup -n: what there is. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "backup.h"
#include "util/buf.h"
#include "util/interrupt.h"
#include "util/text.h"

struct count {
	const struct selection *selection;
	uint64_t messages;
	uint64_t octets;
};

static enum rc
on_counted(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct count *c = arg;

	(void)fp;
	if (selection_has_date(c->selection, &m->date)) {
		c->messages++;
		c->octets += m->size;
	}
	return interrupt_check(f);
}

static enum rc
count_folder(struct backup *b, const struct folder *folder, struct count *c,
    struct fault *f)
{
	struct store *s = b->source;
	struct folder_state state;
	uint64_t seen;
	enum rc rc;

	folder_state_init(&state);
	rc = store_select(s, folder, STORE_READ, &state, f);
	if (rc == RC_OK)
		rc = s->ops->scan(s, 1, 0, on_counted, c, &seen, f);
	folder_state_release(&state);
	return rc;
}

static void
print_count(const struct count *c, const char *name)
{
	struct buf visible = BUF_INIT;

	text_visible(&visible, name, strlen(name), SIZE_MAX);
	printf("%10" PRIu64 "  %14" PRIu64 "  %s\n", c->messages, c->octets,
	    buf_str(&visible));
	buf_release(&visible);
}

enum rc
backup_list(struct backup *b, const struct folders *folders, struct fault *f)
{
	struct count total = { 0 };
	enum rc rc;
	size_t i;

	printf("  messages          octets  folder\n");
	for (i = 0; i < folders->n; i++) {
		struct count c = { .selection = b->selection };

		if (!backup_wants(b, &folders->v[i]))
			continue;
		rc = count_folder(b, &folders->v[i], &c, f);
		if (rc == RC_FOLDER || rc == RC_MESSAGE) {
			b->outcome.folders_failed++;
			(void)fault_name(f, rc, folders->v[i].name);
			report_fault(b->report, f);
			continue;
		}
		if (rc != RC_OK)
			return rc;
		print_count(&c, folders->v[i].name);
		total.messages += c.messages;
		total.octets += c.octets;
	}
	print_count(&total, "(all)");
	if (fflush(stdout) != 0 || ferror(stdout))
		return fault_errno(f, RC_STORE, CAUSE_IO, "standard output");
	return RC_OK;
}
