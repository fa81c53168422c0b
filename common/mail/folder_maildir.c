#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/hash.h"
#include "mail/component.h"
#include "mail/folder.h"
#include "mail/mutf7.h"
#include "util/buf.h"
#include "util/mem.h"
#include "util/text.h"

enum {
	DIRECTORY_MAX = 255, /* octets of a name in most file systems */
	HASH_OCTETS = 16,
};

static bool
looks_hashed(const char *dir)
{
	return strncmp(dir, ".~", 2) == 0 &&
	    strspn(dir + 2, "0123456789abcdef") == 2 * HASH_OCTETS &&
	    dir[2 + 2 * HASH_OCTETS] == '\0';
}

/* A "%" that makes an escape; a "%" that is meant stands for itself. */
static void
put_escape_mark(struct buf *out)
{
	mutf7_encode_also(out, "%", 1, "%");
}

/* Ends a stretch of text. */
static void
put_text(struct buf *out, struct buf *text, const char *also)
{
	mutf7_encode_also(out, buf_str(text), text->len, also);
	buf_clear(text);
}

static void
put_component(struct buf *out, const char *s, size_t n, const char *also)
{
	struct buf text = BUF_INIT;
	size_t i;
	int value;

	for (i = 0; i < n; i++) {
		value = s[i] == '%' ? component_escape(s + i, n - i) : -1;
		if (value < 0) {
			buf_addc(&text, (unsigned char)s[i]);
			continue;
		}
		if (component_escape_is_text(value)) {
			buf_addc(&text, value);
		} else {
			put_text(out, &text, also);
			put_escape_mark(out);
			buf_add(out, s + i + 1, 2);
		}
		i += 2;
	}
	put_text(out, &text, also);
	buf_release(&text);
}

/* The directory, however long; also: what may not stand for itself. */
static void
put_directory(struct buf *out, const char *name, const char *also)
{
	size_t n = component_length(name);

	buf_addc(out, '.');
	if (component_is_inbox(name, n))
		buf_adds(out, "INBOX");
	else if (n == 0)
		put_escape_mark(out);
	else
		put_component(out, name, n, also);
	while (name[n] != '\0') {
		name += n + 1;
		n = component_length(name);
		buf_addc(out, '.');
		if (n == 0)
			put_escape_mark(out);
		put_component(out, name, n, also);
	}
}

char *
folder_maildir_name(const char *name)
{
	struct buf b = BUF_INIT;
	struct hash hash;

	if (component_is_inbox(name, strlen(name)))
		return xstrdup("");
	put_directory(&b, name, "./");
	if (looks_hashed(buf_str(&b))) {
		buf_clear(&b);
		put_directory(&b, name, "./~");
	}
	if (b.len > DIRECTORY_MAX) {
		hash_of(name, strlen(name), &hash);
		buf_clear(&b);
		buf_adds(&b, ".~");
		text_hex(&b, hash.b, HASH_OCTETS);
	}
	return buf_steal(&b);
}

/* The decoded content of an encoded stretch: here "%" makes an escape. */
static void
add_encoded(struct buf *out, const struct buf *text)
{
	size_t i;

	for (i = 0; i < text->len; i++) {
		if (text->data[i] == '/')
			buf_adds(out, "%2F");
		else
			buf_addc(out, text->data[i]);
	}
}

/* Appends the canonical form of a component; false if it has none. */
static bool
add_component(struct buf *out, const char *s, size_t n)
{
	struct buf text = BUF_INIT;
	const char *end;
	bool ok = true;
	size_t i, len;

	for (i = 0; i < n && ok; i += len) {
		end = s[i] == '&' ? memchr(s + i, '-', n - i) : NULL;
		len = end != NULL ? (size_t)(end - (s + i)) + 1 : 1;
		buf_clear(&text);
		ok = mutf7_decode(&text, s + i, len);
		if (ok && len > 2)
			add_encoded(out, &text);
		else if (ok)
			component_of_text(out, buf_str(&text), text.len);
	}
	buf_release(&text);
	return ok;
}

/* NULL when the directory is not one that put_directory makes. */
static char *
name_of_ours(const char *dir)
{
	struct buf b = BUF_INIT;
	const char *s = dir + 1;
	char *again;
	bool ours;
	size_t n;

	for (;;) {
		n = strcspn(s, ".");
		/* The mark alone is the empty component of "/a". */
		ours = strncmp(s, "&ACU-.", 6) == 0 || add_component(&b, s, n);
		if (!ours || s[n] == '\0')
			break;
		buf_addc(&b, '/');
		s += n + 1;
	}
	if (ours) {
		again = folder_maildir_name(buf_str(&b));
		ours = strcmp(again, dir) == 0;
		free(again);
	}
	if (ours)
		return buf_steal(&b);
	buf_release(&b);
	return NULL;
}

char *
folder_from_maildir_name(const char *dir)
{
	char *name;

	if (dir[0] == '\0')
		return xstrdup("INBOX");
	if (dir[0] != '.' || strcmp(dir, ".") == 0 || strcmp(dir, "..") == 0 ||
	    looks_hashed(dir) || component_is_inbox(dir + 1, strlen(dir + 1)))
		return NULL;
	name = name_of_ours(dir);
	return name != NULL ? name : folder_name_from_wire(dir + 1, '.', "");
}
