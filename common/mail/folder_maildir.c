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

static bool
is_hex(const char *s, size_t n)
{
	unsigned char octet;

	return n >= 2 && text_unhex(s, 2, &octet, 1);
}

/*
 * Dovecot cannot open a name with ASCII in base64, so what may not stand
 * for itself is written the way its listescape plugin has it.  None of it
 * occurs in base64.
 */
static void
put_escaped(struct buf *out, const char *s, size_t n, const char *escape)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strchr(escape, s[i]) != NULL ||
		    (s[i] == '\\' && is_hex(s + i + 1, n - i - 1)))
			buf_addf(out, "\\%02x", (unsigned)s[i]);
		else
			buf_addc(out, s[i]);
	}
}

/* A "%" that makes an escape; a "%" that is meant stands for itself. */
static void
put_escape_mark(struct buf *out)
{
	put_escaped(out, "%", 1, "%");
}

/* Ends a stretch of text. */
static void
put_text(struct buf *out, struct buf *text, const char *escape)
{
	struct buf wire = BUF_INIT;

	mutf7_encode(&wire, buf_str(text), text->len);
	put_escaped(out, buf_str(&wire), wire.len, escape);
	buf_clear(text);
	buf_release(&wire);
}

static void
put_component(struct buf *out, const char *s, size_t n, const char *escape)
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
			put_text(out, &text, escape);
			put_escape_mark(out);
			buf_add(out, s + i + 1, 2);
		}
		i += 2;
	}
	put_text(out, &text, escape);
	buf_release(&text);
}

/* The directory, however long; escape: what may not stand for itself. */
static void
put_directory(struct buf *out, const char *name, const char *escape)
{
	size_t n = component_length(name);

	buf_addc(out, '.');
	if (component_is_inbox(name, n))
		buf_adds(out, "INBOX");
	else if (n == 0)
		put_escape_mark(out);
	else
		put_component(out, name, n, escape);
	while (name[n] != '\0') {
		name += n + 1;
		n = component_length(name);
		buf_addc(out, '.');
		if (n == 0)
			put_escape_mark(out);
		put_component(out, name, n, escape);
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

/* Octets up to the next escape. */
static size_t
plain_length(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] == '\\' && is_hex(s + i + 1, n - i - 1))
			break;
	return i;
}

/* Adds the character that an escape stands for; "%" makes an escape. */
static void
add_escaped(struct buf *out, const char *hex)
{
	unsigned char c = 0;

	(void)text_unhex(hex, 2, &c, 1);
	if (c == '%')
		buf_addc(out, c);
	else
		component_of_text(out, (const char *)&c, 1);
}

/* Appends the canonical form of a component; false if it has none. */
static bool
add_component(struct buf *out, const char *s, size_t n)
{
	struct buf text = BUF_INIT;
	bool ok = true;
	size_t len;

	while (n > 0 && ok) {
		len = plain_length(s, n);
		buf_clear(&text);
		ok = mutf7_decode(&text, s, len);
		component_of_text(out, buf_str(&text), text.len);
		if (len < n) {
			add_escaped(out, s + len + 1);
			len += 3;
		}
		s += len;
		n -= len;
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
		ours = (s == dir + 1 && strncmp(s, "\\25.", 4) == 0) ||
		    add_component(&b, s, n);
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
