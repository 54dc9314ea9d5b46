/* Tools of a call of Responses: functions only, flat, unlike in chats; and which of them the model
 * is to call. */
#include "surface/responses.h"

enum { WORD_SHOWN = 64 };

/* Tools that OpenAI's own service has: nobody else would find them. */
static bool are_functions(struct body_reader *reader, uint32_t list)
{
    const struct document *document = &reader->body->document;

    for (uint32_t tool = list + 1; tool < document->cells[list].end;
         tool = document_next(document, tool)) {
        struct text type;
        uint32_t at;

        if (!body_string(reader, tool, "type", &at, &type) || text_equal(type, TEXT("function")))
            continue;
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           arena_printf(reader->arena,
                                        "tools of the type '%.*s' are not offered by this "
                                        "gateway; there is \"function\"",
                                        TEXT_ARG(text_first(type, WORD_SHOWN)))
                               .at);
    }
    return true;
}

bool responses_take_tools(struct body_reader *reader, uint32_t at)
{
    if (responses_is(reader, at, CELL_ARRAY) && reader->body->document.cells[at].size == 0)
        return true;
    if (responses_is(reader, at, CELL_ARRAY) && !are_functions(reader, at))
        return false;
    return body_take_tools(reader, at);
}

bool responses_take_parallel(struct body_reader *reader, uint32_t at)
{
    bool parallel;

    responses_call_of(reader)->parallel = at;
    return responses_take_boolean(reader, at, &parallel) &&
           (parallel || !reader->endpoint->allow_tools || body_take_parallel_calls(reader, at));
}

/* Once the tools are known. */
bool responses_take_choice_later(struct body_reader *reader, uint32_t at)
{
    responses_call_of(reader)->tool_choice = at;
    return true;
}

static bool is_allowed(const struct document *document, uint32_t list, struct text name)
{
    for (uint32_t tool = list + 1; tool < document->cells[list].end;
         tool = document_next(document, tool)) {
        uint32_t at = document_member(document, tool, TEXT("name"));

        if (at != CELL_NONE && document->cells[at].type == CELL_STRING &&
            text_equal(document_text(document, at), name))
            return true;
    }
    return false;
}

/* {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "x"}]}: the
 * others are as if they were not there. */
static bool take_allowed(struct body_reader *reader, uint32_t at)
{
    struct call_body *body = reader->body;
    struct chat_tool *kept = ARENA_ARRAY(reader->arena, struct chat_tool, body->tool_count);
    uint32_t list = document_member(&body->document, at, TEXT("tools")), mode_at;
    struct text mode;
    size_t count = 0;

    if (!reader->endpoint->allow_tool_choice)
        return body_take_tool_choice(reader, at);
    if (list == CELL_NONE || !responses_is(reader, list, CELL_ARRAY) ||
        !body_string(reader, at, "mode", &mode_at, &mode) ||
        (!text_equal(mode, TEXT("auto")) && !text_equal(mode, TEXT("required"))))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "allowed tools are {\"type\": \"allowed_tools\", \"mode\": \"auto\" or "
                           "\"required\", \"tools\": [...]}");
    for (size_t i = 0; i < body->tool_count; i++)
        if (is_allowed(&body->document, list, body->tools[i].name))
            kept[count++] = body->tools[i];
    if (count == 0)
        return body_refuse(reader, list, ERROR_INVALID_REQUEST,
                           "'tool_choice' allows no tool that is among 'tools'");
    body->tools = kept;
    body->tool_count = count;
    body->choice = text_equal(mode, TEXT("auto")) ? CHAT_CHOICE_AUTO : CHAT_CHOICE_REQUIRED;
    return true;
}

bool responses_take_choice(struct body_reader *reader)
{
    uint32_t at = responses_call_of(reader)->tool_choice, type_at;
    struct text word = {0};

    if (at == CELL_NONE)
        return true;
    if (responses_is(reader, at, CELL_OBJECT) && body_string(reader, at, "type", &type_at, &word) &&
        text_equal(word, TEXT("allowed_tools")))
        return take_allowed(reader, at);
    if (responses_is(reader, at, CELL_STRING))
        word = document_text(&reader->body->document, at);
    /* What holds anyway is no choice: SDKs say it unasked. */
    if (text_equal(word, TEXT("auto")) && !reader->endpoint->allow_tool_choice)
        return true;
    if (reader->body->tool_count == 0 &&
        (text_equal(word, TEXT("auto")) || text_equal(word, TEXT("none"))))
        return true;
    return body_take_tool_choice(reader, at);
}
