#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/ask.h"
#include "dns/name.h"

#include "tempdir.h"

#define L63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123"

static void
names_are_taken_as_dns_has_them(void **state)
{
	static const struct {
		const char *given;
		const char *taken; /* NULL: refused */
	} rows[] = {
		{ "Example.COM.", "example.com" },
		{ "_dmarc.a-b.example", "_dmarc.a-b.example" },
		{ "b\xc3\xbc"
		  "cher.example",
		    "xn--bcher-kva.example" },
		{ "xn--bcher-kva.example", "xn--bcher-kva.example" },
		{ L63 ".example", L63 ".example" },
		{ L63 "4.example", NULL },
		{ L63 "." L63 "." L63 "." L63, NULL },
		{ "", NULL },
		{ ".", NULL },
		{ "a..b", NULL },
		{ ".a", NULL },
		{ "a b", NULL },
		{ "a\x1b.example", NULL },
		{ "b\xfc"
		  "cher.example",
		    NULL },
	};
	struct fault f = FAULT_INIT;
	char *name;
	enum rc rc;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rc = dns_name_take("--expect", rows[i].given, &name, &f);
		if (rows[i].taken == NULL) {
			assert_int_equal(rc, RC_STORE);
			assert_int_equal(f.cause, CAUSE_USAGE);
			continue;
		}
		assert_int_equal(rc, RC_OK);
		assert_string_equal(name, rows[i].taken);
		free(name);
	}
}

static void
a_zone_holds_whole_labels(void **state)
{
	(void)state;
	assert_true(dns_name_is_in("a.example", "a.example"));
	assert_true(dns_name_is_in("b.a.example", "a.example"));
	assert_false(dns_name_is_in("ba.example", "a.example"));
	assert_false(dns_name_is_in("example", "a.example"));
	assert_string_equal(dns_name_parent("b.a.example"), "a.example");
	assert_null(dns_name_parent("example"));
}

static void
servers_are_addresses_with_a_port_or_without(void **state)
{
	static const struct {
		const char *given;
		const char *text; /* NULL: refused */
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "192.0.2.1:53", "192.0.2.1" },
		{ "192.0.2.1:5300", "192.0.2.1:5300" },
		{ "2001:DB8::1", "2001:db8::1" },
		{ "[2001:db8::1]", "2001:db8::1" },
		{ "[2001:db8::1]:5300", "[2001:db8::1]:5300" },
		{ "[2001:db8::1", NULL },
		{ "[192.0.2.1]x", NULL },
		{ "192.0.2.1:", NULL },
		{ "192.0.2.1:0", NULL },
		{ "192.0.2.1:65536", NULL },
		{ "192.0.2", NULL },
		{ "ns.example", NULL },
		{ "", NULL },
	};
	struct fault f = FAULT_INIT;
	struct dns_server s;
	enum rc rc;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rc = dns_server_take("--resolver", rows[i].given, &s, &f);
		if (rows[i].text == NULL) {
			assert_int_equal(rc, RC_STORE);
			continue;
		}
		assert_int_equal(rc, RC_OK);
		assert_string_equal(s.text, rows[i].text);
	}
}

static void
the_systems_resolvers_come_from_its_file(void **state)
{
	static const char conf[] = "# of a test\nsearch a.example\n"
				   "nameserver 192.0.2.1\n"
				   "nameserver 2001:db8::1\n";
	struct dns_servers l = { .n = 0 };
	struct fault f = FAULT_INIT;
	char *dir = tempdir_new();

	(void)state;
	tempdir_write(dir, "resolv.conf", conf);
	assert_int_equal(dns_servers_of_system(tempdir_path(dir, "resolv.conf"),
			     &l, &f),
	    RC_OK);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.v[0].text, "192.0.2.1");
	assert_string_equal(l.v[1].text, "2001:db8::1");
	dns_servers_release(&l);
	tempdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_taken_as_dns_has_them),
		cmocka_unit_test(a_zone_holds_whole_labels),
		cmocka_unit_test(servers_are_addresses_with_a_port_or_without),
		cmocka_unit_test(the_systems_resolvers_come_from_its_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
