#include "accounts/opener.h"

enum rc
opener_open(void *arg, struct store **r, struct fault *f)
{
	const struct opener *o = arg;

	return store_open(o->location, o->access, o->create, r, f);
}
