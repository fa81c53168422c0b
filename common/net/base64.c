#include "net/base64.h"

#include <sodium.h>

void
base64_add(struct buf *r, const void *p, size_t n)
{
	size_t len =
	    sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL);

	(void)sodium_bin2base64((char *)buf_room(r, len), len, p, n,
	    sodium_base64_VARIANT_ORIGINAL);
	r->len += len - 1;
}

bool
base64_decode(struct buf *r, const char *s, size_t n)
{
	size_t len;

	if (sodium_base642bin(buf_room(r, n + 1), n + 1, s, n, NULL, &len, NULL,
		sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	r->len += len;
	return true;
}
