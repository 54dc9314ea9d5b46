#include "secret/memory.h"

#include "base/check.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static size_t whole_pages(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    CHECK(bytes < SIZE_MAX - page);
    return bytes == 0 ? page : (bytes + page - 1) / page * page;
}

void *secret_alloc(size_t bytes)
{
    size_t whole = whole_pages(bytes);
    void *at = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(at != MAP_FAILED);
    (void)!madvise(at, whole, MADV_DONTDUMP);
    (void)!madvise(at, whole, MADV_WIPEONFORK);
    (void)!mlock(at, whole);
    return at;
}

void secret_free(void *at, size_t bytes)
{
    if (at == NULL)
        return;
    OPENSSL_cleanse(at, bytes);
    munmap(at, whole_pages(bytes));
}

void secret_wipe(struct text value)
{
    OPENSSL_cleanse((void *)(uintptr_t)value.at, value.len);
}

static void end_kept(void *thing)
{
    struct text *kept = thing;

    secret_free((void *)(uintptr_t)kept->at, kept->len + 1);
}

char *secret_room(struct arena *arena, size_t bytes)
{
    struct text *kept = ARENA_NEW(arena, struct text);
    char *at = secret_alloc(bytes + 1);

    *kept = (struct text){at, bytes};
    arena_defer(arena, end_kept, kept);
    return at;
}

struct text secret_keep(struct arena *arena, struct text value)
{
    char *at = secret_room(arena, value.len);

    if (value.len > 0)
        memcpy(at, value.at, value.len);
    return (struct text){at, value.len};
}

void secret_process_begin(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void secret_process_end(void)
{
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}
