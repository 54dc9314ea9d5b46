/* What Messages answer. Members that clients' types call required are there, null where the gateway
 * has nothing to say; `pinion` is ours, and no client minds. What the model thought is not shown,
 * as on every surface. */
#include "surface/messages.h"

#include "document/json_write.h"

/* --- what it took, and why it ended
 * ---------------------------------------------------------------- */

/* `input_tokens` are those that the provider neither had nor put into its cache. */
void messages_put_usage(const struct chat_usage *usage, struct buffer *out)
{
    int64_t input = usage->prompt_tokens - usage->cached_tokens - usage->cache_write_tokens;

    buffer_put(out, TEXT("{\"input_tokens\":"));
    buffer_put_i64(out, input > 0 ? input : 0);
    buffer_put(out, TEXT(",\"cache_creation_input_tokens\":"));
    buffer_put_i64(out, usage->cache_write_tokens);
    buffer_put(out, TEXT(",\"cache_read_input_tokens\":"));
    buffer_put_i64(out, usage->cached_tokens);
    buffer_put(out, TEXT(",\"cache_creation\":null,\"output_tokens\":"));
    buffer_put_i64(out, usage->completion_tokens);
    buffer_put(out, TEXT(",\"output_tokens_details\":{\"thinking_tokens\":"));
    buffer_put_i64(out, usage->reasoning_tokens);
    buffer_put(out, TEXT("},\"server_tool_use\":null,\"service_tier\":null,\"inference_geo\":null,"
                         "\"speed\":null"));
    buffer_put(out, usage->reported ? TEXT("}") : TEXT(",\"estimated\":true}"));
}

/* At one of the caller's; those of the endpoint are nobody's business. */
static bool stopped(const struct surface_said *said)
{
    return said->answer->finish == CHAT_FINISH_STOP && said->answer->stop.len > 0 &&
           said->body->params.json[CHAT_PARAM_STOP].len > 0;
}

static const char *stop_reason(const struct surface_said *said)
{
    const struct chat_answer *answer = said->answer;

    if (answer->refusal.len > 0)
        return "refusal";
    if (stopped(said))
        return "stop_sequence";
    switch (answer->finish) {
    case CHAT_FINISH_LENGTH:
        return "max_tokens";
    case CHAT_FINISH_TOOL_CALLS:
        return "tool_use";
    case CHAT_FINISH_CONTENT_FILTER:
        return "refusal";
    default:
        return "end_turn";
    }
}

void messages_put_stop(const struct surface_said *said, struct buffer *out)
{
    const char *reason = said->answer != NULL ? stop_reason(said) : NULL;

    json_put_name(out, "stop_reason");
    if (reason == NULL)
        buffer_put(out, TEXT("null"));
    else
        json_put_string(out, text_of(reason));
    json_put_text_or_null(out, "stop_sequence",
                          reason != NULL && stopped(said) ? said->answer->stop : (struct text){0});
    buffer_put(out, TEXT(",\"stop_details\":"));
    if (reason != NULL && strcmp(reason, "refusal") == 0) {
        buffer_put(out, TEXT("{\"type\":\"refusal\",\"category\":null"));
        json_put_text_or_null(out, "explanation", said->answer->refusal);
        buffer_put_byte(out, '}');
    } else {
        buffer_put(out, TEXT("null"));
    }
    buffer_put(out, TEXT(",\"container\":null"));
}

/* --- its content
 * ----------------------------------------------------------------------------------- */

void messages_put_head(const struct surface_said *said, struct buffer *out)
{
    buffer_put(out, TEXT("{\"id\":\"msg_"));
    json_put_escaped(out, said->id);
    buffer_put(out, TEXT("\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"));
    json_put_string(out, said->model);
    buffer_put(out, TEXT(",\"diagnostics\":null"));
}

static void begin_block(struct buffer *out)
{
    buffer_put(out, out->at[out->len - 1] == '[' ? TEXT("{") : TEXT(",{"));
}

static void put_text(struct text text, struct buffer *out)
{
    if (text.len == 0)
        return;
    begin_block(out);
    buffer_put(out, TEXT("\"type\":\"text\",\"text\":"));
    json_put_string(out, text);
    buffer_put(out, TEXT(",\"citations\":null}"));
}

