#include "dns/spf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/mem.h"
#include "util/num.h"

enum { TERMS_MAX = 500, TERM_MAX = 512 };

struct kind_row {
	const char *word;
	enum spf_kind kind;
};

static const struct kind_row kinds[] = { { "all", SPF_ALL },
	{ "include", SPF_INCLUDE }, { "a", SPF_A }, { "mx", SPF_MX },
	{ "ptr", SPF_PTR }, { "ip4", SPF_IP4 }, { "ip6", SPF_IP6 },
	{ "exists", SPF_EXISTS } };

bool
spf_is(const char *text)
{
	return strncasecmp(text, "v=spf1", 6) == 0 &&
	    (text[6] == '\0' || text[6] == ' ');
}

void
spf_release(struct spf *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->v[i].domain);
	free(s->v);
	s->v = NULL;
	s->n = 0;
}

/* "/24", "//64" or "/24//64" at the end of s[0..*n), taken off. */
static bool
take_bits(const char *s, size_t *n, unsigned most4, struct spf_term *t)
{
	const char *slash = memchr(s, '/', *n), *end = s + *n, *six;
	uint64_t bits;

	t->bits4 = most4;
	t->bits6 = 128;
	if (slash == NULL)
		return true;
	*n = (size_t)(slash - s);
	six = slash;
	if (end - slash < 2 || slash[1] != '/') {
		six = memchr(slash + 1, '/', (size_t)(end - slash) - 1);
		if (six == NULL)
			six = end;
		if (!num_u64(slash + 1, (size_t)(six - slash) - 1, most4,
			&bits))
			return false;
		t->bits4 = (unsigned)bits;
	}
	if (six == end)
		return true;
	if (end - six < 2 || six[1] != '/' ||
	    !num_u64(six + 2, (size_t)(end - six) - 2, 128, &bits))
		return false;
	t->bits6 = (unsigned)bits;
	return true;
}

static bool
take_domain(const char *s, size_t n, struct spf_term *t)
{
	size_t i;

	if (n == 0 || n > TERM_MAX)
		return false;
	t->domain = xstrndup(s, n);
	for (i = 0; i < n; i++) {
		if (s[i] <= ' ' || s[i] > '~')
			return false;
		if (s[i] == '%')
			t->macro = true;
		if (s[i] >= 'A' && s[i] <= 'Z')
			t->domain[i] = (char)(s[i] - 'A' + 'a');
	}
	if (n > 1 && t->domain[n - 1] == '.')
		t->domain[n - 1] = '\0';
	return true;
}

static bool
take_network(const char *s, size_t n, struct spf_term *t)
{
	const bool six = t->kind == SPF_IP6;
	char *address;
	bool good;

	/* one slash alone, whatever the family */
	if (!take_bits(s, &n, six ? 128 : 32, t) || t->bits6 != 128)
		return false;
	if (six)
		t->bits6 = t->bits4;
	address = xstrndup(s, n);
	good = inet_pton(six ? AF_INET6 : AF_INET, address, t->address) == 1;
	free(address);
	return good;
}

/* What stands behind the word: ":domain", "/bits" or nothing. */
static bool
take_argument(const char *s, size_t n, struct spf_term *t)
{
	const bool colon = n > 0 && *s == ':';

	switch (t->kind) {
	case SPF_ALL:
		return n == 0;
	case SPF_IP4:
	case SPF_IP6:
		return colon && take_network(s + 1, n - 1, t);
	case SPF_INCLUDE:
	case SPF_EXISTS:
		return colon && take_domain(s + 1, n - 1, t);
	case SPF_A:
	case SPF_MX:
		/* a slash in a macro ends nothing, but who writes that? */
		if (!take_bits(s, &n, 32, t))
			return false;
		return n == 0 || (colon && take_domain(s + 1, n - 1, t));
	case SPF_PTR:
		return n == 0 || (colon && take_domain(s + 1, n - 1, t));
	case SPF_REDIRECT:
	case SPF_MODIFIER:
		break;
	}
	return false;
}

/* name=value: RFC 7208 section 12 lets any name be. */
static bool
take_modifier(const char *s, size_t n, struct spf_term *t)
{
	const char *equals = memchr(s, '=', n);
	const size_t name = equals == NULL ? 0 : (size_t)(equals - s);
	size_t i;

	if (name == 0 || ((s[0] | 0x20) < 'a' || (s[0] | 0x20) > 'z'))
		return false;
	for (i = 0; i < name; i++)
		if (strchr(":/ ", s[i]) != NULL)
			return false;
	t->kind = SPF_MODIFIER;
	if (name != 8 || strncasecmp(s, "redirect", 8) != 0)
		return true;
	t->kind = SPF_REDIRECT;
	return take_domain(equals + 1, n - name - 1, t);
}

static bool
take_term(const char *s, size_t n, struct spf_term *t)
{
	size_t i, word;

	t->qualifier = '+';
	if (take_modifier(s, n, t))
		return true;
	if (t->kind == SPF_REDIRECT)
		return false;
	if (strchr("+-~?", *s) != NULL) {
		t->qualifier = *s++;
		n--;
	}
	for (word = 0; word < n && s[word] != ':' && s[word] != '/';)
		word++;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i].word) != word ||
		    strncasecmp(kinds[i].word, s, word) != 0)
			continue;
		t->kind = kinds[i].kind;
		return take_argument(s + word, n - word, t);
	}
	return false;
}

bool
spf_parse(const char *text, struct spf *r, struct buf *wrong)
{
	size_t n, cap = 0;
	const char *s;

	memset(r, 0, sizeof(*r));
	if (!spf_is(text)) {
		buf_adds(wrong, "it does not begin with v=spf1");
		return false;
	}
	for (s = text + 6; *s != '\0'; s += n) {
		n = strspn(s, " ");
		s += n;
		n = strcspn(s, " ");
		if (n == 0)
			break;
		if (r->n == TERMS_MAX) {
			buf_adds(wrong, "more terms than anybody takes");
			return false;
		}
		r->v = xgrow(r->v, r->n, &cap, sizeof(*r->v));
		memset(&r->v[r->n], 0, sizeof(*r->v));
		if (!take_term(s, n, &r->v[r->n++])) {
			buf_addf(wrong, "'%.*s' is no term of SPF",
			    n > 80 ? 80 : (int)n, s);
			return false;
		}
	}
	return true;
}

static bool
same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	const unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool
spf_holds(const struct spf_term *t, const struct dns_server *address)
{
	if (address->family == AF_INET)
		return t->kind == SPF_IP4 &&
		    same_bits(t->address, address->address, t->bits4);
	return t->kind == SPF_IP6 &&
	    same_bits(t->address, address->address, t->bits6);
}
