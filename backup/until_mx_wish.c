/* What the command line says of --until-mx. */
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "until_mx.h"
#include "util/mem.h"

static enum rc
take_name(const char *option, const char *value, char **r, struct fault *f)
{
	free(*r);
	*r = NULL;
	return dns_name_take(option, value, r, f);
}

enum rc
until_mx_take_host(struct until_mx_wish *w, const char *value, struct fault *f)
{
	char *name = NULL;
	enum rc rc;

	rc = take_name("--until-mx", value, &name, f);
	if (rc == RC_OK)
		strs_take(&w->hosts, name);
	return rc;
}

enum rc
until_mx_take_domain(struct until_mx_wish *w, const char *value,
    struct fault *f)
{
	return take_name("--domain", value, &w->domain, f);
}

enum rc
until_mx_take_resolver(struct until_mx_wish *w, const char *value,
    struct fault *f)
{
	return dns_servers_take("--resolver", value, &w->chosen.resolvers, f);
}

enum rc
until_mx_take_authoritative(struct until_mx_wish *w, const char *value,
    struct fault *f)
{
	return dns_servers_take("--authoritative", value,
	    &w->chosen.authoritative, f);
}

enum rc
until_mx_check(const struct until_mx_wish *w, bool follows, struct fault *f)
{
	if (w->hosts.n > 0 && !follows)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--until-mx goes with --follow: give the longest time as "
		    "well");
	if (w->hosts.n == 0 &&
	    (w->domain != NULL || w->chosen.resolvers.n > 0 ||
		w->chosen.authoritative.n > 0))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--domain, --resolver and --authoritative go with "
		    "--until-mx");
	return RC_OK;
}

void
until_mx_release(struct until_mx_wish *w)
{
	strs_release(&w->hosts);
	free(w->domain);
	w->domain = NULL;
	dns_chosen_release(&w->chosen);
}

enum rc
until_mx_domain(const struct until_mx_wish *w, const struct location *source,
    char **r, struct fault *f)
{
	const char *at =
	    source->user != NULL ? strrchr(source->user, '@') : NULL;

	*r = NULL;
	if (w->domain != NULL) {
		*r = xstrdup(w->domain);
		return RC_OK;
	}
	if (at == NULL)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--until-mx: %s names no user with a domain: add --domain",
		    source->text);
	return take_name("--until-mx: the domain", at + 1, r, f);
}
