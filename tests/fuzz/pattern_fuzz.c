/* A pattern, a NUL, and a text to look for it in. Whatever they are: the pattern is refused with a
 * place inside it, or compiles and answers within its limits; what the strict grammar takes, the
 * lenient one takes without complaint about the grammar. */
#include "base/check.h"
#include "document/utf8.h"
#include "schema/format.h"
#include "schema/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_problem(const struct pattern_problem *problem, struct text source)
{
    CHECK(problem->offset <= source.len && problem->len <= source.len - problem->offset);
}

static void match(const struct pattern *pattern, struct text subject, struct arena *arena)
{
    struct pattern_scratch scratch = {.arena = arena};
    enum pattern_verdict first = pattern_match(pattern, subject, &scratch);

    CHECK(pattern_match(pattern, subject, &scratch) == first);
}

static void check_formats(struct text text, struct arena *arena)
{
    for (unsigned i = FORMAT_NONE + 1; i < FORMAT_COUNT; i++)
        format_holds((enum format)i, text, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text subject = {(const char *)data, size}, source;
    struct arena arena = {0};
    struct pattern_problem problem = {0};
    const struct pattern *pattern;

    if (utf8_valid(subject) == subject.len) {
        source = text_split(&subject, '\0');
        pattern = pattern_compile(source, &arena, &problem);
        check_problem(&problem, source);
        CHECK(pattern != NULL || problem.message[0] != '\0');
        if (pattern_valid(source, &arena))
            CHECK(pattern == NULL || problem.message[0] == '\0');
        if (pattern != NULL)
            match(pattern, subject, &arena);
        check_formats(subject, &arena);
    }
    arena_release(&arena);
    return 0;
}
