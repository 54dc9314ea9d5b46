/* tests/case_lines.h
 * Cases that are lines: tests/cases/<capability>/<group>/cases.jsonl, each line an object whose
 * `shows` names it. Included by the _test.c that runs them. */
#pragma once
#include "case_folder.h"

static inline struct text line_text(const struct document *line, const char *name)
{
    uint32_t at = document_member(line, 0, text_of(name));

    return at != CELL_NONE ? document_text(line, at) : (struct text){0};
}

static inline bool line_has(const struct document *line, const char *name)
{
    return document_member(line, 0, text_of(name)) != CELL_NONE;
}

static inline bool line_says(const struct document *line, const char *name)
{
    uint32_t at = document_member(line, 0, text_of(name));

    return at != CELL_NONE && line->cells[at].boolean;
}

static inline size_t line_number(const struct document *line, const char *name)
{
    uint32_t at = document_member(line, 0, text_of(name));

    assert_true(at != CELL_NONE && line->cells[at].type == CELL_INTEGER);
    return (size_t)line->cells[at].integer;
}

/* Calls run for every line of one folder, with the group and what the line shows as its name. */
static inline size_t lines_walk(const char *folder,
                                void (*run)(const char *name, const struct document *line,
                                            struct arena *arena))
{
    struct arena arena = {0};
    struct text lines = {0};
    size_t count = 0;

    if (!case_file(folder, "cases.jsonl", &arena, &lines))
        fail_msg("%s has no cases.jsonl", folder);
    while (lines.len > 0) {
        struct arena scratch = {0};
        struct document line;
        struct error err = {0};

        if (!json_read(text_split(&lines, '\n'), NULL, &scratch, &line, NULL, &err))
            fail_msg("%s: line %zu: %s at %s", folder, count + 1, err.message, err.at);
        run(arena_printf(&scratch, "%s: %.*s", strrchr(folder, '/') + 1,
                         TEXT_ARG(line_text(&line, "shows")))
                .at,
            &line, &scratch);
        arena_release(&scratch);
        count++;
    }
    arena_release(&arena);
    return count;
}

/* `roots` of a line, as json_repair_options has them. */
static inline unsigned line_roots(const struct document *line)
{
    uint32_t list = document_member(line, 0, TEXT("roots"));
    unsigned roots = 0;

    if (list == CELL_NONE)
        return 0;
    for (uint32_t at = list + 1; at < line->cells[list].end; at++)
        for (enum cell_type type = CELL_NULL; type < CELL_TYPE_COUNT; type++)
            if (text_equal(document_text(line, at), text_of(cell_type_name(type))))
                roots |= 1u << type;
    return roots;
}
