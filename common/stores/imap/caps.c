#include "stores/imap/caps.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/mem.h"
#include "util/num.h"

void
caps_init(struct imap_caps *c)
{
	memset(c, 0, sizeof(*c));
}

void
caps_release(struct imap_caps *c)
{
	strs_release(&c->auth);
	caps_init(c);
}

static void
add_auth(struct imap_caps *c, const char *name, size_t n)
{
	char *upper = xstrndup(name, n);
	char *p;

	for (p = upper; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	if (strs_has(&c->auth, upper))
		free(upper);
	else
		strs_take(&c->auth, upper);
}

static void
add_word(struct imap_caps *c, const char *w, size_t n)
{
	const struct {
		const char *name;
		bool *known;
	} table[] = {
		{ "LITERAL+", &c->literal_plus },
		{ "LITERAL-", &c->literal_minus },
		{ "MULTIAPPEND", &c->multiappend },
		{ "UIDPLUS", &c->uidplus },
		{ "LIST-EXTENDED", &c->list_extended },
		{ "LIST-STATUS", &c->list_status },
		{ "STATUS=SIZE", &c->status_size },
		{ "SPECIAL-USE", &c->special_use },
		{ "NAMESPACE", &c->namespace },
		{ "CONDSTORE", &c->condstore },
		{ "QRESYNC", &c->qresync },
		{ "IDLE", &c->idle },
		{ "NOTIFY", &c->notify },
		{ "SASL-IR", &c->sasl_ir },
		{ "LOGINDISABLED", &c->login_disabled },
		{ "STARTTLS", &c->starttls },
		{ "ID", &c->id },
		{ "ENABLE", &c->enable },
		{ "COMPRESS=DEFLATE", &c->compress },
	};
	static const char auth[] = "AUTH=", limit[] = "APPENDLIMIT=";
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strlen(table[i].name) == n &&
		    strncasecmp(table[i].name, w, n) == 0)
			*table[i].known = true;
	if (n >= sizeof(auth) && strncasecmp(w, auth, sizeof(auth) - 1) == 0)
		add_auth(c, w + sizeof(auth) - 1, n - (sizeof(auth) - 1));
	if (n >= sizeof(limit) && strncasecmp(w, limit, sizeof(limit) - 1) == 0)
		(void)num_u64(w + sizeof(limit) - 1, n - (sizeof(limit) - 1),
		    UINT64_MAX, &c->append_limit);
}

bool
caps_parse(struct imap_caps *c, const char *text, size_t n)
{
	static const char word[] = "CAPABILITY";
	const char *p = text, *end = text + n, *start;

	if (n < sizeof(word) - 1 || strncasecmp(p, word, sizeof(word) - 1) != 0)
		return false;
	p += sizeof(word) - 1;
	if (p < end && *p != ' ')
		return false;
	caps_release(c);
	while (p < end) {
		while (p < end && *p == ' ')
			p++;
		start = p;
		while (p < end && *p != ' ')
			p++;
		add_word(c, start, (size_t)(p - start));
	}
	/* RFC 7162 section 3.2: the second means the first as well. */
	c->condstore |= c->qresync;
	return true;
}

bool
caps_from_code(struct imap_caps *c, const char *line)
{
	const char *open = strcasestr(line, "[CAPABILITY ");
	const char *close;

	if (open == NULL)
		return false;
	close = strchr(open, ']');
	if (close == NULL)
		return false;
	return caps_parse(c, open + 1, (size_t)(close - open - 1));
}
