/* store/backup_impl.h
 * The parts of backups among themselves; only for store/. */
#pragma once
#include "store/backup.h"

enum { BACKUP_SHA256_CHARS = 64 };

/* backup_file.c: files and what goes wrong with them. Paths are terminated. */
/* Fills *err from errno, says `what` could not be done with `path`; false. */
bool backup_file_failed(const char *what, const char *path, struct error *err);
/* Copies a file to a new one (0600), durable when it returns, and gives the digest of what was
 * copied. Leaves nothing behind when it fails. */
bool backup_file_copy(const char *from, const char *to, struct arena *arena,
                      struct text *out_sha256, struct error *err);
/* The digest of a file, in the arena. */
bool backup_file_digest(const char *path, struct arena *arena, struct text *out_sha256,
                        struct error *err);
/* Writes a new file (0600), durable when it returns. */
bool backup_file_write(const char *path, struct text bytes, struct error *err);
bool backup_file_exists(const char *path);
/* Bytes as hexadecimal digits, in the arena. */
struct text backup_hex(const unsigned char *bytes, size_t count, struct arena *arena);

/* lmdb_copy.c */
/* Copies everything durable, compacted, to an open file; tells the last transaction before. */
bool lmdb_copy_to(struct store *store, int fd, uint64_t *out_transaction, struct error *err);
/* Opens the data in `folder` without changing it, and walks all of it. */
bool lmdb_copy_verify(struct text folder, struct arena *arena, struct store_sight *out,
                      struct error *err);
