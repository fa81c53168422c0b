#include "check.h"

#include "accounts/open.h"
#include "survey/walk/archive.h"

static enum rc
check_login(const struct order *o, const struct location *l, const char *secret,
    struct fault *f)
{
	struct access access = o->common->access;
	struct store *store = NULL;
	enum rc rc;

	access.secret = secret;
	rc = store_open(l, &access, false, &store, f);
	if (rc == RC_OK) {
		report_trust(o->report, store->ops->info(store),
		    access.allow_plaintext);
		report_note(o->report, "%s: logged in", l->text);
	}
	store_free(store);
	return rc;
}

static enum rc
check_archive(const struct order *o, struct fault *f)
{
	const struct archive_set set = { o->source, o->archives,
		o->common->public_key };
	struct lineage *chain;
	struct side side;
	enum rc rc;

	side_init(&side);
	rc = archive_learn(&side, &set, &chain, f);
	if (rc == RC_OK)
		report_note(o->report, "%s: its manifests are whole",
		    side.location);
	lineage_free(chain);
	side_release(&side);
	return rc;
}

enum rc
order_check(const struct order *o, struct fault *f)
{
	const size_t second = o->source->host != NULL ? 1 : 0;
	enum rc rc;

	rc = o->archives > 0 ?
	    check_archive(o, f) :
	    check_login(o, o->source, options_secret(o->common, 0), f);
	if (rc == RC_OK && o->target != NULL)
		rc = check_login(o, o->target,
		    o->target_secret != NULL ?
			o->target_secret :
			options_secret(o->common, second),
		    f);
	return rc;
}
