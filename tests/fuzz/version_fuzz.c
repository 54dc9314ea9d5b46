/* The names of versions, as callers write them, and the diff of two texts: the bytes before the
 * first zero byte are the old one, those behind it the new one. */
#include "base/check.h"
#include "command/line_diff.h"
#include "config/version_name.h"

#include <stdint.h>

static void name(struct text text)
{
    struct version_name read;

    if (!version_name_read(text, &read))
        return;
    CHECK(read.number == 0 || read.hash.len == 0);
    CHECK(read.slug.len <= text.len && read.number < 1000000000);
    CHECK(read.hash.len == 0 ||
          (read.hash.len >= VERSION_HASH_CHARS_MIN && read.hash.len <= VERSION_HASH_CHARS_MAX));
}

/* How many lines begin so, behind the head. */
static size_t count(struct text diff, char sign)
{
    size_t lines = 0;

    text_split(&diff, '\n');
    text_split(&diff, '\n');
    while (diff.len > 0) {
        struct text line = text_split(&diff, '\n');

        lines += line.len > 0 && line.at[0] == sign;
    }
    return lines;
}

static size_t lines_of(struct text text)
{
    size_t lines = text.len > 0 && text.at[text.len - 1] != '\n';

    for (size_t i = 0; i < text.len; i++)
        lines += text.at[i] == '\n';
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text new = {(const char *)data, size};
    struct arena arena = {0};
    struct buffer out = buffer_in(&arena);
    struct text old, diff;

    name(new);
    old = text_split(&new, '\0');
    line_diff(TEXT("old"), old, TEXT("new"), new, &out);
    diff = buffer_text(&out);
    CHECK((diff.len == 0) == text_equal(old, new));
    CHECK(count(diff, '-') <= lines_of(old) && count(diff, '+') <= lines_of(new));
    CHECK(diff.len == 0 || lines_of(old) + count(diff, '+') == lines_of(new) + count(diff, '-'));
    arena_release(&arena);
    return 0;
}
