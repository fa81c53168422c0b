#include "side.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

void
side_init(struct side *s)
{
	memset(s, 0, sizeof(*s));
	s->location = xstrdup("");
	s->software = xstrdup("");
	s->tls = xstrdup("");
	s->prefix = xstrdup("");
	s->round_trip_us = s->round_trip_least_us = -1;
}

void
side_release(struct side *s)
{
	size_t i;

	free(s->location);
	free(s->software);
	free(s->tls);
	free(s->prefix);
	free(s->failed);
	strs_release(&s->capability);
	strs_release(&s->foreign);
	strs_release(&s->permanent_keywords);
	folders_release(&s->folders);
	for (i = 0; i < s->quotas; i++) {
		free(s->quota[i].root);
		free(s->quota[i].resource);
	}
	free(s->quota);
	memset(s, 0, sizeof(*s));
}

const struct quota *
side_quota(const struct side *s, const char *resource)
{
	size_t i;

	for (i = 0; i < s->quotas; i++)
		if (strcmp(s->quota[i].resource, resource) == 0)
			return &s->quota[i];
	return NULL;
}
