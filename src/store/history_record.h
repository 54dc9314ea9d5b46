/* store/history_record.h
 * A version of an endpoint as its history keeps it: what it was made of, when it came into force
 * and through whom. The files are content; what was made of them is known by its hash. */
#pragma once
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    HISTORY_DIGEST_BYTES = 32,
    HISTORY_HASH_CHARS = 64,
    HISTORY_SLUG_BYTES_MAX = 63,
    HISTORY_FILES_MAX = 256,     /* of one version; one with more, or with more bytes, */
    HISTORY_BYTES_MAX = 8 << 20, /* is listed without its files */
    HISTORY_KEEP = 100,          /* versions of an endpoint, unless it is said otherwise */
    HISTORY_KEEP_MAX = 10000,
    HISTORY_PAGE_MAX = 200
};

struct history_file {
    struct text path; /* from the configuration folder on */
    struct text bytes;
    unsigned char digest[HISTORY_DIGEST_BYTES]; /* SHA-256 of the bytes */
};

struct history_entry {
    struct text slug;
    uint64_t number;                  /* from 1 on, of this endpoint */
    struct text hash;                 /* HISTORY_HASH_CHARS: SHA-256 of the resolved endpoint */
    int64_t wall_ms;                  /* when it came into force */
    struct text actor;                /* a word of audit_actor_word */
    struct text actor_id;             /* may be empty */
    struct text cause;                /* "start", "reload", "rollback" */
    uint64_t of;                      /* of a rollback: the version it went back to; else 0 */
    const struct history_file *files; /* the endpoint's own first; none: they were too many */
    size_t file_count;
    /* It is in force in place of the files in the folder, as long as these have that digest. */
    bool pinned;
    unsigned char replaced[HISTORY_DIGEST_BYTES];
};

/* What a command is about; see enum store_kind. */
struct history_order {
    const struct history_entry
        *entries; /* by slug, each once; number and wall_ms are the store's */
    size_t count;
    bool whole;        /* there are no other endpoints: no other is pinned any more */
    bool anew;         /* each is a new version, whatever its hash */
    size_t keep;       /* of each endpoint, the newest; at least 1 */
    uint64_t *numbers; /* out: by entry */
    /* of a read or list */
    struct text slug;
    uint64_t number;  /* READ: 0: by its hash. LIST: only those before it; 0: from the newest */
    struct text hash; /* its beginning */
    size_t most;
    /* out */
    const struct history_entry *found;
    size_t found_count;
    bool more;
};
