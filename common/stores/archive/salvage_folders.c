/* The folders, and what the manifests name. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "stores/archive/format.h"
#include "stores/archive/layout.h"
#include "stores/archive/salvaging.h"
#include "util/mem.h"

static uint64_t
key_of(const char *path)
{
	return XXH3_64bits(path, strlen(path));
}

/* 32 bits more than the table compares by itself decide. */
static bool
is_any(const void *arg, uint32_t id)
{
	const uint32_t *high = arg;

	return *high == id;
}

bool
salvage_is_named(const struct salvage *s, const char *path)
{
	const uint64_t key = key_of(path);
	const uint32_t high = (uint32_t)(key >> 33);
	struct table_cursor c;

	return table_first(&s->lines, key, is_any, &high, &c) != TABLE_NONE;
}

char *
salvage_folder_name(const char *dir, size_t n)
{
	const char *slash = memchr(dir, '/', n);
	char *part, *name;

	if (slash == NULL)
		return xstrdup("INBOX");
	part = xstrndup(slash + 1, n - (size_t)(slash + 1 - dir));
	name = folder_from_maildir_name(part);
	/* Too long a name is a hash there: then it is the name. */
	if (name == NULL)
		name = xstrdup(part + (part[0] == '.'));
	free(part);
	return name;
}

uint32_t
salvage_folder_at(const struct salvage *s, const char *dir, size_t n,
    uint32_t uidvalidity)
{
	uint32_t i;

	for (i = 0; i < s->folders; i++)
		if (s->dir[i] != NULL &&
		    s->folder[i].uidvalidity == uidvalidity &&
		    strlen(s->dir[i]) == n && memcmp(s->dir[i], dir, n) == 0)
			return i;
	return UINT32_MAX;
}

void
salvage_need_folder(struct salvage *s, uint32_t number)
{
	if (number < s->folders)
		return;
	s->folder =
	    xreallocarray(s->folder, (size_t)number + 1, sizeof(*s->folder));
	s->dir = xreallocarray(s->dir, (size_t)number + 1, sizeof(*s->dir));
	for (; s->folders <= number; s->folders++) {
		memset(&s->folder[s->folders], 0, sizeof(*s->folder));
		s->dir[s->folders] = NULL;
	}
}

/* The line about a folder; its strings move over. */
static void
take_folder(struct salvage *s, struct manifest_folder *m)
{
	struct archive_folder *to;

	salvage_need_folder(s, m->number);
	to = &s->folder[m->number];
	if (to->folder.wire != NULL)
		return;
	folder_release(&to->folder);
	free(s->dir[m->number]);
	*to = m->entry;
	s->dir[m->number] = m->dir;
	memset(m, 0, sizeof(*m));
}

/* A message of a folder whose line is lost tells where it lies. */
static void
take_entry(struct salvage *s, const struct archive_entry *e)
{
	const uint64_t key = key_of(e->path);
	struct archive_folder *to;
	struct layout_name name;

	table_add(&s->lines, key, (uint32_t)(key >> 33));
	salvage_need_folder(s, e->msg.folder);
	to = &s->folder[e->msg.folder];
	if (to->folder.name != NULL || !layout_parse(e->path, &name))
		return;
	to->folder.name = salvage_folder_name(e->path, name.dir);
	to->folder.sep = '/';
	to->uidvalidity = name.uidvalidity;
	s->dir[e->msg.folder] = xstrndup(e->path, name.dir);
}

enum rc
salvage_learn(struct salvage *s, struct fault *f)
{
	struct manifest_segment m;
	struct buf text = BUF_INIT;
	size_t i, k;
	enum rc rc = RC_OK;

	for (i = 0; i < s->parts && rc == RC_OK; i++) {
		memset(&m, 0, sizeof(m));
		m.atoms = s->atoms;
		rc = salvage_parse(s, &s->part[i], &text, &m, f);
		for (k = 0; k < m.folders && rc == RC_OK; k++)
			take_folder(s, &m.folder[k]);
		for (k = 0; k < m.entries && rc == RC_OK; k++)
			take_entry(s, &m.entry[k]);
		manifest_segment_release(&m);
	}
	buf_release(&text);
	for (i = 0; i < s->folders; i++)
		if (s->folder[i].folder.name != NULL &&
		    s->folder[i].folder.wire == NULL)
			s->folder[i].folder.wire =
			    xstrdup(s->folder[i].folder.name);
	return rc;
}
