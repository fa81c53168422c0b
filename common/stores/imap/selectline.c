#include "stores/imap/selectline.h"

#include <string.h>

#include "mail/flags.h"
#include "stores/imap/token.h"

/* (\Seen $Label \*) */
static void
take_flags(struct tokens *t, unsigned *flags, struct strs *keywords, bool *any)
{
	const char *p;
	size_t n;
	unsigned bit;

	if (!token_byte(t, '('))
		return;
	*flags = 0;
	strs_release(keywords);
	while (token_atom(t, &p, &n)) {
		bit = flag_parse(p, n);
		*flags |= bit;
		if (bit != 0)
			continue;
		if (n == 2 && memcmp(p, "\\*", n) == 0)
			*any = true;
		else
			strs_addn(keywords, p, n);
	}
}

/* [UIDVALIDITY 3857529045] and so on. */
static void
take_code(struct selectline *s, struct tokens *t)
{
	struct folder_state *state = &s->state;

	if (token_word(t, "[UIDVALIDITY")) {
		(void)token_u32(t, &state->uidvalidity);
	} else if (token_word(t, "[UIDNEXT")) {
		(void)token_u32(t, &state->uidnext);
	} else if (token_word(t, "[HIGHESTMODSEQ")) {
		(void)token_u64(t, &state->highestmodseq);
	} else if (token_word(t, "[PERMANENTFLAGS")) {
		take_flags(t, &state->permanent_flags,
		    &state->permanent_keywords, &state->permanent_any);
		s->permanent = true;
	}
}

void
selectline_parse(struct selectline *s, const char *text, size_t n)
{
	struct tokens t;
	bool any = false;

	if (token_untagged_number(text, n, "EXISTS", &s->state.exists))
		return;
	tokens_init(&t, text, n);
	if (!token_byte(&t, '*'))
		return;
	if (token_word(&t, "FLAGS"))
		take_flags(&t, &s->flags, &s->keywords, &any);
	else if (token_word(&t, "OK"))
		take_code(s, &t);
}

void
selectline_end(struct selectline *s, struct folder_state *r)
{
	s->state.status_known = r->status_known;
	s->state.status = r->status;
	if (!s->permanent) {
		s->state.permanent_flags = s->flags;
		strs_copy(&s->state.permanent_keywords, &s->keywords);
	}
	folder_state_release(r);
	*r = s->state;
	memset(&s->state, 0, sizeof(s->state));
}

void
selectline_release(struct selectline *s)
{
	folder_state_release(&s->state);
	strs_release(&s->keywords);
}
