#include <string.h>

#include "accounts/list_priv.h"
#include "accounts/secret.h"
#include "util/mem.h"

void
account_list_locate(struct account_list *l, struct account *a,
    enum account_side side, const char *text)
{
	struct location *to = &a->place[side].location;
	struct fault f = FAULT_INIT;

	if (location_parse(text, to, &f) != RC_OK) {
		account_list_fault(l, a->line, CAUSE_CONFIG, "%s: %s",
		    account_side_word(side), f.text);
	} else if (location_is_archive(to)) {
		account_list_fault(l, a->line, CAUSE_CONFIG,
		    "%s: '%s' is no live mailbox: write imaps://USER@HOST or "
		    "maildir:DIR",
		    account_side_word(side), to->text);
	} else {
		return;
	}
	location_release(to);
	memset(to, 0, sizeof(*to));
	a->place[side].unread = true;
}

static void
take_secret(struct account_list *l, struct account *a, enum account_side side,
    const char *spec)
{
	struct fault f = FAULT_INIT;

	a->place[side].unread_secret = true;
	if (secret_check(spec, &f) != RC_OK)
		account_list_fault(l, a->line, CAUSE_CONFIG, "%s_secret: %s",
		    account_side_word(side), f.text);
	else if (secret_is_single(spec))
		account_list_fault(l, a->line, CAUSE_CONFIG,
		    "%s_secret: 'fd:' can be read once only, and accounts run "
		    "side by side: use file:, cmd:, token-cmd: or "
		    "env:",
		    account_side_word(side));
	else {
		a->place[side].secret = xstrdup(spec);
		a->place[side].unread_secret = false;
	}
}

void
account_fill(struct account_list *l, struct account *a, enum column c,
    const char *text)
{
	if (*text == '\0')
		return;
	switch (c) {
	case COLUMN_NAME:
		a->name = xstrdup(text);
		break;
	case COLUMN_SOURCE:
		account_list_locate(l, a, ACCOUNT_SOURCE, text);
		break;
	case COLUMN_SOURCE_SECRET:
		take_secret(l, a, ACCOUNT_SOURCE, text);
		break;
	case COLUMN_TARGET:
		account_list_locate(l, a, ACCOUNT_TARGET, text);
		break;
	case COLUMN_TARGET_SECRET:
		take_secret(l, a, ACCOUNT_TARGET, text);
		break;
	case COLUMNS:
		break;
	}
}

void
account_name_by_user(struct account *a)
{
	size_t side;

	for (side = 0; a->name == NULL && side < ACCOUNT_SIDES; side++)
		if (a->place[side].location.user != NULL)
			a->name = xstrdup(a->place[side].location.user);
}
