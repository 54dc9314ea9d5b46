/* tests/case_folder.h
 * Walking tests/cases/<capability>/: one folder a case, its files the input and what is expected.
 * Included by the _test.c that runs the cases. */
#pragma once
#include "unit.h"
#include "whole_file.h"

#include "base/buffer.h"
#include "document/json_read.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* The bytes of a file of the case; false when it has no such file. */
static inline bool case_file(const char *folder, const char *name, struct arena *arena,
                             struct text *out)
{
    return whole_file(arena_printf(arena, "%s/%s", folder, name).at, arena, out);
}

/* Whether a line of the case's file `options` is this. */
static inline bool case_option(const char *folder, struct arena *arena, struct text wanted)
{
    struct text lines;

    if (!case_file(folder, "options", arena, &lines))
        return false;
    while (lines.len > 0)
        if (text_equal(text_split(&lines, '\n'), wanted))
            return true;
    return false;
}

/* A JSON file of the case; one that is there must be valid. */
static inline bool case_json(const char *folder, const char *name, struct arena *arena,
                             struct document *out)
{
    struct text text;
    struct error err = {0};

    if (!case_file(folder, name, arena, &text))
        return false;
    if (!json_read(text, NULL, arena, out, NULL, &err))
        fail_msg("%s/%s: %s at %s", folder, name, err.message, err.at);
    return true;
}

static inline int case_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Calls run(folder) for every folder in TESTS_DIR/cases/<capability>, by name; returns how many.
 * The name of the case is printed when a check in it fails. */
static inline size_t case_walk(const char *capability,
                               void (*run)(const char *folder, struct arena *arena))
{
    struct arena arena = {0};
    const char *root = arena_printf(&arena, TESTS_DIR "/cases/%s", capability).at;
    const char *names[256];
    size_t count = 0;
    DIR *directory = opendir(root);
    struct dirent *entry;

    if (directory == NULL)
        fail_msg("cannot open %s", root);
    while ((entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.') {
            assert_true(count < sizeof names / sizeof names[0]);
            names[count++] = arena_terminated(&arena, text_of(entry->d_name));
        }
    closedir(directory);
    qsort(names, count, sizeof names[0], case_order);
    for (size_t i = 0; i < count; i++) {
        struct arena scratch = {0};

        run(arena_printf(&arena, "%s/%s", root, names[i]).at, &scratch);
        arena_release(&scratch);
    }
    arena_release(&arena);
    return count;
}

/* A copy that ends where its memory does, so that a read beyond it is caught. */
static inline struct text case_exactly(struct text text, struct arena *arena)
{
    char *copy = malloc(text.len ? text.len : 1);

    if (text.len > 0)
        memcpy(copy, text.at, text.len);
    arena_defer(arena, free, copy);
    return (struct text){copy, text.len};
}

/* Compares a text with what the case expects, telling which case it is. */
static inline void case_expect(const char *folder, const char *what, struct text got,
                               struct text expected)
{
    if (!text_equal(got, expected))
        fail_msg("%s: %s\nexpected: %.*s\n     got: %.*s", folder, what, TEXT_ARG(expected),
                 TEXT_ARG(got));
}

/* As case_expect, with what the case has in `name`. With PINION_WRITE_CASES set it is written there
 * instead, to be read before it is committed. */
static inline void case_settle(const char *folder, const char *name, struct arena *arena,
                               struct text got)
{
    const char *path = arena_printf(arena, "%s/%s", folder, name).at;
    struct text expected = {0};
    FILE *file;

    if (getenv("PINION_WRITE_CASES") == NULL) {
        case_file(folder, name, arena, &expected);
        case_expect(folder, name, got, expected);
        return;
    }
    file = fopen(path, "wb");
    if (file == NULL || (got.len > 0 && fwrite(got.at, 1, got.len, file) != got.len) ||
        fclose(file) != 0)
        fail_msg("cannot write %s", path);
}
