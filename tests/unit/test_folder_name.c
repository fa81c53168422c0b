#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "mail/folder.h"
#include "util/text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct names {
	const char *wire;
	char sep;
	const char *prefix;
	const char *name;
};

/* Each of these goes both ways. */
static const struct names both[] = {
	{ "INBOX", '/', "", "INBOX" },
	{ "INBOX", '.', "INBOX.", "INBOX" },
	{ "Sent", '.', "", "Sent" },
	{ "INBOX.Sent", '.', "INBOX.", "Sent" },
	{ "INBOX.Sent.2020", '.', "INBOX.", "Sent/2020" },
	{ "INBOX.INBOX.x", '.', "INBOX.", "INBOX/x" },
	{ "INBOX.x", '.', "", "INBOX/x" },
	{ "a/b", '/', "", "a/b" },
	{ "a/b", '.', "", "a%2Fb" },
	{ "a.b", '/', "", "a.b" },
	{ "a.b", '.', "", "a/b" },
	{ "a\\b", '\\', "", "a/b" },
	{ "a.b/c", '\0', "", "a.b%2Fc" },
	{ "100%", '/', "", "100%25" },
	{ "100%2F", '/', "", "100%252F" },
	{ "a&-b", '/', "", "a&b" },
	{ "Entw&APw-rfe/&2D3cKg-", '/', "",
	    "Entw\xc3\xbcrfe/\xf0\x9f\x90\xaa" },
	{ " a ", '/', "", " a " },
	{ "mail/a", '/', "mail/", "a" },
	/* Not modified UTF-7, or not as everybody writes it. */
	{ "Entw\xfcrfe", '/', "", "Entw%FCrfe" },
	{ "Entw\xc3\xbcrfe", '/', "", "Entw%C3%BCrfe" },
	{ "\xfc&-", '/', "", "%FC%26-" },
	{ "a&b", '/', "", "a%26b" },
	{ "&AGE-", '/', "", "%26AGE-" },
	{ "&AC8-", '/', "", "%26AC8-" },
	{ "&AOQ-&AOQ-", '/', "", "%26AOQ-%26AOQ-" },
	{ "&AAo-", '/', "", "%26AAo-" },
	{ "a\tb", '/', "", "a%09b" },
	{ "a&/-", '/', "", "a%26/-" },
	{ "\xfc/a", '/', "", "%FC/a" },
	/* Empty components. */
	{ "a//b", '/', "", "a/%00/b" },
	{ "/a", '/', "", "%00/a" },
	{ "a/", '/', "", "a/%00" },
	{ "", '/', "", "%00" },
	/* Outside of the personal namespace. */
	{ "shared.a", '.', "INBOX.", "/shared/a" },
	{ "INBOX.", '.', "INBOX.", "/INBOX/%00" },
	{ "INBOX.INBOX", '.', "INBOX.", "/INBOX/INBOX" },
	{ "INBOX.inbox.x", '.', "INBOX.", "/INBOX/inbox/x" },
	{ "mail/INBOX", '/', "mail/", "/mail/INBOX" },
	{ "mail", '/', "mail/", "/mail" },
	{ "mailbox", '/', "mail/", "/mailbox" },
	{ ".a", '.', "INBOX.", "/%00/a" },
};

static void
wire_names_have_canonical_names(void **state)
{
	char *name;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(both); i++) {
		name = folder_name_from_wire(both[i].wire, both[i].sep,
		    both[i].prefix);
		assert_string_equal(name, both[i].name);
		free(name);
	}
}

static void
canonical_names_have_wire_names(void **state)
{
	struct fault f = FAULT_INIT;
	char *wire = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(both); i++) {
		assert_int_equal(folder_name_to_wire(both[i].name, both[i].sep,
				     both[i].prefix, &wire, &f),
		    RC_OK);
		assert_string_equal(wire, both[i].wire);
		free(wire);
	}
}

static void
inbox_is_one_in_any_case(void **state)
{
	static const struct names t[] = {
		{ "inbox", '/', "", "INBOX" },
		{ "Inbox", '.', "INBOX.", "INBOX" },
		{ "Inbox/x", '/', "", "INBOX/x" },
		{ "inbox.Sent", '.', "INBOX.", "Sent" },
		{ "INBOX.Sent", '.', "Inbox.", "Sent" },
		{ "inboxes", '/', "", "inboxes" },
		{ "a/inbox", '/', "", "a/inbox" },
	};
	char *name;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		name = folder_name_from_wire(t[i].wire, t[i].sep, t[i].prefix);
		assert_string_equal(name, t[i].name);
		free(name);
	}
}

