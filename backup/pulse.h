#ifndef BACKUP_PULSE_H
#define BACKUP_PULSE_H

#include <stdbool.h>
#include <stdint.h>

#include "backup.h"
#include "util/fault.h"

/* What a long run says of itself: that it lives, finds, loses its source and
 * has it again. */
struct pulse {
	struct backup *backup;
	int64_t end;    /* of the run; clock_ms, as what follows */
	uint64_t looks; /* that found something */
	int64_t beat;   /* the next heartbeat */
	int64_t lost;   /* the source was; 0: it is there */
};

void pulse_init(struct pulse *p, struct backup *b, int64_t end);
/* Messages are in the archive, and whoever reads it has them. */
void pulse_found(struct pulse *p, uint64_t messages);
/* A "heartbeat" event once a minute, and the progress line. */
void pulse_beat(struct pulse *p);
/* The source is lost, for the tries-th time in a row; the next try is after
 * ms. */
void pulse_lost(struct pulse *p, const struct fault *f, unsigned tries,
    int64_t ms);
void pulse_back(struct pulse *p);

#endif
