#ifndef BACKUP_KEYGEN_H
#define BACKUP_KEYGEN_H

#include "program/options.h"
#include "program/report.h"
#include "util/fault.h"

/*
 * mbackup -G: a key pair in minisign's files at -p and -s or the default
 * places.  The passphrase comes from --key-secret or is asked for twice on
 * the terminal; without either, or when it is empty, the key is plain.
 */
enum rc keygen_run(const struct common_options *o, struct report *r,
    struct fault *f) CHECKED;

#endif