static void
what_a_server_cannot_hold_is_refused(void **state)
{
	static const struct names t[] = {
		{ "separator", '.', "", "a.b" },
		{ "separator", '/', "", "a%2Fb" },
		{ "separator", '&', "", "\xc3\xa4" },
		{ "folders in folders", '\0', "", "a/b" },
		{ "empty", '/', "", "" },
		{ "empty", '/', "", "a//b" },
		{ "empty", '/', "", "a/" },
		{ "namespace", '/', "", "/a" },
		{ "control", '/', "", "a\tb" },
		{ "control", '/', "", "a%0Ab" },
		{ "control", '/', "", "a%00b" },
		{ "escape", '/', "", "100%" },
		{ "escape", '/', "", "100%zz" },
		{ "escape", '/', "", "\xff" },
	};
	struct fault f;
	char *wire;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		f = (struct fault)FAULT_INIT;
		assert_int_equal(folder_name_to_wire(t[i].name, t[i].sep,
				     t[i].prefix, &wire, &f),
		    RC_FOLDER);
		assert_int_equal(f.cause, CAUSE_REFUSED);
		assert_non_null(strstr(f.text, t[i].wire));
	}
}

static void
a_name_from_another_server_is_written_as_this_one_has_it(void **state)
{
	struct fault f = FAULT_INIT;
	char *wire;

	(void)state;
	assert_int_equal(
	    folder_name_to_wire("a/\xc3\xa4", '.', "INBOX.", &wire, &f), RC_OK);
	assert_string_equal(wire, "INBOX.a.&AOQ-");
	free(wire);
	assert_int_equal(
	    folder_name_to_wire("inbox/a", '.', "INBOX.", &wire, &f), RC_OK);
	assert_string_equal(wire, "INBOX.INBOX.a");
	free(wire);
	assert_int_equal(folder_name_to_wire("InBox", '.', "INBOX.", &wire, &f),
	    RC_OK);
	assert_string_equal(wire, "INBOX");
	free(wire);
}

static void
components_are_decoded_and_joined_again(void **state)
{
	struct strs c;
	char *name;
	size_t i;

	(void)state;
	folder_components("/a%2Fb/%25/\xc3\xa4/%E4%26/%00", &c);
	assert_int_equal(c.n, 6);
	assert_string_equal(c.v[0], "");
	assert_string_equal(c.v[1], "a/b");
	assert_string_equal(c.v[2], "%");
	assert_string_equal(c.v[3], "\xc3\xa4");
	assert_string_equal(c.v[4], "\xff\xe4&");
	assert_string_equal(c.v[5], "\xff");
	name = folder_join(&c);
	assert_string_equal(name, "/a%2Fb/%25/\xc3\xa4/%E4%26/%00");
	free(name);
	strs_release(&c);
	for (i = 0; i < COUNT(both); i++) {
		folder_components(both[i].name, &c);
		name = folder_join(&c);
		assert_string_equal(name, both[i].name);
		free(name);
		strs_release(&c);
	}
}

/* xorshift: the same names in each run. */
static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void
random_wire(uint32_t *seed, char *wire, size_t room)
{
	static const char *const parts[] = { "INBOX", "inbox", ".", "/", "&",
		"-", "&-", "&AOQ-", "&AGE-", "%", "%2F", "%00", "mail/", "~",
		"\xc3\xa4", "a" };
	size_t n = next_random(seed) % 8, len = 0, part_len;
	const char *part;
	char byte[2] = "";

	while (n-- > 0) {
		part = parts[next_random(seed) % COUNT(parts)];
		if (next_random(seed) % 4 == 0) {
			byte[0] = (char)(next_random(seed) % 255 + 1);
			if (byte[0] == '\r' || byte[0] == '\n')
				byte[0] = 'x';
			part = byte;
		}
		part_len = strlen(part);
		assert_true(len + part_len < room);
		memcpy(wire + len, part, part_len);
		len += part_len;
	}
	wire[len] = '\0';
}

static void
any_wire_name_comes_back_to_the_byte(void **state)
{
	static const char *const prefixes[] = { "", "INBOX.", "mail/", "a",
		"inbox" };
	static const char seps[] = { '.', '/', '\0', '&', '-', '%' };
	struct fault f = FAULT_INIT;
	char wire[128], *name, *again;
	uint32_t seed = 20261123;
	const char *prefix;
	size_t i, inbox;
	char sep;

	(void)state;
	for (i = 0; i < 200000; i++) {
		random_wire(&seed, wire, sizeof(wire));
		sep = seps[next_random(&seed) % sizeof(seps)];
		prefix = prefixes[next_random(&seed) % COUNT(prefixes)];
		name = folder_name_from_wire(wire, sep, prefix);
		assert_true(text_is_utf8(name, strlen(name)));
		assert_int_equal(
		    folder_name_to_wire(name, sep, prefix, &again, &f), RC_OK);
		inbox = strncasecmp(wire, "INBOX", 5) == 0 ? 5 : 0;
		assert_int_equal(strncasecmp(wire, again, inbox), 0);
		assert_string_equal(again + inbox, wire + inbox);
		free(again);
		free(name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wire_names_have_canonical_names),
		cmocka_unit_test(canonical_names_have_wire_names),
		cmocka_unit_test(inbox_is_one_in_any_case),
		cmocka_unit_test(what_a_server_cannot_hold_is_refused),
		cmocka_unit_test(
		    a_name_from_another_server_is_written_as_this_one_has_it),
		cmocka_unit_test(components_are_decoded_and_joined_again),
		cmocka_unit_test(any_wire_name_comes_back_to_the_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
