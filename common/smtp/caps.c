#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "smtp/wire.h"
#include "util/num.h"

enum { AUTH_MAX = 64 }; /* mechanisms that are kept */

void
smtp_caps_release(struct smtp_caps *c)
{
	strs_release(&c->auth);
	memset(c, 0, sizeof(*c));
}

/* "AUTH PLAIN LOGIN"; some say it twice, in both forms. */
static void
take_auth(struct smtp_caps *c, const char *p)
{
	char name[32];
	size_t n, i;

	while (*p != '\0' && c->auth.n < AUTH_MAX) {
		n = strcspn(p, " \t");
		for (i = 0; i < n && i + 1 < sizeof(name); i++)
			name[i] = (char)toupper((unsigned char)p[i]);
		name[i] = '\0';
		if (n > 0 && i == n && !strs_has(&c->auth, name))
			strs_add(&c->auth, name);
		p += n;
		p += strspn(p, " \t");
	}
}

static void
take(struct smtp_caps *c, const char *line)
{
	/* "AUTH=LOGIN" is how it was before RFC 2554. */
	const size_t n = strcspn(line, " \t="), rest = strspn(line + n, " \t=");
	const char *value = line + n + rest;
	const struct {
		const char *name;
		bool *to;
	} flags[] = {
		{ "STARTTLS", &c->starttls },
		{ "8BITMIME", &c->eightbit },
		{ "SMTPUTF8", &c->utf8 },
		{ "PIPELINING", &c->pipelining },
		{ "ENHANCEDSTATUSCODES", &c->enhanced_codes },
		{ "SIZE", &c->size },
	};
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strlen(flags[i].name) == n &&
		    strncasecmp(line, flags[i].name, n) == 0)
			*flags[i].to = true;
	if (n == 4 && strncasecmp(line, "SIZE", n) == 0)
		(void)num_u64(value, strlen(value), INT64_MAX, &c->size_max);
	if (n == 4 && strncasecmp(line, "AUTH", n) == 0)
		take_auth(c, value);
}

void
smtp_caps_take(struct smtp_caps *c, const struct smtp_reply *r)
{
	size_t i;

	smtp_caps_release(c);
	/* the first line is the server's name */
	for (i = 1; i < r->line.n; i++)
		take(c, r->line.v[i]);
}
