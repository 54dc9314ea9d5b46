/* secret/key_ring.h
 * The master keys of a process and where they come from. In order, the first that is there:
 *
 *   PINION_MASTER_KEY                             in the environment, wiped from it when it is read
 *   master_key: ${file:/path}                     in pinion.yaml
 *   $CREDENTIALS_DIRECTORY/pinion-master-key      from the service manager (systemd.exec(5))
 *   $XDG_CONFIG_HOME/pinion/master.key            or $HOME/.config/pinion/master.key
 *
 * The last needs nothing from anybody and is the safest of what does: what seals must not lie with
 * what is sealed. A key in the store's folder, or beside it, is in every copy and backup of it; one
 * in the configuration folder is in version control. The user's own folder is in neither. It is
 * made with the first secret, never before, and the user is told. A service without a home names
 * one of the others.
 *
 * In each form the keys are words between white space or commas, base64 or hex; the first one
 * seals, the others only open. In a file `#` begins a comment. A file must be readable by its owner
 * alone, mode 0400 or 0600; the service manager's may also be readable by its group.
 *
 * A ring is read for each use and wiped after it; it is in secret memory. Files are replaced as a
 * whole (written beside, made durable, renamed) under a lock on their folder, so that they are
 * never half there, and no two processes lose each other's keys. */
#pragma once
#include "secret/master_key.h"

enum { KEY_RING_MAX = 16 };

enum key_origin {
    KEY_ORIGIN_NONE, /* and no place for a new one */
    KEY_ORIGIN_ENVIRONMENT,
    KEY_ORIGIN_SETTING,
    KEY_ORIGIN_CREDENTIAL,
    KEY_ORIGIN_HOME
};
struct key_source {
    enum key_origin origin;
    struct text given; /* what stood in the environment, in secret memory */
    struct text file;  /* of the other origins; absolute */
};
/* Decides; `setting` is what pinion.yaml names, or empty. Takes PINION_MASTER_KEY out of the
 * environment, so before other threads run, and once. Everything lives in the arena. */
void key_source_find(struct text setting, struct arena *arena, struct key_source *out);
/* "PINION_MASTER_KEY", or the file: for messages. */
struct text key_source_name(const struct key_source *source);
/* Whether this process may put a new key there: the user's file, or the one pinion.yaml names. */
bool key_source_writable(const struct key_source *source);

struct key_ring {
    struct master_key keys[KEY_RING_MAX];
    size_t count;
};
/* Gives the keys of the source, none when its file does not exist. NULL with
 * ERROR_MASTER_KEY_UNUSABLE: malformed, open to others, unreadable. */
struct key_ring *key_ring_open(const struct key_source *source, struct error *err);
/* Wipes it. NULL does nothing. */
void key_ring_close(struct key_ring *ring);
/* By id, or NULL. */
const struct master_key *key_ring_find(const struct key_ring *ring, struct text id);

/* Puts a new key in front, in the writable source's file first (created if need be, 0400, its
 * folder 0700), then in the ring. Durable when it returns true; on failure both are as before. */
bool key_ring_renew(const struct key_source *source, struct key_ring *ring, struct error *err);
/* Makes comments of all keys but the first in the file, which then open nothing any more, and takes
 * them out of the ring. They are not destroyed: a backup, or another store under the same file, may
 * still need one. `date` is "2026-11-26". */
bool key_ring_retire(const struct key_source *source, struct key_ring *ring, struct text date,
                     struct error *err);
