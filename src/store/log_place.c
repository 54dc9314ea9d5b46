/* Places in the request log, as people and programs pass them around. */
#include "store/log_record.h"

#include "base/check.h"

#include <stdio.h>

const char *log_word(enum log_word word)
{
    static const char *const words[LOG_WORD_COUNT] = {
#define X(name, word_) [LOG_##name] = (word_),
        LOG_WORDS(X)
#undef X
    };
    return words[word];
}

struct log_query log_query_copy(struct arena *arena, const struct log_query *query)
{
    struct log_query copy = *query;

    for (size_t i = 0; i < LOG_WORD_COUNT; i++)
        copy.words[i] = arena_copy(arena, query->words[i]);
    copy.tags = token_tags_copy(arena, query->tags, query->tag_count);
    return copy;
}

void log_place_write(const struct log_place *place, char out[LOG_PLACE_CHARS])
{
    char text[LOG_PLACE_CHARS + 1];

    CHECK(snprintf(text, sizeof text, "log_%016llx%016llx%08x", (unsigned long long)place->wall_ms,
                   (unsigned long long)place->number, (unsigned)place->row) == LOG_PLACE_CHARS);
    memcpy(out, text, LOG_PLACE_CHARS);
}

/* Takes so many digits off the front. */
static bool take_hex(struct text *text, size_t digits, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < digits; i++) {
        static const char alphabet[] = "0123456789abcdef";
        const char *digit = memchr(alphabet, text->at[i], 16);

        if (digit == NULL)
            return false;
        *out = *out << 4 | (uint64_t)(digit - alphabet);
    }
    *text = text_after(*text, digits);
    return true;
}

bool log_place_read(struct text text, struct log_place *out)
{
    uint64_t wall_ms, row;

    if (text.len != LOG_PLACE_CHARS || !text_starts(text, TEXT("log_")))
        return false;
    text = text_after(text, 4);
    if (!take_hex(&text, 16, &wall_ms) || !take_hex(&text, 16, &out->number) ||
        !take_hex(&text, 8, &row) || wall_ms > INT64_MAX)
        return false;
    out->wall_ms = (int64_t)wall_ms;
    out->row = (uint32_t)row;
    return true;
}

bool log_place_same(const struct log_place *a, const struct log_place *b)
{
    return a->wall_ms == b->wall_ms && a->number == b->number && a->row == b->row;
}
