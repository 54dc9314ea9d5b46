/* Cohere: embeddings. What the texts are for must be said: unless it is known otherwise, they are
 * taken for what is searched. */
#include "document/json_write.h"
#include "provider/cohere.h"
#include "provider/reply_json.h"
#include "provider/vector.h"
#include "provider/wire.h"

void cohere_embed_request(const struct embed *embed, const struct provider *provider,
                          struct text key, struct arena *arena, struct wire_request *out)
{
    static const char *const types[CHAT_PURPOSE_COUNT] = {
        "search_document", "search_document", "search_query", "classification", "clustering"};
    struct buffer body = buffer_in(arena);

    buffer_put(&body, TEXT("{\"model\":"));
    json_put_string(&body, embed->model);
    json_put_text(&body, "input_type", text_of(types[embed->purpose]));
    json_put_name(&body, "texts");
    vector_put_inputs(&body, embed);
    /* A text that is too long is an error, rather than half a text. */
    buffer_put(&body, TEXT(",\"embedding_types\":[\"float\"],\"truncate\":\"NONE\""));
    if (embed->dimensions > 0) {
        json_put_name(&body, "output_dimension");
        buffer_put_i64(&body, embed->dimensions);
    }
    buffer_put_byte(&body, '}');
    *out = (struct wire_request){
        .path = cohere_path(provider, "/embed", arena),
        .headers = wire_headers(key, NULL, arena),
        .body = buffer_text(&body),
    };
}

bool cohere_embed_answer(struct text body, size_t inputs, struct arena *arena,
                         struct embed_answer *out, struct failure *failure)
{
    struct document document;
    uint32_t list, billed;

    *out = (struct embed_answer){0};
    if (!vector_reply(body, arena, &document, failure))
        return false;
    if (reply_string(&document, 0, "message").len > 0)
        return cohere_error_inside(reply_string(&document, 0, "message"), failure);
    list = reply_member(&document, reply_member(&document, 0, "embeddings"), "float");
    if (!vector_read_list(&document, list, NULL, inputs, arena, out, "/embeddings/float", failure))
        return false;
    billed = reply_member(&document, reply_member(&document, 0, "meta"), "billed_units");
    out->usage = vector_usage(&document, billed, "input_tokens");
    return true;
}
