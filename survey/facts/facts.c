#include "facts.h"

#include <stdlib.h>
#include <string.h>

static void
box_release(struct box *b)
{
	folder_release(&b->folder);
	free(b->why);
	sums_release(&b->sums);
}

uint64_t
box_messages(const struct survey *s, const struct box *b)
{
	return s->depth == DEPTH_NONE ? b->claimed : b->sums.messages;
}

void
survey_init(struct survey *s, const struct selection *selection)
{
	size_t i;

	memset(s, 0, sizeof(*s));
	s->selection = selection;
	side_init(&s->source);
	side_init(&s->target);
	sums_init(&s->total);
	for (i = 0; i < TASKS; i++) {
		s->outlook[i].task = (enum task)i;
		s->outlook[i].basis = "";
	}
}

void
survey_release(struct survey *s)
{
	size_t i, k;

	for (i = 0; i < s->boxes; i++)
		box_release(&s->box[i]);
	free(s->box);
	for (i = 0; i < s->largests; i++)
		free(s->largest[i].subject);
	for (i = 0; i < UGLY_KINDS; i++)
		for (k = 0; k < s->ugly[i].n; k++)
			free(s->ugly[i].v[k].subject);
	sums_release(&s->total);
	side_release(&s->source);
	side_release(&s->target);
	memset(s, 0, sizeof(*s));
}

const char *
task_name(enum task t)
{
	static const char *const name[] = { "backup", "restore", "audit" };

	return name[t];
}
