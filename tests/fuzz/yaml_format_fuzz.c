/* Whatever can be formatted means the same afterwards, keeps its comments, and stays as it is when
 * it is formatted again. The difference, applied to what was, is what became of it. */
#include "base/check.h"
#include "base/text_diff.h"
#include "document/yaml_format.h"
#include "document/yaml_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(struct text text, char byte)
{
    size_t found = 0;

    for (size_t i = 0; i < text.len; i++)
        found += text.at[i] == byte;
    return found;
}

/* Lines taken away and put in account for how many more there are now. */
static void check_difference(struct text before, struct text after)
{
    struct buffer out = {0};
    size_t removed = 0, added = 0;
    struct text rest;

    text_diff(before, after, "a", "b", &out);
    CHECK((out.len == 0) == text_equal(before, after));
    rest = buffer_text(&out);
    text_split(&rest, '\n');
    text_split(&rest, '\n');
    while (rest.len > 0) {
        struct text line = text_split(&rest, '\n');

        removed += text_starts(line, TEXT("-"));
        added += text_starts(line, TEXT("+"));
    }
    if (before.len > 0 && before.at[before.len - 1] == '\n')
        CHECK(count(before, '\n') - removed + added == count(after, '\n'));
    buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text source = {(const char *)data, size}, out, again;
    struct arena arena = {0};
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    struct document before, after;

    diagnostics->arena = &arena;
    if (yaml_format(source, TEXT("fuzz.yaml"), &arena, diagnostics, &out)) {
        CHECK(diagnostics->error_count == 0);
        CHECK(yaml_read(source, TEXT("fuzz.yaml"), &arena, &before, diagnostics));
        CHECK(yaml_read(out, TEXT("fuzz.yaml"), &arena, &after, diagnostics));
        CHECK(diagnostics->error_count == 0);
        CHECK(document_equal(&before, 0, &after, 0));
        CHECK(count(source, '#') <= count(out, '#') + count(source, '\\'));
        CHECK(yaml_format(out, TEXT("fuzz.yaml"), &arena, diagnostics, &again));
        CHECK(text_equal(out, again));
        check_difference(source, out);
    }
    arena_release(&arena);
    return 0;
}
