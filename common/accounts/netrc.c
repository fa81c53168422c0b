#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts/netrc.h"
#include "accounts/secret.h"
#include "util/mem.h"

enum { NETRC_MAX = 1024 * 1024 }; /* octets of the file */

struct scan {
	const unsigned char *p;
	const unsigned char *end;
	size_t line;
	struct buf word; /* the last word, unquoted */
	bool quoted;
};

/* One "machine" or "default". */
struct entry {
	bool open; /* one was begun */
	bool fits; /* its host is the wanted one */
	bool has_login;
	bool has_password;
	struct buf login;
	struct buf password;
};

static enum rc
bad(const struct scan *s, const char *what, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_CONFIG, "line %zu: %s", s->line,
	    what);
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
skip_blanks(struct scan *s)
{
	for (; s->p < s->end && is_blank(*s->p); s->p++)
		s->line += *s->p == '\n';
}

static void
skip_line(struct scan *s)
{
	while (s->p < s->end && *s->p != '\n')
		s->p++;
}

static enum rc
quoted_word(struct scan *s, struct fault *f)
{
	s->quoted = true;
	for (s->p++; s->p < s->end && *s->p != '"'; s->p++) {
		if (*s->p == '\\' && s->p + 1 < s->end)
			s->p++;
		if (*s->p == '\n' || *s->p == '\0')
			break;
		buf_addc(&s->word, *s->p);
	}
	if (s->p == s->end || *s->p != '"')
		return bad(s, "a closing quote is missing", f);
	s->p++;
	return RC_OK;
}

/* The next word; RC_END at the end of the text. */
static enum rc
next_word(struct scan *s, struct fault *f)
{
	buf_clear(&s->word);
	s->quoted = false;
	skip_blanks(s);
	if (s->p == s->end)
		return RC_END;
	if (*s->p == '"')
		return quoted_word(s, f);
	for (; s->p < s->end && !is_blank(*s->p); s->p++) {
		if (*s->p == '\0')
			return bad(s, "NUL in a word", f);
		if (*s->p == '\\' && s->p + 1 < s->end && !is_blank(s->p[1]) &&
		    s->p[1] != '\0')
			s->p++;
		buf_addc(&s->word, *s->p);
	}
	return RC_OK;
}

/* The value behind a keyword. */
static enum rc
value(struct scan *s, struct fault *f)
{
	enum rc rc = next_word(s, f);

	if (rc == RC_END)
		return bad(s, "the last keyword has no value", f);
	return rc;
}

/* A macro's text ends at an empty line. */
static enum rc
skip_macro(struct scan *s, struct fault *f)
{
	enum rc rc = value(s, f);

	if (rc != RC_OK)
		return rc;
	for (;;) {
		skip_line(s);
		if (s->p == s->end)
			return RC_OK;
		s->p++;
		s->line++;
		if (s->p < s->end && *s->p == '\n')
			return RC_OK;
	}
}

static void
entry_begin(struct entry *e, bool fits)
{
	e->open = true;
	e->fits = fits;
	e->has_login = false;
	e->has_password = false;
	buf_clear(&e->login);
	buf_wipe(&e->password);
}

static bool
entry_serves(struct entry *e, const char *user)
{
	if (!e->open || !e->fits || !e->has_password)
		return false;
	if (user == NULL)
		return e->has_login && e->login.len > 0;
	return !e->has_login || strcmp(buf_str(&e->login), user) == 0;
}

static bool
word_is(struct scan *s, const char *keyword)
{
	return !s->quoted && strcmp(buf_str(&s->word), keyword) == 0;
}

/* What belongs to an entry. */
static enum rc
take_field(struct scan *s, struct entry *e, struct fault *f)
{
	bool login = word_is(s, "login"), password = word_is(s, "password");
	struct buf *to = login ? &e->login : &e->password;
	enum rc rc;

	if (word_is(s, "macdef"))
		return skip_macro(s, f);
	if (!login && !password && !word_is(s, "account") &&
	    !word_is(s, "port"))
		return bad(s,
		    "not a keyword; a value with blanks stands in "
		    "double quotes",
		    f);
	if (!e->open)
		return bad(s, "neither 'machine' nor 'default' came before", f);
	rc = value(s, f);
	if (rc != RC_OK || (!login && !password))
		return rc;
	buf_clear(to);
	buf_add(to, s->word.data, s->word.len);
	e->has_login |= login;
	e->has_password |= password && s->word.len > 0;
	return RC_OK;
}

