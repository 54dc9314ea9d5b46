/* A response: what was asked, with the defaults that hold where nothing was, and the items of the
 * answer. Of what an endpoint pins nothing is told: only what the caller itself said. */
#include "surface/responses.h"

#include "document/json_write.h"

enum responses_status responses_status_of(const struct chat_answer *answer)
{
    return answer->finish == CHAT_FINISH_LENGTH || answer->finish == CHAT_FINISH_CONTENT_FILTER
               ? RESPONSES_INCOMPLETE
               : RESPONSES_COMPLETED;
}

/* --- what was asked ------------------------------------------------------------------------------
 */

/* The cell as it was sent, else `otherwise`. */
static void put_said(const struct call_body *body, const char *name, uint32_t at,
                     const char *otherwise, struct buffer *out)
{
    json_put_name(out, name);
    if (at != CELL_NONE)
        json_put_cell(out, &body->document, at);
    else
        buffer_put(out, text_of(otherwise));
}

static void put_tools(const struct call_body *body, struct buffer *out)
{
    json_put_name(out, "tools");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < body->tool_count; i++) {
        const struct chat_tool *tool = &body->tools[i];

        buffer_put(out, i > 0 ? TEXT(",{\"type\":\"function\"") : TEXT("{\"type\":\"function\""));
        json_put_text(out, "name", tool->name);
        json_put_text_or_null(out, "description", tool->description);
        json_put_name(out, "parameters");
        if (tool->parameters != NULL)
            json_put_cell(out, tool->parameters, tool->parameters_at);
        else
            buffer_put(out, TEXT("null"));
        json_put_flag(out, "strict", tool->strict);
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, ']');
}

/* {"id": "summarize", "version": "7"}: its variables are the input. */
static void put_prompt(const struct call_body *body, uint32_t at, struct buffer *out)
{
    uint32_t id = document_member(&body->document, at, TEXT("id"));
    uint32_t version = document_member(&body->document, at, TEXT("version"));

    json_put_name(out, "prompt");
    buffer_put_byte(out, '{');
    put_said(body, "id", id, "null", out);
    put_said(body, "version", version, "null", out);
    buffer_put(out, TEXT(",\"variables\":null}"));
}

static void put_reasoning(const struct call_body *body, uint32_t effort, struct buffer *out)
{
    json_put_name(out, "reasoning");
    buffer_put_byte(out, '{');
    put_said(body, "effort", effort, "null", out);
    buffer_put(out, TEXT(",\"summary\":null}"));
}

/* --- a response ----------------------------------------------------------------------------------
 */

static void put_why(const struct surface_said *said, enum responses_status status,
                    struct buffer *out)
{
    static const char *const words[] = {
        [RESPONSES_UNDER_WAY] = "in_progress",
        [RESPONSES_COMPLETED] = "completed",
        [RESPONSES_INCOMPLETE] = "incomplete",
    };

    json_put_text(out, "status", text_of(words[status]));
    buffer_put(out, TEXT(",\"background\":false,\"error\":null,\"incomplete_details\":"));
    if (status != RESPONSES_INCOMPLETE)
        buffer_put(out, TEXT("null"));
    else if (said->answer->finish == CHAT_FINISH_LENGTH)
        buffer_put(out, TEXT("{\"reason\":\"max_output_tokens\"}"));
    else
        buffer_put(out, TEXT("{\"reason\":\"content_filter\"}"));
}

void responses_put_head(const struct surface_said *said, enum responses_status status,
                        struct buffer *out)
{
    const struct call_body *body = said->body;
    const struct responses_call *call = body->own;

    buffer_put_byte(out, '{');
    json_put_text(out, "id", body->reply_id);
    buffer_put(out, TEXT(",\"object\":\"response\",\"created_at\":"));
    buffer_put_i64(out, said->wall_ms / 1000);
    put_why(said, status, out);
    json_put_text_or_null(out, "instructions",
                          call->instructed ? body->earlier[0].text : (struct text){0});
    put_said(body, "max_output_tokens", call->max_output_tokens, "null", out);
    buffer_put(out, TEXT(",\"max_tool_calls\":null"));
    put_said(body, "metadata", call->metadata, "{}", out);
    json_put_text(out, "model", said->model);
    buffer_put(out, TEXT(",\"output\":"));
}

