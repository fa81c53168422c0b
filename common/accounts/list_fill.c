#include <string.h>

#include "accounts/list_priv.h"
#include "accounts/secret.h"
#include "util/mem.h"

enum { ADDRESS_MAX = 254 }; /* octets: RFC 5321 (4.5.3.1), less "<>" */

void
account_list_locate(struct account_list *l, struct account *a,
    enum account_side side, const char *text)
{
	struct location *to = &a->place[side].location;
	const bool submit = side == ACCOUNT_SUBMIT;
	struct fault f = FAULT_INIT;

	if (location_parse(text, to, &f) != RC_OK) {
		account_list_fault(l, a->line, CAUSE_CONFIG, "%s: %s",
		    account_side_word(side), f.text);
	} else if (submit && !location_is_smtp(to)) {
		account_list_fault(l, a->line, CAUSE_CONFIG,
		    "submit: '%s' takes no mail: write smtps://USER@HOST or "
		    "smtp://USER@HOST",
		    to->text);
	} else if (location_is_archive(to) ||
	    (!submit && location_is_smtp(to))) {
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

/* Commands and header fields will hold it. */
static void
take_address(struct account_list *l, struct account *a, const char *text)
{
	const char *at = strrchr(text, '@'), *p;
	bool good = at != NULL && at > text && at[1] != '\0' &&
	    strlen(text) <= ADDRESS_MAX;

	for (p = text; *p != '\0'; p++)
		good = good && (unsigned char)*p > ' ' && *p != 0x7f &&
		    strchr("<>,;\"", *p) == NULL;
	if (good)
		a->address = xstrdup(text);
	else
		account_list_fault(l, a->line, CAUSE_CONFIG,
		    "address: is none that can be written to: one like "
		    "anna@example.com");
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
	case COLUMN_ADDRESS:
		take_address(l, a, text);
		break;
	case COLUMN_SUBMIT:
		account_list_locate(l, a, ACCOUNT_SUBMIT, text);
		break;
	case COLUMN_SUBMIT_SECRET:
		take_secret(l, a, ACCOUNT_SUBMIT, text);
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
