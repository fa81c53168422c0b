#include "dns/message.h"

/* glibc's reader of messages: names are uncompressed with all bounds */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/mem.h"
#include "util/text.h"

/* RFC 2181 section 8: a TTL with the top bit set is none. */
#define TTL_MAX UINT32_C(0x7fffffff)

struct type_row {
	enum dns_type type;
	const char *name;
};

static const struct type_row types[] = { { DNS_A, "A" }, { DNS_NS, "NS" },
	{ DNS_CNAME, "CNAME" }, { DNS_SOA, "SOA" }, { DNS_MX, "MX" },
	{ DNS_TXT, "TXT" }, { DNS_AAAA, "AAAA" }, { DNS_SRV, "SRV" },
	{ DNS_TLSA, "TLSA" } };

const char *
dns_type_name(enum dns_type t)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == t)
			return types[i].name;
	return "?";
}

const char *
dns_outcome_word(enum dns_outcome o)
{
	static const char *const word[] = { "answered", "no-such-name",
		"servfail", "refused", "odd-answer", "malformed", "timeout",
		"unreachable" };

	return word[o];
}

static char *
lowered(const char *s)
{
	char *copy = xstrdup(strcmp(s, ".") == 0 ? "" : s), *p;

	for (p = copy; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return copy;
}

/* The name at p of the record; octets it takes there, 0: it cannot be read. */
static size_t
take_name(const ns_msg *m, const unsigned char *p, char **r)
{
	char name[NS_MAXDNAME];
	int n;

	n = ns_name_uncompress(ns_msg_base(*m), ns_msg_end(*m), p, name,
	    sizeof(name));
	if (n <= 0)
		return 0;
	*r = lowered(name);
	return (size_t)n;
}

static bool
take_address(const unsigned char *p, size_t n, struct dns_record *r)
{
	const int family = r->type == DNS_A ? AF_INET : AF_INET6;
	char text[INET6_ADDRSTRLEN];

	if (n != (r->type == DNS_A ? 4 : 16) ||
	    inet_ntop(family, p, text, sizeof(text)) == NULL)
		return false;
	r->text = xstrdup(text);
	return true;
}

/* RFC 7208 section 3.3: the strings of one record are one text. */
static bool
take_text(const unsigned char *p, size_t n, struct dns_record *r)
{
	struct buf b = BUF_INIT;
	size_t i, len;

	while (n > 0) {
		len = *p;
		if (len > n - 1) {
			buf_release(&b);
			return false;
		}
		for (i = 1; i <= len; i++) {
			if (p[i] == '\0')
				buf_adds(&b, "\xef\xbf\xbd");
			else
				buf_addc(&b, p[i]);
		}
		p += len + 1;
		n -= len + 1;
	}
	r->text = buf_steal(&b);
	return true;
}

static bool
take_soa(const ns_msg *m, const unsigned char *p, size_t n,
    struct dns_record *r)
{
	char *other = NULL;
	size_t used, more;

	used = take_name(m, p, &r->target);
	if (used == 0 || used >= n)
		return false;
	more = take_name(m, p + used, &other);
	free(other);
	if (more == 0 || n != used + more + 20)
		return false;
	r->number = (uint32_t)ns_get32(p + used + more);
	r->least = (uint32_t)ns_get32(p + used + more + 16);
	r->text = xasprintf("%u", r->number);
	return true;
}

static bool
take_mx(const ns_msg *m, const unsigned char *p, size_t n, struct dns_record *r)
{
	if (n < 3 || take_name(m, p + 2, &r->target) != n - 2)
		return false;
	r->number = ns_get16(p);
	r->text =
	    xasprintf("%u %s", r->number, *r->target == '\0' ? "." : r->target);
	return true;
}

static bool
take_srv(const ns_msg *m, const unsigned char *p, size_t n,
    struct dns_record *r)
{
	if (n < 7 || take_name(m, p + 6, &r->target) != n - 6)
		return false;
	r->number = ns_get16(p);
	r->port = ns_get16(p + 4);
	r->text = xasprintf("%u %u %u %s", r->number, ns_get16(p + 2), r->port,
	    *r->target == '\0' ? "." : r->target);
	return true;
}

static bool
take_tlsa(const unsigned char *p, size_t n, struct dns_record *r)
{
	struct buf b = BUF_INIT;

	if (n < 4)
		return false;
	buf_addf(&b, "%u %u %u ", p[0], p[1], p[2]);
	text_hex(&b, p + 3, n - 3);
	r->text = buf_steal(&b);
	return true;
}

static bool
take_value(const ns_msg *m, const ns_rr *rr, struct dns_record *r)
{
	const unsigned char *p = ns_rr_rdata(*rr);
	const size_t n = ns_rr_rdlen(*rr);

	switch (r->type) {
	case DNS_A:
	case DNS_AAAA:
		return take_address(p, n, r);
	case DNS_NS:
	case DNS_CNAME:
		if (n == 0 || take_name(m, p, &r->target) != n)
			return false;
		r->text = xstrdup(*r->target == '\0' ? "." : r->target);
		return true;
	case DNS_SOA:
		return n > 20 && take_soa(m, p, n, r);
	case DNS_MX:
		return take_mx(m, p, n, r);
	case DNS_TXT:
		return take_text(p, n, r);
	case DNS_SRV:
		return take_srv(m, p, n, r);
	case DNS_TLSA:
		return take_tlsa(p, n, r);
	}
	return false;
}

static bool
is_wanted(const ns_rr *rr)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (ns_rr_class(*rr) == ns_c_in &&
		    ns_rr_type(*rr) == (unsigned)types[i].type)
			return true;
	return false;
}

