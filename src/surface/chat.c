/* What Chat Completions answer. Members that clients' types call optional are left out where they
 * say nothing; `pinion` is ours, and no client minds. */
#include "surface/chat.h"

#include "document/json_write.h"
#include "surface/chunk.h"

static void put_calls(const struct chat_answer *answer, struct buffer *out)
{
    bool any = false;

    for (size_t i = 0; i < answer->part_count; i++) {
        const struct chat_part *part = &answer->parts[i];

        if (part->type != CHAT_CALL)
            continue;
        buffer_put(out, any ? TEXT(",{") : TEXT(",\"tool_calls\":[{"));
        any = true;
        json_put_text(out, "id", part->id);
        buffer_put(out, TEXT(",\"type\":\"function\",\"function\":{"));
        json_put_text(out, "name", part->name);
        json_put_text(out, "arguments", part->text.len > 0 ? part->text : TEXT("{}"));
        buffer_put(out, TEXT("}}"));
    }
    if (any)
        buffer_put_byte(out, ']');
}

/* Of an answer that was checked, the value as it was found fit. */
static void put_message(const struct surface_said *said, struct buffer *out)
{
    const struct chat_answer *answer = said->answer;
    struct text content = said->output != NULL ? text_trim(said->output->source) : answer->content;

    buffer_put(out, TEXT("{\"role\":\"assistant\""));
    json_put_text_or_null(out, "content", content);
    json_put_text_or_null(out, "refusal", answer->refusal);
    put_calls(answer, out);
    buffer_put_byte(out, '}');
}

static void chat_answer(const struct surface_said *said, struct buffer *out)
{
    enum chat_finish finish = said->answer->finish;

    buffer_reserve(out, said->answer->content.len * 2 + 1024);
    buffer_put(out, TEXT("{\"id\":\"chatcmpl-"));
    json_put_escaped(out, said->id);
    buffer_put(out, TEXT("\",\"object\":\"chat.completion\",\"created\":"));
    buffer_put_i64(out, said->wall_ms / 1000);
    json_put_text(out, "model", said->model);
    buffer_put(out, TEXT(",\"choices\":[{\"index\":0,\"message\":"));
    put_message(said, out);
    buffer_put(out, TEXT(",\"logprobs\":null"));
    json_put_text(
        out, "finish_reason",
        text_of(chat_finish_name(finish == CHAT_FINISH_NONE ? CHAT_FINISH_STOP : finish)));
    buffer_put(out, TEXT("}],\"usage\":"));
    surface_put_usage(said->usage, out);
    json_put_name(out, "pinion");
    buffer_put(out, said->meta);
    buffer_put_byte(out, '}');
}

/* Usage comes as a chunk without choices, which old clients do not expect unasked. */
static void chat_end(void *stream, const struct surface_said *said, struct buffer *out)
{
    const struct chat_wishes *wishes = said->body->own;

    (void)stream;
    chunk_put_finish(said, out);
    if (wishes->usage)
        chunk_put_usage(said, out);
    chunk_put_done(out);
}

const struct surface surface_chat = {
    .name = "chat",
    .streams_only = true,
    .name_call = surface_name_model,
    .read = chat_read,
    .head = &surface_head_openai,
    .answer = chat_answer,
    .fault = surface_put_fault,
    .begin = chunk_begin,
    .event = chunk_event,
    .end = chat_end,
    .cut = chunk_cut,
};
