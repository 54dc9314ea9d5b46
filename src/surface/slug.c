/* What a slug answers: one envelope with the text, the validated value and what it took; or that
 * value alone. Streams are chat chunks, the last of which holds the rest of the envelope. */
#include "surface/slug.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "surface/chunk.h"

void surface_put_arguments(struct text text, struct buffer *out)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct arena scratch = {0};
    struct document arguments;

    if (text_trim(text).len == 0)
        buffer_put(out, TEXT("{}"));
    else if (json_read(text, &limits, &scratch, &arguments, NULL, NULL) &&
             arguments.cells[0].type == CELL_OBJECT)
        json_put_cell(out, &arguments, 0);
    else
        json_put_string(out, text);
    arena_release(&scratch);
}

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
        json_put_text(out, "name", part->name);
        json_put_name(out, "arguments");
        surface_put_arguments(part->text, out);
        buffer_put_byte(out, '}');
    }
    if (any)
        buffer_put_byte(out, ']');
}

static void slug_answer(const struct surface_said *said, struct buffer *out)
{
    const struct chat_answer *answer = said->answer;

    if (said->bare && said->output != NULL) {
        buffer_put(out, text_trim(said->output->source));
        return;
    }
    buffer_reserve(out, answer->content.len * 2 + 1024);
    buffer_put(out, TEXT("{\"ok\":true,\"id\":\"chatcmpl-"));
    json_put_escaped(out, said->id);
    buffer_put_byte(out, '"');
    json_put_text(out, "model", said->model);
    json_put_text(out, "content", answer->content);
    if (said->output != NULL) {
        json_put_name(out, "output");
        buffer_put(out, text_trim(said->output->source));
    }
    if (answer->refusal.len > 0)
        json_put_text(out, "refusal", answer->refusal);
    put_calls(answer, out);
    json_put_text(out, "finish_reason", text_of(chat_finish_name(answer->finish)));
    json_put_name(out, "usage");
    surface_put_usage(said->usage, out);
    json_put_name(out, "meta");
    buffer_put(out, said->meta);
    buffer_put_byte(out, '}');
}

void surface_put_fault(const struct surface_fault *fault, struct buffer *out)
{
    buffer_put(out, TEXT("{\"ok\":false,\"error\":"));
    buffer_put(out, fault->object);
    buffer_put(out, fault->beside);
    buffer_put_byte(out, '}');
}

static void slug_end(void *stream, const struct surface_said *said, struct buffer *out)
{
    (void)stream;
    chunk_put_finish(said, out);
    chunk_put_usage(said, out);
    chunk_put_done(out);
}

/* {"endpoint": "summarize", ...} */
static bool name_endpoint(const struct call_body *body, struct surface_name *out, struct error *err)
{
    uint32_t at = document_member(&body->document, 0, TEXT("endpoint"));

    out->param = "/endpoint";
    if (at == CELL_NONE || document_cell(&body->document, at)->type != CELL_STRING) {
        error_set(err, ERROR_INVALID_REQUEST, out->param, "the body does not name the endpoint");
        error_hint(err, "send {\"endpoint\": \"SLUG\", \"messages\": [...]}");
        return false;
    }
    out->name = document_text(&body->document, at);
    return true;
}

// clang-format off
const struct surface surface_slug = {
    .name = "slug",
    .read = slug_read,
    .answer = slug_answer,
    .fault = surface_put_fault,
    .begin = chunk_begin,
    .event = chunk_event,
    .end = slug_end,
    .cut = chunk_cut,
};
const struct surface surface_named = {
    .name = "slug",
    .name_call = name_endpoint,
    .read = slug_read,
    .answer = slug_answer,
    .fault = surface_put_fault,
    .begin = chunk_begin,
    .event = chunk_event,
    .end = slug_end,
    .cut = chunk_cut,
};
// clang-format on
