/* Anthropic Messages: what may be called, and what must be. */
#include "provider/anthropic.h"

#include "document/json_write.h"
#include "schema/lower.h"

#define NO_PARAMETERS "{\"type\":\"object\",\"properties\":{}}"

/* --- an output schema as a tool ----------------------------------------------------------------
 */

static bool name_takes(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];

        if (!(byte >= '0' && byte <= '9') && !(byte >= 'a' && byte <= 'z') &&
            !(byte >= 'A' && byte <= 'Z') && byte != '_' && byte != '.' && byte != '-')
            return false;
    }
    return name.len > 0 && name.len <= 64;
}

static bool names_take(const struct document *schema, uint32_t properties)
{
    if (properties == CELL_NONE || document_cell(schema, properties)->type != CELL_OBJECT)
        return true;
    for (uint32_t at = properties + 1; at < document_next(schema, properties);
         at = document_next(schema, at + 1))
        if (!name_takes(document_text(schema, at)))
            return false;
    return true;
}

/* No reference leads to another file. */
static bool complete(const struct document *schema, uint32_t root)
{
    for (uint32_t at = root; at + 1 < document_next(schema, root); at++)
        if (document_cell(schema, at)->type == CELL_STRING &&
            text_equal(document_text(schema, at), TEXT("$ref")) &&
            document_cell(schema, at + 1)->type == CELL_STRING &&
            !text_starts(document_text(schema, at + 1), TEXT("#")))
            return false;
    return true;
}

static bool is_string(const struct document *schema, uint32_t at, struct text start)
{
    return at != CELL_NONE && document_cell(schema, at)->type == CELL_STRING &&
           text_starts(document_text(schema, at), start);
}

bool anthropic_tool_takes(const struct document *schema, uint32_t root)
{
    static const char *const not_at_root[] = {"anyOf", "oneOf", "allOf", "not", "$ref"};
    uint32_t draft = document_member(schema, root, TEXT("$schema"));

    for (size_t i = 0; i < sizeof not_at_root / sizeof *not_at_root; i++)
        if (document_member(schema, root, text_of(not_at_root[i])) != CELL_NONE)
            return false;
    if (draft != CELL_NONE &&
        !is_string(schema, draft, TEXT("https://json-schema.org/draft/2020-12/")))
        return false;
    return is_string(schema, document_member(schema, root, TEXT("type")), TEXT("object")) &&
           names_take(schema, document_member(schema, root, TEXT("properties"))) &&
           complete(schema, root);
}

/* --- tools -------------------------------------------------------------------------------------
 */

static void begin_tool(struct buffer *body, struct text name, struct text description)
{
    if (body->at[body->len - 1] != '[')
        buffer_put_byte(body, ',');
    buffer_put(body, TEXT("{\"name\":"));
    json_put_string(body, name);
    if (description.len > 0)
        json_put_text(body, "description", description);
    json_put_name(body, "input_schema");
}

/* The root must be an object by its `type`. */
static void put_parameters(struct buffer *body, const struct chat_tool *tool)
{
    size_t start = body->len;

    if (tool->parameters == NULL) {
        buffer_put(body, TEXT(NO_PARAMETERS));
        return;
    }
    if (document_member(tool->parameters, tool->parameters_at, TEXT("type")) != CELL_NONE) {
        json_put_cell(body, tool->parameters, tool->parameters_at);
        return;
    }
    buffer_put(body, TEXT("{\"type\":\"object\""));
    start = body->len;
    json_put_cell(body, tool->parameters, tool->parameters_at);
    if (body->len - start > 2)
        body->at[start] = ','; /* in place of the brace */
    else
        body->len = start, buffer_put_byte(body, '}');
}

/* What this API does not take strictly is still taken as it is. */
static bool strictly(const struct chat_tool *tool, const struct anthropic_plan *plan)
{
    return tool->strict && plan->model->format && tool->parameters != NULL &&
           lower_dialect_takes(lower_dialect_find(TEXT("anthropic")), tool->parameters,
                               tool->parameters_at, NULL);
}

