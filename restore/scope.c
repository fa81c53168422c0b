#include "scope.h"

#include <string.h>

#include "restore.h"

/* What follows a word and a blank; NULL: another word. */
static const char *
behind(const char *line, const char *word)
{
	const size_t n = strlen(word);

	return strncmp(line, word, n) == 0 && line[n] == ' ' ? line + n + 1 :
							       NULL;
}

enum rc
scope_check(const struct origin *o, struct fault *f)
{
	const struct archive_header *h = origin_header(o);
	size_t i;

	if (h->origin[0] != '\0')
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "a salvaged archive is no mailbox to go back to: restore "
		    "it without --rollback");
	for (i = 0; i < h->selection.n; i++)
		if (behind(h->selection.v[i], "since") != NULL ||
		    behind(h->selection.v[i], "before") != NULL)
			return fault_set(f, RC_STORE, CAUSE_USAGE,
			    "a backup of some days ('%s') is no mailbox to go "
			    "back to: restore it without --rollback",
			    h->selection.v[i]);
	return RC_OK;
}

void
scope_of(const struct origin *o, struct selection *r)
{
	const struct strs *lines = &origin_header(o)->selection;
	const char *glob;
	size_t i;

	selection_init(r);
	for (i = 0; i < lines->n; i++) {
		glob = behind(lines->v[i], "folder");
		if (glob != NULL)
			strs_add(&r->folder, glob);
		glob = behind(lines->v[i], "exclude");
		if (glob != NULL)
			strs_add(&r->exclude, glob);
	}
}

bool
scope_has(const struct restore *r, const struct selection *chosen,
    const char *name)
{
	const char *into = r->mapping->into;
	const size_t n = into == NULL ? 0 : strlen(into);

	if (n > 0 && (strncmp(name, into, n) != 0 || name[n] != '/'))
		return false;
	return selection_has_folder(r->selection, name) &&
	    selection_has_folder(chosen, n > 0 ? name + n + 1 : name);
}

bool
scope_is_partial(const struct origin *o, size_t folder)
{
	const struct archive_final *final = origin_final(o);
	const struct folder_claim *c = &origin_folder(o, folder)->claim;
	size_t i;

	if (c->seen < c->exists || c->refused > 0)
		return true;
	for (i = 0; i < final->refusals; i++)
		if (final->refusal[i].msg.folder == folder)
			return true;
	return false;
}
