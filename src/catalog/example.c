#include "catalog/example.h"

#include "base/buffer.h"
#include "catalog/payload.h"
#include "document/json_write.h"

/* Tests of refusals are no examples of how to call. */
static bool succeeds(const struct endpoint_test *test)
{
    for (size_t i = 0; i < test->assertion_count; i++) {
        const struct test_assertion *it = &test->assertions[i];
        const struct cell *value;

        if (it->type != ASSERT_STATUS || it->value == CELL_NONE)
            continue;
        value = document_cell(test->document, it->value);
        if (value->type != CELL_INTEGER || value->integer != 200)
            return false;
    }
    return true;
}

const struct endpoint_test *example_at(const struct endpoint *endpoint, size_t i)
{
    for (size_t at = 0; at < endpoint->test_count; at++)
        if (succeeds(&endpoint->tests[at]) && i-- == 0)
            return &endpoint->tests[at];
    return NULL;
}

/* Whether a body that is the input alone is read as just that. */
static bool stands_alone(const struct endpoint *endpoint, const struct document *input, uint32_t at)
{
    static const struct text taken[] = {
        TEXT_INIT("message"),    TEXT_INIT("messages"),    TEXT_INIT("input"),
        TEXT_INIT("variables"),  TEXT_INIT("stream"),      TEXT_INIT("session"),
        TEXT_INIT("session_id"), TEXT_INIT("metadata"),    TEXT_INIT("endpoint"),
        TEXT_INIT("tools"),      TEXT_INIT("tool_choice"), TEXT_INIT("parallel_tool_calls"),
    };

    if (endpoint->input == NULL || !schema_root_is_object(endpoint->input) ||
        document_cell(input, at)->type != CELL_OBJECT)
        return false;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (document_member(input, at, taken[i]) != CELL_NONE &&
            !payload_declares(endpoint, taken[i]))
            return false;
    return true;
}

struct text example_wrapped(const struct endpoint *endpoint, struct text input, struct arena *arena)
{
    const char *name = payload_name(endpoint);

    return name == NULL ? input : arena_printf(arena, "{\"%s\":%.*s}", name, TEXT_ARG(input));
}

struct text example_body(const struct endpoint *endpoint, const struct endpoint_test *test,
                         struct arena *arena)
{
    const struct document *input = test->document;
    uint32_t at = test->input;
    struct buffer out = buffer_in(arena);

    if (endpoint->variables != NULL)
        input = variables_apply(endpoint->variables, input, at, arena, &at);
    json_put_cell(&out, input, at);
    if (stands_alone(endpoint, input, at))
        return buffer_text(&out);
    if (endpoint->input == NULL && document_cell(input, at)->type == CELL_STRING)
        return arena_printf(arena, "{\"message\":%.*s}", TEXT_ARG(buffer_text(&out)));
    return example_wrapped(endpoint, buffer_text(&out), arena);
}

struct text example_output(const struct endpoint_test *test, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < test->assertion_count; i++) {
        const struct test_assertion *it = &test->assertions[i];

        if (it->type != ASSERT_EQUALS || it->pointer.len > 0 || it->value == CELL_NONE)
            continue;
        json_put_cell(&out, test->document, it->value);
        break;
    }
    return buffer_text(&out);
}
