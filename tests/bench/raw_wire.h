/* raw_wire: one connection, a queue of what to send, and what has come. */
#ifndef BENCH_RAW_WIRE_H
#define BENCH_RAW_WIRE_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	IN_SIZE = 1 << 18, /* the longest line, too */
	OUT_SIZE = 1 << 18 /* what one write takes */
};

/* Bytes that wait to be sent; not owned unless made by send_text(). */
struct slice {
	const char *bytes;
	size_t size;
};

struct raw {
	int fd;
	SSL *ssl;

	struct slice *queue; /* what is to be sent, in order */
	size_t queued, sent, room, sent_of_first;
	char out[OUT_SIZE];
	size_t out_size, out_at;

	char in[IN_SIZE];
	size_t in_size, in_at;
	uint64_t literal; /* octets of one still to come */

	unsigned commands, answers; /* tags sent, tags seen */
	uint64_t messages, octets;

	char **folders; /* as LIST quotes them */
	size_t folder_count, folder_at;

	bool tls, keep, copy, output;
	unsigned batch;
};

/* Queues bytes; borrowed until they are sent. */
void raw_send(struct raw *raw, const char *bytes, size_t size);

__attribute__((format(printf, 2, 3))) void raw_send_text(struct raw *raw,
    const char *format, ...);

/* Connects to a port of this machine; TLS is not verified. */
void raw_connect(struct raw *raw, uint16_t port);

/*
 * Sends the queue and reads until every command is answered. TAKE consumes
 * whole lines and literals of raw->in, and leaves the rest at its start.
 */
void raw_converse(struct raw *raw, void (*take)(struct raw *));

#endif
