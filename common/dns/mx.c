/* Has the mail of a domain moved, and who does not know it yet? */
#include "dns/mx.h"

#include <inttypes.h>
#include <string.h>

const char *
mx_state_word(enum mx_state s)
{
	static const char *const word[] = { "new", "mixed", "old", "unknown" };

	return s < MX_STATES ? word[s] : "?";
}

bool
mx_is_lame(const struct dns_answer *a, bool authoritative)
{
	if (a->outcome != DNS_ANSWERED && a->outcome != DNS_NO_NAME)
		return true;
	return authoritative && !a->authoritative;
}

void
mx_sight_take(const struct dns_answer *a, const char *domain,
    bool authoritative, const struct strs *hosts, struct mx_sight *r)
{
	struct dns_set set;
	size_t i, expected = 0;

	*r = (struct mx_sight){ authoritative, MX_UNKNOWN, 0 };
	if (mx_is_lame(a, authoritative))
		return;
	dns_set_take(a, domain, DNS_MX, &set);
	r->ttl = set.ttl;
	for (i = 0; i < set.n; i++)
		if (strs_has(hosts, set.v[i]->target))
			expected++;
	if (expected == 0)
		r->state = MX_OLD;
	else
		r->state = expected == set.n ? MX_NEW : MX_MIXED;
	dns_set_release(&set);
}

void
mx_judge(const struct mx_sight *v, size_t n, int64_t now, int64_t moved_at,
    uint32_t before, struct mx_verdict *r)
{
	size_t i, asked = 0;

	memset(r, 0, sizeof(*r));
	r->asked_at = now;
	for (i = 0; i < n; i++) {
		if (v[i].authoritative) {
			r->authoritative[v[i].state]++;
			if (v[i].ttl > before)
				before = v[i].ttl;
			continue;
		}
		asked++;
		r->resolvers[v[i].state]++;
		if ((v[i].state == MX_OLD || v[i].state == MX_MIXED) &&
		    now + v[i].ttl > r->asked_at)
			r->asked_at = now + v[i].ttl;
	}
	r->moved = r->authoritative[MX_NEW] > 0 &&
	    r->authoritative[MX_MIXED] + r->authoritative[MX_OLD] == 0;
	r->everywhere = r->moved && r->authoritative[MX_UNKNOWN] == 0 &&
	    r->resolvers[MX_NEW] == asked;
	if (r->moved)
		r->unasked_at = (moved_at != 0 ? moved_at : now) + before;
	else
		r->asked_at = 0;
}

void
mx_duration(struct buf *b, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} of[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	size_t i = 0;

	if (seconds < 0)
		seconds = 0;
	while (i < 3 && seconds < of[i].seconds)
		i++;
	buf_addf(b, "%" PRId64 " %s", seconds / of[i].seconds, of[i].unit);
	seconds %= of[i].seconds;
	if (i < 3 && seconds / of[i + 1].seconds > 0)
		buf_addf(b, " %" PRId64 " %s", seconds / of[i + 1].seconds,
		    of[i + 1].unit);
}
