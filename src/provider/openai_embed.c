/* OpenAI embeddings and those of compatible hosts: numbers, or their bytes in base64, which are a
 * third of the size and asked for where the host has them. Both are read wherever they come from.
 */
#include "document/json_write.h"
#include "provider/kind.h"
#include "provider/openai.h"
#include "provider/reply_json.h"
#include "provider/vector.h"
#include "provider/wire.h"

void openai_put_embed(struct buffer *body, const struct embed *embed, const char *dimensions)
{
    buffer_put_byte(body, '{');
    json_put_text(body, "model", embed->model);
    json_put_name(body, "input");
    vector_put_inputs(body, embed);
    if (embed->dimensions > 0) {
        json_put_name(body, dimensions);
        buffer_put_i64(body, embed->dimensions);
    }
}

void openai_embed_request(const struct embed *embed, const struct provider *provider,
                          struct text key, struct arena *arena, struct wire_request *out)
{
    const struct host_habits *host = &kind_at(provider)->habits;
    struct buffer body = buffer_in(arena);

    openai_put_embed(&body, embed, "dimensions");
    if (host->base64_vectors)
        buffer_put(&body, TEXT(",\"encoding_format\":\"base64\""));
    buffer_put_byte(&body, '}');
    *out = (struct wire_request){
        .path = openai_path(provider, embed->model, "/embeddings", arena),
        .headers = wire_headers(key, host->key_header, arena),
        .body = buffer_text(&body),
    };
}

/* --- the answer
 * -------------------------------------------------------------------------------------- */

static const float *read_vector(const struct document *document, uint32_t item, struct arena *arena,
                                size_t *out_count)
{
    uint32_t at = reply_member(document, item, "embedding");

    if (at != CELL_NONE && document_cell(document, at)->type == CELL_STRING)
        return vector_decode(document_text(document, at), arena, out_count);
    return vector_read(document, at, arena, out_count);
}

/* Puts every vector where its index says, or in the order they come in where there is none. */
static bool read_vectors(const struct document *document, size_t inputs, struct arena *arena,
                         struct embed_answer *out, struct failure *failure)
{
    const float **vectors = ARENA_ARRAY(arena, const float *, inputs);
    uint32_t end, item = reply_items(document, 0, "data", &end);

    for (; item < end; item = document_next(document, item)) {
        int64_t index = (int64_t)out->vector_count;
        size_t count = 0;
        const float *vector = read_vector(document, item, arena, &count);

        if (vector == NULL || (out->vector_count > 0 && count != out->dimensions))
            return failure_unreadable(failure, "/data", "has an embedding that is no vector");
        reply_count(document, item, "index", &index);
        if (index >= (int64_t)inputs || vectors[index] != NULL)
            return failure_unreadable(failure, "/data", "has an embedding of no input");
        vectors[index] = vector;
        out->dimensions = count;
        out->vector_count++;
    }
    out->vectors = vectors;
    return out->vector_count == inputs ||
           failure_unreadable(failure, "/data", "has not one embedding for each input");
}

bool openai_embed_answer(struct text body, size_t inputs, struct arena *arena,
                         struct embed_answer *out, struct failure *failure)
{
    struct document document;
    uint32_t usage;

    *out = (struct embed_answer){0};
    if (!vector_reply(body, arena, &document, failure))
        return false;
    if (reply_member(&document, 0, "error") != CELL_NONE)
        return openai_error_inside(&document, reply_member(&document, 0, "error"), failure);
    if (!read_vectors(&document, inputs, arena, out, failure))
        return false;
    out->model = reply_string(&document, 0, "model");
    usage = reply_member(&document, 0, "usage");
    out->usage = vector_usage(&document, usage, "prompt_tokens");
    return true;
}
