#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stores/maildir/box.h"
#include "stores/maildir/dotlock.h"
#include "stores/maildir/lines.h"
#include "util/mem.h"

#define SUBSCRIPTIONS_NAME "subscriptions"

/*
 * Dovecot's file in the root: one name a line, components joined with the
 * layout's separator.  Version 2 starts with "V\t2" and an empty line and
 * joins with TAB; in a component \001 and a digit stand for what cannot
 * (\0011 is \001, \001t is TAB, \001n is LF).
 */
struct subscriptions {
	bool two;
	struct strs names; /* with the layout's separator */
};

static char
separator(const struct maildir *m)
{
	return m->layout == MAILDIR_NESTED ? '/' : '.';
}

/* As the file names a folder; the caller frees. */
static char *
name_of_wire(const struct maildir *m, const char *wire)
{
	if (*wire == '\0')
		return xstrdup("INBOX");
	return xstrdup(wire + (m->layout == MAILDIR_PLUSPLUS));
}

static void
add_unescaped(struct strs *names, const char *s, char sep)
{
	struct buf b = BUF_INIT;

	for (; *s != '\0'; s++) {
		if (*s == '\t') {
			buf_addc(&b, sep);
		} else if (*s == '\001' && s[1] != '\0') {
			s++;
			buf_addc(&b,
			    *s == 't'     ? '\t' :
				*s == 'n' ? '\n' :
				*s == 'r' ? '\r' :
				*s == '1' ? '\001' :
					    *s);
		} else {
			buf_addc(&b, *s);
		}
	}
	strs_take(names, buf_steal(&b));
}

static enum rc
read_names(const struct maildir *m, int root, struct subscriptions *s,
    struct fault *f)
{
	struct lines l;
	char *line;
	enum rc rc;
	size_t at;

	rc = lines_open(&l, root, SUBSCRIPTIONS_NAME, f);
	for (at = 0; rc == RC_OK; at++) {
		rc = lines_next(&l, &line, f);
		if (rc != RC_OK)
			break;
		if (at == 0 && strcmp(line, "V\t2") == 0)
			s->two = true;
		else if (*line != '\0' && s->two)
			add_unescaped(&s->names, line, separator(m));
		else if (*line != '\0')
			strs_add(&s->names, line);
	}
	lines_close(&l);
	return rc == RC_END ? RC_OK : rc;
}

static void
subscriptions_init(struct subscriptions *s)
{
	memset(s, 0, sizeof(*s));
}

enum rc
maildir_mark_subscribed(struct maildir *m, struct folders *l, struct fault *f)
{
	struct subscriptions s;
	enum rc rc;
	size_t i;
	char *name;
	int root;

	root = maildir_open_dir(m, "");
	if (root == -1)
		return RC_OK;
	subscriptions_init(&s);
	rc = read_names(m, root, &s, f);
	for (i = 0; rc == RC_OK && i < l->n; i++) {
		name = name_of_wire(m, l->v[i].wire);
		if (strs_has(&s.names, name))
			l->v[i].attr |= FOLDER_SUBSCRIBED;
		free(name);
	}
	strs_release(&s.names);
	(void)close(root);
	return rc == RC_OK ? rc : RC_STORE;
}

static void
add_escaped(struct buf *b, const char *s, char sep)
{
	for (; *s != '\0'; s++) {
		if (*s == sep)
			buf_addc(b, '\t');
		else if (*s == '\001')
			buf_adds(b, "\0011");
		else if (*s == '\t')
			buf_adds(b, "\001t");
		else
			buf_addc(b, *s);
	}
}

static void
format(const struct subscriptions *s, char sep, struct buf *b)
{
	size_t i;

	if (s->two)
		buf_adds(b, "V\t2\n\n");
	for (i = 0; i < s->names.n; i++) {
		if (s->two)
			add_escaped(b, s->names.v[i], sep);
		else
			buf_adds(b, s->names.v[i]);
		buf_addc(b, '\n');
	}
}

/* Takes it off; false when it was not there. */
static bool
take_off(struct strs *names, const char *name)
{
	size_t i, left = 0;

	for (i = 0; i < names->n; i++) {
		if (strcmp(names->v[i], name) == 0)
			free(names->v[i]);
		else
			names->v[left++] = names->v[i];
	}
	i = names->n;
	names->n = left;
	return left < i;
}

static bool
put_on(struct strs *names, const char *name)
{
	if (strs_has(names, name))
		return false;
	strs_add(names, name);
	return true;
}

/* Adds name to the file as it is now, or takes it off. */
static enum rc
change(const struct maildir *m, int root, const char *name, bool on,
    struct fault *f)
{
	struct buf text = BUF_INIT;
	struct subscriptions s;
	struct dotlock lock;
	enum rc rc;

	rc = dotlock_take(&lock, root, SUBSCRIPTIONS_NAME, f);
	if (rc != RC_OK)
		return rc;
	subscriptions_init(&s);
	rc = read_names(m, root, &s, f);
	if (rc == RC_OK &&
	    (on ? put_on(&s.names, name) : take_off(&s.names, name))) {
		format(&s, separator(m), &text);
		rc = dotlock_publish(&lock, &text, f);
		buf_release(&text);
	} else {
		dotlock_drop(&lock);
	}
	strs_release(&s.names);
	return rc;
}

static enum rc
set(struct store *store, const struct folder *folder, bool on, struct fault *f)
{
	struct maildir *m = maildir_of(store);
	char *name;
	enum rc rc;
	int root;

	root = maildir_open_dir(m, "");
	if (root == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO, "cannot open '%s'",
		    m->dir);
	name = name_of_wire(m, folder->wire);
	rc = change(m, root, name, on, f);
	free(name);
	(void)close(root);
	return rc;
}

enum rc
maildir_subscribe(struct store *store, const struct folder *folder,
    struct fault *f)
{
	enum rc rc = set(store, folder, true, f);

	return rc == RC_OK ? rc :
			     fault_wrap(f, rc, "subscribe '%s'", folder->name);
}

enum rc
maildir_unsubscribe(struct store *store, const struct folder *folder,
    struct fault *f)
{
	enum rc rc = set(store, folder, false, f);

	return rc == RC_OK ?
	    rc :
	    fault_wrap(f, rc, "unsubscribe '%s'", folder->name);
}
