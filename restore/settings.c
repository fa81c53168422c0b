#include "settings.h"

#include <string.h>

#include "util/num.h"
#include "util/text.h"

enum {
	OPT_MAP = 256,
	OPT_INTO,
	OPT_ONLY,
	OPT_JOURNAL,
	OPT_AGAIN,
	OPT_AT,
	OPT_EXPECT_GENERATION,
	OPT_EXPECT_FINAL,
	OPT_ROLLBACK,
	OPT_DELETE_EXTRA,
	OPT_KEEP,
	OPT_PROVE,
};

static const struct option_spec options_restore[] = {
	{ "at", OPT_AT, "N", "the mailbox as generation N has it" },
	{ "map", OPT_MAP, "FROM=TO",
	    "put a folder and all below it "
	    "elsewhere" },
	{ "into", OPT_INTO, "PREFIX", "put everything below this folder" },
	{ "only", OPT_ONLY, "LIST",
	    "only the messages of this list, as "
	    "maudit --list wrote it" },
	{ "again", OPT_AGAIN, NULL,
	    "also what was restored before and "
	    "removed at the target since" },
	{ "prove", OPT_PROVE, NULL,
	    "read back what was restored and compare "
	    "its hashes" },
	{ "journal", OPT_JOURNAL, "FILE",
	    "keep the journal of this restore "
	    "in FILE" },
	{ "expect-generation", OPT_EXPECT_GENERATION, "N",
	    "refuse unless generation N is the last" },
	{ "expect-final", OPT_EXPECT_FINAL, "HASH",
	    "refuse unless the last archive has this final" },
	{ "rollback", OPT_ROLLBACK, NULL,
	    "make the target what the archives say; "
	    "-n shows each step" },
	{ "delete-extra", OPT_DELETE_EXTRA, NULL,
	    "with --rollback: remove what is there "
	    "beyond it" },
	{ "keep", OPT_KEEP, "FILE", "the new archive for what is removed" },
	{ NULL, 0, NULL, NULL },
};

static const struct option_spec *const tables[] = {
	options_restore,
	options_keys,
	options_selection,
	options_connect,
	options_parallel,
	options_accounts,
	options_general,
	NULL,
};

/* Each names a thing of one account. */
static const char *const single[] = { "only", "journal", "at",
	"expect-generation", "expect-final", "keep", NULL };

static enum rc
take_generation(const char *option, const char *value, uint32_t *r,
    struct fault *f)
{
	if (num_u32(value, strlen(value), r) && *r > 0)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "--%s %s: generations are numbered from 1", option, value);
}

static enum rc
take_final(struct settings *s, const char *value, struct fault *f)
{
	s->expects_final = text_unhex(value, strlen(value), s->expect_final.b,
	    sizeof(s->expect_final.b));
	if (s->expects_final)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "--expect-final %s: give the 64 hex digits that maudit tells",
	    value);
}

static enum rc
own_option(void *arg, int letter, const char *value, struct fault *f)
{
	struct settings *s = arg;

	switch (letter) {
	case OPT_AT:
		return take_generation("at", value, &s->at, f);
	case OPT_MAP:
		return mapping_add(&s->mapping, value, f);
	case OPT_INTO:
		return mapping_set_into(&s->mapping, value, f);
	case OPT_ONLY:
		s->only = value;
		break;
	case OPT_JOURNAL:
		s->journal = value;
		break;
	case OPT_AGAIN:
		s->again = true;
		break;
	case OPT_PROVE:
		s->prove = true;
		break;
	case OPT_EXPECT_GENERATION:
		return take_generation("expect-generation", value,
		    &s->expect_generation, f);
	case OPT_ROLLBACK:
		s->rollback = true;
		break;
	case OPT_DELETE_EXTRA:
		s->delete_extra = true;
		break;
	case OPT_KEEP:
		s->keep = value;
		break;
	case OPT_EXPECT_FINAL:
		return take_final(s, value, f);
	default:
		return fault_set(f, RC_STORE, CAUSE_BUG, "option %d", letter);
	}
	return RC_OK;
}

const struct program settings_program = {
	.name = "mrestore",
	.synopsis = "[options] [-p PUBKEY] ARCHIVE... TARGET\n"
		    "[options] [-p PUBKEY] -A LIST -d DIR",
	.summary = "bring the mail of an archive, or of a chain of them, to a "
		   "server or a Maildir, exactly once",
	.tables = tables,
	.own = own_option,
	.work = WORK_RESTORE,
	.single = single,
};

/* What is left out of a rollback would look as if it were to be removed. */
static bool
selects_messages(const struct settings *s)
{
	return s->only != NULL || s->common.selection.since != INT64_MIN ||
	    s->common.selection.before != INT64_MAX;
}

enum rc
settings_check(const struct settings *s, struct fault *f)
{
	const char *why = NULL;

	if ((s->delete_extra || s->keep != NULL) && !s->rollback)
		why = "--delete-extra and --keep go with --rollback";
	else if (s->delete_extra && s->keep == NULL)
		why = "--delete-extra needs --keep FILE, where what is removed "
		      "is kept";
	else if (s->keep != NULL && !s->delete_extra)
		why = "--keep FILE goes with --delete-extra";
	else if (s->rollback && selects_messages(s))
		why = "--rollback is about whole folders: no --only, --since "
		      "or --before";
	else if (s->prove && s->common.dry_run)
		why = "-n writes nothing that --prove could read back";
	return why == NULL ? RC_OK :
			     fault_set(f, RC_STORE, CAUSE_USAGE, "%s", why);
}

void
settings_release(struct settings *s)
{
	mapping_release(&s->mapping);
}
