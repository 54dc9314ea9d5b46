#include "surface/chunk.h"

#include "document/json_write.h"

static void open_chunk(const struct surface_said *said, struct buffer *out)
{
    buffer_put(out, TEXT("data: {\"id\":\"chatcmpl-"));
    json_put_escaped(out, said->id);
    buffer_put(out, TEXT("\",\"object\":\"chat.completion.chunk\",\"created\":"));
    buffer_put_i64(out, said->wall_ms / 1000);
    buffer_put(out, TEXT(",\"model\":"));
    json_put_string(out, said->model);
}

static void put_delta(const struct surface_said *said, const char *name, struct text value,
                      struct buffer *out)
{
    open_chunk(said, out);
    buffer_put(out, TEXT(",\"choices\":[{\"index\":0,\"delta\":{\""));
    buffer_put(out, text_of(name));
    buffer_put(out, TEXT("\":"));
    json_put_string(out, value);
    buffer_put(out, TEXT("},\"finish_reason\":null}]}\n\n"));
}

void chunk_begin(void *stream, const struct surface_said *said, struct buffer *out)
{
    (void)stream;
    open_chunk(said, out);
    buffer_put(out, TEXT(",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
                         "\"\"},\"finish_reason\":null}]}\n\n"));
}

/* A tool call, or a piece of its arguments. */
static void put_call(const struct surface_said *said, const struct chat_event *event,
                     struct buffer *out)
{
    open_chunk(said, out);
    buffer_printf(out, ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":%u",
                  event->call);
    if (event->type == CHAT_EVENT_CALL) {
        json_put_text(out, "id", event->id);
        buffer_put(out, TEXT(",\"type\":\"function\""));
    }
    buffer_put(out, TEXT(",\"function\":{"));
    if (event->type == CHAT_EVENT_CALL)
        json_put_text(out, "name", event->name);
    json_put_text(out, "arguments", event->text);
    buffer_put(out, TEXT("}}]},\"finish_reason\":null}]}\n\n"));
}

void chunk_event(void *stream, const struct surface_said *said, const struct chat_event *event,
                 struct buffer *out)
{
    (void)stream;
    switch (event->type) {
    case CHAT_EVENT_TEXT:
        put_delta(said, "content", event->text, out);
        break;
    case CHAT_EVENT_REFUSAL:
        put_delta(said, "refusal", event->text, out);
        break;
    case CHAT_EVENT_CALL:
    case CHAT_EVENT_ARGUMENTS:
        put_call(said, event, out);
        break;
    default:
        break;
    }
}

void chunk_put_finish(const struct surface_said *said, struct buffer *out)
{
    enum chat_finish finish = said->answer->finish;

    open_chunk(said, out);
    buffer_put(out, TEXT(",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"));
    json_put_string(
        out, text_of(chat_finish_name(finish == CHAT_FINISH_NONE ? CHAT_FINISH_STOP : finish)));
    buffer_put(out, TEXT("}]}\n\n"));
}

void chunk_put_usage(const struct surface_said *said, struct buffer *out)
{
    open_chunk(said, out);
    buffer_put(out, TEXT(",\"choices\":[],\"usage\":"));
    surface_put_usage(said->usage, out);
    buffer_put(out, TEXT(",\"pinion\":"));
    buffer_put(out, said->meta);
    buffer_put(out, TEXT("}\n\n"));
}

void chunk_put_done(struct buffer *out)
{
    buffer_put(out, TEXT("data: [DONE]\n\n"));
}

void chunk_cut(void *stream, const struct surface_fault *fault, struct buffer *out)
{
    (void)stream;
    buffer_put(out, TEXT("data: "));
    surface_put_fault(fault, out);
    buffer_put(out, TEXT("\n\n"));
}

void surface_put_usage(const struct chat_usage *usage, struct buffer *out)
{
    buffer_put(out, TEXT("{\"prompt_tokens\":"));
    buffer_put_i64(out, usage->prompt_tokens);
    buffer_put(out, TEXT(",\"completion_tokens\":"));
    buffer_put_i64(out, usage->completion_tokens);
    buffer_put(out, TEXT(",\"total_tokens\":"));
    buffer_put_i64(out, usage->prompt_tokens + usage->completion_tokens);
    buffer_put(out, TEXT(",\"prompt_tokens_details\":{\"cached_tokens\":"));
    buffer_put_i64(out, usage->cached_tokens);
    buffer_put(out, TEXT("},\"completion_tokens_details\":{\"reasoning_tokens\":"));
    buffer_put_i64(out, usage->reasoning_tokens);
    buffer_put(out, usage->reported ? TEXT("}}") : TEXT("},\"estimated\":true}"));
}
