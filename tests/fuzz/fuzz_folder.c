/*
 * A wire name comes back from its canonical name to the byte, so does a
 * canonical name from its Maildir directory and from its components. The
 * first octets choose the separator and the prefix.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mail/folder.h"
#include "mail/glob.h"
#include "util/mem.h"
#include "util/strs.h"
#include "util/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Equal but for the case of an INBOX that is the first component. */
static void
assert_same_wire(const char *a, const char *b, char sep)
{
	size_t n = 0;

	if (strncasecmp(a, "INBOX", 5) == 0 && (a[5] == '\0' || a[5] == sep))
		n = 5;
	assert(strncasecmp(a, b, n) == 0);
	assert(strcmp(a + n, b + n) == 0);
}

static void
check_directory(const char *name)
{
	char *dir, *again;
	size_t i;

	dir = folder_maildir_name(name);
	assert(strlen(dir) <= 255);
	assert(strcmp(dir, ".") != 0 && strcmp(dir, "..") != 0);
	for (i = 0; dir[i] != '\0'; i++)
		assert(dir[i] >= 0x20 && dir[i] < 0x7F && dir[i] != '/');
	again = folder_from_maildir_name(dir);
	/* A hashed one is the only one that cannot be read. */
	assert(again != NULL || strlen(dir) == 34);
	assert(again == NULL || strcmp(again, name) == 0);
	free(dir);
	free(again);
}

static void
check_components(const char *name)
{
	struct strs components;
	char *again;

	folder_components(name, &components);
	again = folder_join(&components);
	assert(strcmp(again, name) == 0);
	strs_release(&components);
	free(again);
}

static void
check_wire(const char *wire, char sep, const char *prefix)
{
	struct fault f = FAULT_INIT;
	char *name, *again;

	name = folder_name_from_wire(wire, sep, prefix);
	assert(text_is_utf8(name, strlen(name)));
	if (folder_name_to_wire(name, sep, prefix, &again, &f) == RC_OK) {
		assert_same_wire(wire, again, sep);
		free(again);
	} else {
		assert(strpbrk(wire, "\r\n") != NULL);
	}
	check_directory(name);
	check_components(name);
	(void)glob_match(wire, name);
	assert(glob_match(name, name));
	free(name);
}

/* Whatever a person types. */
static void
check_name(const char *name, char sep, const char *prefix)
{
	struct fault f = FAULT_INIT;
	char *wire, *dir;

	dir = folder_maildir_name(name);
	free(folder_from_maildir_name(dir));
	free(dir);
	free(folder_from_maildir_name(name));
	if (folder_name_to_wire(name, sep, prefix, &wire, &f) != RC_OK)
		return;
	check_wire(wire, sep, prefix);
	free(wire);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char seps[] = { '.', '/', '\\', '\0', '&', '%', '-' };
	static const char *const prefixes[] = { "", "INBOX.", "mail/", "a",
		"inbox", "INBOX/" };
	const char *prefix;
	char *text;
	char sep;

	if (len < 2)
		return 0;
	sep = seps[data[0] % sizeof(seps)];
	prefix = prefixes[data[1] % (sizeof(prefixes) / sizeof(prefixes[0]))];
	text = xstrndup((const char *)data + 2, len - 2);
	check_wire(text, sep, prefix);
	check_name(text, sep, prefix);
	free(text);
	return 0;
}
