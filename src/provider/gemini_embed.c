/* Gemini: embeddings, always in a batch. */
#include "document/json_write.h"
#include "provider/gemini.h"
#include "provider/reply_json.h"
#include "provider/vector.h"

/* Each input names the model again, and it must be the one in the path. */
static void put_input(struct buffer *body, const struct embed *embed, struct text input)
{
    static const char *const types[CHAT_PURPOSE_COUNT] = {
        "", "RETRIEVAL_DOCUMENT", "RETRIEVAL_QUERY", "CLASSIFICATION", "CLUSTERING"};

    buffer_put(body, body->at[body->len - 1] != '[' ? TEXT(",{") : TEXT("{"));
    json_put_name(body, "model");
    buffer_put(body, TEXT("\"models/"));
    json_put_escaped(body, gemini_model_on_the_wire(embed->model));
    buffer_put(body, TEXT("\",\"content\":{\"parts\":[{\"text\":"));
    json_put_string(body, input);
    buffer_put(body, TEXT("}]}"));
    if (embed->purpose != CHAT_PURPOSE_UNSAID)
        json_put_text(body, "taskType", text_of(types[embed->purpose]));
    if (embed->dimensions > 0) {
        json_put_name(body, "outputDimensionality");
        buffer_put_i64(body, embed->dimensions);
    }
    buffer_put_byte(body, '}');
}

void gemini_embed_request(const struct embed *embed, const struct provider *provider,
                          struct text key, struct arena *arena, struct wire_request *out)
{
    struct buffer body = buffer_in(arena);

    buffer_put(&body, TEXT("{\"requests\":["));
    for (size_t i = 0; i < embed->input_count; i++)
        put_input(&body, embed, embed->inputs[i]);
    buffer_put(&body, TEXT("]}"));
    *out = (struct wire_request){
        .path = gemini_path(provider, embed->model, "batchEmbedContents", "", arena),
        .headers = gemini_headers(provider, key, arena),
        .body = buffer_text(&body),
    };
}

bool gemini_embed_answer(struct text body, size_t inputs, struct arena *arena,
                         struct embed_answer *out, struct failure *failure)
{
    struct document document;
    uint32_t usage;

    *out = (struct embed_answer){0};
    if (!vector_reply(body, arena, &document, failure))
        return false;
    if (reply_member(&document, 0, "error") != CELL_NONE)
        return gemini_error_inside(&document, reply_member(&document, 0, "error"), failure);
    if (!vector_read_list(&document, reply_member(&document, 0, "embeddings"), "values", inputs,
                          arena, out, "/embeddings", failure))
        return false;
    usage = reply_member(&document, 0, "usageMetadata");
    out->usage = vector_usage(&document, usage, "promptTokenCount");
    return true;
}
