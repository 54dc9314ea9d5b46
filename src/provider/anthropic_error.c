/* Anthropic Messages: where an error says what it is. */
#include "provider/anthropic.h"

#include "document/json_read.h"
#include "provider/reply_json.h"

/* Messages about a field begin with its name: "max_tokens: Field required", "`top_p` cannot ...".
 */
static struct text field_named(struct text message)
{
    size_t len = 0;

    if (text_starts(message, TEXT("`")))
        message = text_after(message, 1);
    while (len < message.len &&
           ((message.at[len] >= 'a' && message.at[len] <= 'z') || message.at[len] == '_'))
        len++;
    return text_first(message, len);
}

static struct failure_signs signs_of(const struct document *document, uint32_t error)
{
    uint32_t details = reply_member(document, error, "details");
    struct failure_signs signs = {
        .code = reply_string(document, details, "error_code"),
        .type = reply_string(document, error, "type"),
        .message = reply_string(document, error, "message"),
    };

    if (error != CELL_NONE && document_cell(document, error)->type == CELL_STRING)
        signs.message = document_text(document, error); /* of something in between */
    signs.param = field_named(signs.message);
    return signs;
}

bool anthropic_error_inside(const struct document *document, uint32_t error,
                            struct failure *failure)
{
    struct failure_signs signs = signs_of(document, error);

    return failure_of_signs(&signs, failure);
}

void anthropic_refusal(const struct wire_refusal *refusal, struct arena *arena,
                       struct failure *failure)
{
    struct failure_signs signs = {0};
    struct document document;

    if (json_read(refusal->body, NULL, arena, &document, NULL, NULL))
        signs = signs_of(&document, reply_member(&document, 0, "error"));
    signs.status = refusal->status;
    signs.retry_after_ms = refusal->retry_after_ms;
    failure_of_signs(&signs, failure);
}
