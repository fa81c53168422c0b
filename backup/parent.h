#ifndef BACKUP_PARENT_H
#define BACKUP_PARENT_H

#include "bytes/minisign.h"
#include "mail/glob.h"
#include "stores/archive/lineage.h"
#include "util/fault.h"
#include "util/strs.h"

/* The chain of --base, in any order: its last generation is the parent of the
 * delta to be written.  glance: without its messages, as long as nothing is
 * found to be new; RC_END where that cannot be. */
enum rc parent_open(const struct strs *path, const struct pubkey *key,
    bool glance, struct lineage **r, struct fault *f) CHECKED;
/*
 * Whether a backup of this account, with this selection, goes on with it.
 * CAUSE_USAGE names what differs, and the way out.  An account is the same
 * over TLS and without.
 */
enum rc parent_check(const struct lineage *l, const char *account,
    const struct selection *s, struct fault *f) CHECKED;
/* Its last archive: what the new one says of account and parent. */
const struct archive_header *parent_header(const struct lineage *l);

#endif
