/* What OpenAI's embeddings answer. Vectors are a great many numbers, so they are written straight
 * into room that was made for them. */
#include "surface/embeddings.h"

#include "document/json_write.h"

#include <endian.h>
#include <openssl/evp.h>

enum { FRAME_BYTES = 64 }; /* around a vector: {"object":"embedding","index":2047,"embedding":} */

static size_t base64_bytes(size_t dimensions)
{
    return (dimensions * sizeof(float) + 2) / 3 * 4;
}

/* RFC 4648 section 4. */
static void put_base64(const float *vector, size_t dimensions, unsigned char *scratch,
                       struct buffer *out)
{
    char *at = buffer_reserve(out, base64_bytes(dimensions) + 3); /* a NUL is put behind it */
    int len;

    for (size_t i = 0; i < dimensions; i++) {
        uint32_t word;

        memcpy(&word, &vector[i], sizeof word);
        word = htole32(word);
        memcpy(scratch + i * sizeof word, &word, sizeof word);
    }
    at[0] = '"';
    len = EVP_EncodeBlock((unsigned char *)at + 1, scratch, (int)(dimensions * sizeof(float)));
    at[len + 1] = '"';
    out->len += (size_t)len + 2;
}

static void put_numbers(const float *vector, size_t dimensions, struct buffer *out)
{
    buffer_reserve(out, dimensions * (JSON_FLOAT_BYTES + 1) + 2);
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < dimensions; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_float(out, vector[i]);
    }
    buffer_put_byte(out, ']');
}

static void put_vectors(const struct embed_answer *answer, size_t first, bool base64,
                        struct buffer *out)
{
    struct arena meanwhile = {0};
    unsigned char *scratch = arena_alloc(&meanwhile, answer->dimensions * sizeof(float));
    size_t each = base64 ? base64_bytes(answer->dimensions) : answer->dimensions * JSON_FLOAT_BYTES;

    buffer_reserve(out, answer->vector_count * (each + FRAME_BYTES));
    for (size_t i = 0; i < answer->vector_count; i++) {
        buffer_put(out, i > 0 ? TEXT(",{") : TEXT("{"));
        buffer_put(out, TEXT("\"object\":\"embedding\",\"index\":"));
        buffer_put_u64(out, first + i);
        buffer_put(out, TEXT(",\"embedding\":"));
        if (base64)
            put_base64(answer->vectors[i], answer->dimensions, scratch, out);
        else
            put_numbers(answer->vectors[i], answer->dimensions, out);
        buffer_put_byte(out, '}');
    }
    arena_release(&meanwhile);
}

/* As they were written aside, or now: of an answer that was kept, or is shared. */
static void put_data(const struct surface_said *said, struct buffer *out)
{
    const struct embed_answer answer = {.vectors = said->answer->vectors,
                                        .vector_count = said->answer->vector_count,
                                        .dimensions = said->answer->dimensions};
    size_t bytes = 0;

    if (said->written == NULL) {
        put_vectors(&answer, 0, said->body->base64, out);
        return;
    }
    for (size_t i = 0; i < said->written_count; i++)
        bytes += said->written[i].len + 1;
    buffer_reserve(out, bytes + said->meta.len + 1024);
    for (size_t i = 0; i < said->written_count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        buffer_put(out, said->written[i]);
    }
}

static void put_usage(const struct chat_usage *usage, struct buffer *out)
{
    buffer_put(out, TEXT("{\"prompt_tokens\":"));
    buffer_put_i64(out, usage->prompt_tokens);
    buffer_put(out, TEXT(",\"total_tokens\":"));
    buffer_put_i64(out, usage->prompt_tokens);
    buffer_put(out, usage->reported ? TEXT("}") : TEXT(",\"estimated\":true}"));
}

static void embeddings_answer(const struct surface_said *said, struct buffer *out)
{
    const struct embedding_wishes *wishes = said->body->own;

    buffer_put(out, TEXT("{\"object\":\"list\",\"data\":["));
    put_data(said, out);
    buffer_put(out, TEXT("]"));
    json_put_text(out, "model", wishes->model);
    json_put_name(out, "usage");
    put_usage(said->usage, out);
    json_put_name(out, "pinion");
    buffer_put(out, said->meta);
    buffer_put_byte(out, '}');
}

const struct surface surface_embeddings = {
    .name = "embeddings",
    .embeds = true,
    .name_call = surface_name_model,
    .head = &surface_head_openai,
    .read = embeddings_read,
    .answer = embeddings_answer,
    .put_vectors = put_vectors,
    .fault = surface_put_fault,
};
