/* `allow` of an endpoint: what its callers may set, by name: parameters of the model, and what
 * stands beside them in a body. */
#include "config/load.h"

#include "config/value.h"

/* Words that are no parameter of the model, and where it is noted that they were said. */
enum { BESIDE_COUNT = 4 };
static const struct {
    struct text word;
    size_t offset;
} beside[BESIDE_COUNT] = {
    {TEXT_INIT("system"), offsetof(struct endpoint, allow_system)},
    {TEXT_INIT("tools"), offsetof(struct endpoint, allow_tools)},
    {TEXT_INIT("tool_choice"), offsetof(struct endpoint, allow_tool_choice)},
    {TEXT_INIT("response_format"), offsetof(struct endpoint, allow_response_format)},
};

// clang-format off
const char *const allow_words[] = {
#define X(id, word, kind, low, high) word,
    CHAT_PARAMS(X)
#undef X
    "system", "tools", "tool_choice", "response_format", NULL};
// clang-format on
enum { ALLOW_COUNT = sizeof allow_words / sizeof *allow_words - 1 };

static bool refuse_word(struct load *load, const struct document *document, uint32_t cell)
{
    struct text names[ALLOW_COUNT], word = document_text(document, cell), near;
    struct arena *arena = load->diagnostics->arena;
    struct diagnostic *it;

    for (size_t i = 0; i < ALLOW_COUNT; i++)
        names[i] = text_of(allow_words[i]);
    it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0105,
                  "'allow' names parameters that a caller may set; \"%.*s\" is none",
                  TEXT_ARG(value_shown(arena, word)));
    near = nearest_name(word, names, ALLOW_COUNT);
    if (near.len > 0)
        diagnostic_hint(load->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else
        diagnostic_hint(load->diagnostics, it, "there are: %.*s",
                        TEXT_ARG(names_joined(arena, names, ALLOW_COUNT)));
    return false;
}

static bool allow_one(struct load *load, const struct document *document, uint32_t cell,
                      bool *params, struct endpoint *endpoint)
{
    struct text word;

    if (document_cell(document, cell)->type != CELL_STRING) {
        diagnostic_hint(load->diagnostics,
                        diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0103,
                                 "each item of 'allow' must be a string"),
                        "it is written allow: [temperature, max_tokens]");
        return false;
    }
    word = document_text(document, cell);
    for (enum chat_param param = 0; param < CHAT_PARAM_COUNT; param++)
        if (text_equal(word, text_of(chat_param_name(param)))) {
            params[param] = true;
            return true;
        }
    for (size_t i = 0; i < BESIDE_COUNT; i++)
        if (text_equal(word, beside[i].word)) {
            *(bool *)((char *)endpoint + beside[i].offset) = true;
            return true;
        }
    return refuse_word(load, document, cell);
}

/* A choice is one of tools; and a session keeps what was said, but not what was called. */
static bool tools_fit(struct load *load, const struct document *document, uint32_t list,
                      const struct endpoint *endpoint)
{
    uint32_t session = document_member(document, 0, TEXT("session"));
    bool good = true;

    if (endpoint->allow_tool_choice && !endpoint->allow_tools) {
        diagnostic_hint(
            load->diagnostics,
            diagnose(load->diagnostics, document, list, DIAGNOSTIC_E0105,
                     "'tool_choice' chooses among the caller's tools, which are not allowed"),
            "write allow: [tools, tool_choice]");
        good = false;
    }
    if (endpoint->allow_tools && session != CELL_NONE) {
        diagnostic_hint(load->diagnostics,
                        diagnose(load->diagnostics, document, key_of(session), DIAGNOSTIC_E0105,
                                 "a session keeps what was said but no calls of tools, which "
                                 "callers of this endpoint may bring along"),
                        "remove 'session', or take tools out of 'allow'; a caller of tools sends "
                        "the whole conversation as 'messages'");
        good = false;
    }
    return good;
}

bool load_allow(struct load *load, const struct document *document, uint32_t cell,
                struct endpoint *endpoint)
{
    bool *params = ARENA_ARRAY(load->arena, bool, CHAT_PARAM_COUNT), good = true;

    endpoint->allow = params;
    if (cell == CELL_NONE)
        return true;
    for (uint32_t at = cell + 1; at < document_next(document, cell);
         at = document_next(document, at))
        good &= allow_one(load, document, at, params, endpoint);
    return tools_fit(load, document, cell, endpoint) && good;
}
