/* Anthropic Messages: reading a whole answer, and what answers and streams have in common. Blocks
 * of types we do not know are passed over. */
#include "provider/anthropic.h"

#include "document/json_write.h"
#include "provider/reply_json.h"

enum chat_finish anthropic_finish(struct text reason, bool called)
{
    static const struct {
        struct text reason;
        enum chat_finish finish;
    } rows[] = {
        {TEXT_INIT(""), CHAT_FINISH_NONE},
        {TEXT_INIT("max_tokens"), CHAT_FINISH_LENGTH},
        {TEXT_INIT("model_context_window_exceeded"), CHAT_FINISH_LENGTH},
        {TEXT_INIT("refusal"), CHAT_FINISH_CONTENT_FILTER},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (text_equal(reason, rows[i].reason))
            return rows[i].finish;
    if (text_equal(reason, TEXT("tool_use")) && called)
        return CHAT_FINISH_TOOL_CALLS;
    return CHAT_FINISH_STOP; /* end_turn, stop_sequence, pause_turn, compaction, what is to come */
}

/* --- usage -------------------------------------------------------------------------------------
 */

static bool read_count(const struct document *document, uint32_t usage, const char *name,
                       struct anthropic_usage *out, int64_t *count)
{
    if (reply_member(document, usage, name) == CELL_NONE)
        return false;
    if (reply_count(document, usage, name, count))
        return true;
    out->absurd = true;
    return false;
}

void anthropic_usage_read(const struct document *document, uint32_t usage,
                          struct anthropic_usage *out)
{
    uint32_t details = reply_member(document, usage, "output_tokens_details");

    out->input_known |= read_count(document, usage, "input_tokens", out, &out->input);
    out->output_known |= read_count(document, usage, "output_tokens", out, &out->output);
    read_count(document, usage, "cache_creation_input_tokens", out, &out->cache_write);
    read_count(document, usage, "cache_read_input_tokens", out, &out->cache_read);
    reply_count(document, details, "thinking_tokens", &out->thinking);
}

bool anthropic_usage_told(const struct anthropic_usage *usage, struct chat_usage *out)
{
    int64_t prompt = usage->input + usage->cache_write + usage->cache_read;

    /* No prompt is free: a host that does not count. */
    if (usage->absurd || !usage->input_known || !usage->output_known || prompt == 0 ||
        prompt > REPLY_TOKENS_MAX)
        return false;
    *out = (struct chat_usage){
        .prompt_tokens = prompt,
        .completion_tokens = usage->output,
        .cached_tokens = usage->cache_read,
        .cache_write_tokens = usage->cache_write,
        .reasoning_tokens = usage->thinking <= usage->output ? usage->thinking : 0,
        .reported = true,
    };
    return true;
}

/* --- state of thinking -------------------------------------------------------------------------
 */

static struct text state_of(const char *name, struct text value, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    if (value.len == 0)
        return (struct text){0};
    buffer_put_byte(&out, '{');
    json_put_text(&out, name, value);
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}

struct text anthropic_signature(struct text signature, struct arena *arena)
{
    return state_of("signature", signature, arena);
}

struct text anthropic_redacted(struct text data, struct arena *arena)
{
    return state_of("data", data, arena);
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

static void add_state(struct chat_part *part, struct text state)
{
    part->state = state;
    part->state_of = state.len > 0 ? dialect_anthropic.name : NULL;
}

/* The arguments as JSON text; a call without any has an empty object. */
static struct text input_of(const struct document *document, uint32_t block, struct arena *arena)
{
    uint32_t input = reply_member(document, block, "input");

    if (input == CELL_NONE || document_cell(document, input)->type != CELL_OBJECT)
        return TEXT("{}");
    return reply_json(document, input, arena);
}

static void read_block(const struct document *document, uint32_t block, struct chat_part *parts,
                       struct arena *arena, struct chat_answer *out)
{
    struct text type = reply_string(document, block, "type");
    struct text name = reply_string(document, block, "name");
    struct chat_part *part;

    if (text_equal(type, TEXT("text"))) {
        add_part(parts, out, CHAT_TEXT, reply_string(document, block, "text"));
    } else if (text_equal(type, TEXT("thinking"))) {
        part = add_part(parts, out, CHAT_REASONING, reply_string(document, block, "thinking"));
        add_state(part, anthropic_signature(reply_string(document, block, "signature"), arena));
    } else if (text_equal(type, TEXT("redacted_thinking"))) {
        part = add_part(parts, out, CHAT_REASONING, (struct text){0});
        add_state(part, anthropic_redacted(reply_string(document, block, "data"), arena));
    } else if (text_equal(type, TEXT("tool_use")) &&
               text_equal(name, TEXT(ANTHROPIC_ANSWER_TOOL))) {
        add_part(parts, out, CHAT_TEXT, input_of(document, block, arena));
    } else if (text_equal(type, TEXT("tool_use")) && name.len > 0) {
        part = add_part(parts, out, CHAT_CALL, input_of(document, block, arena));
        part->id = reply_string(document, block, "id");
        part->name = name;
    }
}

static bool read_content(const struct document *document, struct arena *arena,
                         struct chat_answer *out, struct failure *failure)
{
    uint32_t content = reply_member(document, 0, "content");
    struct buffer text = buffer_in(arena);
    struct chat_part *parts;

    if (content == CELL_NONE || document_cell(document, content)->type != CELL_ARRAY)
        return failure_unreadable(failure, "/content", "has no list of blocks");
    parts = ARENA_ARRAY(arena, struct chat_part, document_cell(document, content)->size);
    for (uint32_t at = content + 1; at < document_next(document, content);
         at = document_next(document, at)) {
        if (document_cell(document, at)->type != CELL_OBJECT)
            return failure_unreadable(failure, "/content", "has a block that is no object");
        read_block(document, at, parts, arena, out);
    }
    for (size_t i = 0; i < out->part_count; i++)
        if (parts[i].type == CHAT_TEXT)
            buffer_put(&text, parts[i].text);
    out->parts = out->part_count > 0 ? parts : NULL;
    out->content = buffer_text(&text);
    return true;
}

static bool calls_tools(const struct chat_answer *answer)
{
    for (size_t i = 0; i < answer->part_count; i++)
        if (answer->parts[i].type == CHAT_CALL)
            return true;
    return false;
}

bool anthropic_answer(struct text body, struct arena *arena, struct chat_answer *out,
                      struct failure *failure)
{
    struct anthropic_usage usage = {0};
    struct document document;

    *out = (struct chat_answer){0};
    if (!reply_read(body, arena, &document, failure))
        return false;
    if (reply_member(&document, 0, "error") != CELL_NONE)
        return anthropic_error_inside(&document, reply_member(&document, 0, "error"), failure);
    if (!read_content(&document, arena, out, failure))
        return false;
    out->id = reply_string(&document, 0, "id");
    out->model = reply_string(&document, 0, "model");
    out->finish = anthropic_finish(reply_string(&document, 0, "stop_reason"), calls_tools(out));
    out->stop = reply_string(&document, 0, "stop_sequence");
    if (out->finish == CHAT_FINISH_NONE)
        out->finish = calls_tools(out) ? CHAT_FINISH_TOOL_CALLS : CHAT_FINISH_STOP;
    anthropic_usage_read(&document, reply_member(&document, 0, "usage"), &usage);
    anthropic_usage_told(&usage, &out->usage);
    return true;
}
