#include "dns/policy.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/mem.h"
#include "util/num.h"

enum {
	RSA_LEAST = 1024, /* RFC 8301 section 3.2: receivers take no less */
	RSA_GOOD = 2048,
	ED25519_OCTETS = 32,
};

static const char blanks[] = " \t\r\n";

void
taglist_release(struct taglist *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].value);
	}
	l->n = 0;
}

const char *
taglist_get(const struct taglist *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->v[i].name, name) == 0)
			return l->v[i].value;
	return NULL;
}

/* Without the blanks at its ends. */
static char *
trimmed(const char *s, size_t n)
{
	while (n > 0 && strchr(blanks, s[n - 1]) != NULL)
		n--;
	while (n > 0 && strchr(blanks, *s) != NULL) {
		s++;
		n--;
	}
	return xstrndup(s, n);
}

static bool
is_name(const char *s)
{
	if ((*s | 0x20) < 'a' || (*s | 0x20) > 'z')
		return false;
	for (; *s != '\0'; s++)
		if (((*s | 0x20) < 'a' || (*s | 0x20) > 'z') &&
		    (*s < '0' || *s > '9') && *s != '_' && *s != '-')
			return false;
	return true;
}

static bool
take_tag(const char *s, size_t n, struct taglist *r)
{
	const char *equals = memchr(s, '=', n);
	const size_t name = equals == NULL ? 0 : (size_t)(equals - s);
	struct tag *t;

	if (equals == NULL || r->n == TAGS_MAX)
		return false;
	t = &r->v[r->n];
	t->name = trimmed(s, name);
	t->value = trimmed(equals + 1, n - name - 1);
	if (is_name(t->name) && taglist_get(r, t->name) == NULL) {
		r->n++;
		return true;
	}
	free(t->name);
	free(t->value);
	return false;
}

bool
taglist_parse(const char *text, struct taglist *r)
{
	const char *s = text;
	size_t n;

	r->n = 0;
	while (*s != '\0') {
		n = strcspn(s, ";");
		/* one may end the list */
		if (strspn(s, blanks) < n && !take_tag(s, n, r))
			return false;
		s += n;
		if (*s == ';')
			s++;
	}
	return r->n > 0;
}

void
policy_release(struct policy *p)
{
	buf_release(&p->said);
}

static void
wrong(struct policy *p, const char *why)
{
	p->wrong = true;
	buf_adds(&p->said, why);
}

static void
doubt(struct policy *p, const char *why)
{
	p->warn = true;
	buf_adds(&p->said, why);
}

static void
judge_rsa(const struct buf *der, struct policy *r)
{
	const unsigned char *p = der->data;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)der->len);
	int bits;

	if (key == NULL || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
		wrong(r, "its p= is no RSA key");
		EVP_PKEY_free(key);
		return;
	}
	bits = EVP_PKEY_get_bits(key);
	EVP_PKEY_free(key);
	buf_addf(&r->said, "RSA, %d bits", bits);
	if (bits < RSA_LEAST)
		wrong(r, ": shorter than receivers take");
	else if (bits < RSA_GOOD)
		doubt(r, ": short, 2048 are usual");
}

static void
judge_key(const char *type, const char *p, struct policy *r)
{
	struct buf key = BUF_INIT;
	const size_t n = strlen(p);
	size_t len = 0;

	if (sodium_base642bin(buf_room(&key, n + 1), n + 1, p, n, blanks, &len,
		NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		wrong(r, "its p= is no base64");
	key.len = len;
	if (!r->wrong && strcasecmp(type, "rsa") == 0) {
		judge_rsa(&key, r);
	} else if (!r->wrong && strcasecmp(type, "ed25519") == 0) {
		buf_adds(&r->said, "Ed25519");
		if (len != ED25519_OCTETS)
			wrong(r, ": its p= has not 32 octets");
	} else if (!r->wrong) {
		wrong(r, "a key of a type that nobody knows");
	}
	buf_release(&key);
}

/* True for a flag in a list with colons. */
static bool
has_flag(const char *list, char flag)
{
	const char *p;

	for (p = list; p != NULL && *p != '\0'; p++)
		if (*p == flag &&
		    (p == list || strchr(": \t", p[-1]) != NULL) &&
		    (p[1] == '\0' || strchr(": \t", p[1]) != NULL))
			return true;
	return false;
}

void
policy_dkim(const char *text, struct policy *r)
{
	const char *v, *type, *p;
	struct taglist l;
	bool good;

	memset(r, 0, sizeof(*r));
	good = taglist_parse(text, &l);
	v = taglist_get(&l, "v");
	p = taglist_get(&l, "p");
	type = taglist_get(&l, "k");
	r->is = p != NULL || (v != NULL && strcmp(v, "DKIM1") == 0);
	if (!good || p == NULL)
		wrong(r, "is no DKIM key");
	else if (v != NULL && strcmp(v, "DKIM1") != 0)
		wrong(r, "is not of version DKIM1");
	else if (*p == '\0')
		wrong(r, "revoked (p= is empty)");
	else
		judge_key(type == NULL ? "rsa" : type, p, r);
	if (!r->wrong && has_flag(taglist_get(&l, "t"), 'y'))
		doubt(r, ", for tests only (t=y)");
	taglist_release(&l);
}

static bool
is_disposition(const char *s)
{
	return s != NULL &&
	    (strcasecmp(s, "none") == 0 || strcasecmp(s, "quarantine") == 0 ||
		strcasecmp(s, "reject") == 0);
}

static void
judge_dmarc(const struct taglist *l, struct policy *r)
{
	const char *p = taglist_get(l, "p"), *sp = taglist_get(l, "sp"),
		   *pct = taglist_get(l, "pct");
	uint64_t percent = 100;

	if (!is_disposition(p)) {
		wrong(r,
		    p == NULL ? "has no p=" :
				"its p= is not none, quarantine or reject");
		return;
	}
	buf_addf(&r->said, "policy %s", p);
	if (sp != NULL && !is_disposition(sp))
		doubt(r, ", its sp= is not none, quarantine or reject");
	else if (sp != NULL)
		buf_addf(&r->said, ", of subdomains %s", sp);
	if (pct != NULL && !num_u64(pct, strlen(pct), 100, &percent))
		doubt(r, ", its pct= is no percentage");
	else if (percent < 100)
		buf_addf(&r->said, ", of %u %% of the mail", (unsigned)percent);
}

void
policy_dmarc(const char *text, struct policy *r)
{
	struct taglist l;
	const bool good = taglist_parse(text, &l);

	memset(r, 0, sizeof(*r));
	/* v=DMARC1 comes first, or it is none */
	r->is = l.n > 0 && strcmp(l.v[0].name, "v") == 0 &&
	    strcmp(l.v[0].value, "DMARC1") == 0;
	if (!r->is || !good)
		wrong(r, "is no DMARC record");
	else
		judge_dmarc(&l, r);
	taglist_release(&l);
}

void
policy_sts(const char *text, struct policy *r)
{
	struct taglist l;
	const bool good = taglist_parse(text, &l);
	const char *id = taglist_get(&l, "id");

	memset(r, 0, sizeof(*r));
	r->is = l.n > 0 && strcmp(l.v[0].name, "v") == 0 &&
	    strcmp(l.v[0].value, "STSv1") == 0;
	if (!r->is || !good)
		wrong(r, "is no MTA-STS record");
	else if (id == NULL || *id == '\0')
		wrong(r, "has no id=");
	else
		buf_addf(&r->said, "id %s", id);
	taglist_release(&l);
}
