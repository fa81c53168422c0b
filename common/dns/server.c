#include <ares.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/ask.h"
#include "util/mem.h"
#include "util/num.h"

enum { PORT = 53 };

static void
write_text(struct dns_server *s)
{
	char address[INET6_ADDRSTRLEN] = "";
	const bool bracket = s->family == AF_INET6 && s->port != PORT;
	int n;

	(void)inet_ntop(s->family, s->address, address, sizeof(address));
	if (s->port == PORT)
		n = snprintf(s->text, sizeof(s->text), "%s", address);
	else
		n = snprintf(s->text, sizeof(s->text),
		    bracket ? "[%s]:%u" : "%s:%u", address, s->port);
	if (n < 0 || (size_t)n >= sizeof(s->text))
		s->text[0] = '\0'; /* it has room for the longest */
}

static bool
take_address(const char *s, size_t n, struct dns_server *r)
{
	char *text = xstrndup(s, n);

	memset(r, 0, sizeof(*r));
	r->port = PORT;
	r->family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(r->family, text, r->address) != 1)
		r->family = 0;
	free(text);
	return r->family != 0;
}

/* The address and what is behind it: "" or ":PORT". */
static bool
split(const char *s, struct dns_server *r, const char **rest)
{
	const char *colon = strchr(s, ':'), *end;

	if (*s == '[') {
		end = strchr(s, ']');
		*rest = end == NULL ? s : end + 1;
		return end != NULL &&
		    take_address(s + 1, (size_t)(end - s) - 1, r);
	}
	end = colon != NULL && strchr(colon + 1, ':') == NULL ? colon :
								s + strlen(s);
	*rest = end;
	return take_address(s, (size_t)(end - s), r);
}

enum rc
dns_server_take(const char *option, const char *s, struct dns_server *r,
    struct fault *f)
{
	const char *rest;
	uint64_t port = PORT;

	if (split(s, r, &rest) &&
	    (*rest == '\0' ||
		(*rest == ':' &&
		    num_u64(rest + 1, strlen(rest + 1), UINT16_MAX, &port) &&
		    port > 0))) {
		r->port = (uint16_t)port;
		write_text(r);
		return RC_OK;
	}
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "%s %s: give an address such as 192.0.2.1, 192.0.2.1:5300 or "
	    "[2001:db8::1]:5300",
	    option, s);
}

bool
dns_server_of(const struct dns_record *address, struct dns_server *r)
{
	if ((address->type != DNS_A && address->type != DNS_AAAA) ||
	    !take_address(address->text, strlen(address->text), r))
		return false;
	write_text(r);
	return true;
}

bool
dns_server_is(const struct dns_server *a, const struct dns_server *b)
{
	return a->family == b->family && a->port == b->port &&
	    memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

void
dns_servers_add(struct dns_servers *l, const struct dns_server *s)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (dns_server_is(&l->v[i], s))
			return;
	l->v = xgrow(l->v, l->n, &l->cap, sizeof(*l->v));
	l->v[l->n++] = *s;
}

enum rc
dns_servers_take(const char *option, const char *s, struct dns_servers *l,
    struct fault *f)
{
	struct dns_server one;
	enum rc rc;

	rc = dns_server_take(option, s, &one, f);
	if (rc == RC_OK)
		dns_servers_add(l, &one);
	return rc;
}

void
dns_servers_release(struct dns_servers *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}

static void
add_node(const struct ares_addr_port_node *node, struct dns_servers *r)
{
	struct dns_server s = { .family = node->family };

	if (node->family == AF_INET)
		memcpy(s.address, &node->addr.addr4, sizeof(node->addr.addr4));
	else
		memcpy(s.address, &node->addr.addr6, sizeof(node->addr.addr6));
	s.port = node->udp_port > 0 ? (uint16_t)node->udp_port : PORT;
	write_text(&s);
	dns_servers_add(r, &s);
}

enum rc
dns_servers_of_system(const char *file, struct dns_servers *r, struct fault *f)
{
	struct ares_addr_port_node *list = NULL, *node;
	struct ares_options o = { .flags = 0 };
	ares_channel channel;
	int mask = ARES_OPT_FLAGS, code;

	if (file != NULL) {
		o.resolvconf_path = xstrdup(file);
		mask |= ARES_OPT_RESOLVCONF;
	}
	code = ares_init_options(&channel, &o, mask);
	free(o.resolvconf_path);
	if (code == ARES_SUCCESS) {
		code = ares_get_servers_ports(channel, &list);
		for (node = list; node != NULL; node = node->next)
			add_node(node, r);
		if (list != NULL)
			ares_free_data(list);
		ares_destroy(channel);
	}
	if (code != ARES_SUCCESS)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "%s: the system's resolvers: %s: name others with "
		    "--resolver",
		    file == NULL ? "/etc/resolv.conf" : file,
		    ares_strerror(code));
	return RC_OK;
}
