#include "admin/call_order.h"

#include "admin/order.h"
#include "base/clock.h"
#include "document/json_write.h"
#include "gateway/stages.h"

enum { HEADERS_MAX = 64 };

/* --- the order
 * ----------------------------------------------------------------------------------- */

static bool read_time(struct request *request, const struct document *order)
{
    struct text at = {0};

    return order_text(request, order, "/at", &at) &&
           (at.len == 0 || clock_parse_rfc3339(at, &request->wall_ms) ||
            order_refuse(request, "/at", "a time such as 2026-11-27T22:00:00Z"));
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
        return order_refuse(request, "/headers", "an object of at most 64 fields");
    headers = ARENA_ARRAY(&request->arena, struct http_header, count);
    request->http.headers = headers;
    for (uint32_t key = cell + 1; key < order->cells[cell].end;
         key = document_next(order, key + 1)) {
        if (order->cells[key + 1].type != CELL_STRING)
            return order_refuse(request, "/headers", "an object of strings");
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

    if (!order_text(request, order, "/token", &id))
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

/* A draft is of what is in force, and of no version of it. */
static bool read_draft(struct request *request, const struct document *document,
                       struct call_order *order)
{
    if (!draft_read(request, document, &order->draft))
        return false;
    if (order->draft.count == 0 || request->version_named.at == NULL)
        return true;
    return error_set(&request->error, ERROR_INVALID_REQUEST, "/endpoint",
                     "a draft has no version: 'endpoint' must be a slug alone");
}

static bool read(struct request *request, const struct document *order)
{
    struct text endpoint = {0};

    if (!order_text(request, order, "/endpoint", &endpoint))
        return false;
    if (endpoint.len == 0)
        return order_refuse(request, "/endpoint", "the slug of an endpoint");
    request_name_endpoint(request, endpoint);
    return read_time(request, order) && read_body(request, order) && read_headers(request, order) &&
           read_caller(request, order);
}

/* --- both ways
 * ------------------------------------------------------------------------------------- */

bool call_order_read(struct request *request, struct document *out, struct call_order *order)
{
    static const struct text names[] = {
        TEXT_INIT("endpoint"), TEXT_INIT("body"),  TEXT_INIT("input"), TEXT_INIT("at"),
        TEXT_INIT("headers"),  TEXT_INIT("token"), TEXT_INIT("draft")};

    *order = (struct call_order){
        .http = request->http, .admin = request->token, .wall_ms = request->wall_ms};
    return order_read(request, names, sizeof names / sizeof *names, out) && read(request, out) &&
           read_draft(request, out, order);
}

void call_order_begin(struct request *request, const struct call_order *order,
                      void (*then)(struct request *request))
{
    const struct token_record *bearer = request->token;
    bool started;

    if (order->draft.count == 0) {
        then(request);
        return;
    }
    request->token = order->admin; /* whose job it is */
    started = draft_start(request, request->slug, &order->draft, then);
    request->token = bearer;
    if (!started)
        then(request);
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
