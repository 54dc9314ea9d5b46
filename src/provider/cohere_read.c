/* Cohere: reading a whole answer, and what answers and streams have in common. What the model says
 * beside its calls is in a place of its own, and is text here. */
#include "provider/cohere.h"
#include "provider/reply_json.h"

bool cohere_finish(struct text reason, struct text error, bool called, enum chat_finish *out,
                   struct failure *failure)
{
    if (text_equal(reason, TEXT("ERROR")))
        return cohere_error_inside(error, failure);
    if (text_equal(reason, TEXT("TIMEOUT")))
        return failure_set(failure, FAILURE_TIMEOUT, NULL,
                           "the provider timed out while it was answering");
    /* COMPLETE, STOP_SEQUENCE, TOOL_CALL: what it called says it better. */
    *out = text_equal(reason, TEXT("MAX_TOKENS")) ? CHAT_FINISH_LENGTH : CHAT_FINISH_STOP;
    if (*out == CHAT_FINISH_STOP && called)
        *out = CHAT_FINISH_TOOL_CALLS;
    return true;
}

/* --- usage -------------------------------------------------------------------------------------
 */

static bool read_counts(const struct document *document, uint32_t counts, int64_t *out_input,
                        int64_t *out_output)
{
    return reply_count(document, counts, "input_tokens", out_input) && *out_input > 0 &&
           reply_count(document, counts, "output_tokens", out_output);
}

/* What is charged for is less than what is counted: not the vendor's own words around the prompt.
 */
bool cohere_usage(const struct document *document, uint32_t usage, struct chat_usage *out)
{
    uint32_t tokens = reply_member(document, usage, "tokens");
    uint32_t billed = reply_member(document, usage, "billed_units");
    int64_t input, output;

    *out = (struct chat_usage){.reported = true};
    if (!read_counts(document, tokens, &out->prompt_tokens, &out->completion_tokens))
        return read_counts(document, billed, &out->prompt_tokens, &out->completion_tokens);
    out->cached_tokens = reply_part(document, usage, "cached_tokens", out->prompt_tokens);
    if (!read_counts(document, billed, &input, &output))
        return true;
    if (input < out->prompt_tokens)
        out->free_prompt_tokens = out->prompt_tokens - input;
    if (output < out->completion_tokens)
        out->free_completion_tokens = out->completion_tokens - output;
    return true;
}

/* --- a whole answer ----------------------------------------------------------------------------
 */

static struct chat_part *add_part(struct chat_part *parts, struct chat_answer *out,
                                  enum chat_part_type type, struct text text)
{
    struct chat_part *part = &parts[out->part_count++];

    *part = (struct chat_part){.type = type, .text = text};
    return part;
}

static void read_content_part(const struct document *document, uint32_t item,
                              struct chat_part *parts, struct chat_answer *out)
{
    struct text type = reply_string(document, item, "type");
    struct text text = reply_string(document, item, "text");
    struct text thought = reply_string(document, item, "thinking");
    struct chat_part *part;

    if (text_equal(type, TEXT("text")) && text.len > 0) {
        add_part(parts, out, CHAT_TEXT, text);
    } else if (text_equal(type, TEXT("thinking")) && thought.len > 0) {
        part = add_part(parts, out, CHAT_REASONING, thought);
        part->state = TEXT(COHERE_THOUGHT);
        part->state_of = dialect_cohere.name;
    }
}

static bool read_call(const struct document *document, uint32_t item, struct chat_part *parts,
                      struct chat_answer *out)
{
    uint32_t function = reply_member(document, item, "function");
    struct text arguments = reply_string(document, function, "arguments");
    struct chat_part *part =
        add_part(parts, out, CHAT_CALL, arguments.len > 0 ? arguments : TEXT("{}"));

    part->id = reply_string(document, item, "id");
    part->name = reply_string(document, function, "name");
    return part->name.len > 0;
}

/* The cell of a list that may be missing; false when it is something else. */
static bool find_list(const struct document *document, uint32_t message, const char *name,
                      uint32_t *out, uint32_t *out_count)
{
    *out = reply_member(document, message, name);
    *out_count = 0;
    if (*out == CELL_NONE)
        return true;
    if (document_cell(document, *out)->type != CELL_ARRAY)
        return false;
    *out_count = document_cell(document, *out)->size;
    return true;
}

static bool read_message(const struct document *document, uint32_t message, struct arena *arena,
                         struct chat_answer *out, struct failure *failure)
{
    struct text plan = reply_string(document, message, "tool_plan");
    struct buffer content = buffer_in(arena);
    uint32_t contents, calls, content_count, call_count, at;
    struct chat_part *parts;

    if (!find_list(document, message, "content", &contents, &content_count) ||
        !find_list(document, message, "tool_calls", &calls, &call_count))
        return failure_unreadable(failure, "/message", "has no list of parts");
    parts = ARENA_ARRAY(arena, struct chat_part, (size_t)content_count + call_count + 1);
    for (at = contents + 1; content_count-- > 0; at = document_next(document, at))
        read_content_part(document, at, parts, out);
    if (plan.len > 0)
        add_part(parts, out, CHAT_TEXT, plan);
    for (at = calls + 1; call_count-- > 0; at = document_next(document, at))
        if (!read_call(document, at, parts, out))
            return failure_unreadable(failure, "/message/tool_calls", "has a call of no tool");
    for (size_t i = 0; i < out->part_count; i++)
        if (parts[i].type == CHAT_TEXT)
            buffer_put(&content, parts[i].text);
    out->parts = out->part_count > 0 ? parts : NULL;
    out->content = buffer_text(&content);
    return true;
}

static bool calls_tools(const struct chat_answer *answer)
{
    return answer->part_count > 0 && answer->parts[answer->part_count - 1].type == CHAT_CALL;
}

bool cohere_answer(struct text body, struct arena *arena, struct chat_answer *out,
                   struct failure *failure)
{
    struct document document;
    uint32_t message;

    *out = (struct chat_answer){0};
    if (!reply_read(body, arena, &document, failure))
        return false;
    message = reply_member(&document, 0, "message");
    if (message != CELL_NONE && document_cell(&document, message)->type == CELL_STRING)
        return cohere_error_inside(document_text(&document, message), failure);
    if (message == CELL_NONE || document_cell(&document, message)->type != CELL_OBJECT)
        return failure_unreadable(failure, "/message", "has no message");
    if (!read_message(&document, message, arena, out, failure) ||
        !cohere_finish(reply_string(&document, 0, "finish_reason"),
                       reply_string(&document, 0, "error"), calls_tools(out), &out->finish,
                       failure))
        return false;
    out->id = reply_string(&document, 0, "id");
    if (!cohere_usage(&document, reply_member(&document, 0, "usage"), &out->usage))
        out->usage = (struct chat_usage){0};
    return true;
}
