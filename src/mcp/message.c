/* First what JSON-RPC asks, then which era it is, then what that era asks, in the order in which
 * the protocol's own servers answer: who sends several things wrong hears of the same one
 * everywhere. */
#include "mcp/message.h"

#include "base/buffer.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "document/utf8.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>

#define META_VERSION      "io.modelcontextprotocol/protocolVersion"
#define META_CAPABILITIES "io.modelcontextprotocol/clientCapabilities"
#define META_CLIENT       "io.modelcontextprotocol/clientInfo"

enum { HEADER_MAX = 4096 };

struct reader {
    struct mcp_message *message;
    const struct mcp_headers *headers;
    struct arena *arena;
    struct mcp_fault *fault;
};

static const char *const versions[] = {MCP_MODERN, MCP_LEGACY, "2025-06-18", "2025-03-26", NULL};

const char *mcp_version_at(size_t i)
{
    return versions[i];
}

bool mcp_is_legacy(struct text version)
{
    for (size_t i = 1; versions[i] != NULL; i++)
        if (text_equal(version, text_of(versions[i])))
            return true;
    return false;
}

bool mcp_fail(struct mcp_fault *fault, enum mcp_code code, int status, const char *format, ...)
{
    va_list arguments;
    int len;

    *fault = (struct mcp_fault){.code = code, .status = status};
    va_start(arguments, format);
    len = vsnprintf(fault->message, sizeof fault->message, format, arguments);
    va_end(arguments);
    if (len >= (int)sizeof fault->message)
        fault->message[text_whole((struct text){fault->message, sizeof fault->message - 1}).len] =
            '\0';
    return false;
}

#define REFUSE(it, code, ...) mcp_fail((it)->fault, (code), 400, __VA_ARGS__)

static enum cell_type type_at(const struct reader *it, uint32_t at)
{
    return (enum cell_type)document_cell(&it->message->document, at)->type;
}

static uint32_t member(const struct reader *it, uint32_t object, const char *name)
{
    return object == CELL_NONE ? CELL_NONE
                               : document_member(&it->message->document, object, text_of(name));
}

uint32_t mcp_param(const struct mcp_message *message, const char *name)
{
    return message->params == CELL_NONE
               ? CELL_NONE
               : document_member(&message->document, message->params, text_of(name));
}

/* A part of a message or a header, quoted within a sentence; a header need not be UTF-8. */
static struct text shown(struct text text)
{
    return text_cut(text_first(text, utf8_valid(text)), 64);
}

/* --- JSON-RPC ----------------------------------------------------------------------------------
 */

/* An id or a token: what it is, it is sent back as. */
static bool read_name(const struct reader *it, uint32_t at, const char *what, struct text *out)
{
    enum cell_type type = type_at(it, at);
    struct buffer json = buffer_in(it->arena);

    if (type != CELL_INTEGER && type != CELL_STRING)
        return REFUSE(it, MCP_INVALID_REQUEST, "the %s must be a string or an integer, found %s",
                      what, cell_type_name(type));
    if (type == CELL_STRING && document_text(&it->message->document, at).len > MCP_ID_MAX)
        return REFUSE(it, MCP_INVALID_REQUEST, "the %s has more than %d bytes", what, MCP_ID_MAX);
    json_put_cell(&json, &it->message->document, at);
    *out = buffer_text(&json);
    return true;
}

static bool read_id(const struct reader *it)
{
    uint32_t at = member(it, 0, "id");

    return at == CELL_NONE || read_name(it, at, "id", &it->message->id);
}

static bool read_method(const struct reader *it)
{
    uint32_t at = member(it, 0, "method");

    if (at == CELL_NONE &&
        (member(it, 0, "result") != CELL_NONE || member(it, 0, "error") != CELL_NONE))
        return REFUSE(it, MCP_INVALID_REQUEST,
                      "this is a response, and nothing was asked of the client");
    if (at == CELL_NONE || type_at(it, at) != CELL_STRING)
        return REFUSE(it, MCP_INVALID_REQUEST, "the message has no 'method'");
    it->message->method = document_text(&it->message->document, at);
    return it->message->method.len <= MCP_METHOD_MAX ||
           REFUSE(it, MCP_INVALID_REQUEST, "the method's name has more than %d bytes",
                  MCP_METHOD_MAX);
}

static bool read_params(const struct reader *it)
{
    struct mcp_message *message = it->message;

    message->params = member(it, 0, "params");
    if (message->params != CELL_NONE && type_at(it, message->params) != CELL_OBJECT)
        return REFUSE(it, MCP_INVALID_REQUEST, "'params' must be an object, found %s",
                      cell_type_name(type_at(it, message->params)));
    message->meta = member(it, message->params, "_meta");
    return message->meta == CELL_NONE || type_at(it, message->meta) == CELL_OBJECT ||
           REFUSE(it, MCP_INVALID_PARAMS, "'params._meta' must be an object, found %s",
                  cell_type_name(type_at(it, message->meta)));
}

static bool read_progress(const struct reader *it)
{
    uint32_t at = member(it, it->message->meta, "progressToken");

    return at == CELL_NONE || read_name(it, at, "progress token", &it->message->progress);
}

