#include "settings.h"

#include <string.h>

#include "util/num.h"

enum {
	OPT_SEGMENT_SIZE = 256,
	OPT_BEST,
	OPT_BASE,
	OPT_RESUME,
	OPT_FOLLOW,
	OPT_UNTIL_QUIET,
	OPT_UNTIL_MX,
	OPT_DOMAIN,
	OPT_RESOLVER,
	OPT_AUTHORITATIVE,
};

static const struct option_spec options_backup[] = {
	{ "output", 'o', "FILE",
	    "write the archive to FILE ('-': standard "
	    "output)" },
	{ "generate", 'G', NULL, "make a key pair and end" },
	{ "base", OPT_BASE, "PARENT",
	    "only what this archive, and those that it goes on with (each with "
	    "a --base of its own), lack" },
	{ "best", OPT_BEST, NULL, "compress better, and slower" },
	{ "resume", OPT_RESUME, NULL,
	    "go on with the FILE.part of a run that was cut short" },
	{ "segment-size", OPT_SEGMENT_SIZE, "SIZE",
	    "octets of mail a segment (default 16M)" },
	{ "follow", OPT_FOLLOW, "TIME",
	    "go on for so long (48h) with what comes" },
	{ "until-quiet", OPT_UNTIL_QUIET, "TIME",
	    "follow no longer than until nothing came for so long" },
	{ "until-mx", OPT_UNTIL_MX, "HOST",
	    "follow no longer than until mail goes to HOST from everywhere; "
	    "may be repeated for several MX" },
	{ "domain", OPT_DOMAIN, "DOMAIN",
	    "whose MX it is (default: that of the source's user)" },
	{ "resolver", OPT_RESOLVER, "ADDRESS[:PORT]",
	    "ask this one for the MX, not the system's; may be repeated" },
	{ "authoritative", OPT_AUTHORITATIVE, "ADDRESS[:PORT]",
	    "take this for the domain's name server; may be repeated" },
	{ NULL, 0, NULL, NULL },
};

static const struct option_spec *const tables[] = {
	options_backup,
	options_keys,
	options_selection,
	options_connect,
	options_parallel,
	options_accounts,
	options_general,
	NULL,
};

/* Each names a thing of one account. */
static const char *const single[] = { "output", "generate", NULL };

static const char *const archives[] = { "base", NULL };

static enum rc
own_option(void *arg, int letter, const char *value, struct fault *f)
{
	struct settings *s = arg;

	switch (letter) {
	case 'o':
		s->output = value;
		break;
	case 'G':
		s->generate = true;
		break;
	case OPT_BASE:
		strs_add(&s->base, value);
		break;
	case OPT_BEST:
		s->best = true;
		break;
	case OPT_RESUME:
		s->resume = true;
		break;
	case OPT_SEGMENT_SIZE:
		if (!num_size(value, &s->segment_size) ||
		    s->segment_size < 4096 || s->segment_size > 1 << 30)
			return fault_set(f, RC_STORE, CAUSE_USAGE,
			    "--segment-size %s: give 4k to 1G", value);
		break;
	case OPT_FOLLOW:
		s->common.accounts.stays = true;
		return follow_time("follow", value, &s->follow.ms, f);
	case OPT_UNTIL_QUIET:
		return follow_time("until-quiet", value, &s->follow.quiet_ms,
		    f);
	case OPT_UNTIL_MX:
		return until_mx_take_host(&s->until_mx, value, f);
	case OPT_DOMAIN:
		return until_mx_take_domain(&s->until_mx, value, f);
	case OPT_RESOLVER:
		return until_mx_take_resolver(&s->until_mx, value, f);
	case OPT_AUTHORITATIVE:
		return until_mx_take_authoritative(&s->until_mx, value, f);
	default:
		return fault_set(f, RC_STORE, CAUSE_BUG, "option %d", letter);
	}
	return RC_OK;
}

const struct program settings_program = {
	.name = "mbackup",
	.synopsis =
	    "[options] [-s SECKEY] [--base PARENT]... [-o FILE] "
	    "SOURCE\n"
	    "[options] --follow TIME [--until-mx HOST] [-o FILE] SOURCE\n"
	    "[options] [-s SECKEY] -A LIST -d DIR\n"
	    "-G [-p PUBKEY] [-s SECKEY]",
	.summary = "copy mail into a signed archive; the source is never "
		   "written to",
	.tables = tables,
	.own = own_option,
	.work = WORK_BACKUP,
	.single = single,
	.archives = archives,
};

bool
settings_to_stdout(const struct settings *s)
{
	return s->output == NULL || strcmp(s->output, "-") == 0;
}

enum rc
settings_check(const struct settings *s, struct fault *f)
{
	if (s->resume && (settings_to_stdout(s) || s->common.dry_run))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--resume goes on with the file of -o FILE, without -n");
	if (s->follow.quiet_ms > 0 && s->follow.ms == 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--until-quiet goes with --follow: give the longest "
		    "time as well");
	return until_mx_check(&s->until_mx, s->follow.ms > 0, f);
}

void
settings_release(struct settings *s)
{
	strs_release(&s->base);
	until_mx_release(&s->until_mx);
}
