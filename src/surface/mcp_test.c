#include "surface/mcp.h"

#include "document/json_read.h"
#include "unit.h"

static struct arena arena;

static const struct mcp_call modern = {.asker = {.id = TEXT_INIT("7"), .modern = true},
                                       .called = true};
static const struct mcp_call legacy = {.asker = {.id = TEXT_INIT("\"a\"")}, .called = true};

static const struct call_body *body_of(const struct mcp_call *call)
{
    struct call_body *body = ARENA_NEW(&arena, struct call_body);

    body->own = (void *)call;
    return body;
}

static void expect_answer(const struct mcp_call *call, const char *content, const char *session,
                          const char *expected)
{
    static const struct endpoint endpoint;
    const struct chat_answer answer = {.content = text_of(content)};
    const struct chat_usage usage = {0};
    const struct surface_said said = {.endpoint = &endpoint,
                                      .body = body_of(call),
                                      .answer = &answer,
                                      .usage = &usage,
                                      .session_id = text_of(session),
                                      .meta = TEXT("{\"attempts\":1}")};
    struct buffer out = buffer_in(&arena);

    surface_mcp.answer(&said, &out);
    EXPECT_TEXT(buffer_text(&out), expected);
    arena_release(&arena);
}

TEST(an_answer_is_text_in_the_words_of_its_era)
{
    expect_answer(&legacy, "Yes.\n", NULL,
                  "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{\"content\":[{\"type\":\"text\","
                  "\"text\":\"Yes.\\n\"}],\"_meta\":{\"pinion\":{\"attempts\":1}}}}");
    expect_answer(
        &modern, "", NULL,
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"resultType\":\"complete\",\"content\":["
        "{\"type\":\"text\",\"text\":\"\"}],\"_meta\":{"
        "\"io.modelcontextprotocol/serverInfo\":{\"name\":\"pinion\",\"title\":\"Pinion\","
        "\"version\":\"" PINION_VERSION "\"},\"pinion\":{\"attempts\":1}}}}");
}

TEST(a_session_is_named_where_models_read)
{
    expect_answer(&legacy, "Yes.", "ses_1",
                  "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{\"content\":[{\"type\":\"text\","
                  "\"text\":\"Yes.\"},{\"type\":\"text\",\"text\":\"session_id: ses_1\"}],"
                  "\"_meta\":{\"pinion\":{\"attempts\":1}}}}");
}

static void expect_fault(const struct mcp_call *call, enum error_code code, int status,
                         const char *expected)
{
    const struct call_body *body =
        call != NULL ? body_of(call) : ARENA_NEW(&arena, struct call_body);
    const struct surface_fault fault = {.row = error_row(code),
                                        .message = TEXT("no"),
                                        .object = TEXT("{\"message\":\"no\"}"),
                                        .body = body};
    struct buffer out = buffer_in(&arena);

    EXPECT_EQ(surface_mcp.status(fault.row, body), status);
    surface_mcp.fault(&fault, &out);
    EXPECT_TEXT(buffer_text(&out), expected);
    arena_release(&arena);
}

TEST(what_is_wrong_with_a_call_is_what_the_tool_says)
{
    static const char said[] =
        "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{\"content\":[{\"type\":\"text\",\"text\":"
        "\"{\\\"message\\\":\\\"no\\\"}\"}],\"isError\":true}}";

    expect_fault(&legacy, ERROR_INPUT_SCHEMA_VIOLATION, 200, said);
    expect_fault(&legacy, ERROR_RATE_LIMITED, 200, said);
    expect_fault(&legacy, ERROR_UPSTREAM_OVERLOADED, 200, said);
    expect_fault(&legacy, ERROR_ENDPOINT_SUNSET, 200, said);
}

TEST(what_concerns_the_client_is_an_error_of_the_protocol)
{
    static const struct mcp_call listing = {.asker = {.id = TEXT_INIT("1")}};

    expect_fault(&legacy, ERROR_SHUTTING_DOWN, 503,
                 "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"error\":{\"code\":-32000,\"message\":\"no\","
                 "\"data\":{\"message\":\"no\"}}}");
    expect_fault(&listing, ERROR_RATE_LIMITED, 429,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,\"message\":\"no\","
                 "\"data\":{\"message\":\"no\"}}}");
    expect_fault(NULL, ERROR_MISSING_TOKEN, 401,
                 "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":\"no\","
                 "\"data\":{\"message\":\"no\"}}}");
}