static bool read_shape(const struct reader *it)
{
    const struct document *document = &it->message->document;
    uint32_t version;

    if (document->cells[0].type == CELL_ARRAY)
        return REFUSE(it, MCP_INVALID_REQUEST,
                      "batches are not taken: send one message in each request");
    if (document->cells[0].type != CELL_OBJECT)
        return REFUSE(it, MCP_INVALID_REQUEST, "a message is an object, found %s",
                      cell_type_name((enum cell_type)document->cells[0].type));
    version = member(it, 0, "jsonrpc");
    if (version == CELL_NONE || type_at(it, version) != CELL_STRING ||
        !text_equal(document_text(document, version), TEXT("2.0")))
        return REFUSE(it, MCP_INVALID_REQUEST, "the message has no \"jsonrpc\":\"2.0\"");
    return read_id(it) && read_method(it) && read_params(it) && read_progress(it);
}

/* --- headers -----------------------------------------------------------------------------------
 */

bool mcp_header_decode(struct text value, struct arena *arena, struct text *out)
{
    static const struct text front = TEXT_INIT("=?base64?"), back = TEXT_INIT("?=");
    unsigned char *bytes, *again;
    int len;

    *out = value = text_trim(value);
    if (!text_starts(value, front) || !text_ends(value, back) || value.len < front.len + back.len)
        return true;
    value = text_first(text_after(value, front.len), value.len - front.len - back.len);
    *out = (struct text){"", 0};
    if (value.len == 0)
        return true;
    if (value.len % 4 != 0 || value.len > HEADER_MAX)
        return false;
    bytes = (unsigned char *)arena_bytes(arena, value.len);
    again = (unsigned char *)arena_bytes(arena, value.len + 1);
    len = EVP_DecodeBlock(bytes, (const unsigned char *)value.at, (int)value.len);
    if (len < 0)
        return false;
    len -= (value.at[value.len - 1] == '=') + (value.at[value.len - 2] == '=');
    /* What decodes to the same but is written otherwise is not base64 of RFC 4648. */
    EVP_EncodeBlock(again, bytes, len);
    *out = (struct text){(const char *)bytes, (size_t)len};
    return memcmp(again, value.at, value.len) == 0 && utf8_valid(*out) == out->len;
}

/* Whether a header, if it was sent, says what the body says. */
static bool agrees(const struct reader *it, const char *name, struct text sent, struct text body)
{
    struct text said;

    if (sent.len == 0)
        return true;
    if (!mcp_header_decode(sent, it->arena, &said))
        return REFUSE(it, MCP_HEADER_MISMATCH, "the header '%s' has no valid base64 within", name);
    if (text_equal(said, body))
        return true;
    return REFUSE(it, MCP_HEADER_MISMATCH, "the header '%s' says '%.*s', but the body says '%.*s'",
                  name, TEXT_ARG(shown(said)), TEXT_ARG(shown(body)));
}

static bool is_there(const struct reader *it, const char *name, struct text sent)
{
    return sent.len > 0 ||
           REFUSE(it, MCP_HEADER_MISMATCH,
                  "the header '%s' is missing, which repeats what the body says", name);
}

/* --- the modern era ----------------------------------------------------------------------------
 */

static bool meta_object(const struct reader *it, const char *name, bool required, uint32_t *out)
{
    *out = member(it, it->message->meta, name);
    if (*out == CELL_NONE)
        return !required || REFUSE(it, MCP_INVALID_PARAMS, "'params._meta' lacks '%s'", name);
    return type_at(it, *out) == CELL_OBJECT ||
           REFUSE(it, MCP_INVALID_PARAMS, "'%s' in 'params._meta' must be an object, found %s",
                  name, cell_type_name(type_at(it, *out)));
}

/* Who asks and what it can do; nothing here depends on it, but a client that leaves it out would
 * be refused elsewhere. */
static bool check_envelope(const struct reader *it)
{
    static const char *const known[] = {"name", "version"};
    uint32_t at, client;

    if (!meta_object(it, META_CAPABILITIES, true, &at) ||
        !meta_object(it, META_CLIENT, false, &client))
        return false;
    for (size_t i = 0; client != CELL_NONE && i < 2; i++) {
        at = member(it, client, known[i]);
        if (at == CELL_NONE || type_at(it, at) != CELL_STRING)
            return REFUSE(it, MCP_INVALID_PARAMS, "'%s' lacks the string '%s'", META_CLIENT,
                          known[i]);
    }
    return true;
}

static bool check_name(const struct reader *it)
{
    uint32_t at = mcp_param(it->message, "name");

    if (!text_equal(it->message->method, TEXT("tools/call")) || at == CELL_NONE ||
        type_at(it, at) != CELL_STRING)
        return true; /* what is wrong with the params is told to who speaks the protocol right */
    return is_there(it, "Mcp-Name", it->headers->name) &&
           agrees(it, "Mcp-Name", it->headers->name, document_text(&it->message->document, at));
}

