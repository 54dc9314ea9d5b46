/* gateway/mcp_tools.h
 * The endpoints of a configuration as tools (mcp/tool.h), made once, when it is loaded; which of
 * them somebody sees is a matter of the token. Const, and shared by all workers. */
#pragma once
#include "auth/token.h"
#include "mcp/tool.h"

struct mcp_tools {
    struct arena arena;
    const struct tool *items; /* by endpoint; those that are no tools are empty */
    const uint64_t *marks;    /* of each: another where it says something else */
};
void mcp_tools_init(struct mcp_tools *tools, const struct config *config);
void mcp_tools_release(struct mcp_tools *tools);

/* Whether the endpoint is a tool that the token may call. */
bool mcp_tools_has(const struct endpoint *endpoint, const struct token_record *token);
/* Writes the objects of those that the token may call, by slug, with commas between them. */
void mcp_tools_put(const struct mcp_tools *tools, const struct config *config,
                   const struct token_record *token, bool modern, struct buffer *out);
/* Equal as long as what the token sees is the same. */
uint64_t mcp_tools_mark(const struct mcp_tools *tools, const struct config *config,
                        const struct token_record *token);
