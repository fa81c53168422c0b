/* A line of a summary says what it was written from, or nothing; an event
 * line of another process can be looked into whatever it holds. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "program/fleet_json.h"
#include "program/fleet_priv.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
look_into(const char *line)
{
	static const char *const keys[] = { "event", "text", "n" };
	int64_t n;
	size_t i;

	(void)json_event_is(line, "error");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		(void)json_number(line, keys[i], &n);
		free(json_text(line, keys[i]));
	}
}

/* Written again, it reads the same. */
static void
read_again(struct fleet_line *l)
{
	char none[] = "/nonexistent";
	char *name = xstrdup(l->name);
	struct account account = { .name = name };
	struct job j = { .account = &account, .archive = none };
	struct buf b = BUF_INIT;
	struct fleet_line again;

	j.result = l->result;
	fleet_line_write(&b, &j, l->location);
	b.len--;
	assert(fleet_line_read(buf_str(&b), &again));
	assert(strcmp(again.name, l->name) == 0);
	assert(strcmp(again.location, l->location) == 0);
	assert(strcmp(again.stamp, "-") == 0);
	assert(again.result.status == l->result.status);
	assert(again.result.ms == l->result.ms);
	assert(again.result.outcome.done == l->result.outcome.done);
	assert(again.result.outcome.worst == l->result.outcome.worst);
	job_result_release(&again.result);
	buf_release(&b);
	free(name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *line = xstrndup((const char *)data, len);
	struct fleet_line l;

	look_into(line);
	if (fleet_line_read(line, &l))
		read_again(&l);
	job_result_release(&l.result);
	free(line);
	return 0;
}
