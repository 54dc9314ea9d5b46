#include "gateway/mcp_tools.h"

void mcp_tools_init(struct mcp_tools *tools, const struct config *config)
{
    struct tool *items;
    uint64_t *marks;

    *tools = (struct mcp_tools){0};
    items = ARENA_ARRAY(&tools->arena, struct tool, config->endpoint_count);
    marks = ARENA_ARRAY(&tools->arena, uint64_t, config->endpoint_count);
    for (size_t i = 0; i < config->endpoint_count; i++) {
        if (config->endpoints[i].tool.hidden)
            continue;
        tool_make(&config->endpoints[i], &tools->arena, &items[i]);
        marks[i] = text_hash(items[i].modern);
    }
    tools->items = items;
    tools->marks = marks;
}

void mcp_tools_release(struct mcp_tools *tools)
{
    arena_release(&tools->arena);
}

bool mcp_tools_has(const struct endpoint *endpoint, const struct token_record *token)
{
    return !endpoint->tool.hidden && token_scope_allows(token, endpoint->slug);
}

void mcp_tools_put(const struct mcp_tools *tools, const struct config *config,
                   const struct token_record *token, bool modern, struct buffer *out)
{
    bool any = false;

    for (size_t i = 0; i < config->endpoint_count; i++) {
        if (!mcp_tools_has(&config->endpoints[i], token))
            continue;
        if (any)
            buffer_put_byte(out, ',');
        any = true;
        buffer_put(out, modern ? tools->items[i].modern : tools->items[i].legacy);
    }
}

uint64_t mcp_tools_mark(const struct mcp_tools *tools, const struct config *config,
                        const struct token_record *token)
{
    uint64_t mark = 0;

    for (size_t i = 0; i < config->endpoint_count; i++)
        if (mcp_tools_has(&config->endpoints[i], token))
            mark = (mark ^ tools->marks[i]) * 0x9E3779B97F4A7C15u + 1;
    return mark;
}
