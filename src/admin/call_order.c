#include "admin/call_order.h"

#include "base/clock.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "gateway/stages.h"

enum { HEADERS_MAX = 64 };

/* --- the order
 * ----------------------------------------------------------------------------------- */

static bool refuse(struct request *request, const char *at, const char *expected)
{
    return error_set(&request->error, ERROR_INVALID_REQUEST, at, "'%s' must be %s", at + 1,
                     expected);
}

static bool check_names(struct request *request, const struct document *order)
{
    static const struct text known[] = {TEXT_INIT("endpoint"), TEXT_INIT("body"),
                                        TEXT_INIT("input"),    TEXT_INIT("at"),
                                        TEXT_INIT("headers"),  TEXT_INIT("token")};
    enum { COUNT = sizeof known / sizeof *known };

    if (order->cells[0].type != CELL_OBJECT)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "", "the body must be an object");
    for (uint32_t key = 1; key < order->cells[0].end; key = document_next(order, key + 1)) {
        struct text name = document_text(order, key), near;
        size_t i = 0;

        while (i < COUNT && !text_equal(name, known[i]))
            i++;
        if (i < COUNT)
            continue;
        error_set(&request->error, ERROR_UNKNOWN_FIELD,
                  document_pointer(order, key, &request->arena).at, "unknown field '%.*s'",
                  TEXT_ARG(text_cut(name, 64)));
        near = nearest_name(name, known, COUNT);
        if (near.len > 0)
            error_hint(&request->error, "did you mean '%.*s'?", TEXT_ARG(near));
        return false;
    }
    return true;
}

static bool read_text(struct request *request, const struct document *order, const char *at,
                      struct text *out)
{
    uint32_t cell = document_member(order, 0, text_of(at + 1));

    if (cell == CELL_NONE)
        return true;
    if (order->cells[cell].type != CELL_STRING)
        return refuse(request, at, "a string");
    *out = document_text(order, cell);
    return true;
}

static bool read_time(struct request *request, const struct document *order)
{
    struct text at = {0};

    return read_text(request, order, "/at", &at) &&
           (at.len == 0 || clock_parse_rfc3339(at, &request->wall_ms) ||
            refuse(request, "/at", "a time such as 2026-11-27T22:00:00Z"));
}

/* The call's own body; an input alone is one that holds nothing else. */
static bool read_body(struct request *request, const struct document *order)
{
    uint32_t body = document_member(order, 0, TEXT("body"));
    uint32_t input = document_member(order, 0, TEXT("input"));
    struct buffer out = buffer_in(&request->arena);

    if ((body == CELL_NONE) == (input == CELL_NONE))
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/body",
                         "the call is told by either 'body' or 'input'");
    if (input != CELL_NONE)
        buffer_put(&out, TEXT("{\"input\":"));
    json_put_cell(&out, order, input != CELL_NONE ? input : body);
    if (input != CELL_NONE)
        buffer_put_byte(&out, '}');
    request->http.body = buffer_text(&out);
    return true;
}

static bool read_headers(struct request *request, const struct document *order)
{
    uint32_t cell = document_member(order, 0, TEXT("headers"));
    uint32_t count = cell == CELL_NONE ? 0 : order->cells[cell].size;
    struct http_header *headers;

    request->http.headers = NULL;
    request->http.header_count = 0;
    if (cell == CELL_NONE)
        return true;
    if (order->cells[cell].type != CELL_OBJECT || count > HEADERS_MAX)
        return refuse(request, "/headers", "an object of at most 64 fields");
    headers = ARENA_ARRAY(&request->arena, struct http_header, count);
    request->http.headers = headers;
    for (uint32_t key = cell + 1; key < order->cells[cell].end;
         key = document_next(order, key + 1)) {
        if (order->cells[key + 1].type != CELL_STRING)
            return refuse(request, "/headers", "an object of strings");
        headers[request->http.header_count++] =
            (struct http_header){route_header_name(&request->arena, document_text(order, key)),
                                 document_text(order, key + 1)};
    }
    return true;
}

/* --- as whom
 * ------------------------------------------------------------------------------------- */

/* Without a token it is one that may call everything. */
static bool read_caller(struct request *request, const struct document *order)
{
    static const struct text all[] = {TEXT_INIT("*"), TEXT_INIT("*@*")};
    struct token_record *record = ARENA_NEW(&request->arena, struct token_record);
    struct text id = {0};
    struct token_view view;

    if (!read_text(request, order, "/token", &id))
        return false;
    *record = (struct token_record){TOKEN_DEFAULTS, .id = TEXT(TOKEN_ANYBODY), .scopes = all,
                                    .scope_count = 2};
    request->token = record;
    if (id.len == 0)
        return true;
    if (!token_table_find(request->worker->gateway->tokens, id, &view) ||
        view.record->kind != TOKEN_CALL)
        return error_set(&request->error, ERROR_TOKEN_NOT_FOUND, "/token",
                         "there is no token '%.*s' that calls endpoints",
                         TEXT_ARG(text_cut(id, 64)));
    request->token = view.record;
    return true;
}

static bool read(struct request *request, const struct document *order)
{
    struct text endpoint = {0};

    if (!check_names(request, order) || !read_text(request, order, "/endpoint", &endpoint))
        return false;
    if (endpoint.len == 0)
        return refuse(request, "/endpoint", "the slug of an endpoint");
    request_name_endpoint(request, endpoint);
    return read_time(request, order) && read_body(request, order) && read_headers(request, order) &&
           read_caller(request, order);
}

/* --- both ways
 * ------------------------------------------------------------------------------------- */

bool call_order_read(struct request *request, struct document *out, struct call_order *order)
{
    *order = (struct call_order){
        .http = request->http, .admin = request->token, .wall_ms = request->wall_ms};
    return json_read(request->http.body, NULL, &request->arena, out, NULL, &request->error) &&
           read(request, out);
}

void call_order_put_back(struct request *request, const struct call_order *order)
{
    request->http = order->http;
    request->token = order->admin;
    request->wall_ms = order->wall_ms;
    request->project = NULL;
    request->endpoint = NULL;
    request->target = NULL;
    request->slug = (struct text){0};
    request->explains = request->sessioned = false;
}
