/* config/folder.h
 * Private to config: where its files come from. A seam, so that tests and the fuzzer hand over
 * files, variables and secrets from memory. Paths are relative to the folder, with `/` between
 * names, and have passed folder_path. */
#pragma once
#include "base/arena.h"
#include "secret/vault.h"

enum folder_status {
    FOLDER_OK,
    FOLDER_MISSING,
    FOLDER_OUTSIDE,   /* a symbolic link leads out of the folder */
    FOLDER_IRREGULAR, /* neither a regular file nor a link to one */
    FOLDER_LARGE,     /* more bytes, or more names, than are read */
    FOLDER_CLOSED,    /* it is none that a draft may read */
    FOLDER_FAILED     /* *out_why says why */
};

struct folder {
    /* Gives the file's bytes, in the arena. */
    enum folder_status (*read)(struct folder *folder, struct text path, struct arena *arena,
                               struct text *out_bytes, const char **out_why);
    /* Gives the names in a subfolder ("" for the folder itself) that do not start with a dot,
     * sorted by bytes. */
    enum folder_status (*list)(struct folder *folder, struct text path, struct arena *arena,
                               const struct text **out_names, size_t *out_count,
                               const char **out_why);
    /* As read, of an absolute path anywhere: secrets and certificates. */
    enum folder_status (*read_absolute)(struct folder *folder, struct text path,
                                        struct arena *arena, struct text *out_bytes,
                                        const char **out_why);
    /* An environment variable; false when it is not set. Borrowed until the load ends. */
    bool (*variable)(struct folder *folder, struct text name, struct text *out_value);
    /* A sealed secret; as vault_find. */
    bool (*secret)(struct folder *folder, struct text name, struct arena *arena,
                   struct text *out_value, struct error *err);
};

enum { FOLDER_FILE_BYTES = 1024 * 1024, FOLDER_NAMES_MAX = 100000 };

/* What is wrong with a path that an author wrote, or what it is without "." and empty names. */
enum folder_path { FOLDER_PATH_GOOD, FOLDER_PATH_ABSOLUTE, FOLDER_PATH_UP, FOLDER_PATH_MALFORMED };
enum folder_path folder_path(struct text written, struct arena *arena, struct text *out_path);

/* The files of a folder on disk. */
struct folder_disk {
    struct folder folder; /* first */
    int descriptor;
    struct text real;    /* path without symbolic links, in the arena */
    struct text checked; /* the subfolder last found to be inside */
    struct vault_reading secrets;
};
/* Opens the folder; its secrets are those of the vault, which may be NULL and is kept. False with
 * *out_why when there is none. */
bool folder_disk_open(struct folder_disk *disk, struct text path, struct vault *vault,
                      struct arena *arena, const char **out_why);
void folder_disk_close(struct folder_disk *disk);