/* To the end of the text, or until the entry in e serves. */
static enum rc
find(struct scan *s, struct entry *e, const char *host, const char *user,
    struct fault *f)
{
	enum rc rc;

	for (;;) {
		skip_blanks(s);
		if (s->p < s->end && *s->p == '#') {
			skip_line(s);
			continue;
		}
		rc = next_word(s, f);
		if (rc == RC_END)
			return entry_serves(e, user) ? RC_OK : RC_END;
		if (rc != RC_OK)
			return rc;
		if (!word_is(s, "machine") && !word_is(s, "default")) {
			rc = take_field(s, e, f);
			if (rc != RC_OK)
				return rc;
			continue;
		}
		if (entry_serves(e, user))
			return RC_OK;
		if (word_is(s, "default")) {
			entry_begin(e, true);
			continue;
		}
		rc = value(s, f);
		if (rc != RC_OK)
			return rc;
		entry_begin(e, strcasecmp(buf_str(&s->word), host) == 0);
	}
}

enum rc
netrc_find(const struct buf *text, const char *host, const char *user,
    char **user_r, struct buf *password, struct fault *f)
{
	struct scan s = { text->data, NULL, 1, BUF_INIT, false };
	struct entry e;
	enum rc rc;

	memset(&e, 0, sizeof(e));
	*user_r = NULL;
	if (text->len == 0)
		return RC_END;
	s.end = text->data + text->len;
	rc = find(&s, &e, host, user, f);
	if (rc == RC_OK) {
		buf_add(password, e.password.data, e.password.len);
		if (user == NULL)
			*user_r = buf_steal(&e.login);
	}
	buf_release(&e.login);
	buf_wipe(&e.password);
	buf_wipe(&s.word);
	return rc;
}

/* The file's text; RC_END when there is no file. */
static enum rc
load(const char *path, struct buf *text, struct fault *f)
{
	size_t have = 0;
	struct stat st;
	enum rc rc = RC_OK;
	ssize_t n = 0;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return RC_END;
	if (fd == -1 || fstat(fd, &st) == -1) {
		rc = fault_errno(f, RC_STORE, CAUSE_CONFIG, "%s", path);
		f->cause = CAUSE_CONFIG;
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > NETRC_MAX) {
		rc = fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "%s: not a file, or over %d octets", path, NETRC_MAX);
		goto out;
	}
	if ((st.st_mode & 077) != 0) {
		rc = fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "%s: others may read it: chmod 600 '%s'", path, path);
		goto out;
	}
	/* Room for all at once: a buf that grows leaves copies behind. */
	(void)buf_room(text, (size_t)st.st_size + 1);
	while (have < (size_t)st.st_size) {
		n = read(fd, text->data + have, (size_t)st.st_size - have);
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	text->len = have;
	if (n == -1) {
		rc = fault_errno(f, RC_STORE, CAUSE_CONFIG, "%s", path);
		f->cause = CAUSE_CONFIG;
	}
out:
	if (fd != -1)
		(void)close(fd);
	return rc;
}

enum rc
netrc_fetch(const char *host, const char *user, char **user_r, struct buf *out,
    struct fault *f)
{
	const char *given = getenv("NETRC"), *home = getenv("HOME");
	struct buf text = BUF_INIT;
	char *path;
	enum rc rc;

	*user_r = NULL;
	if (given != NULL && *given != '\0')
		path = xstrdup(given);
	else if (home != NULL && *home != '\0')
		path = xasprintf("%s/.netrc", home);
	else
		return RC_END;
	rc = load(path, &text, f);
	if (rc == RC_OK) {
		rc = netrc_find(&text, host, user, user_r, out, f);
		if (rc != RC_OK && rc != RC_END)
			rc = fault_wrap(f, rc, "%s", path);
	}
	buf_wipe(&text);
	free(path);
	return rc;
}