static bool refuse_version(const struct reader *it, struct text version)
{
    REFUSE(it, MCP_UNSUPPORTED_VERSION, "the protocol version '%.*s' is not spoken here",
           TEXT_ARG(shown(version)));
    it->fault->requested = shown(version);
    return false;
}

static bool read_modern(const struct reader *it)
{
    struct mcp_message *message = it->message;
    const struct mcp_headers *headers = it->headers;
    bool request = message->id.len > 0;

    if ((request && !check_envelope(it)) ||
        !agrees(it, "MCP-Protocol-Version", headers->version, message->version) ||
        !agrees(it, "Mcp-Method", headers->method, message->method))
        return false;
    if (!text_equal(message->version, TEXT(MCP_MODERN)))
        return refuse_version(it, message->version);
    return !request || (is_there(it, "MCP-Protocol-Version", headers->version) &&
                        is_there(it, "Mcp-Method", headers->method) && check_name(it));
}

/* --- the legacy one ----------------------------------------------------------------------------
 */

/* A date behind that of the last version with a handshake. */
static bool names_modern(struct text version)
{
    return version.len == strlen(MCP_LEGACY) && text_compare(version, TEXT(MCP_LEGACY)) > 0;
}

static bool read_initialize(const struct reader *it)
{
    uint32_t at = mcp_param(it->message, "protocolVersion");

    if (names_modern(it->headers->version))
        return REFUSE(it, MCP_HEADER_MISMATCH,
                      "'initialize' is of versions until " MCP_LEGACY
                      ", but the header 'MCP-Protocol-Version' says '%.*s'",
                      TEXT_ARG(shown(it->headers->version)));
    if (it->message->id.len == 0)
        return REFUSE(it, MCP_INVALID_REQUEST, "'initialize' needs an 'id'");
    if (at == CELL_NONE || type_at(it, at) != CELL_STRING)
        return REFUSE(it, MCP_INVALID_PARAMS, "'params' lacks the string 'protocolVersion'");
    it->message->version = document_text(&it->message->document, at);
    return true;
}

static bool read_legacy(const struct reader *it)
{
    struct text version = it->headers->version;

    if (text_equal(it->message->method, TEXT("initialize")))
        return read_initialize(it);
    if (names_modern(version)) {
        it->message->modern = true;
        return it->message->id.len == 0 || REFUSE(it, MCP_INVALID_PARAMS,
                                                  "'params._meta' lacks '" META_VERSION
                                                  "', which requests of version '%.*s' have",
                                                  TEXT_ARG(shown(version)));
    }
    if (version.len > 0 && !mcp_is_legacy(version))
        return refuse_version(it, version);
    it->message->version = version.len > 0 ? version : TEXT(MCP_LEGACY);
    return true;
}

/* --- the whole ---------------------------------------------------------------------------------
 */

/* A method by name, and the eras that have it. */
struct method_row {
    struct text name;
    enum mcp_method what;
    bool legacy, modern;
};

static const struct method_row methods[] = {
    {TEXT_INIT("initialize"), MCP_INITIALIZE, true, false},
    {TEXT_INIT("ping"), MCP_PING, true, false},
    {TEXT_INIT("server/discover"), MCP_DISCOVER, false, true},
    {TEXT_INIT("tools/list"), MCP_LIST, true, true},
    {TEXT_INIT("tools/call"), MCP_CALL, true, true},
    {TEXT_INIT("subscriptions/listen"), MCP_LISTEN, false, true},
};

static enum mcp_method find_method(const struct mcp_message *message)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (text_equal(message->method, methods[i].name) &&
            (message->modern ? methods[i].modern : methods[i].legacy))
            return methods[i].what;
    return MCP_OTHER;
}

static bool read_era(const struct reader *it)
{
    struct mcp_message *message = it->message;
    uint32_t at = member(it, message->meta, META_VERSION);

    if (at == CELL_NONE)
        return read_legacy(it);
    if (type_at(it, at) != CELL_STRING)
        return REFUSE(it, MCP_INVALID_PARAMS, "'" META_VERSION "' must be a string, found %s",
                      cell_type_name(type_at(it, at)));
    message->modern = true;
    message->version = document_text(&message->document, at);
    return read_modern(it);
}

bool mcp_read(struct text body, const struct mcp_headers *headers, struct arena *arena,
              struct mcp_message *out, struct mcp_fault *fault)
{
    static const struct json_limits limits = {.depth = MCP_DEPTH_MAX};
    const struct reader it = {out, headers, arena, fault};
    struct error err = {0};

    *out = (struct mcp_message){.params = CELL_NONE, .meta = CELL_NONE};
    *fault = (struct mcp_fault){0};
    if (!json_read(body, &limits, arena, &out->document, NULL, &err))
        return mcp_fail(fault, MCP_PARSE_ERROR, 400, "the body is no JSON: %s, %s", err.message,
                        err.at);
    if (!read_shape(&it) || !read_era(&it))
        return false;
    out->what = find_method(out);
    if (out->what != MCP_OTHER || out->id.len == 0)
        return true;
    return mcp_fail(fault, MCP_METHOD_NOT_FOUND, out->modern ? 404 : 200,
                    "there is no method '%.*s' here", TEXT_ARG(shown(out->method)));
}