static void put_tool(struct buffer *body, const struct chat_tool *tool,
                     const struct anthropic_plan *plan)
{
    begin_tool(body, tool->name, tool->description);
    put_parameters(body, tool);
    if (strictly(tool, plan))
        buffer_put(body, TEXT(",\"strict\":true"));
    buffer_put_byte(body, '}');
}

static void put_answer_tool(struct buffer *body, const struct chat *chat)
{
    buffer_put(body, TEXT(",\"tools\":["));
    begin_tool(body, TEXT(ANTHROPIC_ANSWER_TOOL), (struct text){0});
    if (chat->output_strict.len > 0)
        buffer_put(body, chat->output_strict);
    else
        json_put_cell(body, chat->output_schema, chat->output_schema_at);
    buffer_put(body, TEXT("}],\"tool_choice\":{\"type\":\"tool\",\"name\":\"" ANTHROPIC_ANSWER_TOOL
                          "\",\"disable_parallel_tool_use\":true}"));
}

/* Calls in the conversation are only taken with tools in the request: they get theirs, with none to
 * be called. */
static void put_tools_of_the_past(struct buffer *body, const struct chat *chat)
{
    struct text names[CHAT_TOOLS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < chat->message_count; i++)
        for (size_t at = 0; at < chat->messages[i].part_count && count < CHAT_TOOLS_MAX; at++) {
            const struct chat_part *part = &chat->messages[i].parts[at];
            size_t known = 0;

            while (known < count && !text_equal(names[known], part->name))
                known++;
            if (part->type == CHAT_CALL && known == count)
                names[count++] = part->name;
        }
    if (count == 0)
        return;
    buffer_put(body, TEXT(",\"tools\":["));
    for (size_t i = 0; i < count; i++) {
        begin_tool(body, names[i], (struct text){0});
        buffer_put(body, TEXT(NO_PARAMETERS "}"));
    }
    buffer_put(body, TEXT("],\"tool_choice\":{\"type\":\"none\"}"));
}

/* The word for what was chosen; NULL: it goes without saying. */
static const char *choice_word(const struct chat *chat, const struct anthropic_plan *plan)
{
    bool forced = plan->model->forced;

    switch (chat->choice) {
    case CHAT_CHOICE_NONE:
        return "none";
    case CHAT_CHOICE_REQUIRED:
        return forced ? "any" : "auto";
    case CHAT_CHOICE_NAMED:
        return forced ? "tool" : "auto";
    case CHAT_CHOICE_AUTO:
        return "auto";
    case CHAT_CHOICE_UNSAID:
        break;
    }
    return chat->one_call ? "auto" : NULL;
}

static void put_choice(struct buffer *body, const struct chat *chat,
                       const struct anthropic_plan *plan)
{
    const char *word = choice_word(chat, plan);

    if (word == NULL)
        return;
    buffer_printf(body, ",\"tool_choice\":{\"type\":\"%s\"", word);
    if (strcmp(word, "tool") == 0)
        json_put_text(body, "name", chat->choice_name);
    if (chat->one_call && chat->choice != CHAT_CHOICE_NONE)
        buffer_put(body, TEXT(",\"disable_parallel_tool_use\":true"));
    buffer_put_byte(body, '}');
}

void anthropic_put_tools(struct buffer *body, const struct chat *chat,
                         const struct anthropic_plan *plan)
{
    if (plan->output == OUTPUT_TOOL) {
        put_answer_tool(body, chat);
        return;
    }
    if (chat->tool_count == 0) {
        put_tools_of_the_past(body, chat);
        return;
    }
    json_put_name(body, "tools");
    buffer_put_byte(body, '[');
    for (size_t i = 0; i < chat->tool_count; i++)
        put_tool(body, &chat->tools[i], plan);
    buffer_put_byte(body, ']');
    put_choice(body, chat, plan);
}
