/* Gemini: what may be called, and what must be. */
#include "document/json_write.h"
#include "provider/gemini.h"
#include "schema/lower.h"

/* No tool of a caller's has a dot in its name. */
#define NAME_PREFIX "_."

void gemini_put_tool_name(struct buffer *body, struct text name)
{
    bool plain = name.len > 0 && name.at[0] != '-' && !(name.at[0] >= '0' && name.at[0] <= '9');

    buffer_put(body, plain ? TEXT("\"") : TEXT("\"" NAME_PREFIX));
    json_put_escaped(body, name);
    buffer_put_byte(body, '"');
}

struct text gemini_tool_name(struct text name)
{
    return text_starts(name, TEXT(NAME_PREFIX)) ? text_after(name, sizeof NAME_PREFIX - 1) : name;
}

/* Whether the object that a tool takes cannot hold anything: such a schema is refused by older
 * models, and left out. */
static bool takes_nothing(const struct document *schema, uint32_t root)
{
    static const char *const others[] = {"$ref", "allOf", "anyOf", "oneOf", "patternProperties"};
    uint32_t properties = document_member(schema, root, TEXT("properties"));
    uint32_t additional = document_member(schema, root, TEXT("additionalProperties"));

    if (document_cell(schema, root)->type != CELL_OBJECT)
        return true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (document_member(schema, root, text_of(others[i])) != CELL_NONE)
            return false;
    if (additional != CELL_NONE && !(document_cell(schema, additional)->type == CELL_BOOLEAN &&
                                     !document_cell(schema, additional)->boolean))
        return false;
    return properties == CELL_NONE || (document_cell(schema, properties)->type == CELL_OBJECT &&
                                       document_cell(schema, properties)->size == 0);
}

/* The root must be an object by its `type`. */
static void put_schema(struct buffer *body, const struct document *schema, uint32_t root)
{
    size_t start;

    if (document_member(schema, root, TEXT("type")) == CELL_NONE) {
        buffer_put(body, TEXT("{\"type\":\"object\""));
        start = body->len;
        json_put_cell(body, schema, root);
        body->at[start] = ','; /* in place of the brace: it is not empty, or takes nothing */
    } else {
        json_put_cell(body, schema, root);
    }
}

static void put_tool(struct buffer *body, const struct chat_tool *tool,
                     const struct gemini_plan *plan)
{
    bool openapi = plan->openapi && tool->parameters != NULL &&
                   lower_dialect_takes(lower_dialect_find(TEXT("gemini-openapi")), tool->parameters,
                                       tool->parameters_at, NULL);

    buffer_put(body, body->at[body->len - 1] != '[' ? TEXT(",{") : TEXT("{"));
    json_put_name(body, "name");
    gemini_put_tool_name(body, tool->name);
    if (tool->description.len > 0)
        json_put_text(body, "description", tool->description);
    if (tool->parameters != NULL && !takes_nothing(tool->parameters, tool->parameters_at)) {
        json_put_name(body, openapi ? "parameters" : "parametersJsonSchema");
        put_schema(body, tool->parameters, tool->parameters_at);
    }
    buffer_put_byte(body, '}');
}

static void put_choice(struct buffer *body, const struct chat *chat)
{
    static const char *const modes[] = {
        [CHAT_CHOICE_AUTO] = "AUTO",
        [CHAT_CHOICE_NONE] = "NONE",
        [CHAT_CHOICE_REQUIRED] = "ANY",
        [CHAT_CHOICE_NAMED] = "ANY",
    };

    if (chat->choice == CHAT_CHOICE_UNSAID)
        return;
    buffer_printf(body, ",\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"%s\"",
                  modes[chat->choice]);
    if (chat->choice == CHAT_CHOICE_NAMED) {
        buffer_put(body, TEXT(",\"allowedFunctionNames\":["));
        gemini_put_tool_name(body, chat->choice_name);
        buffer_put_byte(body, ']');
    }
    buffer_put(body, TEXT("}}"));
}

void gemini_put_tools(struct buffer *body, const struct chat *chat, const struct gemini_plan *plan)
{
    if (!plan->tools)
        return;
    json_put_name(body, "tools");
    buffer_put(body, TEXT("[{\"functionDeclarations\":["));
    for (size_t i = 0; i < chat->tool_count; i++)
        put_tool(body, &chat->tools[i], plan);
    buffer_put(body, TEXT("]}]"));
    put_choice(body, chat);
}
