/* tests/memory_folder.h
 * A configuration folder that is only in memory, for tests and the fuzzer. */
#pragma once
#include "base/check.h"
#include "config/folder.h"

#include <stdlib.h>

struct memory_file {
    const char *path;
    struct text bytes;
};
struct memory_folder {
    struct folder folder; /* first */
    const struct memory_file *files;
    size_t count;
    const char *key; /* value of every environment variable and secret; NULL: none is set */
};

static inline enum folder_status memory_give(struct folder *folder, struct text path,
                                             struct arena *arena, struct text *out_bytes,
                                             const char **out_why)
{
    const struct memory_folder *memory = (const struct memory_folder *)folder;

    (void)out_why;
    for (size_t i = 0; i < memory->count; i++)
        if (text_equal(text_of(memory->files[i].path), path)) {
            *out_bytes = arena_copy(arena, memory->files[i].bytes);
            return FOLDER_OK;
        }
    return FOLDER_MISSING;
}

static inline int memory_by_name(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static inline enum folder_status memory_list(struct folder *folder, struct text path,
                                             struct arena *arena, const struct text **out_names,
                                             size_t *out_count, const char **out_why)
{
    const struct memory_folder *memory = (const struct memory_folder *)folder;
    struct text *names = ARENA_ARRAY(arena, struct text, memory->count + 1);
    size_t count = 0;

    (void)out_why;
    for (size_t i = 0; i < memory->count; i++) {
        struct text rest = text_of(memory->files[i].path);

        if (path.len > 0) {
            if (!text_starts(rest, path) || rest.len == path.len || rest.at[path.len] != '/')
                continue;
            rest = text_after(rest, path.len + 1);
        }
        names[count] = text_split(&rest, '/');
        if (count == 0 || !text_equal(names[count], names[count - 1]))
            count++;
    }
    qsort(names, count, sizeof *names, memory_by_name);
    *out_names = names;
    *out_count = count;
    return count > 0 ? FOLDER_OK : FOLDER_MISSING;
}

static inline enum folder_status memory_absolute(struct folder *folder, struct text path,
                                                 struct arena *arena, struct text *out_bytes,
                                                 const char **out_why)
{
    (void)folder, (void)path, (void)arena, (void)out_bytes, (void)out_why;
    return FOLDER_MISSING;
}

static inline bool memory_variable(struct folder *folder, struct text name, struct text *out_value)
{
    const struct memory_folder *memory = (const struct memory_folder *)folder;

    (void)name;
    *out_value = text_of(memory->key);
    return memory->key != NULL;
}

static inline bool memory_secret(struct folder *folder, struct text name, struct arena *arena,
                                 struct text *out_value, struct error *err)
{
    const struct memory_folder *memory = (const struct memory_folder *)folder;

    (void)name;
    if (memory->key == NULL)
        return error_set(err, ERROR_SECRET_NOT_FOUND, NULL, "is not in the store");
    *out_value = arena_copy(arena, text_of(memory->key));
    return true;
}

/* Files in any order; those of one folder next to each other. */
static inline struct memory_folder memory_folder(const struct memory_file *files, size_t count,
                                                 const char *key)
{
    return (struct memory_folder){
        .folder = {memory_give, memory_list, memory_absolute, memory_variable, memory_secret},
        .files = files,
        .count = count,
        .key = key};
}
