/* The three manifest files; the first octet says which. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stores/archive/manifest.h"
#include "stores/archive/parser.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What those rely on who read it. */
static void
check_final(const struct manifest_final *m)
{
	const size_t changed = m->bases + m->removals + m->changes;
	const struct archive_removal *x;
	size_t i;

	if ((m->claims == 0 && m->refusals + changed > 0) ||
	    (!m->delta && changed > 0))
		abort();
	for (i = 0; i < m->bases; i++)
		if (m->base[i].folder >= m->claims)
			abort();
	for (i = 0; i < m->removals; i++) {
		x = &m->removal[i];
		if (x->folder >= m->claims || x->first == 0 ||
		    x->last < x->first ||
		    (i > 0 && x->folder == x[-1].folder &&
			x->first <= x[-1].last))
			abort();
	}
}

static void
parse_final(char *text, size_t n, struct fault *f)
{
	struct manifest_final m = { .atoms = atoms_new() };
	struct atoms *atoms = m.atoms;
	struct parser *p = manifest_final_new(&m);

	if (parser_text(p, text, n, f) == RC_OK)
		check_final(&m);
	parser_free(p);
	manifest_final_release(&m);
	atoms_free(atoms);
}

static void
parse_segment(char *text, size_t n, struct fault *f)
{
	struct manifest_segment s = { .atoms = atoms_new() };
	struct atoms *atoms = s.atoms;
	size_t i;

	if (manifest_parse_segment(text, n, &s, f) == RC_OK) {
		for (i = 0; i < s.entries; i++)
			if (!manifest_path_ok(s.entry[i].path))
				abort();
		for (i = 0; i < s.files; i++)
			if (!manifest_path_ok(s.file[i].path))
				abort();
	}
	manifest_segment_release(&s);
	atoms_free(atoms);
}

static void
parse_folders(char *text, size_t n, struct fault *f)
{
	struct manifest_segment s = { .atoms = NULL };
	size_t i;

	if (manifest_parse_folders(text, n, &s, f) == RC_OK)
		for (i = 0; i < s.folders; i++)
			if (!manifest_path_ok(s.folder[i].dir))
				abort();
	if (s.entries + s.files > 0)
		abort();
	manifest_segment_release(&s);
}

static void
parse_header(char *text, size_t n, struct fault *f)
{
	struct manifest_header h;

	memset(&h, 0, sizeof(h));
	if (manifest_parse_header(text, n, &h, f) == RC_OK &&
	    strlen(h.about.id) != 32)
		abort();
	archive_header_release(&h.about);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fault f = FAULT_INIT;
	char *text;

	if (len == 0)
		return 0;
	/* One more, which the parsers may write to. */
	text = xmalloc(len);
	memcpy(text, data + 1, len - 1);
	switch (data[0] % 4) {
	case 0:
		parse_header(text, len - 1, &f);
		break;
	case 1:
		parse_segment(text, len - 1, &f);
		break;
	case 3:
		parse_folders(text, len - 1, &f);
		break;
	default:
		parse_final(text, len - 1, &f);
	}
	free(text);
	return 0;
}
