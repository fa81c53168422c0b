#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "util/fault.h"

enum wait_result { WAIT_READY, WAIT_STALL, WAIT_INTERRUPT, WAIT_ERROR };

/* Waits until fd can be read or written, at most ms; a signal that raised
 * the interrupt flag (util/interrupt.h) ends it within half a second. */
enum wait_result wait_for(int fd, bool to_write, int ms);

/*
 * A non-blocking socket, connected to the first address of host that
 * answers, each given ms.  CAUSE_UNREACHABLE with host:port.  While nothing
 * is said on it for long the kernel asks for signs of life (RFC 9293,
 * 3.8.4): routers on the way do not forget the line, and one that is dead is
 * known to be before something is sent into it.
 */
enum rc dial(const char *host, uint16_t port, int ms, int *fd_r,
    struct fault *f) CHECKED;

#endif
