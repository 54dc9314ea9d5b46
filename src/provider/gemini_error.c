/* Gemini: where an error says what it is, and for how long. */
#include "document/json_read.h"
#include "provider/gemini.h"
#include "provider/reply_json.h"
#include "provider/retry_after.h"

/* Whether a quota that is used up is that of a day: not worth waiting for. */
static bool is_of_a_day(const struct document *document, uint32_t detail)
{
    static const struct text day = TEXT_INIT("PerDay");
    uint32_t end, at = reply_items(document, detail, "violations", &end);

    for (; at < end; at = document_next(document, at)) {
        struct text quota = reply_string(document, at, "quotaId");

        if (text_find(quota, day) < quota.len)
            return true;
    }
    return false;
}

/* "generation_config.top_p" is top_p. */
static struct text field_in(const struct document *document, uint32_t detail)
{
    uint32_t end, at = reply_items(document, detail, "fieldViolations", &end);
    struct text rest = {0}, last = {0};

    if (at != CELL_NONE)
        rest = reply_string(document, at, "field");
    while (rest.len > 0)
        last = text_split(&rest, '.');
    return last;
}

static void read_detail(const struct document *document, uint32_t detail,
                        struct failure_signs *signs)
{
    struct text type = reply_string(document, detail, "@type");
    struct retry_after after = {0};

    if (text_ends(type, TEXT("google.rpc.ErrorInfo"))) {
        signs->code = reply_string(document, detail, "reason");
    } else if (text_ends(type, TEXT("google.rpc.QuotaFailure"))) {
        if (is_of_a_day(document, detail))
            signs->code = TEXT("insufficient_quota"); /* as others call it */
    } else if (text_ends(type, TEXT("google.rpc.BadRequest"))) {
        signs->param = field_in(document, detail);
    } else if (text_ends(type, TEXT("google.rpc.RetryInfo"))) {
        retry_after_read_body(&after, reply_string(document, detail, "retryDelay"));
        signs->retry_after_ms = retry_after_wait_ms(&after, 0);
    }
}

static struct failure_signs signs_of(const struct document *document, uint32_t error)
{
    struct failure_signs signs = {
        .type = reply_string(document, error, "status"),
        .message = reply_string(document, error, "message"),
    };
    uint32_t end, at = reply_items(document, error, "details", &end);

    for (; at < end; at = document_next(document, at))
        read_detail(document, at, &signs);
    if (error != CELL_NONE && document_cell(document, error)->type == CELL_STRING)
        signs.message = document_text(document, error); /* of something in between */
    return signs;
}

bool gemini_error_inside(const struct document *document, uint32_t error, struct failure *failure)
{
    struct failure_signs signs = signs_of(document, error);

    return failure_of_signs(&signs, failure);
}

/* The object, or that in the list which a stream that is no SSE would have been. */
static uint32_t error_in(const struct document *document)
{
    uint32_t root = 0;

    if (document_cell(document, 0)->type == CELL_ARRAY && document_cell(document, 0)->size > 0)
        root = 1;
    return reply_member(document, root, "error");
}

void gemini_refusal(const struct wire_refusal *refusal, struct arena *arena,
                    struct failure *failure)
{
    struct failure_signs signs = {0};
    struct document document;

    if (json_read(refusal->body, NULL, arena, &document, NULL, NULL))
        signs = signs_of(&document, error_in(&document));
    signs.status = refusal->status;
    if (refusal->retry_after_ms > 0)
        signs.retry_after_ms = refusal->retry_after_ms;
    failure_of_signs(&signs, failure);
}