static void put_usage(const struct chat_usage *usage, struct buffer *out)
{
    buffer_put(out, TEXT(",\"usage\":{\"input_tokens\":"));
    buffer_put_i64(out, usage->prompt_tokens);
    buffer_put(out, TEXT(",\"input_tokens_details\":{\"cached_tokens\":"));
    buffer_put_i64(out, usage->cached_tokens);
    buffer_put(out, TEXT(",\"cache_write_tokens\":"));
    buffer_put_i64(out, usage->cache_write_tokens);
    buffer_put(out, TEXT("},\"output_tokens\":"));
    buffer_put_i64(out, usage->completion_tokens);
    buffer_put(out, TEXT(",\"output_tokens_details\":{\"reasoning_tokens\":"));
    buffer_put_i64(out, usage->reasoning_tokens);
    buffer_put(out, TEXT("},\"total_tokens\":"));
    buffer_put_i64(out, usage->prompt_tokens + usage->completion_tokens);
    buffer_put(out, usage->reported ? TEXT("}") : TEXT(",\"estimated\":true}"));
}

void responses_put_tail(const struct surface_said *said, struct buffer *out)
{
    const struct call_body *body = said->body;
    const struct responses_call *call = body->own;

    put_said(body, "parallel_tool_calls", call->parallel, "true", out);
    json_put_text_or_null(out, "previous_response_id", call->previous);
    if (call->prompt != CELL_NONE)
        put_prompt(body, call->prompt, out);
    put_reasoning(body, call->effort, out);
    buffer_put(out, TEXT(",\"service_tier\":\"default\""));
    json_put_flag(out, "store", call->store && body->keeps);
    put_said(body, "temperature", call->temperature, "1.0", out);
    buffer_put(out, TEXT(",\"text\":{"));
    put_said(body, "format", call->format, "{\"type\":\"text\"}", out);
    buffer_put_byte(out, '}');
    put_said(body, "tool_choice", call->tool_choice, "\"auto\"", out);
    put_tools(body, out);
    put_said(body, "top_p", call->top_p, "1.0", out);
    buffer_put(out, TEXT(",\"truncation\":\"disabled\""));
    if (said->usage != NULL)
        put_usage(said->usage, out);
    if (said->meta.len > 0) {
        json_put_name(out, "pinion");
        buffer_put(out, said->meta);
    }
    buffer_put_byte(out, '}');
}

/* --- its items -----------------------------------------------------------------------------------
 */

void responses_put_id_value(const struct call_body *body, const char *prefix, uint32_t place,
                            struct buffer *out)
{
    buffer_printf(out, "\"%s_%.*s_%u\"", prefix,
                  TEXT_ARG(text_after(body->reply_id, strlen(RESPONSES_PREFIX))), place);
}

void responses_put_text_part(struct text text, struct buffer *out)
{
    buffer_put(out, TEXT("{\"type\":\"output_text\""));
    json_put_text(out, "text", text);
    buffer_put(out, TEXT(",\"annotations\":[],\"logprobs\":[]}"));
}

void responses_put_refusal_part(struct text refusal, struct buffer *out)
{
    buffer_put(out, TEXT("{\"type\":\"refusal\""));
    json_put_text(out, "refusal", refusal);
    buffer_put_byte(out, '}');
}

void responses_put_message(const struct call_body *body, uint32_t place, const char *status,
                           const struct responses_message *message, struct buffer *out)
{
    bool text = message->text.len > 0 || message->shown;

    buffer_put_byte(out, '{');
    json_put_name(out, "id");
    responses_put_id_value(body, "msg", place, out);
    buffer_put(out, TEXT(",\"type\":\"message\""));
    json_put_text(out, "status", text_of(status));
    buffer_put(out, TEXT(",\"role\":\"assistant\",\"content\":["));
    if (text)
        responses_put_text_part(message->text, out);
    if (text && message->refusal.len > 0)
        buffer_put_byte(out, ',');
    if (message->refusal.len > 0)
        responses_put_refusal_part(message->refusal, out);
    buffer_put(out, TEXT("]}"));
}

