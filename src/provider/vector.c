#include "provider/vector.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "provider/reply_json.h"

#include <endian.h>
#include <math.h>
#include <openssl/evp.h>

enum { BYTES_PER_NUMBER = 4, OTHER_NODES = 10000 };

void vector_put_inputs(struct buffer *body, const struct embed *embed)
{
    buffer_put_byte(body, '[');
    for (size_t i = 0; i < embed->input_count; i++) {
        if (i > 0)
            buffer_put_byte(body, ',');
        if (embed->tokens)
            buffer_put(body, embed->inputs[i]);
        else
            json_put_string(body, embed->inputs[i]);
    }
    buffer_put_byte(body, ']');
}

struct chat_usage vector_usage(const struct document *document, uint32_t object, const char *name)
{
    struct chat_usage usage = {0};

    usage.reported =
        reply_count(document, object, name, &usage.prompt_tokens) && usage.prompt_tokens > 0;
    return usage;
}

bool vector_reply(struct text text, struct arena *arena, struct document *out,
                  struct failure *failure)
{
    size_t nodes = OTHER_NODES + text.len / BYTES_PER_NUMBER;
    const struct json_limits limits = {.nodes =
                                           nodes < UINT32_MAX ? (uint32_t)nodes : JSON_UNLIMITED};
    struct error broken = {0};

    if (!json_read(text, &limits, arena, out, NULL, &broken))
        return failure_unreadable(failure, broken.at, "is not valid JSON");
    if (document_cell(out, 0)->type != CELL_OBJECT)
        return failure_unreadable(failure, NULL, "is not a JSON object");
    return true;
}

const float *vector_read(const struct document *document, uint32_t at, struct arena *arena,
                         size_t *out_dimensions)
{
    const struct cell *list = at == CELL_NONE ? NULL : document_cell(document, at);
    float *vector;

    if (list == NULL || list->type != CELL_ARRAY || list->size == 0 ||
        list->size > VECTOR_DIMENSIONS_MAX)
        return NULL;
    vector = ARENA_ARRAY(arena, float, list->size);
    for (uint32_t i = 0; i < list->size; i++) {
        /* Up to here all were numbers, each one cell. */
        const struct cell *cell = document_cell(document, at + 1 + i);

        if (cell->type != CELL_INTEGER && cell->type != CELL_NUMBER)
            return NULL;
        vector[i] = (float)document_double(cell);
        if (!isfinite(vector[i]))
            return NULL;
    }
    *out_dimensions = list->size;
    return vector;
}

const float *vector_decode(struct text text, struct arena *arena, size_t *out_dimensions)
{
    size_t bytes = text.len / 4 * 3;
    unsigned char *decoded;
    float *vector;

    if (text.len == 0 || text.len % 4 != 0 || bytes / 4 > VECTOR_DIMENSIONS_MAX)
        return NULL;
    decoded = arena_alloc(arena, bytes);
    if (EVP_DecodeBlock(decoded, (const unsigned char *)text.at, (int)text.len) != (int)bytes)
        return NULL;
    bytes -= text.at[text.len - 1] == '=';
    bytes -= text.at[text.len - 2] == '=';
    if (bytes == 0 || bytes % 4 != 0)
        return NULL;
    *out_dimensions = bytes / 4;
    vector = ARENA_ARRAY(arena, float, *out_dimensions);
    for (size_t i = 0; i < *out_dimensions; i++) {
        uint32_t word;

        memcpy(&word, decoded + i * 4, sizeof word);
        word = le32toh(word);
        memcpy(&vector[i], &word, sizeof word);
        if (!isfinite(vector[i]))
            return NULL;
    }
    return vector;
}

bool vector_read_list(const struct document *document, uint32_t list, const char *member,
                      size_t inputs, struct arena *arena, struct embed_answer *out,
                      const char *where, struct failure *failure)
{
    bool is_list = list != CELL_NONE && document_cell(document, list)->type == CELL_ARRAY;
    const float **vectors = ARENA_ARRAY(arena, const float *, inputs);

    for (uint32_t at = list + 1; is_list && at < document_next(document, list);
         at = document_next(document, at)) {
        size_t dimensions = 0;
        uint32_t numbers = member != NULL ? reply_member(document, at, member) : at;
        const float *vector = vector_read(document, numbers, arena, &dimensions);

        if (vector == NULL || (out->vector_count > 0 && dimensions != out->dimensions))
            return failure_unreadable(failure, where,
                                      "has an embedding that is no vector of one length");
        if (out->vector_count == inputs)
            return failure_unreadable(failure, where, "has an embedding of no input");
        vectors[out->vector_count++] = vector;
        out->dimensions = dimensions;
    }
    out->vectors = vectors;
    return out->vector_count == inputs ||
           failure_unreadable(failure, where, "has not one embedding for each input");
}