static bool
take_section(ns_msg *m, ns_sect section, struct dns_answer *a, size_t *cap)
{
	struct dns_record *r;
	ns_rr rr;
	int i;

	for (i = 0; i < ns_msg_count(*m, section); i++) {
		if (ns_parserr(m, section, i, &rr) != 0)
			return false;
		if (!is_wanted(&rr))
			continue;
		a->v = xgrow(a->v, a->n, cap, sizeof(*a->v));
		r = &a->v[a->n++];
		memset(r, 0, sizeof(*r));
		r->type = (enum dns_type)ns_rr_type(rr);
		r->authority = section == ns_s_ns;
		r->ttl = ns_rr_ttl(rr) > TTL_MAX ? 0 : ns_rr_ttl(rr);
		r->name = lowered(ns_rr_name(rr));
		if (!take_value(m, &rr, r))
			return false;
	}
	return true;
}

static enum dns_outcome
outcome_of(unsigned rcode)
{
	switch (rcode) {
	case ns_r_noerror:
		return DNS_ANSWERED;
	case ns_r_nxdomain:
		return DNS_NO_NAME;
	case ns_r_servfail:
		return DNS_SERVFAIL;
	case ns_r_refused:
		return DNS_REFUSED;
	default:
		return DNS_ODD;
	}
}

void
dns_message_read(const unsigned char *p, size_t n, struct dns_answer *r)
{
	size_t cap = 0;
	ns_msg m;

	memset(r, 0, sizeof(*r));
	r->outcome = DNS_MALFORMED;
	if (n > NS_MAXMSG || ns_initparse(p, (int)n, &m) != 0 ||
	    ns_msg_getflag(m, ns_f_qr) == 0)
		return;
	r->authoritative = ns_msg_getflag(m, ns_f_aa) != 0;
	if (take_section(&m, ns_s_an, r, &cap) &&
	    take_section(&m, ns_s_ns, r, &cap)) {
		r->outcome =
		    outcome_of((unsigned)ns_msg_getflag(m, ns_f_rcode));
		return;
	}
	dns_answer_release(r);
	r->outcome = DNS_MALFORMED;
}

void
dns_answer_release(struct dns_answer *a)
{
	size_t i;

	for (i = 0; i < a->n; i++) {
		free(a->v[i].name);
		free(a->v[i].text);
		free(a->v[i].target);
	}
	free(a->v);
	a->v = NULL;
	a->n = 0;
}
