#include "stores/imap/vanishline.h"

bool
vanishline_begin(struct vanishline *v, const char *text, size_t n)
{
	tokens_init(&v->at, text, n);
	v->begun = false;
	if (!token_byte(&v->at, '*') || !token_word(&v->at, "VANISHED"))
		return false;
	v->earlier = token_byte(&v->at, '(') && token_word(&v->at, "EARLIER") &&
	    token_byte(&v->at, ')');
	return true;
}

bool
vanishline_next(struct vanishline *v, uint32_t *first_r, uint32_t *last_r)
{
	uint32_t first, last;

	if (v->begun && !token_byte(&v->at, ','))
		return false;
	v->begun = true;
	if (!token_u32(&v->at, &first) || first == 0)
		return false;
	last = first;
	if (token_byte(&v->at, ':') && (!token_u32(&v->at, &last) || last == 0))
		return false;
	/* Either end may come first (RFC 3501, 9, seq-range). */
	*first_r = first < last ? first : last;
	*last_r = first < last ? last : first;
	return true;
}
