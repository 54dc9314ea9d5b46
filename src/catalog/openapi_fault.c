/* The errors of calls by status. Which codes there are is what base/error.h says; those of the
 * admin API and of the command line are not for callers. */
#include "base/error.h"
#include "base/error_text.h"
#include "catalog/openapi.h"
#include "document/json_write.h"

static const enum error_code elsewhere[] = {
    ERROR_NONE,
    ERROR_METHOD_NOT_ALLOWED,
    ERROR_ORIGIN_DENIED,
    ERROR_ROUTE_NOT_FOUND,
    ERROR_TOKEN_NOT_FOUND,
    ERROR_RULE_NOT_FOUND,
    ERROR_LOG_NOT_FOUND,
    ERROR_TOKEN_IS_REVOKED,
    ERROR_SECRET_NOT_FOUND,
    ERROR_BACKUP_NOT_FOUND,
    ERROR_BACKUP_CONFLICT,
    ERROR_AUDIT_BROKEN,
    ERROR_CLIENT_CLOSED,
    ERROR_CONFIG_INVALID,
    ERROR_FILE_UNREADABLE,
};

static const struct {
    int status;
    const char *means;
} statuses[] = {
    {400, "The request is malformed, or the provider refused it."},
    {401, "There is no token, or not one that is in force."},
    {403, "The token may not do this."},
    {404, "There is no such thing."},
    {409, "Something else is under way with this session or key."},
    {410, "The session has ended, or the endpoint is no longer served."},
    {413, "The body is larger than the gateway takes."},
    {415, "The body is not JSON."},
    {422, "The request is well formed, but what it asks for is refused; nothing of an output that "
          "does not fit its schema is given out."},
    {429, "Too much at once; `Retry-After` says when to come back."},
    {431, "The head of the request is larger than the gateway takes."},
    {500, "The gateway failed."},
    {502, "The provider failed."},
    {503, "The gateway or the provider cannot take more at the moment."},
    {504, "The provider took too long."},
};
enum { STATUS_COUNT = sizeof statuses / sizeof *statuses };

static bool is_for_callers(enum error_code code)
{
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (elsewhere[i] == code)
            return false;
    return true;
}

/* "The provider failed. Codes: `upstream_failed`, ..." */
static void put_description(size_t which, struct buffer *out)
{
    bool first = true;

    buffer_put(out, TEXT("\"description\":\""));
    json_put_escaped(out, text_of(statuses[which].means));
    buffer_put(out, TEXT(" Codes: "));
    for (int code = 0; code < ERROR_CODE_COUNT; code++) {
        const struct error_row *row = error_row((enum error_code)code);

        if (row->status != statuses[which].status || !is_for_callers((enum error_code)code))
            continue;
        buffer_printf(out, "%s`%s`", first ? "" : ", ", row->word);
        first = false;
    }
    buffer_put(out, TEXT(".\""));
}

static void put_headers(int status, struct buffer *out)
{
    buffer_put(out, TEXT("\"headers\":{\"X-Request-Id\":"));
    openapi_put_reference(out, "headers", TEXT("RequestId"));
    if (status == 401 || status == 403) {
        buffer_put(out, TEXT(",\"WWW-Authenticate\":"));
        openapi_put_reference(out, "headers", TEXT("WwwAuthenticate"));
    }
    if (status == 409 || status == 429 || status == 503) {
        buffer_put(out, TEXT(",\"Retry-After\":"));
        openapi_put_reference(out, "headers", TEXT("RetryAfter"));
    }
    if (status >= 409 && status != 413 && status != 415 && status != 431) {
        buffer_put(out, TEXT(",\"x-should-retry\":"));
        openapi_put_reference(out, "headers", TEXT("ShouldRetry"));
    }
    buffer_put_byte(out, '}');
}

void openapi_put_faults(struct buffer *out)
{
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        buffer_printf(out, "%s\"Error%d\":{", i > 0 ? "," : "", statuses[i].status);
        put_description(i, out);
        buffer_put_byte(out, ',');
        put_headers(statuses[i].status, out);
        buffer_put(out, TEXT(",\"content\":{\"application/json\":{\"schema\":"));
        openapi_put_reference(out, "schemas", TEXT("Error"));
        buffer_put(out, TEXT("},\"application/problem+json\":{\"schema\":"));
        openapi_put_reference(out, "schemas", TEXT("Problem"));
        buffer_put(out, TEXT("}}}"));
    }
}

void openapi_put_fault_references(struct buffer *out)
{
    for (size_t i = 0; i < STATUS_COUNT; i++)
        buffer_printf(out, ",\"%d\":{\"$ref\":\"#/components/responses/Error%d\"}",
                      statuses[i].status, statuses[i].status);
}
