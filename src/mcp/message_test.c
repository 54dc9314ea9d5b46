#include "mcp/message.h"

#include "mcp/answer.h"
#include "unit.h"

#include <stdio.h>

static struct arena arena;
static struct mcp_message message;
static struct mcp_fault fault;

#define META                                                                                       \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                       \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"

static bool read_with(const char *body, const char *version, const char *method, const char *name)
{
    const struct mcp_headers headers = {text_of(version), text_of(method), text_of(name)};

    arena_release(&arena);
    return mcp_read(text_of(body), &headers, &arena, &message, &fault);
}

static bool read(const char *body)
{
    return read_with(body, NULL, NULL, NULL);
}

static bool read_call(const char *name_in_body, const char *name_in_header)
{
    static char body[512];

    snprintf(
        body, sizeof body,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\"," META
        "}}",
        name_in_body);
    return read_with(body, "2026-07-28", "tools/call", name_in_header);
}

static void expect_fault(bool good, enum mcp_code code, int status)
{
    EXPECT(!good);
    EXPECT_EQ(fault.code, code);
    EXPECT_EQ(fault.status, status);
    EXPECT(fault.message[0] != '\0');
}

TEST(a_request_without_a_version_of_its_own_is_of_the_era_of_handshakes)
{
    EXPECT(read("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\"}"));
    EXPECT(!message.modern);
    EXPECT_EQ(message.what, MCP_LIST);
    EXPECT_TEXT(message.id, "7");
    EXPECT(read_with("{\"jsonrpc\":\"2.0\",\"id\":\"a\\\"b\",\"method\":\"ping\"}", "2025-06-18",
                     NULL, NULL));
    EXPECT_TEXT(message.id, "\"a\\\"b\"");
    EXPECT_TEXT(message.version, "2025-06-18");
    EXPECT(read("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"));
    EXPECT_EQ(message.id.len, 0);
    arena_release(&arena);
}

TEST(what_is_no_message_is_told_so)
{
    expect_fault(read("{"), MCP_PARSE_ERROR, 400);
    expect_fault(read("[]"), MCP_INVALID_REQUEST, 400);
    EXPECT(strstr(fault.message, "batches") != NULL);
    expect_fault(read("1"), MCP_INVALID_REQUEST, 400);
    expect_fault(read("{\"id\":1,\"method\":\"ping\"}"), MCP_INVALID_REQUEST, 400);
    expect_fault(read("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}"), MCP_INVALID_REQUEST,
                 400);
    expect_fault(read("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}"), MCP_INVALID_REQUEST,
                 400);
    expect_fault(read("{\"jsonrpc\":\"2.0\",\"id\":4}"), MCP_INVALID_REQUEST, 400);
    EXPECT_TEXT(message.id, "4");
    expect_fault(read("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"), MCP_INVALID_REQUEST, 400);
    expect_fault(read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}"),
                 MCP_INVALID_REQUEST, 400);
    expect_fault(
        read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"_meta\":1}}"),
        MCP_INVALID_PARAMS, 400);
    arena_release(&arena);
}

TEST(an_unknown_method_is_not_there_in_the_words_of_its_era)
{
    expect_fault(read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"prompts/list\"}"),
                 MCP_METHOD_NOT_FOUND, 200);
    expect_fault(read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\"}"),
                 MCP_METHOD_NOT_FOUND, 200);
    expect_fault(read_with("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{" META
                           "}}",
                           "2026-07-28", "ping", NULL),
                 MCP_METHOD_NOT_FOUND, 404);
    arena_release(&arena);
}

TEST(headers_say_what_the_body_says)
{
    EXPECT(read_call("sum", "sum"));
    EXPECT(message.modern);
    EXPECT_EQ(message.what, MCP_CALL);
    EXPECT(read_call("\xC3\xBC", "=?base64?w7w=?="));
    EXPECT(read_call("sum", " sum\t"));
    expect_fault(read_call("sum", "sun"), MCP_HEADER_MISMATCH, 400);
    expect_fault(read_call("sum", NULL), MCP_HEADER_MISMATCH, 400);
    expect_fault(read_call("sum", "=?base64?c3Vt!?="), MCP_HEADER_MISMATCH, 400);
    expect_fault(read_call("sum", "=?base64?c3Vu?="), MCP_HEADER_MISMATCH, 400);
    EXPECT_TEXT(message.id, "1");
    arena_release(&arena);
}

