/* mcp/tool.h
 * An endpoint as a tool: what it is called, what it takes and what it gives. Clients read the
 * schemas without this gateway's folder, so each stands alone; and arguments are always an object,
 * so an input that need not be one is its only member. */
#pragma once
#include "config/config.h"

enum tool_form {
    TOOL_TEXT, /* {"input": "..."}: the endpoint takes any text */
    TOOL_BARE, /* the arguments are the input */
    TOOL_INPUT /* {"input": ...} */
};
enum tool_form tool_form(const struct endpoint *endpoint);
/* Whether `session_id` stands beside the input. It does not where the input has a member of that
 * name. */
bool tool_takes_session(const struct endpoint *endpoint);

/* Objects of a list, one in the words of each era: before 2026-07-28 what is given must be an
 * object for there to be a schema of it. */
struct tool {
    struct text legacy, modern;
};
/* In the arena. */
void tool_make(const struct endpoint *endpoint, struct arena *arena, struct tool *out);
/* Whether what the endpoint gives is for programs, too, in that era. */
bool tool_is_structured(const struct endpoint *endpoint, bool modern);
