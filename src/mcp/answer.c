#include "mcp/answer.h"

#include "document/json_write.h"

/* What was listed is asked for again after so long, whether or not who asks listens for changes. */
#define TTL_MS "60000"

#define META_SERVER       "io.modelcontextprotocol/serverInfo"
#define META_GATEWAY      "pinion"
#define META_SUBSCRIPTION "io.modelcontextprotocol/subscriptionId"

struct mcp_asker mcp_asker_of(const struct mcp_message *message)
{
    return (struct mcp_asker){.id = message->id, .modern = message->modern};
}

static void put_server(struct buffer *out)
{
    buffer_put(
        out, TEXT("{\"name\":\"pinion\",\"title\":\"Pinion\",\"version\":\"" PINION_VERSION "\"}"));
}

static void begin_response(struct buffer *out, struct text id)
{
    buffer_put(out, TEXT("{\"jsonrpc\":\"2.0\",\"id\":"));
    buffer_put(out, id.len > 0 ? id : TEXT("null"));
}

void mcp_begin_result(struct buffer *out, const struct mcp_asker *asker)
{
    begin_response(out, asker->id);
    buffer_put(out, TEXT(",\"result\":{"));
    if (asker->modern)
        json_put_text(out, "resultType", TEXT("complete"));
}

static void put_meta(struct buffer *out, const struct mcp_asker *asker, struct text meta)
{
    json_put_name(out, "_meta");
    buffer_put_byte(out, '{');
    if (asker->modern) {
        json_put_name(out, META_SERVER);
        put_server(out);
    }
    if (meta.len > 0) {
        json_put_name(out, META_GATEWAY);
        buffer_put(out, meta);
    }
    buffer_put_byte(out, '}');
}

void mcp_end_result(struct buffer *out, const struct mcp_asker *asker, struct text meta)
{
    if (asker->modern || meta.len > 0)
        put_meta(out, asker, meta);
    buffer_put(out, TEXT("}}"));
}

void mcp_put_error(struct buffer *out, struct text id, enum mcp_code code, struct text message,
                   struct text data)
{
    begin_response(out, id);
    buffer_put(out, TEXT(",\"error\":{\"code\":"));
    buffer_put_i64(out, code);
    json_put_text(out, "message", message);
    if (data.len > 0) {
        json_put_name(out, "data");
        buffer_put(out, data);
    }
    buffer_put(out, TEXT("}}"));
}

static void put_versions(struct buffer *out)
{
    buffer_put_byte(out, '[');
    for (size_t i = 0; mcp_version_at(i) != NULL; i++)
        buffer_printf(out, "%s\"%s\"", i > 0 ? "," : "", mcp_version_at(i));
    buffer_put_byte(out, ']');
}

void mcp_put_fault(struct buffer *out, struct text id, const struct mcp_fault *fault)
{
    struct buffer data = {0};

    if (fault->code == MCP_UNSUPPORTED_VERSION) {
        buffer_put(&data, TEXT("{\"supported\":"));
        put_versions(&data);
        json_put_text(&data, "requested", fault->requested);
        buffer_put_byte(&data, '}');
    }
    mcp_put_error(out, id, fault->code, text_of(fault->message), buffer_text(&data));
    buffer_release(&data);
}

/* --- whole responses ---------------------------------------------------------------------------
 */

/* Who begins with a handshake has no stream on which to hear of changes. */
static void put_capabilities(struct buffer *out, bool listens)
{
    json_put_name(out, "capabilities");
    buffer_put(out, listens ? TEXT("{\"tools\":{\"listChanged\":true}}")
                            : TEXT("{\"tools\":{\"listChanged\":false}}"));
}

static void put_instructions(struct buffer *out, struct text instructions)
{
    if (instructions.len > 0)
        json_put_text(out, "instructions", instructions);
}

void mcp_put_initialized(struct buffer *out, const struct mcp_asker *asker, struct text version,
                         struct text instructions)
{
    mcp_begin_result(out, asker);
    json_put_text(out, "protocolVersion", mcp_is_legacy(version) ? version : TEXT(MCP_LEGACY));
    put_capabilities(out, false);
    json_put_name(out, "serverInfo");
    put_server(out);
    put_instructions(out, instructions);
    mcp_end_result(out, asker, TEXT(""));
}

