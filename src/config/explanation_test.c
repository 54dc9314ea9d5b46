/* That no code lacks its words, and that its examples are what they are said to be. */
#include "document/explanation.h"

#include "base/error_text.h"
#include "config/load.h"
#include "config/report.h"
#include "memory_folder.h"
#include "unit.h"

static struct arena arena;

/* Loads the example; gives the report in its short form. */
static struct text told(const char *example, bool secrets, struct diagnostics *diagnostics)
{
    struct memory_file files[8];
    const struct config_options options = {.dev = false};
    struct memory_folder memory;
    size_t count = 0;
    struct buffer out = buffer_in(&arena);
    struct text rest = text_of(example), path, bytes;

    while (count < 8 && explanation_file(&rest, &path, &bytes))
        files[count++] = (struct memory_file){arena_terminated(&arena, path), bytes};
    if (count == 0)
        files[count++] = (struct memory_file){
            "endpoints/reply.yaml", arena_printf(&arena, "%s%s", explanation_begins, example)};
    memory = memory_folder(files, count, secrets ? "an-example" : NULL);
    *diagnostics = (struct diagnostics){.arena = &arena};
    config_free(config_load_from(&memory.folder, TEXT("."), &options, diagnostics));
    report_write(diagnostics, REPORT_SHORT, false, &out);
    return buffer_text(&out);
}

static bool says(const struct diagnostics *diagnostics, enum diagnostic_code code)
{
    for (size_t i = 0; i < diagnostics->count; i++)
        if (diagnostics->items[i].code == code)
            return true;
    return false;
}

TEST(each_code_is_explained)
{
    for (int code = 0; code < DIAGNOSTIC_COUNT; code++) {
        const struct explanation *it = explanation_of((enum diagnostic_code)code);

        if (it->means == NULL)
            fail_msg("document/explanation.c lacks %s",
                     diagnostic_name((enum diagnostic_code)code));
        EXPECT(text_ends(text_of(it->means), TEXT(".")));
        EXPECT((it->right == NULL) || it->wrong != NULL);
    }
    for (int code = ERROR_NONE + 1; code < ERROR_CODE_COUNT; code++) {
        const struct error_text *it = error_text_of((enum error_code)code);

        if (it->means == NULL || it->remedy == NULL)
            fail_msg("base/error_text.c lacks %s", error_row((enum error_code)code)->word);
        EXPECT(text_ends(text_of(it->means), TEXT(".")));
        EXPECT(text_ends(text_of(it->remedy), TEXT(".")));
    }
}

TEST(each_wrong_example_is_told_exactly_its_code)
{
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    size_t shown = 0;

    for (int i = 0; i < DIAGNOSTIC_COUNT; i++) {
        enum diagnostic_code code = (enum diagnostic_code)i;
        const char *wrong = explanation_of(code)->wrong;
        struct text report;

        if (wrong == NULL)
            continue;
        report = told(wrong, false, diagnostics);
        for (size_t j = 0; j < diagnostics->count; j++)
            if (diagnostics->items[j].code != code)
                fail_msg("%s: %.*s", diagnostic_name(code), TEXT_ARG(report));
        if (!says(diagnostics, code))
            fail_msg("%s is not told: %.*s", diagnostic_name(code), TEXT_ARG(report));
        shown++;
    }
    EXPECT(shown >= 45);
    arena_release(&arena);
}

TEST(each_right_example_is_accepted)
{
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);

    for (int i = 0; i < DIAGNOSTIC_COUNT; i++) {
        enum diagnostic_code code = (enum diagnostic_code)i;
        const char *right = explanation_of(code)->right;
        struct text report;

        if (right == NULL)
            continue;
        report = told(right, true, diagnostics);
        if (diagnostics->count > 0)
            fail_msg("%s: %.*s", diagnostic_name(code), TEXT_ARG(report));
    }
    arena_release(&arena);
}
