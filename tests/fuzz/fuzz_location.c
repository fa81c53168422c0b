/* A location is an error, or it has one text that means the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/location.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check(const struct location *l)
{
	struct fault f = FAULT_INIT;
	struct location again;

	assert(location_parse(l->text, &again, &f) == RC_OK);
	assert(strcmp(again.text, l->text) == 0);
	assert(again.kind == l->kind && again.port == l->port);
	assert((again.user == NULL) == (l->user == NULL));
	assert(l->user == NULL || strcmp(again.user, l->user) == 0);
	location_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fault f = FAULT_INIT;
	struct location l;
	char *s;

	if (memchr(data, '\0', len) != NULL)
		return 0;
	s = xstrndup((const char *)data, len);
	if (location_parse_mx(s, &l, &f) == RC_OK) {
		assert(l.user == NULL && l.port != 0 && location_is_smtp(&l));
		location_release(&l);
	}
	if (location_parse(s, &l, &f) == RC_OK) {
		check(&l);
		location_release(&l);
	} else {
		assert(f.cause == CAUSE_USAGE);
	}
	free(s);
	return 0;
}
