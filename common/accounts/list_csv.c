#include <csv.h>

#include "accounts/list.h"
#include "util/mem.h"

static void
on_field(void *field, size_t n, void *arg)
{
	strs_addn(arg, field == NULL ? "" : field, n);
}

bool
account_csv_fields(const unsigned char *line, size_t n, char delimiter,
    struct strs *fields)
{
	struct csv_parser p;
	bool good;

	if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI) != 0)
		return false;
	csv_set_realloc_func(&p, realloc);
	csv_set_delim(&p, (unsigned char)delimiter);
	good = csv_parse(&p, line, n, on_field, NULL, fields) == n;
	/* The last field comes at the end of the input. */
	if (good)
		good = csv_fini(&p, on_field, NULL, fields) == 0;
	csv_free(&p);
	return good;
}
