/* What a provider's failure means. The status decides first; inside a 200 one is taken from the
 * error's own code. Words are then looked at where a status has several meanings. The message is
 * always ours: a provider's may hold the prompt, or a key. */
#include "provider/openai.h"

#include "document/json_read.h"

/* What is known of one failure. */
struct failure {
    int status;
    struct text code, type, param;
    struct text message; /* only ever searched */
    uint32_t retry_after_s;
};

static struct text word(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    if (at == CELL_NONE || document_cell(document, at)->type != CELL_STRING)
        return (struct text){0};
    return document_text(document, at);
}

static bool either(const struct failure *failure, const char *name)
{
    return text_equal(failure->code, text_of(name)) || text_equal(failure->type, text_of(name));
}

static bool any(const struct failure *failure, const char *const *names)
{
    for (; *names != NULL; names++)
        if (either(failure, *names))
            return true;
    return false;
}

static bool says(const struct failure *failure, struct text phrase)
{
    return text_find(failure->message, phrase) < failure->message.len;
}

static bool is_context_length(const struct failure *failure)
{
    static const char *const names[] = {"context_length_exceeded", "exceed_context_size_error",
                                        NULL};

    return any(failure, names) || says(failure, TEXT("maximum context length")) ||
           says(failure, TEXT("prompt is too long")) ||
           says(failure, TEXT("exceeds the maximum number of tokens"));
}

static bool is_quota(const struct failure *failure)
{
    static const char *const names[] = {"insufficient_quota", "credit_balance_exhausted", NULL};

    return any(failure, names);
}

static bool is_unknown_model(const struct failure *failure)
{
    static const char *const names[] = {"model_not_found", "DeploymentNotFound", "NotFoundError",
                                        "not_found_error", "NOT_FOUND",          NULL};

    return any(failure, names);
}

static bool is_filter(const struct failure *failure)
{
    static const char *const names[] = {"content_filter", "content_policy_violation", NULL};

    return any(failure, names);
}

static bool is_bad_generation(const struct failure *failure)
{
    static const char *const names[] = {"json_validate_failed", "tool_use_failed", NULL};

    return any(failure, names);
}

static bool say(struct error *err, enum error_code code, const struct failure *failure,
                const char *what, const char *hint)
{
    error_set(err, code, NULL, "%s (status %d)", what, failure->status);
    if (hint != NULL)
        error_hint(err, "%s", hint);
    return false;
}

/* A parameter the error names, if it is one we send: anything else is the provider's text. */
static const char *own_param(const struct failure *failure)
{
    struct text rest = failure->param;
    struct text name = text_split(&rest, '.');
    static const char *const others[] = {"messages", "model", "response_format", "stream_options",
                                         "max_completion_tokens"};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (text_equal(name, text_of(others[i])))
            return others[i];
    for (int param = 0; param < CHAT_PARAM_COUNT; param++)
        if (text_equal(name, text_of(chat_param_name((enum chat_param)param))))
            return chat_param_name((enum chat_param)param);
    return NULL;
}

static bool rejected(const struct failure *failure, struct error *err)
{
    const char *param = own_param(failure);

    if (is_filter(failure))
        return say(err, ERROR_UPSTREAM_REJECTED, failure,
                   "the provider's content filter refused the request", NULL);
    if (is_bad_generation(failure))
        return say(err, ERROR_UPSTREAM_INVALID_RESPONSE, failure,
                   "the model's answer failed the provider's own check", NULL);
    if (param == NULL)
        return say(err, ERROR_UPSTREAM_REJECTED, failure, "the provider rejected the request",
                   "compare the endpoint's model and params with what the provider accepts");
    error_set(err, ERROR_UPSTREAM_REJECTED, NULL,
              "the provider rejected the request because of '%s' (status %d)", param,
              failure->status);
    error_hint(err, "compare '%s' with what the provider accepts for this model", param);
    return false;
}

