#ifndef BACKUP_WRITE_H
#define BACKUP_WRITE_H

#include "backup.h"
#include "bytes/minisign.h"
#include "mail/folder.h"
#include "settings.h"
#include "stores/archive/lineage.h"
#include "util/fault.h"
#include "util/file.h"

/*
 * The archive of a run, from its header to its name: new, or, with --resume,
 * what output_reopen gave in out.  parent NULL: a full backup.  A run that is
 * lost leaves a FILE.part where that is worth something, and tells so.
 */
enum rc write_archive(const struct settings *s, struct backup *b,
    const struct folders *folders, struct lineage *parent,
    const struct seckey *key, struct outfile *out, struct fault *f) CHECKED;

#endif
