#include "stores/imap/glance.h"

#include "stores/imap/bodyline.h"

void
glance_clear(struct glance *g)
{
	g->header_told = false;
	buf_clear(&g->header);
	buf_clear(&g->structure);
}

void
glance_release(struct glance *g)
{
	buf_release(&g->header);
	buf_release(&g->structure);
	parts_release(&g->parts);
}

void
glance_hold(struct glance *g, const struct fetchline *line)
{
	if ((line->has & FETCHED_HEADER) != 0 && line->header != NULL) {
		g->header_told = true;
		buf_clear(&g->header);
		buf_add(&g->header, line->header, line->header_len);
	}
	if ((line->has & FETCHED_STRUCTURE) != 0) {
		buf_clear(&g->structure);
		buf_add(&g->structure, line->structure, line->structure_len);
	}
}

enum rc
glance_give(struct glance *g, const struct msg *m, struct fault *f)
{
	struct store_glance r = { .header = NULL };

	if (g->header_told) {
		r.header = buf_str(&g->header);
		r.header_len = g->header.len;
	}
	if (g->structure.len > 0) {
		r.parts = &g->parts;
		if (!bodyline_parse((const char *)g->structure.data,
			g->structure.len, &g->parts))
			g->parts.cut = true;
	}
	return g->fn(g->arg, m, &r, f);
}