void responses_put_call(const struct call_body *body, uint32_t place, const char *status,
                        const struct chat_part *call, struct buffer *out)
{
    buffer_put_byte(out, '{');
    json_put_name(out, "id");
    responses_put_id_value(body, "fc", place, out);
    buffer_put(out, TEXT(",\"type\":\"function_call\""));
    json_put_text(out, "status", text_of(status));
    json_put_text(out, "call_id", call->id);
    json_put_text(out, "name", call->name);
    json_put_text(out, "arguments", call->text);
    buffer_put_byte(out, '}');
}

/* --- the items of an answer ----------------------------------------------------------------------
 */

/* Divides an answer as its stream does: texts that follow each other are one item; where the pieces
 * of a text may come late, all of them are, in the place of the first. */
struct division {
    const struct surface_said *said;
    struct buffer *out;
    uint32_t place;
    bool joined; /* the text of the whole answer has been written */
};

static void put_comma(struct division *it)
{
    if (it->place > 0)
        buffer_put_byte(it->out, ',');
}

/* What ends an answer that was cut short is no whole item. */
static const char *status_of(const struct division *it, bool last)
{
    return last && responses_status_of(it->said->answer) == RESPONSES_INCOMPLETE ? "incomplete"
                                                                                 : "completed";
}

static void put_message(struct division *it, const struct responses_message *message, bool last)
{
    put_comma(it);
    responses_put_message(it->said->body, it->place, status_of(it, last), message, it->out);
    it->place++;
}

/* The texts from there on that are one item, with what was declined where nothing follows; gives
 * how many parts that were. */
static size_t put_texts(struct division *it, size_t at)
{
    const struct chat_answer *answer = it->said->answer;
    struct buffer joined = buffer_in(it->said->arena);
    struct responses_message message = {0};
    size_t end = at;

    for (; end < answer->part_count && answer->parts[end].type != CHAT_CALL; end++)
        if (answer->parts[end].type == CHAT_TEXT)
            buffer_put(&joined, answer->parts[end].text);
    message.text = it->said->late ? answer->content : buffer_text(&joined);
    if (message.text.len > 0 && !it->joined)
        put_message(it, &message, end == answer->part_count && answer->refusal.len == 0);
    it->joined = it->said->late;
    return end - at;
}

static void put_parts(struct division *it)
{
    const struct chat_answer *answer = it->said->answer;

    for (size_t i = 0; i < answer->part_count;) {
        struct chat_part call = answer->parts[i];

        if (call.type != CHAT_CALL) {
            i += put_texts(it, i);
            continue;
        }
        if (call.text.len == 0)
            call.text = TEXT("{}");
        put_comma(it);
        responses_put_call(it->said->body, it->place++, status_of(it, ++i == answer->part_count),
                           &call, it->out);
    }
}

static bool has_calls(const struct chat_answer *answer)
{
    for (size_t i = 0; i < answer->part_count; i++)
        if (answer->parts[i].type == CHAT_CALL)
            return true;
    return false;
}

/* One text, as it was found fit where it was checked, and what was declined. */
static void put_plain(struct division *it)
{
    const struct surface_said *said = it->said;
    const struct responses_message message = {
        .text = said->output != NULL ? text_trim(said->output->source) : said->answer->content,
        .refusal = said->answer->refusal,
        .shown = said->answer->refusal.len == 0,
    };

    put_message(it, &message, true);
}

void responses_put_output(const struct surface_said *said, struct buffer *out)
{
    struct division it = {.said = said, .out = out};
    const struct responses_message declined = {.refusal = said->answer->refusal};

    buffer_put_byte(out, '[');
    if (!has_calls(said->answer)) {
        put_plain(&it);
    } else {
        put_parts(&it);
        if (declined.refusal.len > 0)
            put_message(&it, &declined, true);
    }
    buffer_put_byte(out, ']');
}
