#ifndef PROGRAM_OUTPUT_H
#define PROGRAM_OUTPUT_H

#include "bytes/minisign.h"
#include "program/options.h"
#include "stores/archive/writer.h"
#include "util/fault.h"
#include "util/file.h"

/* What the programs that write an archive share. */

/* The secret key of -s, or the default one. */
enum rc output_key(const struct common_options *o, struct seckey **key_r,
    struct fault *f) CHECKED;
/* A new file at path, whose detached signature has a free name too. */
enum rc output_create(const char *path, struct outfile *out, struct fault *f)
    CHECKED;
/* The same for who can go on with a PATH.part that is there: remedy names
 * that in the message. */
enum rc output_create_with(const char *path, const char *remedy,
    struct outfile *out, struct fault *f) CHECKED;
/* The PATH.part of an earlier run, locked and unchanged; or PATH, where only
 * its signature is missing. */
enum rc output_reopen(const char *path, struct outfile *out, struct fault *f)
    CHECKED;
/* The final, the name, and PATH.minisig where there is a path. */
enum rc output_publish(struct archive_writer *w, struct outfile *out,
    struct fault *f) CHECKED;

#endif
