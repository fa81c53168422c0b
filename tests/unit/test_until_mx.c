#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "backup/until_mx.h"

static void
the_domain_is_told_or_that_of_the_user(void **state)
{
	static const struct {
		const char *told, *source;
		const char *domain; /* NULL: none */
	} rows[] = {
		{ NULL, "imaps://anna@Old.example@mail.example",
		    "old.example" },
		{ NULL, "imaps://a%40b@old.example@mail.example",
		    "old.example" },
		{ "New.example.", "imaps://anna@old.example@mail.example",
		    "new.example" },
		{ "new.example", "maildir:/nowhere", "new.example" },
		{ NULL, "imaps://anna@mail.example", NULL },
		{ NULL, "imaps://anna@a..b@mail.example", NULL },
		{ NULL, "maildir:/nowhere", NULL },
	};
	struct until_mx_wish w = { .domain = NULL };
	struct fault f = FAULT_INIT;
	struct location l;
	char *domain;
	enum rc rc;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(location_parse(rows[i].source, &l, &f), RC_OK);
		if (rows[i].told != NULL)
			assert_int_equal(
			    until_mx_take_domain(&w, rows[i].told, &f), RC_OK);
		rc = until_mx_domain(&w, &l, &domain, &f);
		if (rows[i].domain == NULL) {
			assert_int_equal(rc, RC_STORE);
			assert_int_equal(f.cause, CAUSE_USAGE);
		} else {
			assert_int_equal(rc, RC_OK);
			assert_string_equal(domain, rows[i].domain);
		}
		free(domain);
		location_release(&l);
		until_mx_release(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_domain_is_told_or_that_of_the_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
