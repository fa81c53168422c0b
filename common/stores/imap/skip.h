#ifndef IMAP_SKIP_H
#define IMAP_SKIP_H

#include <libetpan/libetpan.h>

enum skip_end {
	SKIP_DONE,
	SKIP_LOST,    /* nothing more came, or it was refused */
	SKIP_STRANGE, /* a line that answers no command of ours */
};

/*
 * Reads an answer of any kind and size, bodies included, up to the end of
 * the tagged line of this command, and keeps nothing.  The stream is behind a
 * guard that is not raw (guard.h), whose caps hold.  line is scratch.
 */
enum skip_end skip_answer(mailstream *in, MMAPString *line, int tag);

#endif
