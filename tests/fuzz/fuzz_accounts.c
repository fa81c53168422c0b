/* An account list gives accounts that can be worked on, or faults that name a
 * line of it: never an account without a fault that has no place in a file
 * system, and never a secret in a fault. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "accounts/list.h"
#include "bytes/hash.h"
#include "util/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Such a specification would be fetched: tests/fuzz reads no files. */
static void
forget_secrets(struct account_list *l)
{
	size_t i, side;

	for (i = 0; i < l->n; i++)
		for (side = 0; side < ACCOUNT_SIDES; side++)
			if (l->v[i].place[side].secret != NULL)
				memcpy(l->v[i].place[side].secret, "cmd:", 4);
}

static void
check_account(const struct account *a)
{
	const struct account_place *p;
	size_t side;

	assert(a->name != NULL && strlen(a->name) <= ACCOUNT_NAME_MAX);
	assert(strchr(a->name, '/') == NULL && a->name[0] != '.');
	assert(text_is_utf8(a->name, strlen(a->name)));
	if (a->address != NULL)
		assert(strchr(a->address, '@') != NULL &&
		    strpbrk(a->address, " <>\t") == NULL);
	for (side = 0; side < ACCOUNT_SIDES; side++) {
		p = &a->place[side];
		assert(p->location.text != NULL || side == ACCOUNT_SUBMIT);
		assert(p->location.text == NULL ||
		    location_is_smtp(&p->location) == (side == ACCOUNT_SUBMIT));
		assert(p->password == NULL || p->password_len > 0);
		if (p->password != NULL)
			assert(
			    memchr(p->password, '\n', p->password_len) == NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct account_need need = {
		.required = { true, true },
		.used = { true, true, true },
		.single = { true, true },
		.secret = "cmd:c",
	};
	struct account_list l = ACCOUNT_LIST_INIT;
	struct buf text = BUF_INIT;
	size_t i, lines = 1;

	assert(hash_startup());
	for (i = 0; i < len; i++)
		lines += data[i] == '\n';
	buf_add(&text, data, len);
	account_list_parse(&l, &text);
	forget_secrets(&l);
	account_list_check(&l, &need);
	assert(l.n <= lines);
	for (i = 0; i < l.faults; i++) {
		assert(l.fault[i].line <= lines);
		assert(l.fault[i].cause != CAUSE_NONE);
		assert(l.fault[i].text[0] != '\0');
	}
	for (i = 0; i < l.n && l.faults == 0; i++)
		check_account(&l.v[i]);
	assert(l.n > 0 || l.faults > 0);
	account_list_release(&l);
	buf_release(&text);
	return 0;
}
