/* Ollama's own API: embeddings. */
#include "document/json_write.h"
#include "provider/ollama.h"
#include "provider/reply_json.h"
#include "provider/vector.h"
#include "provider/wire.h"

void ollama_embed_request(const struct embed *embed, const struct provider *provider,
                          struct text key, struct arena *arena, struct wire_request *out)
{
    struct buffer body = buffer_in(arena);

    buffer_put(&body, TEXT("{\"model\":"));
    json_put_string(&body, embed->model);
    buffer_put(&body, TEXT(",\"input\":"));
    vector_put_inputs(&body, embed);
    /* A text that is too long is an error, rather than half a text. */
    buffer_put(&body, TEXT(",\"truncate\":false"));
    if (embed->dimensions > 0) {
        json_put_name(&body, "dimensions");
        buffer_put_i64(&body, embed->dimensions);
    }
    buffer_put_byte(&body, '}');
    *out = (struct wire_request){
        .path = wire_path(provider, "/api/embed", arena),
        .headers = wire_headers(key, NULL, arena),
        .body = buffer_text(&body),
    };
}

bool ollama_embed_answer(struct text body, size_t inputs, struct arena *arena,
                         struct embed_answer *out, struct failure *failure)
{
    struct document document;

    *out = (struct embed_answer){0};
    if (!vector_reply(body, arena, &document, failure))
        return false;
    if (reply_member(&document, 0, "error") != CELL_NONE)
        return ollama_error_inside(&document, reply_member(&document, 0, "error"), failure);
    if (!vector_read_list(&document, reply_member(&document, 0, "embeddings"), NULL, inputs, arena,
                          out, "/embeddings", failure))
        return false;
    out->model = reply_string(&document, 0, "model");
    out->usage = vector_usage(&document, 0, "prompt_eval_count");
    return true;
}
