/* tests/dialect_chat.h
 * Private to dialect_cases.h, which says the format: chat.json as a neutral chat. */
#pragma once
#include "case_folder.h"

#include "provider/kind.h"
#include "provider/reply_json.h"
#include "schema/lower.h"

static const struct dialect *dialect_under_test;

static struct text string_of(const struct document *document, uint32_t object, const char *name)
{
    return reply_string(document, object, name);
}

static int64_t integer_of(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = reply_member(document, object, name);

    return at == CELL_NONE ? 0 : document_cell(document, at)->integer;
}

static struct chat_part part_of(const struct document *file, uint32_t at, struct arena *arena)
{
    static const char *const types[CHAT_PART_TYPE_COUNT] = {"text", "image", "call", "result",
                                                            "reasoning"};
    struct chat_part part = {
        .text = string_of(file, at, "text"),
        .data = string_of(file, at, "data"),
        .media_type = string_of(file, at, "media_type"),
        .detail = string_of(file, at, "detail"),
        .id = string_of(file, at, "id"),
        .name = string_of(file, at, "name"),
        .state = reply_json(file, reply_member(file, at, "state"), arena),
        .failed = reply_true(file, at, "failed"),
    };

    while (!text_equal(string_of(file, at, "type"), text_of(types[part.type])))
        if (++part.type == CHAT_PART_TYPE_COUNT)
            fail_msg("a part of type '%.*s'", TEXT_ARG(string_of(file, at, "type")));
    if (part.type == CHAT_IMAGE)
        part.text = string_of(file, at, "url");
    if (part.type == CHAT_CALL)
        part.text = string_of(file, at, "arguments");
    part.state_of = part.state.len == 0 ? NULL : dialect_under_test->name;
    if (string_of(file, at, "state_of").len > 0)
        part.state_of = arena_terminated(arena, string_of(file, at, "state_of"));
    return part;
}

static void read_parts(const struct document *file, uint32_t list, struct arena *arena,
                       struct chat_message *out)
{
    struct chat_part *parts = ARENA_ARRAY(arena, struct chat_part, document_cell(file, list)->size);
    struct buffer text = buffer_in(arena);

    for (uint32_t at = list + 1; at < document_next(file, list); at = document_next(file, at)) {
        parts[out->part_count] = part_of(file, at, arena);
        if (parts[out->part_count].type == CHAT_TEXT)
            buffer_put(&text, parts[out->part_count].text);
        out->part_count++;
    }
    out->parts = parts;
    out->text = buffer_text(&text);
}

static void read_messages(const struct document *file, struct chat *chat, struct arena *arena)
{
    uint32_t messages = document_member(file, 0, TEXT("messages"));
    struct chat_message *out;
    size_t i = 0;

    chat->message_count = document_cell(file, messages)->size;
    out = ARENA_ARRAY(arena, struct chat_message, chat->message_count);
    for (uint32_t at = messages + 1; at < document_next(file, messages);
         at = document_next(file, at), i++) {
        uint32_t content = document_member(file, at, TEXT("content"));

        EXPECT(chat_role_parse(string_of(file, at, "role"), &out[i].role));
        if (document_cell(file, content)->type == CELL_ARRAY)
            read_parts(file, content, arena, &out[i]);
        else
            out[i].text = string_of(file, at, "content");
    }
    chat->messages = out;
}

static void read_tools(const struct document *file, struct chat *chat, struct arena *arena)
{
    uint32_t end, at = reply_items(file, 0, "tools", &end);
    uint32_t choice = reply_member(file, 0, "choice");
    static const char *const choices[] = {"", "auto", "none", "required"};
    struct chat_tool *tools = ARENA_ARRAY(arena, struct chat_tool, CHAT_TOOLS_MAX);

    for (; at < end; at = document_next(file, at)) {
        uint32_t parameters = reply_member(file, at, "parameters");

        tools[chat->tool_count++] = (struct chat_tool){
            .name = string_of(file, at, "name"),
            .description = string_of(file, at, "description"),
            .parameters = parameters == CELL_NONE ? NULL : file,
            .parameters_at = parameters,
            .strict = reply_true(file, at, "strict"),
        };
    }
    chat->tools = tools;
    chat->one_call = reply_true(file, 0, "one_call");
    if (choice == CELL_NONE)
        return;
    chat->choice_name = string_of(file, choice, "name");
    chat->choice = CHAT_CHOICE_NAMED;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (text_equal(string_of(file, 0, "choice"), text_of(choices[i])) &&
            document_cell(file, choice)->type == CELL_STRING)
            chat->choice = (enum chat_choice)i;
}

/* As the configuration does it when it is loaded. */
static struct text strict_of(const struct document *file, uint32_t schema, const char *dialect,
                             struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    const struct schema *compiled;
    struct lowered lowered;

    if (dialect == NULL)
        return (struct text){0};
    diagnostics->arena = arena;
    compiled = schema_compile(file, schema, arena, diagnostics);
    EXPECT(compiled != NULL);
    schema_lower(compiled, lower_dialect_find(text_of(dialect)), arena, &lowered);
    return lowered.text;
}

static void read_params(const struct document *file, struct chat *chat, struct arena *arena)
{
    uint32_t params = document_member(file, 0, TEXT("params"));

    for (int param = 0; param < CHAT_PARAM_COUNT; param++)
        chat->params.json[param] = reply_json(
            file, reply_member(file, params, chat_param_name((enum chat_param)param)), arena);
}

static struct chat read_chat(const struct document *file, const struct provider_kind *kind,
                             struct arena *arena)
{
    struct chat chat = {.model = string_of(file, 0, "model"),
                        .output_name = string_of(file, 0, "output_name"),
                        .stream = reply_true(file, 0, "stream"),
                        .max_output = integer_of(file, 0, "max_output"),
                        .reasoning_model = reply_true(file, 0, "reasoning_model")};
    uint32_t schema = document_member(file, 0, TEXT("output_schema"));

    read_messages(file, &chat, arena);
    read_tools(file, &chat, arena);
    read_params(file, &chat, arena);
    if (schema != CELL_NONE) {
        chat.output_schema = file;
        chat.output_schema_at = schema;
        chat.output_strict = strict_of(file, schema, kind->lower, arena);
    }
    return chat;
}
