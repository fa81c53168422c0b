#include "stores/archive/writing.h"

enum rc
archive_writer_recall(struct archive_writer *w, uint32_t folder,
    archive_recall_fn *fn, void *arg, struct fault *f)
{
	const uint32_t n = ledger_count(w->ledger);
	struct record r;
	enum rc rc = RC_OK;
	uint32_t i;

	for (i = 0; rc == RC_OK && i < n; i++) {
		rc = ledger_get(w->ledger, i, &r, f);
		if (rc == RC_OK && r.folder == folder &&
		    (r.bits & RECORD_FILE) == 0)
			rc = fn(arg, r.uid, &r.hash, (r.bits & RECORD_RAW) != 0,
			    f);
	}
	return rc;
}
