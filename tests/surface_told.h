/* tests/surface_told.h
 * What a surface reads out of a body, as text, a line for each thing it says; and the steps of a
 * model's answer out of a case's events.json. Included by the _test.c of surfaces. */
#pragma once
#include "case_folder.h"

#include "document/json_write.h"
#include "surface/body.h"

static inline void told_parts(struct buffer *out, const struct chat_part *parts, size_t count)
{
    static const char *const words[] = {"text", "image", "call", "result", "reasoning"};

    for (size_t i = 0; i < count; i++)
        buffer_printf(out, "  %s%s %.*s %.*s %.*s%.*s\n", parts[i].failed ? "failed " : "",
                      words[parts[i].type], TEXT_ARG(parts[i].id), TEXT_ARG(parts[i].name),
                      TEXT_ARG(parts[i].text), TEXT_ARG(parts[i].data));
}

static inline void told_messages(struct buffer *out, const char *where,
                                 const struct chat_message *messages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "%s %s: %.*s\n", where, chat_role_name(messages[i].role),
                      TEXT_ARG(messages[i].text));
        told_parts(out, messages[i].parts, messages[i].part_count);
    }
}

static inline void told_body(struct buffer *out, const struct call_body *body)
{
    static const char *const choices[] = {"", "auto", "none", "required", ""};

    told_messages(out, "earlier", body->earlier, body->earlier_count);
    buffer_put(out, TEXT("input: "));
    json_put_cell(out, body->input, body->input_at);
    buffer_put_byte(out, '\n');
    told_parts(out, body->parts, body->part_count);
    told_messages(out, "later", body->later, body->later_count);
    for (size_t i = 0; i < body->tool_count; i++)
        buffer_printf(out, "tool %.*s\n", TEXT_ARG(body->tools[i].name));
    if (body->choice != CHAT_CHOICE_UNSAID)
        buffer_printf(out, "choice %s%.*s\n", choices[body->choice], TEXT_ARG(body->choice_name));
    for (int param = 0; param < CHAT_PARAM_COUNT; param++)
        if (body->params.json[param].len > 0)
            buffer_printf(out, "%s %.*s\n", chat_param_name((enum chat_param)param),
                          TEXT_ARG(body->params.json[param]));
}

static inline struct text told_error(struct arena *arena, const struct error *err)
{
    struct buffer out = buffer_in(arena);

    EXPECT(err->code != ERROR_NONE && err->message[0] != '\0');
    buffer_printf(&out, "%s at '%s': %s\n", error_row(err->code)->word, err->at, err->message);
    if (err->hint[0] != '\0')
        buffer_printf(&out, "  %s\n", err->hint);
    return buffer_text(&out);
}

static inline struct text told_string(const struct document *document, uint32_t object,
                                      const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    return at != CELL_NONE ? document_text(document, at) : (struct text){0};
}

/* {"text"}, {"refusal"}, {"call": N, "id", "name"}, {"call": N, "arguments"}, {"finish": "length"}
 */
static inline struct chat_event told_event(const struct document *list, uint32_t at)
{
    uint32_t call = document_member(list, at, TEXT("call"));
    struct chat_event event = {.type = CHAT_EVENT_TEXT, .text = told_string(list, at, "text")};

    if (call != CELL_NONE) {
        event.call = (uint32_t)list->cells[call].integer;
        event.id = told_string(list, at, "id");
        event.name = told_string(list, at, "name");
        event.type = event.name.len > 0 ? CHAT_EVENT_CALL : CHAT_EVENT_ARGUMENTS;
        event.text = told_string(list, at, "arguments");
    } else if (document_member(list, at, TEXT("refusal")) != CELL_NONE) {
        event.type = CHAT_EVENT_REFUSAL;
        event.text = told_string(list, at, "refusal");
    } else if (document_member(list, at, TEXT("finish")) != CELL_NONE) {
        event.type = CHAT_EVENT_FINISH;
        event.finish = text_equal(told_string(list, at, "finish"), TEXT("length"))
                           ? CHAT_FINISH_LENGTH
                           : CHAT_FINISH_CONTENT_FILTER;
    }
    return event;
}
