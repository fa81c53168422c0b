#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/minisign.h"
#include "program/fleet_priv.h"
#include "program/output.h"
#include "util/mem.h"

char *
fleet_path(const struct fleet *t, const struct job *j, const char *suffix)
{
	if (j == NULL)
		return xasprintf("%s/%s.%s", t->directory, t->stem, suffix);
	return xasprintf("%s/%s.%s.%s", t->directory, j->account->name, t->stem,
	    suffix);
}

static bool
is_option(const char *word, const char *name)
{
	const size_t n = strlen(name);

	return strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, n) == 0 &&
	    word[n + 2] == '=';
}

char *
fleet_option(const struct fleet *t, const struct job *j, const char *word)
{
	const char *const *name = t->program->archives;

	for (; name != NULL && *name != NULL; name++)
		if (is_option(word, *name))
			return xasprintf("%s/%s.tar.zst", word,
			    j->account->name);
	return xstrdup(word);
}

char *
fleet_where(const struct fleet *t, const struct account *a)
{
	const char *text = a->place[t->side].location.text;
	const char *target = a->place[ACCOUNT_TARGET].location.text;

	if (fleet_surveys(t) && target != NULL)
		return xasprintf("%s for %s", text, target);
	return xstrdup(text == NULL ? "-" : text);
}

bool
fleet_surveys(const struct fleet *t)
{
	return t->program->work == WORK_SURVEY;
}

/* Makes something new in the directory, and asks for nothing there. */
static bool
is_first(const struct fleet *t)
{
	return t->program->work == WORK_BACKUP || fleet_surveys(t);
}

bool
fleet_is_idle(const struct fleet *t)
{
	return t->options->accounts.check || t->options->dry_run;
}

/* Two runs would write the same files. */
enum rc
fleet_lock(struct fleet *t, struct fault *f)
{
	const char *dir = t->directory;

	if (is_first(t) && mkdir(dir, 0700) == -1 && errno != EEXIST)
		return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot make the directory '%s'", dir);
	t->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->lock == -1)
		return fault_errno(f, RC_STORE, CAUSE_NOINPUT,
		    "cannot open the directory '%s'", dir);
	if (flock(t->lock, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "'%s': another run with -A is at work there", dir);
	return RC_OK;
}

bool
fleet_resumes(const struct fleet *t, const struct job *j)
{
	const struct option_spec *const *table, *spec;
	bool can = false, is;
	char *part, *minisig;

	if (t->program->work != WORK_BACKUP || fleet_is_idle(t))
		return false;
	for (table = t->program->tables; *table != NULL; table++)
		for (spec = *table; spec->name != NULL; spec++)
			can = can || strcmp(spec->name, "resume") == 0;
	part = xasprintf("%s.part", j->archive);
	minisig = xasprintf("%s.minisig", j->archive);
	is = access(part, F_OK) == 0 ||
	    (access(j->archive, F_OK) == 0 && access(minisig, F_OK) != 0);
	free(part);
	free(minisig);
	return can && is;
}

static enum rc
no_passphrase(void *arg, const char *what, struct buf *pass, struct fault *f)
{
	(void)arg;
	(void)pass;
	return fault_set(f, RC_STORE, CAUSE_CONFIG,
	    "%s has a passphrase, and nobody can be asked for each account: "
	    "use --key-secret",
	    what);
}

enum rc
fleet_check_key(const struct fleet *t, struct fault *f)
{
	const struct common_options *o = t->options;
	struct seckey *seckey = NULL;
	struct pubkey pubkey;
	char *path = NULL;
	enum rc rc;

	if (o->accounts.check ||
	    (o->dry_run && t->program->work == WORK_BACKUP) ||
	    (fleet_surveys(t) && o->secret_key == NULL))
		return RC_OK;
	if (is_first(t) && o->key_secret != NULL) {
		rc = output_key(o, &seckey, f);
	} else if (is_first(t)) {
		path = options_key_path(o->secret_key, "secret.key");
		rc = seckey_load(path, no_passphrase, NULL, &seckey, f);
	} else {
		path = options_key_path(o->public_key, "public.key");
		rc = pubkey_load(path, &pubkey, f);
	}
	seckey_free(seckey);
	free(path);
	return rc;
}
