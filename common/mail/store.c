#include <stddef.h>

#include "mail/store.h"
#include "util/strs.h"

void
folder_state_init(struct folder_state *s)
{
	*s = (struct folder_state){ .permanent_keywords = STRS_INIT };
}

void
folder_state_release(struct folder_state *s)
{
	strs_release(&s->permanent_keywords);
	folder_state_init(s);
}

void
store_free(struct store *s)
{
	if (s != NULL)
		s->ops->free(s);
}
