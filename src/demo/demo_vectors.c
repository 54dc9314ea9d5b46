/* Vectors without a model: each word of a text adds to a few places that its bytes choose, so that
 * texts with words in common are near one another and others are not. Of length 1, as models write
 * them. */
#include "demo/demo_vectors.h"

#include "document/json_write.h"

#include <ctype.h>
#include <math.h>

enum { DIMENSIONS = 256, DIMENSIONS_MAX = 4096, PLACES = 4 };

static bool is_letter(char byte)
{
    return isalnum((unsigned char)byte) || (unsigned char)byte >= 0x80;
}

/* FNV-1a, of letters whatever their case. */
static uint64_t hash_word(struct text word)
{
    uint64_t hash = 0xCBF29CE484222325u;

    for (size_t i = 0; i < word.len; i++)
        hash = (hash ^ (unsigned char)tolower((unsigned char)word.at[i])) * 0x100000001B3u;
    return hash;
}

/* Each 16 bits of the hash choose a place, and one of them the direction. */
static void add_word(struct text word, float *vector, size_t dimensions)
{
    uint64_t hash = hash_word(word);

    for (int i = 0; i < PLACES; i++, hash >>= 16)
        vector[(hash & 0x7FFF) % dimensions] += (hash & 0x8000) != 0 ? 1.0F : -1.0F;
}

static void add_words(struct text text, float *vector, size_t dimensions)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = at;

        while (end < text.len && is_letter(text.at[end]))
            end++;
        if (end > at)
            add_word(text_between(text.at + at, text.at + end), vector, dimensions);
        at = end > at ? end : at + 1;
    }
}

static void make_vector(struct text text, float *vector, size_t dimensions)
{
    float square = 0;

    memset(vector, 0, dimensions * sizeof *vector);
    add_words(text, vector, dimensions);
    for (size_t i = 0; i < dimensions; i++)
        square += vector[i] * vector[i];
    if (square == 0) { /* without words, or words that cancel each other out */
        vector[0] = 1;
        return;
    }
    for (size_t i = 0; i < dimensions; i++)
        vector[i] /= sqrtf(square);
}

static void put_vector(struct buffer *out, size_t index, const float *vector, size_t dimensions)
{
    buffer_printf(out, "%s{\"object\":\"embedding\",\"index\":%zu,\"embedding\":[",
                  index > 0 ? "," : "", index);
    for (size_t i = 0; i < dimensions; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_float(out, vector[i]);
    }
    buffer_put(out, TEXT("]}"));
}

struct text demo_vectors(const struct chat *chat, struct arena *arena)
{
    size_t dimensions = chat->dimensions == 0               ? DIMENSIONS
                        : chat->dimensions < DIMENSIONS_MAX ? (size_t)chat->dimensions
                                                            : DIMENSIONS_MAX;
    float *vector = ARENA_ARRAY(arena, float, dimensions);
    struct buffer out = buffer_in(arena);
    int64_t tokens = 0;

    buffer_put(&out, TEXT("{\"object\":\"list\",\"data\":["));
    for (size_t i = 0; i < chat->message_count; i++) {
        make_vector(chat->messages[i].text, vector, dimensions);
        put_vector(&out, i, vector, dimensions);
        tokens += chat_estimate_message(&chat->messages[i]);
    }
    buffer_printf(&out,
                  "],\"model\":\"demo (no model: words)\",\"usage\":{\"prompt_tokens\":%lld,"
                  "\"total_tokens\":%lld}}",
                  (long long)tokens, (long long)tokens);
    return buffer_text(&out);
}
