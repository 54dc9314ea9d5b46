/* OpenAI Chat Completions and its compatible hosts: where an error says what it is. */
#include "provider/openai.h"

#include "document/json_read.h"
#include "provider/reply_json.h"

/* Some hosts write the status as the error's code, as a number or in a string. */
static int status_in(const struct document *document, uint32_t error)
{
    uint32_t code = document_member(document, error, TEXT("code"));
    uint64_t number = 0;

    if (code == CELL_NONE)
        return 0;
    if (document_cell(document, code)->type == CELL_INTEGER &&
        document_cell(document, code)->integer > 0)
        number = (uint64_t)document_cell(document, code)->integer;
    else if (document_cell(document, code)->type == CELL_STRING)
        text_to_u64(document_text(document, code), &number);
    return number >= 400 && number < 600 ? (int)number : 0;
}

/* OpenRouter's 403 for what its moderation refused says why, that for a key does not. */
static bool is_moderated(const struct document *document, uint32_t error)
{
    uint32_t end;

    return reply_items(document, reply_member(document, error, "metadata"), "reasons", &end) !=
           CELL_NONE;
}

/* {"detail": [{"loc": ["body", "seed"], ...}]}: what Mistral and other servers of its making did
 * not like. */
static struct text param_of_detail(const struct document *document, uint32_t object)
{
    uint32_t end, at = reply_items(document, object, "detail", &end), loc_end,
                  loc = reply_items(document, at, "loc", &loc_end), second;

    if (loc == CELL_NONE)
        return (struct text){0};
    second = document_next(document, loc);
    return second < loc_end && document_cell(document, second)->type == CELL_STRING
               ? document_text(document, second)
               : (struct text){0};
}

static struct failure_signs signs_of(const struct document *document, uint32_t error)
{
    uint32_t message;
    struct failure_signs signs;

    if (document_cell(document, error)->type == CELL_STRING)
        return (struct failure_signs){.message = document_text(document, error)};
    message = reply_member(document, error, "message");
    signs = (struct failure_signs){
        .status = status_in(document, error),
        .code = is_moderated(document, error) ? TEXT("content_filter")
                                              : reply_string(document, error, "code"),
        .type = reply_string(document, error, "type"),
        .param = reply_string(document, error, "param"),
        .message = reply_string(document, error, "message"),
    };
    if (signs.param.len == 0)
        signs.param = param_of_detail(document, error);
    if (signs.param.len == 0)
        signs.param = param_of_detail(document, message);
    return signs;
}

bool openai_error_inside(const struct document *document, uint32_t error, struct failure *failure)
{
    struct failure_signs signs = signs_of(document, error);

    return failure_of_signs(&signs, failure);
}

/* Where the error is: {"error": ...}, [{"error": ...}], or the object itself. */
static uint32_t find_error(const struct document *document)
{
    uint32_t root = 0, error;

    if (document_cell(document, 0)->type == CELL_ARRAY && document_cell(document, 0)->size > 0)
        root = 1;
    error = document_member(document, root, TEXT("error"));
    return error != CELL_NONE ? error : root;
}

void openai_refusal(const struct wire_refusal *refusal, struct arena *arena,
                    struct failure *failure)
{
    struct failure_signs signs = {0};
    struct document document;

    if (json_read(refusal->body, NULL, arena, &document, NULL, NULL))
        signs = signs_of(&document, find_error(&document));
    signs.status = refusal->status;
    signs.retry_after_ms = refusal->retry_after_ms;
    failure_of_signs(&signs, failure);
}
