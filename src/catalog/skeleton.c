#include "catalog/skeleton.h"

#include "base/check.h"

enum { DEPTH_MAX = 8 };

static struct text word_of(const struct skeleton *skeleton, struct text name)
{
    for (size_t i = 0; i < skeleton->word_count; i++)
        if (text_equal(text_of(skeleton->words[i].name), name))
            return skeleton->words[i].value;
    NEVER("a word that is not known");
}

static bool flag_of(const struct skeleton *skeleton, struct text name)
{
    for (size_t i = 0; i < skeleton->flag_count; i++)
        if (text_equal(text_of(skeleton->flags[i].name), name))
            return skeleton->flags[i].set;
    NEVER("a flag that is not known");
}

static void fill_line(const struct skeleton *skeleton, struct text line, struct buffer *out)
{
    while (line.len > 0) {
        size_t at = text_find(line, TEXT("@@")), end;

        buffer_put(out, text_first(line, at));
        line = text_after(line, at + 2);
        end = text_find(line, TEXT("@@"));
        if (end == line.len)
            return;
        buffer_put(out, word_of(skeleton, text_first(line, end)));
        line = text_after(line, end + 2);
    }
}

/* What a line of ours says; empty: it is one of the source. */
static struct text order_of(struct text line)
{
    if (text_starts(line, TEXT("//@")))
        return text_after(line, 3);
    return text_starts(line, TEXT("#@")) ? text_after(line, 2) : (struct text){0};
}

void skeleton_fill(const struct skeleton *skeleton, struct text source, struct buffer *out)
{
    bool shown[DEPTH_MAX] = {true};
    unsigned depth = 0;

    while (source.len > 0) {
        struct text line = text_split(&source, '\n'), order = order_of(line);

        if (text_starts(order, TEXT("if "))) {
            CHECK(depth + 1 < DEPTH_MAX);
            shown[depth + 1] = shown[depth] && flag_of(skeleton, text_after(order, 3));
            depth++;
        } else if (order.len > 0) {
            CHECK(depth > 0);
            depth--;
        } else if (shown[depth]) {
            fill_line(skeleton, line, out);
            buffer_put_byte(out, '\n');
        }
    }
}
