#ifndef UTIL_WAIT_H
#define UTIL_WAIT_H

#include "util/fault.h"

/* Sleeps, unless a signal comes: then as interrupt_check. */
enum rc wait_ms(int ms, struct fault *f) CHECKED;

#endif