TEST(a_modern_request_says_who_asks_and_repeats_it)
{
    static const char list[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}";

    EXPECT(read_with(list, "2026-07-28", "tools/list", NULL));
    expect_fault(read_with(list, NULL, "tools/list", NULL), MCP_HEADER_MISMATCH, 400);
    expect_fault(read_with(list, "2026-07-28", NULL, NULL), MCP_HEADER_MISMATCH, 400);
    expect_fault(read_with(list, "2026-07-28", "tools/call", NULL), MCP_HEADER_MISMATCH, 400);
    expect_fault(read_with(list, "2025-11-25", "tools/list", NULL), MCP_HEADER_MISMATCH, 400);
    expect_fault(read_with("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", "2026-07-28",
                           "tools/list", NULL),
                 MCP_INVALID_PARAMS, 400);
    expect_fault(
        read_with("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
                  "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}}",
                  "2026-07-28", "tools/list", NULL),
        MCP_INVALID_PARAMS, 400);
    arena_release(&arena);
}

TEST(a_version_that_is_not_spoken_is_named_beside_those_that_are)
{
    struct buffer out = {0};

    expect_fault(
        read_with("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
                  "\"io.modelcontextprotocol/protocolVersion\":\"2099-01-01\","
                  "\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
                  "2099-01-01", "tools/list", NULL),
        MCP_UNSUPPORTED_VERSION, 400);
    mcp_put_fault(&out, message.id, &fault);
    EXPECT(text_find(buffer_text(&out),
                     TEXT("\"data\":{\"supported\":[\"2026-07-28\",\"2025-11-25\",\"2025-06-18\","
                          "\"2025-03-26\"],\"requested\":\"2099-01-01\"}")) < out.len);
    buffer_release(&out);
    expect_fault(read_with("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", "2024-11-05",
                           NULL, NULL),
                 MCP_UNSUPPORTED_VERSION, 400);
    arena_release(&arena);
}

TEST(a_handshake_asks_for_a_version_and_is_of_no_later_era)
{
    static const char initialize[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\","
                                     "\"params\":{\"protocolVersion\":\"1999-01-01\"}}";
    struct mcp_asker asker;
    struct buffer out = {0};

    EXPECT(read(initialize));
    EXPECT_EQ(message.what, MCP_INITIALIZE);
    asker = mcp_asker_of(&message);
    mcp_put_initialized(&out, &asker, message.version, TEXT(""));
    EXPECT(text_find(buffer_text(&out), TEXT("\"protocolVersion\":\"2025-11-25\"")) < out.len);
    buffer_release(&out);
    expect_fault(read_with(initialize, "2026-07-28", NULL, NULL), MCP_HEADER_MISMATCH, 400);
    expect_fault(read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{}}"),
                 MCP_INVALID_PARAMS, 400);
    expect_fault(read("{\"jsonrpc\":\"2.0\",\"method\":\"initialize\",\"params\":{}}"),
                 MCP_INVALID_REQUEST, 400);
    arena_release(&arena);
}

TEST(a_header_is_decoded_only_where_it_is_encoded)
{
    struct text out;

    EXPECT(mcp_header_decode(TEXT("=?base64?"), &arena, &out));
    EXPECT_TEXT(out, "=?base64?");
    EXPECT(mcp_header_decode(TEXT("=?base64?"
                                  "?="),
                             &arena, &out));
    EXPECT_TEXT(out, "");
    EXPECT(!mcp_header_decode(TEXT("=?base64?gA==?="), &arena, &out)); /* no UTF-8 */
    EXPECT(!mcp_header_decode(TEXT("=?base64?YR==?="), &arena, &out)); /* bits that mean nothing */
    EXPECT(!mcp_header_decode(TEXT("=?base64?YQ?="), &arena, &out));
    arena_release(&arena);
}

TEST(tokens_of_progress_go_back_as_they_came)
{
    EXPECT(read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"_meta\":{"
                "\"progressToken\":\"t\"}}}"));
    EXPECT_TEXT(message.progress, "\"t\"");
    EXPECT(read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"_meta\":{"
                "\"progressToken\":0}}}"));
    EXPECT_TEXT(message.progress, "0");
    expect_fault(read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
                      "\"_meta\":{\"progressToken\":{}}}}"),
                 MCP_INVALID_REQUEST, 400);
    arena_release(&arena);
}
