#ifndef PROGRAM_FLEET_JSON_H
#define PROGRAM_FLEET_JSON_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Looks into an event line that report.h wrote, and into no other JSON: one
 * object, no blanks, "event" first, no object inside.
 */
bool json_event_is(const char *line, const char *event);
/* False when there is no such number. */
bool json_number(const char *line, const char *key, int64_t *r);
/* The text, the caller frees; NULL when there is none. */
char *json_text(const char *line, const char *key);

#endif