void mcp_put_discovered(struct buffer *out, const struct mcp_asker *asker, struct text instructions)
{
    mcp_begin_result(out, asker);
    json_put_name(out, "supportedVersions");
    put_versions(out);
    put_capabilities(out, true);
    put_instructions(out, instructions);
    mcp_put_cacheable(out, asker);
    mcp_end_result(out, asker, TEXT(""));
}

void mcp_put_pong(struct buffer *out, const struct mcp_asker *asker)
{
    mcp_begin_result(out, asker);
    mcp_end_result(out, asker, TEXT(""));
}

void mcp_put_cacheable(struct buffer *out, const struct mcp_asker *asker)
{
    if (!asker->modern)
        return;
    json_put_name(out, "ttlMs");
    buffer_put(out, TEXT(TTL_MS));
    json_put_text(out, "cacheScope", TEXT("private"));
}

static void put_text(struct buffer *out, struct text text)
{
    buffer_put(out, TEXT("{\"type\":\"text\",\"text\":"));
    json_put_string(out, text);
    buffer_put_byte(out, '}');
}

void mcp_put_content(struct buffer *out, const struct mcp_content *content)
{
    json_put_name(out, "content");
    buffer_put_byte(out, '[');
    put_text(out, content->text);
    if (content->beside.len > 0) {
        buffer_put_byte(out, ',');
        put_text(out, content->beside);
    }
    buffer_put_byte(out, ']');
    if (content->structured.len > 0) {
        json_put_name(out, "structuredContent");
        buffer_put(out, content->structured);
    }
    if (content->failed)
        json_put_flag(out, "isError", true);
}

/* --- events of streams -------------------------------------------------------------------------
 */

void mcp_begin_event(struct buffer *out)
{
    buffer_put(out, TEXT("event: message\ndata: "));
}

void mcp_end_event(struct buffer *out)
{
    buffer_put(out, TEXT("\n\n"));
}

static void begin_notification(struct buffer *out, const char *method)
{
    mcp_begin_event(out);
    buffer_put(out, TEXT("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"));
    buffer_put(out, text_of(method));
    buffer_put(out, TEXT("\",\"params\":{"));
}

static void end_notification(struct buffer *out)
{
    buffer_put(out, TEXT("}}"));
    mcp_end_event(out);
}

/* Which subscription a message is of. */
static void put_subscription(struct buffer *out, struct text id)
{
    json_put_name(out, "_meta");
    buffer_put(out, TEXT("{\"" META_SUBSCRIPTION "\":"));
    buffer_put(out, id);
    buffer_put_byte(out, '}');
}

void mcp_put_progress(struct buffer *out, struct text token, uint64_t progress, struct text message)
{
    begin_notification(out, "progress");
    json_put_name(out, "progressToken");
    buffer_put(out, token);
    json_put_count(out, "progress", progress);
    json_put_text(out, "message", message);
    end_notification(out);
}

void mcp_put_acknowledged(struct buffer *out, struct text id, bool tools)
{
    begin_notification(out, "subscriptions/acknowledged");
    json_put_name(out, "notifications");
    buffer_put(out, tools ? TEXT("{\"toolsListChanged\":true}") : TEXT("{}"));
    put_subscription(out, id);
    end_notification(out);
}

void mcp_put_tools_changed(struct buffer *out, struct text id)
{
    begin_notification(out, "tools/list_changed");
    put_subscription(out, id);
    end_notification(out);
}

void mcp_put_unsubscribed(struct buffer *out, struct text id)
{
    mcp_begin_event(out);
    begin_response(out, id);
    buffer_put(out,
               TEXT(",\"result\":{\"resultType\":\"complete\",\"_meta\":{\"" META_SERVER "\":"));
    put_server(out);
    buffer_put(out, TEXT(",\"" META_SUBSCRIPTION "\":"));
    buffer_put(out, id);
    buffer_put(out, TEXT("}}}"));
    mcp_end_event(out);
}
