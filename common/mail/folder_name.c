#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "mail/component.h"
#include "mail/folder.h"
#include "mail/mutf7.h"
#include "util/buf.h"
#include "util/fault.h"
#include "util/strs.h"

/* What the components that folder_components cannot decode start with. */
enum { RAW_MARK = 0xFF };

/* The octets up to sep or the end. */
static size_t
wire_length(const char *s, char sep)
{
	const char *end = sep != '\0' ? strchr(s, sep) : NULL;

	return end != NULL ? (size_t)(end - s) : strlen(s);
}

static bool
has_control(const struct buf *b)
{
	size_t i;

	for (i = 0; i < b->len; i++)
		if (b->data[i] < 0x20 || b->data[i] == 0x7F)
			return true;
	return false;
}

/* Decodes a component into text, when that gives the same wire bytes when
 * it is encoded again. */
static bool
wire_to_text(const char *s, size_t n, struct buf *text)
{
	struct buf again = BUF_INIT;
	bool ok;

	ok = n > 0 && mutf7_decode(text, s, n) && !has_control(text);
	if (ok) {
		mutf7_encode(&again, buf_str(text), text->len);
		ok = again.len == n && memcmp(again.data, s, n) == 0;
	}
	buf_release(&again);
	return ok;
}

static void
add_wire(struct buf *out, const char *s, size_t n, bool first)
{
	struct buf text = BUF_INIT;

	if (first && component_is_inbox(s, n))
		buf_adds(out, "INBOX");
	else if (wire_to_text(s, n, &text))
		component_of_text(out, buf_str(&text), text.len);
	else
		component_of_raw(out, s, n);
	buf_release(&text);
}

/* What follows the prefix, or NULL.  INBOX in it may be in any case. */
static const char *
behind_prefix(const char *wire, char sep, const char *prefix)
{
	size_t n = strlen(prefix), i = 0;

	if (component_is_inbox(prefix, wire_length(prefix, sep)) &&
	    component_is_inbox(wire, wire_length(wire, sep)))
		i = strlen("INBOX");
	return strncmp(wire + i, prefix + i, n - i) == 0 ? wire + n : NULL;
}

/*
 * What would be read as another folder without its prefix: nothing, INBOX
 * itself, and INBOX in other letters (only the first component of a wire
 * name is the same in any case).
 */
static bool
needs_prefix(const char *rest, char sep)
{
	size_t n = wire_length(rest, sep);

	if (n == 0 && rest[0] == '\0')
		return true;
	return component_is_inbox(rest, n) &&
	    (rest[n] == '\0' || memcmp(rest, "INBOX", n) != 0);
}

char *
folder_name_from_wire(const char *wire, char sep, const char *prefix)
{
	struct buf b = BUF_INIT;
	const char *rest = NULL;
	bool first = true;
	size_t n;

	if (prefix[0] != '\0' && !component_is_inbox(wire, strlen(wire))) {
		rest = behind_prefix(wire, sep, prefix);
		if (rest != NULL && needs_prefix(rest, sep))
			rest = NULL;
		if (rest == NULL)
			buf_addc(&b, '/');
	}
	if (rest == NULL)
		rest = wire;
	for (;;) {
		n = wire_length(rest, sep);
		add_wire(&b, rest, n, first);
		if (rest[n] == '\0')
			break;
		buf_addc(&b, '/');
		rest += n + 1;
		first = false;
	}
	return buf_steal(&b);
}

static enum rc
refuse(struct fault *f, const char *name, const char *why)
{
	return fault_set(f, RC_FOLDER, CAUSE_REFUSED,
	    "folder %s: %s; give it another name with --map", name, why);
}

/* Appends one component in wire form; NULL, or what is wrong with it. */
static const char *
put_wire(struct buf *out, const char *s, size_t n, char sep)
{
	struct buf b = BUF_INIT;
	const char *why = NULL;
	size_t start = out->len;
	enum component is;

	is = component_decode(s, n, &b);
	if (is == COMPONENT_TEXT)
		mutf7_encode(out, buf_str(&b), b.len);
	else if (is == COMPONENT_RAW && strpbrk(buf_str(&b), "\r\n") == NULL)
		buf_add(out, buf_str(&b), b.len);
	else if (n == 0)
		why = "a component is empty";
	else
		why = "holds a bad escape or a control character";
	if (why == NULL && sep != '\0' && out->len > start &&
	    memchr(out->data + start, sep, out->len - start) != NULL)
		why = "a component holds the server's separator";
	buf_release(&b);
	return why;
}

/* Appends all components, those of rest being behind the prefix. */
static const char *
put_components(struct buf *out, const char *rest, char sep)
{
	const char *why = NULL;
	size_t n;

	n = component_length(rest);
	if (component_is_inbox(rest, n))
		buf_adds(out, "INBOX");
	else
		why = put_wire(out, rest, n, sep);
	while (why == NULL && rest[n] != '\0') {
		if (sep == '\0')
			return "the server has no folders in folders";
		buf_addc(out, sep);
		rest += n + 1;
		n = component_length(rest);
		why = put_wire(out, rest, n, sep);
	}
	return why;
}

enum rc
folder_name_to_wire(const char *name, char sep, const char *prefix,
    char **wire_r, struct fault *f)
{
	struct buf b = BUF_INIT;
	const char *why;

	if (component_is_inbox(name, strlen(name))) {
		why = put_components(&b, name, sep);
	} else if (name[0] != '/') {
		buf_adds(&b, prefix);
		why = put_components(&b, name, sep);
	} else if (prefix[0] != '\0') {
		why = put_components(&b, name + 1, sep);
	} else {
		why = "lies outside of a personal namespace";
	}
	if (why != NULL) {
		buf_release(&b);
		return refuse(f, name, why);
	}
	*wire_r = buf_steal(&b);
	return RC_OK;
}

void
folder_components(const char *name, struct strs *r)
{
	struct buf b = BUF_INIT;
	enum component is;
	size_t n;

	*r = (struct strs)STRS_INIT;
	for (;;) {
		n = component_length(name);
		buf_clear(&b);
		buf_addc(&b, RAW_MARK);
		is = component_decode(name, n, &b);
		/* What nobody could decode stays as it is written. */
		if (is == COMPONENT_RAW)
			strs_add(r, buf_str(&b));
		else if (is == COMPONENT_TEXT)
			strs_add(r, buf_str(&b) + 1);
		else
			strs_addn(r, name, n);
		if (name[n] == '\0')
			break;
		name += n + 1;
	}
	buf_release(&b);
}

char *
folder_join(const struct strs *components)
{
	struct buf b = BUF_INIT;
	const char *s;
	size_t i;

	for (i = 0; i < components->n; i++) {
		s = components->v[i];
		if (i > 0)
			buf_addc(&b, '/');
		if ((unsigned char)s[0] == RAW_MARK)
			component_of_raw(&b, s + 1, strlen(s + 1));
		else
			component_of_text(&b, s, strlen(s));
	}
	return buf_steal(&b);
}