static void put_call(const struct chat_part *call, struct buffer *out)
{
    begin_block(out);
    buffer_put(out, TEXT("\"type\":\"tool_use\""));
    json_put_text(out, "id", call->id);
    json_put_text(out, "name", call->name);
    json_put_name(out, "input");
    surface_put_arguments(call->text, out);
    buffer_put(out, TEXT(",\"caller\":{\"type\":\"direct\"}}"));
}

/* Of an answer that was checked, the value as it was found fit. */
static void put_content(const struct surface_said *said, struct buffer *out)
{
    const struct chat_answer *answer = said->answer;

    buffer_put_byte(out, '[');
    if (said->output != NULL)
        put_text(text_trim(said->output->source), out);
    else if (answer->parts == NULL)
        put_text(answer->content, out);
    for (size_t i = 0; i < answer->part_count; i++) {
        const struct chat_part *part = &answer->parts[i];

        if (part->type == CHAT_CALL)
            put_call(part, out);
        else if (part->type == CHAT_TEXT && said->output == NULL)
            put_text(part->text, out);
    }
    put_text(answer->refusal, out);
    buffer_put_byte(out, ']');
}

static void messages_answer(const struct surface_said *said, struct buffer *out)
{
    buffer_reserve(out, said->answer->content.len * 2 + 1024);
    messages_put_head(said, out);
    json_put_name(out, "content");
    put_content(said, out);
    messages_put_stop(said, out);
    json_put_name(out, "usage");
    messages_put_usage(said->usage, out);
    json_put_name(out, "pinion");
    buffer_put(out, said->meta);
    buffer_put_byte(out, '}');
}

/* --- errors
 * ---------------------------------------------------------------------------------------- */

/* Anthropic's word for it. */
static const char *type_of(const struct error_row *row)
{
    static const struct {
        int status;
        const char *type;
    } rows[] = {
        {401, "authentication_error"}, {403, "permission_error"}, {404, "not_found_error"},
        {409, "conflict_error"},       {410, "not_found_error"},  {413, "request_too_large"},
        {429, "rate_limit_error"},     {503, "overloaded_error"}, {504, "timeout_error"},
    };

    if (strcmp(row->type, "budget_error") == 0)
        return "billing_error";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == row->status)
            return rows[i].type;
    return row->status < 500 ? "invalid_request_error" : "api_error";
}

/* The SDKs look for the code among the details. */
static void put_details(const struct surface_fault *fault, struct buffer *out)
{
    struct text others = text_after(fault->details, 1);

    buffer_put(out, TEXT(",\"details\":{"));
    json_put_text(out, "error_code", text_of(fault->row->word));
    if (others.len > 1)
        buffer_put_byte(out, ',');
    buffer_put(out, others);
}

void messages_put_fault(const struct surface_fault *fault, struct buffer *out)
{
    buffer_put(out, TEXT("{\"type\":\"error\",\"error\":{"));
    json_put_text(out, "type", text_of(type_of(fault->row)));
    json_put_text(out, "message", fault->message);
    buffer_put(out, fault->members);
    put_details(fault, out);
    buffer_put_byte(out, '}');
    json_put_text(out, "request_id", fault->id);
    buffer_put(out, fault->beside);
    buffer_put_byte(out, '}');
}

/* --- how much it would be
 * -------------------------------------------------------------------------- */

/* Nobody is asked, so it is an estimate. */
static void count_answer(const struct surface_said *said, struct buffer *out)
{
    buffer_put(out, TEXT("{\"input_tokens\":"));
    buffer_put_i64(out, chat_estimate(said->chat));
    buffer_put(out, TEXT(",\"estimated\":true}"));
}

// clang-format off
const struct surface surface_messages = {
    .name = "messages",
    .head = &surface_head_anthropic,
    .streams_only = true,
    .ping = TEXT_INIT("event: ping\ndata: {\"type\":\"ping\"}\n\n"),
    .name_call = surface_name_model,
    .read = messages_read,
    .answer = messages_answer,
    .fault = messages_put_fault,
    .stream_bytes = sizeof(struct messages_stream),
    .begin = messages_begin,
    .event = messages_event,
    .end = messages_end,
    .cut = messages_cut,
};
const struct surface surface_count = {
    .name = "count_tokens",
    .head = &surface_head_anthropic,
    .name_call = surface_name_model,
    .read = messages_read,
    .answer = count_answer,
    .fault = messages_put_fault,
};
// clang-format on
