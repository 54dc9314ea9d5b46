/* Files of backups: read in pieces, digested on the way, durable before they are told of. */
#include "store/backup_impl.h"

#include "base/check.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

enum { PIECE_BYTES = 1 << 20 };

bool backup_file_failed(const char *what, const char *path, struct error *err)
{
    bool full = errno == ENOSPC || errno == EDQUOT;

    error_set(err, full ? ERROR_STORAGE_FULL : ERROR_STORAGE_ERROR, path, "cannot %s: %s", what,
              strerror(errno));
    if (full && err != NULL)
        error_hint(err, "make room on that disk, then try again");
    return false;
}

bool backup_file_exists(const char *path)
{
    struct stat file;

    return stat(path, &file) == 0;
}

struct text backup_hex(const unsigned char *bytes, size_t count, struct arena *arena)
{
    static const char hex[] = "0123456789abcdef";
    char *out = arena_bytes(arena, 2 * count);

    for (size_t i = 0; i < count; i++) {
        out[2 * i] = hex[bytes[i] >> 4];
        out[2 * i + 1] = hex[bytes[i] & 15];
    }
    return (struct text){out, 2 * count};
}

static struct text finish(EVP_MD_CTX *digest, struct arena *arena)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len;

    CHECK(EVP_DigestFinal_ex(digest, bytes, &len) == 1 && len == BACKUP_SHA256_CHARS / 2);
    return backup_hex(bytes, len, arena);
}

/* Reads `from` to its end into the digest, and into `to` unless that is negative. */
static bool pass_on(int from, int to, EVP_MD_CTX *digest, char *piece)
{
    ssize_t got;

    while ((got = read(from, piece, PIECE_BYTES)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        CHECK(EVP_DigestUpdate(digest, piece, (size_t)got) == 1);
        if (to >= 0 && !file_write_all(to, (struct text){piece, (size_t)got}))
            return false;
    }
    return to < 0 || fsync(to) == 0;
}

static bool digest_all(int from, int to, struct arena *arena, struct text *out_sha256)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    char *piece = malloc(PIECE_BYTES);
    bool good;

    CHECK(digest != NULL && piece != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1);
    good = pass_on(from, to, digest, piece);
    if (good)
        *out_sha256 = finish(digest, arena);
    explicit_bzero(piece, PIECE_BYTES); /* it may have been a key */
    free(piece);
    EVP_MD_CTX_free(digest);
    return good;
}

bool backup_file_digest(const char *path, struct arena *arena, struct text *out_sha256,
                        struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good;

    if (fd < 0)
        return backup_file_failed("open a file of the backup", path, err);
    good = digest_all(fd, -1, arena, out_sha256) ||
           backup_file_failed("read a file of the backup", path, err);
    close(fd);
    return good;
}

bool backup_file_copy(const char *from, const char *to, struct arena *arena,
                      struct text *out_sha256, struct error *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC), out;
    bool good;

    if (in < 0)
        return backup_file_failed("open a file to copy", from, err);
    out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out < 0) {
        backup_file_failed("create a file", to, err);
        close(in);
        return false;
    }
    good = digest_all(in, out, arena, out_sha256) || backup_file_failed("copy a file", to, err);
    close(in);
    close(out);
    if (!good)
        unlink(to);
    return good;
}

bool backup_file_write(const char *path, struct text bytes, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool good;

    if (fd < 0)
        return backup_file_failed("create a file", path, err);
    good = (file_write_all(fd, bytes) && fsync(fd) == 0) ||
           backup_file_failed("write a file", path, err);
    close(fd);
    return good;
}
