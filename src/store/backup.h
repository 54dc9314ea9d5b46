/* store/backup.h
 * Copies of a store that one can go back to. A backup is a folder:
 *
 *   data.mdb      everything durable as of one moment, compacted
 *   token.key     the key without which its tokens are worthless
 *   audit.key     the key that its audit log is sealed with; either is absent when the store has
 * none backup.json   the manifest: of when it is, what is in it, and the digests of the files
 *
 * It has its name only once it is whole, durable, and has been opened and walked; until then it is
 * called ".NAME.partial", and what a crash leaves of that is removed when NAME is taken again.
 *
 * The point of a copy is one snapshot, begun after `taken_ms`: whatever was answered before that
 * moment is in it. A backup is as secret as its store. Everything here blocks, for as long as it
 * takes to read a store from its disk. */
#pragma once
#include "base/buffer.h"
#include "store/inspect.h"
#include "store/store.h"

#define BACKUP_DATA     "data.mdb"
#define BACKUP_MANIFEST "backup.json"

enum { BACKUP_NAME_MAX = 64 };

/* The keys that lie beside a store's data. */
enum backup_key { BACKUP_TOKEN_KEY, BACKUP_AUDIT_KEY, BACKUP_KEY_COUNT };
extern const char *const backup_key_names[BACKUP_KEY_COUNT];

struct backup {
    struct text name;
    struct text version;  /* of the program that took it */
    int64_t taken_ms;     /* wall time */
    uint64_t transaction; /* the last one durable when the copy began: it holds that one at least */
    uint64_t bytes;       /* of its data */
    struct text sha256;   /* of its data, 64 hexadecimal digits */
    struct text key_sha256[BACKUP_KEY_COUNT]; /* of its keys; empty: there is none */
    uint64_t audit_sequence;                  /* the audit log's last record; 0: there is none */
    struct text audit_hash;                   /* and its hash, hexadecimal */
    const struct store_table *tables;
    size_t table_count;
    bool unreadable; /* in a list: its manifest does not read, and only the name is known */
};

/* 1 to BACKUP_NAME_MAX of a-z, 0-9, '-', '_' and '.', beginning with a letter or digit. */
bool backup_name_valid(struct text name);
/* Likewise; ERROR_INVALID_REQUEST says what a name is. */
bool backup_name_check(struct text name, struct error *err);
/* A name that says when: "20261126t171500z". */
struct text backup_name_of(int64_t wall_ms, struct arena *arena);

/* Copies `store`, which stands in `folder` and may be in use, into `backups`/`name`; makes
 * `backups` (0700) when absent. Writers are not held up; but while the copy is made the store
 * cannot use again what is freed in it, so its file grows by what is written meanwhile.
 * ERROR_BACKUP_CONFLICT: there is one of that name, or another copy is being made;
 * ERROR_STORAGE_FULL: the copy would not fit, or leave the store without room to grow. */
bool backup_take(struct store *store, struct text folder, struct text backups, struct text name,
                 struct arena *arena, struct backup *out, struct error *err);
/* Reads all of a backup, given by its folder: digests, every record, and that it holds as many as
 * its manifest says. ERROR_BACKUP_NOT_FOUND, ERROR_RECORD_DAMAGED. */
bool backup_verify(struct text folder, struct arena *arena, struct backup *out, struct error *err);
/* Those in `backups` by name, which for names of ours is by time; none where there is no folder. */
bool backup_list(struct text backups, struct arena *arena, const struct backup **out,
                 size_t *out_count, struct error *err);
/* ERROR_BACKUP_NOT_FOUND. */
bool backup_delete(struct text backups, struct text name, struct error *err);

/* The manifest as JSON, which is also how a backup is shown. */
void backup_put(struct buffer *out, const struct backup *backup);
/* Those in `backups` as {"object":"list", ...}. */
bool backup_put_list(struct buffer *out, struct text backups, struct arena *arena,
                     struct error *err);
/* Reads a manifest, whose text is kept. ERROR_RECORD_DAMAGED. */
bool backup_read(struct text json, struct arena *arena, struct backup *out, struct error *err);

/* Puts a backup, given by its folder, in the place of the store in `store_folder`, after it was
 * verified. Refuses (ERROR_STORAGE_ERROR) while a process has that store. What stood there is kept
 * in the folder *out_kept, which is empty when there was none. A crash leaves either store whole,
 * or one that refuses to start until it is done again: never one with the other's key. */
bool backup_restore(struct text folder, struct text store_folder, struct arena *arena,
                    struct backup *out, struct text *out_kept, struct error *err);
