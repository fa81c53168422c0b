#ifndef TESTS_UNIT_SURVEY_KIT_H
#define TESTS_UNIT_SURVEY_KIT_H

#include "survey/facts/facts.h"

/* Facts for tests of what is told of them. */

/* An empty mailbox and, with target, an IMAP server "." for it. */
void kit_survey(struct survey *s, bool target);
/* A folder with so many messages of 1,000 octets each; borrowed until the
 * next one. */
struct box *kit_box(struct survey *s, const char *name, uint64_t messages);
/* One that the target has already. */
struct folder *kit_folder(struct side *s, const char *name);
void kit_quota(struct side *s, const char *resource, uint64_t usage,
    uint64_t limit);
void kit_largest(struct survey *s, uint32_t box, uint64_t size,
    const char *subject);
/* A mailbox with something of everything, hostile texts among them. */
void kit_everything(struct survey *s);

#endif