static bool refused_4xx(const struct failure *failure, struct error *err)
{
    if (is_context_length(failure) || failure->status == 413)
        return say(err, ERROR_CONTEXT_LENGTH_EXCEEDED, failure,
                   "the request is longer than the model takes",
                   "send less text, or use a model with a larger context");
    switch (failure->status) {
    case 401:
    case 403:
        return say(err, ERROR_UPSTREAM_AUTH_FAILED, failure,
                   "the provider refused the gateway's credential",
                   "check the provider's key and its permissions");
    case 402:
        return say(err, ERROR_UPSTREAM_FAILED, failure, "the account at the provider has no credit",
                   "check the account's balance");
    case 404:
        if (is_unknown_model(failure))
            return say(err, ERROR_UPSTREAM_FAILED, failure, "the provider does not know the model",
                       "check the endpoint's model");
        return say(err, ERROR_UPSTREAM_REJECTED, failure, "the provider does not know the path",
                   "check the provider's base_url");
    case 408:
        return say(err, ERROR_UPSTREAM_TIMEOUT, failure, "the provider timed out", NULL);
    case 409:
        return say(err, ERROR_UPSTREAM_FAILED, failure, "the provider reported a conflict", NULL);
    case 429:
        if (is_quota(failure))
            return say(err, ERROR_UPSTREAM_FAILED, failure, "the quota at the provider is used up",
                       "check the account's plan");
        return say(err, ERROR_UPSTREAM_RATE_LIMITED, failure,
                   "the provider's rate limit is reached", NULL);
    case 498: /* Groq: no capacity */
        return say(err, ERROR_UPSTREAM_OVERLOADED, failure, "the provider is overloaded", NULL);
    default:
        return rejected(failure, err);
    }
}

static bool classify(const struct failure *failure, struct error *err)
{
    struct error unwanted;
    int status = failure->status;

    err = err ? err : &unwanted;
    if (status >= 200 && status < 300)
        return say(err, ERROR_UPSTREAM_INVALID_RESPONSE, failure,
                   "the provider answered with an unexpected status", NULL);
    if (status < 400)
        return say(err, ERROR_UPSTREAM_FAILED, failure,
                   "the provider answered with a redirect, which is not followed",
                   "check the provider's base_url");
    if (status < 500)
        refused_4xx(failure, err);
    else if (status == 503 || status == 529)
        say(err, ERROR_UPSTREAM_OVERLOADED, failure, "the provider is overloaded", NULL);
    else if (status == 504 || status == 524)
        say(err, ERROR_UPSTREAM_TIMEOUT, failure, "the provider timed out", NULL);
    else
        say(err, ERROR_UPSTREAM_FAILED, failure, "the provider failed", NULL);
    err->retry_after_s = failure->retry_after_s;
    return false;
}

/* The status an error inside a 200 would have had. */
static int status_of(const struct document *document, uint32_t error, const struct failure *failure)
{
    static const struct {
        const char *word;
        int status;
    } rows[] = {
        {"rate_limit_error", 429},
        {"rate_limit_exceeded", 429},
        {"requests", 429},
        {"tokens", 429},
        {"slow_down", 429},
        {"insufficient_quota", 429},
        {"credit_balance_exhausted", 429},
        {"invalid_api_key", 401},
        {"authentication_error", 401},
        {"permission_error", 403},
        {"model_not_found", 404},
        {"not_found_error", 404},
        {"service_unavailable_error", 503},
        {"server_is_overloaded", 503},
        {"overloaded_error", 503},
        {"unavailable_error", 503},
        {"timeout", 504},
        {"context_length_exceeded", 400},
        {"content_filter", 400},
        {"invalid_request_error", 400},
    };
    uint32_t code = document_member(document, error, TEXT("code"));
    uint64_t number = 0;

    if (code != CELL_NONE && document_cell(document, code)->type == CELL_INTEGER &&
        document_cell(document, code)->integer > 0)
        number = (uint64_t)document_cell(document, code)->integer;
    else
        text_to_u64(failure->code, &number);
    if (number >= 400 && number < 600)
        return (int)number;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (either(failure, rows[i].word))
            return rows[i].status;
    return is_context_length(failure) ? 400 : 500;
}

static struct failure failure_of(const struct document *document, uint32_t error)
{
    if (document_cell(document, error)->type == CELL_STRING)
        return (struct failure){.message = document_text(document, error)};
    return (struct failure){
        .code = word(document, error, "code"),
        .type = word(document, error, "type"),
        .param = word(document, error, "param"),
        .message = word(document, error, "message"),
    };
}

bool openai_error_inside(const struct document *document, uint32_t error, struct error *err)
{
    struct failure failure = failure_of(document, error);

    failure.status = status_of(document, error, &failure);
    return classify(&failure, err);
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

void openai_refusal(int status, struct text body, uint32_t retry_after_s, struct arena *arena,
                    struct error *err)
{
    struct failure failure = {0};
    struct document document;

    if (json_read(body, NULL, arena, &document, NULL, NULL))
        failure = failure_of(&document, find_error(&document));
    failure.status = status;
    failure.retry_after_s = retry_after_s;
    classify(&failure, err);
}
