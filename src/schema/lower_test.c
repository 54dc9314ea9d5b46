/* Folders of cases, <dialect>-<what>: schema.json becomes lowered.json, or expressible it is not
 * and lowered.json is missing; drops.txt has a line for each keyword that was dropped, and why the
 * schema cannot be expressed. Where there is an answer.json, raised.json is what the author's
 * schema means by it, which it has to satisfy. */
#include "unit.h"
#include "whole_file.h"

#include "base/buffer.h"
#include "document/json_read.h"
#include "schema/lower.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static bool read_file(const char *folder, const char *name, struct arena *arena, struct text *out)
{
    char path[1024];
    bool there;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    there = whole_file(path, arena, out);
    *out = text_trim(*out);
    return there;
}

static void write_file(const char *folder, const char *name, struct text text)
{
    char path[1024];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (text.len == 0) {
        remove(path);
        return;
    }
    file = fopen(path, "wb");
    if (file == NULL)
        return;
    fprintf(file, "%.*s\n", TEXT_ARG(text));
    fclose(file);
}

/* What one folder is being tested with. */
struct trial {
    const char *folder;
    struct arena arena;
    struct document schema_document, lowered_document;
    const struct schema *schema;
    const struct lower_dialect *dialect;
    struct lowered lowered;
    unsigned wrong;
};

static void complain(struct trial *trial, const char *what, struct text got)
{
    printf("%s: %s\n%.*s\n", trial->folder, what, TEXT_ARG(got));
    trial->wrong++;
}

/* The file must have this text. With PINION_WRITE_CASES it is written instead, to be looked at. */
static void expect_file(struct trial *trial, const char *name, struct text got)
{
    struct text expected;

    if (getenv("PINION_WRITE_CASES") != NULL)
        write_file(trial->folder, name, got);
    read_file(trial->folder, name, &trial->arena, &expected);
    if (!text_equal(expected, got))
        complain(trial, name, got);
}

static struct text told_of(struct trial *trial)
{
    struct buffer out = buffer_in(&trial->arena);

    for (size_t i = 0; i < trial->lowered.drop_count; i++) {
        const struct lower_drop *it = &trial->lowered.drops[i];

        buffer_printf(&out, "%.*s%s: %.*s\n", TEXT_ARG(it->pointer),
                      it->implied ? " (implied)" : "", TEXT_ARG(it->says));
    }
    if (trial->lowered.form == NULL) {
        struct text at = TEXT("");

        if (trial->lowered.reason_cell != CELL_NONE)
            at = document_pointer(&trial->schema_document, trial->lowered.reason_cell,
                                  &trial->arena);
        buffer_printf(&out, "cannot be expressed: #%.*s: %.*s\n", TEXT_ARG(at),
                      TEXT_ARG(trial->lowered.reason));
    }
    return text_trim(buffer_text(&out));
}

static bool compile_text(struct trial *trial, const char *what, struct text source,
                         struct document *document, const struct schema **out)
{
    struct diagnostics *diagnostics = ARENA_NEW(&trial->arena, struct diagnostics);
    struct error error;

    diagnostics->arena = &trial->arena;
    *out = NULL;
    if (!json_read(source, NULL, &trial->arena, document, NULL, &error)) {
        complain(trial, what, text_of(error.message));
        return false;
    }
    *out = schema_compile(document, 0, &trial->arena, diagnostics);
    for (size_t i = 0; i < diagnostics->count && *out == NULL; i++)
        complain(trial, what, diagnostics->items[i].message);
    return *out != NULL;
}

/* The answer satisfies what the model was given, and when it is raised, the author's schema. */
static void run_answer(struct trial *trial)
{
    const struct schema *lowered;
    struct document answer, raised;
    struct text source;
    struct error error;

    if (!read_file(trial->folder, "answer.json", &trial->arena, &source))
        return;
    if (!json_read(source, NULL, &trial->arena, &answer, NULL, &error)) {
        complain(trial, "answer.json", text_of(error.message));
        return;
    }
    if (!compile_text(trial, "lowered.json", trial->lowered.text, &trial->lowered_document,
                      &lowered))
        return;
    if (!schema_check(lowered, &answer, 0, &trial->arena))
        complain(trial, "the answer is not one to the lowered schema", source);
    schema_raise(&trial->lowered, &answer, &trial->arena, &raised);
    expect_file(trial, "raised.json", raised.source);
    if (!schema_check(trial->schema, &raised, 0, &trial->arena))
        complain(trial, "the author's schema refuses what was raised", raised.source);
}

static bool run_case(const char *root, const char *name)
{
    const struct lower_dialect *dialect = NULL, *at;
    struct trial trial = {0};
    struct text source;
    char folder[768];
    size_t longest = 0;

    snprintf(folder, sizeof folder, "%s/%s", root, name);
    trial.folder = folder;
    for (size_t i = 0; (at = lower_dialect_at(i)) != NULL; i++) {
        struct text row = lower_dialect_name(at);

        if (text_starts(text_of(name), row) && name[row.len] == '-' && row.len > longest) {
            dialect = at;
            longest = row.len;
        }
    }
    if (dialect == NULL || !read_file(folder, "schema.json", &trial.arena, &source)) {
        complain(&trial, "no dialect of that name, or no schema.json", TEXT(""));
    } else if (compile_text(&trial, "schema.json", source, &trial.schema_document, &trial.schema)) {
        schema_lower(trial.schema, dialect, &trial.arena, &trial.lowered);
        expect_file(&trial, "lowered.json", trial.lowered.text);
        expect_file(&trial, "drops.txt", told_of(&trial));
        if (trial.lowered.form != NULL)
            run_answer(&trial);
    }
    arena_release(&trial.arena);
    return trial.wrong == 0;
}

TEST(every_case_is_lowered_as_it_says)
{
    const char *root = TESTS_DIR "/cases/lower";
    struct dirent **entries;
    int count = scandir(root, &entries, NULL, alphasort), ran = 0, right = 0;

    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.' && strcmp(entries[i]->d_name, "README") != 0) {
            right += run_case(root, entries[i]->d_name);
            ran++;
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    EXPECT(ran > 0);
    EXPECT_EQ(right, ran);
}
