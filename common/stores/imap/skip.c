#include "stores/imap/skip.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "stores/imap/answer.h"
#include "stores/imap/guard.h"

/* False: the stream ends before. */
static bool
skip_octets(mailstream *in, uint64_t size)
{
	char to[4096];
	ssize_t got;

	while (size > 0) {
		got = mailstream_read(in, to,
		    size < sizeof(to) ? (size_t)size : sizeof(to));
		if (got <= 0)
			return false;
		size -= (uint64_t)got;
	}
	return true;
}

enum skip_end
skip_answer(mailstream *in, MMAPString *line, int tag)
{
	struct imap_reply reply;
	uint64_t size = 0;
	bool begins = true; /* not behind a literal */

	for (;;) {
		if (mailstream_read_line_remove_eol(in, line) == NULL)
			return SKIP_LOST;
		if (begins && answer_tagged(line->str, tag, &reply))
			return SKIP_DONE;
		if (begins && strchr("*+", line->str[0]) == NULL)
			return SKIP_STRANGE;
		begins = (begins && guard_is_text(line->str, line->len)) ||
		    !guard_announces(line->str, line->len, &size);
		if (!begins && !skip_octets(in, size))
			return SKIP_LOST;
	}
}
