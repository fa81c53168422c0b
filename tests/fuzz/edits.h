#ifndef FUZZ_EDITS_H
#define FUZZ_EDITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/buf.h"

enum { EDIT = 5, EDITS_MAX = 64, EDITED_MAX = 1 << 20 };

/* Where (24 bits), what, how much. */
static inline void
edit(struct buf *b, const uint8_t *e)
{
	const size_t at = (size_t)(e[0] | e[1] << 8 | e[2] << 16) % b->len;
	size_t n = (size_t)(e[4] + 1) * (e[3] >= 128 ? 16 : 1);

	if (n > b->len - at)
		n = b->len - at;
	switch (e[3] % 5) {
	case 0:
		b->data[at] ^= (unsigned char)(e[4] | 1);
		break;
	case 1:
		memset(b->data + at, 0, n);
		break;
	case 2:
		memmove(b->data + at, b->data + at + n, b->len - at - n);
		b->len -= n;
		break;
	case 3:
		(void)buf_room(b, n);
		memmove(b->data + at + n, b->data + at, b->len - at);
		b->len += n;
		break;
	default:
		b->len = at;
		break;
	}
}

/* Damage to a file, as a list of edits of five octets each. */
static inline void
edit_all(struct buf *b, const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < EDITS_MAX && len >= EDIT; i++) {
		if (b->len == 0 || b->len > EDITED_MAX)
			break;
		edit(b, data);
		data += EDIT;
		len -= EDIT;
	}
}

#endif
