#ifndef IMAP_AHEAD_H
#define IMAP_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/fault.h"

struct session;

/*
 * Commands that were sent before an operation came to want them.  Answers
 * come in the order of the commands, so a session_send of the very text that
 * was sent next takes the answer that is on its way: what is asked is what
 * one by one would be.  Any other command makes the rest unwanted: their
 * answers are read and dropped, and the folder that the operation works in
 * is selected again.
 */
struct ahead_command {
	int tag;
	struct buf text;
	uint64_t ask;    /* store_ask.number; 0: of the operation at work */
	uint64_t octets; /* that its answer brings */
	bool selects;    /* EXAMINE, SELECT */
	bool unwanted;   /* its answer is to be dropped, */
	bool puts_right; /* and must tell the folder as it was */
};

/* Whether a server bears a command before it has answered the last. */
enum ahead_single {
	AHEAD_FREE,   /* so it seems */
	AHEAD_SINGLE, /* it said BAD to one of several */
	AHEAD_BORNE,  /* and then to one alone as well: it bears them */
};

struct ahead {
	struct ahead_command *v; /* oldest first, unwanted ones in front */
	size_t n;
	size_t cap;
	bool astray;      /* an unwanted one selected another folder */
	unsigned careful; /* asks that wait for their turn */
	unsigned losses;  /* how often one by one was called for */
	enum ahead_single single;
};

/* Sends it behind what is on its way, without flushing; false: the line is
 * lost, as session_post.  ask and octets: as above. */
bool ahead_send(struct session *s, const struct buf *command, uint64_t ask,
    uint64_t octets);
/* The same without taking note. */
bool ahead_write(struct session *s, const struct buf *command, int *tag_r);
/* True when this very command is the next on its way: *tag_r is its tag.
 * One that selects makes those before it unwanted. */
bool ahead_take(struct session *s, const struct buf *command, int *tag_r);
/* Nothing on its way is wanted. */
void ahead_disown(struct session *s);
/* The same, before another command is sent; false as above. */
bool ahead_leave(struct session *s, const struct buf *command);
/* Waits until nothing is on its way, and the folder that the operation works
 * in is selected. */
enum rc ahead_alone(struct session *s, struct fault *f) CHECKED;
/* It said BAD: to the only command, or to one of several. */
void ahead_bad(struct session *s, bool only);
/* Whether it is to be asked one by one. */
bool ahead_is_single(const struct session *s);
/* Drops the unwanted answers that come before this tag's. */
enum rc ahead_skip(struct session *s, int tag, struct fault *f) CHECKED;
/* The newest command on its way that is wanted; NULL: none. */
const struct ahead_command *ahead_last(const struct session *s);
/* Of all on their way: octets of the commands, and of their answers. */
size_t ahead_commands(const struct session *s);
uint64_t ahead_answers(const struct session *s);
/* They went with their connection, or something went wrong that one by one
 * may not have: some asks wait for their turn, and more each time. */
void ahead_lost(struct session *s);
void ahead_release(struct session *s);

#endif
