/* `mcp` of an endpoint: whether it is a tool, under which name, and what is said of it there. Names
 * are of their own: those of slugs, and others where a client's rules for names ask for it. */
#include "config/load.h"

#include "config/value.h"

#define TOOL_NAME_PATTERN "^[A-Za-z0-9_.-]{1,64}$"

// clang-format off
static const struct key tool_keys[] = {
    {.name = "name", .type = KEY_TEXT, FIELD(struct tool_rule, name), .hint = "name: summarize_text",
     .about = "The tool's name; without the key it is the slug.",
     .example = "summarize_text", .pattern = TOOL_NAME_PATTERN},
    {.name = "title", .type = KEY_TEXT, FIELD(struct tool_rule, title), .hint = "title: Summarise a text",
     .about = "The tool's name for people.",
     .example = "Summarise a text"},
    {.name = "description", .type = KEY_TEXT, FIELD(struct tool_rule, description), .hint = "description: Condenses an article. Use it for anything longer than a page.",
     .about = "What the tool is for, as models are told it; without the key it is the endpoint's description.",
     .example = "Condenses an article. Use it for anything longer than a page."},
    {.name = "enabled", .type = KEY_ELSEWHERE, .hint = "an endpoint is no tool with mcp: false"},
    {.name = "origins", .type = KEY_ELSEWHERE, .hint = "origins are those of all tools, in pinion.yaml: mcp: {origins: [https://app.example.com]}"},
};
// clang-format on
const struct keys tool_table = KEYS_OF(tool_keys);

static bool is_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];

        if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
              (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == '.'))
            return false;
    }
    return name.len > 0 && name.len <= TOOL_NAME_MAX;
}

bool load_tool(struct load *load, const struct document *document, uint32_t cell,
               struct tool_rule *out)
{
    struct reading reading = load_reading(load, document);
    struct diagnostic *it;

    if (cell == CELL_NONE)
        return true;
    if (document_cell(document, cell)->type == CELL_BOOLEAN) {
        out->hidden = !document_cell(document, cell)->boolean;
        return true;
    }
    if (!keys_read(&reading, cell, key_of(cell), &tool_table, out))
        return false;
    if (out->name.len == 0 || is_name(out->name))
        return true;
    it = diagnose(load->diagnostics, document, document_member(document, cell, TEXT("name")),
                  DIAGNOSTIC_E0106,
                  "the name of a tool has 1 to %d of A-Z, a-z, 0-9, '_', '-' and "
                  "'.'",
                  TOOL_NAME_MAX);
    diagnostic_hint(load->diagnostics, it, "write name: summarize_text");
    return false;
}

struct text config_tool_name(const struct endpoint *endpoint)
{
    return endpoint->tool.name.len > 0 ? endpoint->tool.name : endpoint->slug;
}

const struct endpoint *config_tool(const struct config *config, struct text name)
{
    const struct endpoint *endpoint = config_endpoint(config, name);

    if (endpoint != NULL && !endpoint->tool.hidden && endpoint->tool.name.len == 0)
        return endpoint;
    for (size_t i = 0; i < config->endpoint_count; i++) {
        endpoint = &config->endpoints[i];
        if (!endpoint->tool.hidden && text_equal(endpoint->tool.name, name))
            return name.len > 0 ? endpoint : NULL;
    }
    return NULL;
}

/* Slugs are told apart already, so one of the two has a name of its own. */
static const struct endpoint *namesake(const struct config *config, size_t i)
{
    const struct endpoint *endpoint = &config->endpoints[i];

    for (size_t other = 0; other < config->endpoint_count; other++) {
        const struct endpoint *it = &config->endpoints[other];
        bool named_too = it->tool.name.len > 0;

        if (other != i && !it->tool.hidden && (!named_too || other < i) &&
            text_equal(config_tool_name(it), endpoint->tool.name))
            return it;
    }
    return NULL;
}

void load_tools_named(struct load *load)
{
    const struct config *config = load->config;

    for (size_t i = 0; i < config->endpoint_count; i++) {
        const struct endpoint *endpoint = &config->endpoints[i], *other;
        struct diagnostic *it;

        if (endpoint->tool.hidden || endpoint->tool.name.len == 0 ||
            (other = namesake(config, i)) == NULL)
            continue;
        it = diagnose_file(load->diagnostics, endpoint->file, (struct text){0}, (struct range){0},
                           DIAGNOSTIC_E0111, "the tool's name \"%.*s\" is already that of %.*s",
                           TEXT_ARG(endpoint->tool.name), TEXT_ARG(other->file));
        diagnostic_hint(load->diagnostics, it, "give one of them another name under 'mcp'");
    }
}
