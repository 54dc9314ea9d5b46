/* Cohere: what an error means. There is a message and nothing else, so the status says most. */
#include "document/json_read.h"
#include "provider/cohere.h"
#include "provider/reply_json.h"

static bool says(struct text message, const char *words)
{
    return text_find(message, text_of(words)) < message.len;
}

/* "invalid request: p must be between ...": the field, by its name in the configuration. */
static struct text field_named(struct text message)
{
    static const struct text prefix = TEXT_INIT("invalid request: ");
    size_t len = 0;

    if (text_starts(message, prefix))
        message = text_after(message, prefix.len);
    while (len < message.len &&
           ((message.at[len] >= 'a' && message.at[len] <= 'z') || message.at[len] == '_'))
        len++;
    message = text_first(message, len);
    if (text_equal(message, TEXT("p")))
        return TEXT("top_p");
    return text_equal(message, TEXT("stop_sequences")) ? TEXT("stop") : message;
}

/* The word that others would have for it; empty: the status says it all. */
static struct text word_for(int status, struct text message)
{
    if (status == 404 && says(message, "model"))
        return TEXT("model_not_found");
    if (status == 429 && says(message, "month")) /* the cap of a trial key */
        return TEXT("insufficient_quota");
    if (status == 498) /* elsewhere that is a lack of capacity */
        return TEXT("API_KEY_INVALID");
    return (struct text){0};
}

bool cohere_error_inside(struct text message, struct failure *failure)
{
    const struct failure_signs signs = {.message = message};

    return failure_of_signs(&signs, failure);
}

void cohere_refusal(const struct wire_refusal *refusal, struct arena *arena,
                    struct failure *failure)
{
    struct failure_signs signs = {.status = refusal->status,
                                  .retry_after_ms = refusal->retry_after_ms};
    struct document document;

    if (json_read(refusal->body, NULL, arena, &document, NULL, NULL))
        signs.message = reply_string(&document, 0, "message");
    signs.code = word_for(refusal->status, signs.message);
    signs.param = field_named(signs.message);
    failure_of_signs(&signs, failure);
}
