#ifndef UTIL_VERSION_H
#define UTIL_VERSION_H

#define MAILPROOF_VERSION "0.1.0"

#endif
