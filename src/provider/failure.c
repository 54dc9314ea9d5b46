/* What a provider's failure means. The status decides first; without one it is taken from the
 * error's own words. Words are then looked at where a status has several meanings. The message is
 * always ours: a provider's may hold the prompt, or a key. */
#include "provider/failure.h"

#include "chat/chat.h"

#include <stdarg.h>
#include <stdio.h>

static const struct failure_row rows[FAILURE_KIND_COUNT] = {
#define X(name, word, code, on, retry, blame) {word, ERROR_##code, on, retry, blame},
    FAILURES(X)
#undef X
};

const struct failure_row *failure_row(enum failure_kind kind)
{
    return &rows[kind];
}

bool failure_set(struct failure *failure, enum failure_kind kind, const char *hint,
                 const char *what, ...)
{
    char said[sizeof failure->error.message];
    va_list arguments;

    va_start(arguments, what);
    vsnprintf(said, sizeof said, what, arguments);
    va_end(arguments);
    failure->kind = kind;
    error_set(&failure->error, rows[kind].code, NULL, "%s", said);
    if (hint != NULL)
        error_hint(&failure->error, "%s", hint);
    return false;
}

bool failure_of_error(const struct error *err, struct failure *failure)
{
    *failure = (struct failure){.kind = FAILURE_TRANSPORT, .error = *err};
    switch (err->code) {
    case ERROR_UPSTREAM_TIMEOUT:
        failure->kind = FAILURE_TIMEOUT;
        break;
    case ERROR_UPSTREAM_BLOCKED:
        failure->kind = FAILURE_REFUSED_ADDRESS;
        break;
    case ERROR_UPSTREAM_TOO_LARGE:
        failure->kind = FAILURE_TOO_LARGE;
        break;
    case ERROR_UPSTREAM_TRUNCATED:
        failure->kind = FAILURE_CUT;
        break;
    case ERROR_UPSTREAM_INVALID_RESPONSE:
    case ERROR_UPSTREAM_PROTOCOL:
        failure->kind = FAILURE_ANSWER;
        break;
    default:
        break;
    }
    return false;
}

bool failure_unreadable(struct failure *failure, const char *at, const char *what)
{
    failure->kind = FAILURE_ANSWER;
    return error_set(&failure->error, ERROR_UPSTREAM_INVALID_RESPONSE, at,
                     "the provider's answer %s", what);
}

/* --- words
 * ------------------------------------------------------------------------------------------- */

/* Words that providers put into code, type or status, and the kind each means whatever the HTTP
 * status; then, for errors without a status, what the commoner ones stand for. */
struct word_row {
    const char *word;
    enum failure_kind kind;
};
static const struct word_row telling[] = {
    {"context_length_exceeded", FAILURE_CONTEXT},
    {"exceed_context_size_error", FAILURE_CONTEXT},
    {"insufficient_quota", FAILURE_QUOTA},
    {"credit_balance_exhausted", FAILURE_QUOTA},
    {"billing_error", FAILURE_QUOTA},
    {"enforced_spend_limit_reached", FAILURE_QUOTA},
    {"contract_spend_limit_reached", FAILURE_QUOTA},
    {"content_filter", FAILURE_BLOCKED},
    {"content_policy_violation", FAILURE_BLOCKED},
    {"image_content_policy_violation", FAILURE_BLOCKED},
    {"misalignment_policy_violation", FAILURE_BLOCKED},
    {"bio_policy", FAILURE_BLOCKED},
    {"json_validate_failed", FAILURE_GENERATION},
    {"tool_use_failed", FAILURE_GENERATION},
    {"API_KEY_INVALID", FAILURE_CREDENTIAL},
    {"model_decommissioned", FAILURE_MODEL}, /* Groq: 400 */
    {"invalid_model", FAILURE_MODEL},        /* Mistral: 400 */
    {"service_tier_capacity_exceeded", FAILURE_OVERLOAD},
    {"FAILED_PRECONDITION", FAILURE_QUOTA}, /* Gemini: not in this region without billing */
};
static const struct word_row lost_models[] = {
    {"model_not_found", FAILURE_MODEL}, {"DeploymentNotFound", FAILURE_MODEL},
    {"NotFoundError", FAILURE_MODEL},   {"not_found_error", FAILURE_MODEL},
    {"NOT_FOUND", FAILURE_MODEL},
};
static const struct word_row without_status[] = {
    {"rate_limit_error", FAILURE_RATE},
    {"rate_limit_exceeded", FAILURE_RATE},
    {"rate_limited", FAILURE_RATE},
    {"RESOURCE_EXHAUSTED", FAILURE_RATE},
    {"requests", FAILURE_RATE},
    {"tokens", FAILURE_RATE},
    {"slow_down", FAILURE_RATE},
    {"invalid_api_key", FAILURE_CREDENTIAL},
    {"authentication_error", FAILURE_CREDENTIAL},
    {"permission_error", FAILURE_CREDENTIAL},
    {"PERMISSION_DENIED", FAILURE_CREDENTIAL},
    {"UNAUTHENTICATED", FAILURE_CREDENTIAL},
    {"service_unavailable_error", FAILURE_OVERLOAD},
    {"server_is_overloaded", FAILURE_OVERLOAD},
    {"service_unavailable", FAILURE_OVERLOAD},
    {"overloaded_error", FAILURE_OVERLOAD},
    {"unavailable_error", FAILURE_OVERLOAD},
    {"UNAVAILABLE", FAILURE_OVERLOAD},
    {"timeout", FAILURE_TIMEOUT},
    {"timeout_error", FAILURE_TIMEOUT},
    {"request_too_large", FAILURE_CONTEXT},
    {"DEADLINE_EXCEEDED", FAILURE_TIMEOUT},
    {"invalid_request_error", FAILURE_REQUEST},
    {"invalid_prompt", FAILURE_REQUEST},
    {"data_residency_mismatch", FAILURE_REQUEST},
    {"invalid_image", FAILURE_REQUEST},
    {"invalid_image_format", FAILURE_REQUEST},
    {"invalid_image_mode", FAILURE_REQUEST},
    {"invalid_image_url", FAILURE_REQUEST},
    {"invalid_base64_image", FAILURE_REQUEST},
    {"image_too_large", FAILURE_REQUEST},
    {"image_too_small", FAILURE_REQUEST},
    {"image_file_too_large", FAILURE_REQUEST},
    {"image_parse_error", FAILURE_REQUEST},
    {"unsupported_image_media_type", FAILURE_REQUEST},
    {"empty_image_file", FAILURE_REQUEST},
    {"failed_to_download_image", FAILURE_REQUEST},
    {"vector_store_timeout", FAILURE_TIMEOUT},
    {"INVALID_ARGUMENT", FAILURE_REQUEST},
};
/* Phrases of messages, for providers that have no word for it. */
static const struct word_row phrases[] = {
    {"maximum context length", FAILURE_CONTEXT},
    {"prompt is too long", FAILURE_CONTEXT},
    {"exceeds the maximum number of tokens", FAILURE_CONTEXT},
    {"input token count", FAILURE_CONTEXT},
    {"too many tokens", FAILURE_CONTEXT},
    {"exceeds the available context size", FAILURE_CONTEXT},
    {"exceed context limit", FAILURE_CONTEXT},
    {"exceeds the context length", FAILURE_CONTEXT},
    {"credit balance", FAILURE_QUOTA},
    {"API usage limits", FAILURE_QUOTA},
    {"spend limit", FAILURE_QUOTA},
    {"blocked by content filtering", FAILURE_BLOCKED},
    {"max_new_tokens` must be", FAILURE_CONTEXT},
    {"No endpoints found", FAILURE_MODEL},
    {"API key not valid", FAILURE_CREDENTIAL},
};
#define ROWS(table) table, sizeof table / sizeof *table

static enum failure_kind by_word(const struct failure_signs *signs, const struct word_row *table,
                                 size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(signs->code, text_of(table[i].word)) ||
            text_equal(signs->type, text_of(table[i].word)))
            return table[i].kind;
    return FAILURE_NONE;
}

/* A limit on how many tokens a minute are taken speaks of tokens too. */
static enum failure_kind by_phrase(const struct failure_signs *signs)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (!(signs->status == 429 && phrases[i].kind == FAILURE_CONTEXT) &&
            text_find(signs->message, text_of(phrases[i].word)) < signs->message.len)
            return phrases[i].kind;
    return FAILURE_NONE;
}

/* --- kinds
 * ------------------------------------------------------------------------------------------- */

static enum failure_kind by_status(const struct failure_signs *signs)
{
    int status = signs->status;

    switch (status) {
    case 401:
    case 403:
        return FAILURE_CREDENTIAL;
    case 402:
        return FAILURE_QUOTA;
    case 404:
        return by_word(signs, ROWS(lost_models)) != FAILURE_NONE ||
                       text_equal(signs->param, TEXT("model"))
                   ? FAILURE_MODEL
                   : FAILURE_REQUEST;
    case 408:
    case 504:
    case 524:
        return FAILURE_TIMEOUT;
    case 409:
        return FAILURE_SERVER;
    case 413:
        return FAILURE_CONTEXT;
    case 501: /* what it cannot do it will not do next time */
        return FAILURE_REQUEST;
    case 429:
        return FAILURE_RATE;
    case 498: /* Groq: no capacity */
    case 503:
    case 529:
        return FAILURE_OVERLOAD;
    default:
        break;
    }
    if (status >= 200 && status < 300)
        return FAILURE_ANSWER;
    return status >= 400 && status < 500 ? FAILURE_REQUEST : FAILURE_SERVER;
}

static enum failure_kind kind_of(const struct failure_signs *signs)
{
    enum failure_kind kind = FAILURE_NONE;

    /* A server's own trouble is not explained by what its words resemble. */
    if (signs->status < 500) {
        kind = by_word(signs, ROWS(telling));
        if (kind == FAILURE_NONE)
            kind = by_phrase(signs);
    }
    if (kind == FAILURE_NONE && signs->status > 0)
        kind = by_status(signs);
    if (kind == FAILURE_NONE)
        kind = by_word(signs, ROWS(lost_models));
    if (kind == FAILURE_NONE)
        kind = by_word(signs, ROWS(without_status));
    return kind != FAILURE_NONE ? kind : FAILURE_SERVER;
}

/* --- sentences
 * --------------------------------------------------------------------------------------- */

/* A parameter the error names, if it is one we send: anything else is the provider's text. */
static const char *own_param(struct text param)
{
    static const char *const others[] = {
        "messages", "model",         "response_format",   "stream_options",
        "tools",    "tool_choice",   "max_output_tokens", "max_completion_tokens",
        "thinking", "output_config", "reasoning",         "text",
        "input",    "instructions"};
    struct text rest = param, name = text_split(&rest, '.');

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (text_equal(name, text_of(others[i])))
            return others[i];
    for (int i = 0; i < CHAT_PARAM_COUNT; i++)
        if (text_equal(name, text_of(chat_param_name((enum chat_param)i))))
            return chat_param_name((enum chat_param)i);
    return NULL;
}

static const struct sentence {
    const char *what, *hint;
} sentences[FAILURE_KIND_COUNT] = {
    [FAILURE_REQUEST] = {"the provider rejected the request",
                         "compare the endpoint's model and params with what the provider accepts"},
    [FAILURE_BLOCKED] = {"the provider's content filter refused the request", NULL},
    [FAILURE_CONTEXT] = {"the request is longer than the model takes",
                         "send less text, or use a model with a larger context"},
    [FAILURE_CREDENTIAL] = {"the provider refused the gateway's credential",
                            "check the provider's key and its permissions"},
    [FAILURE_QUOTA] = {"the quota or credit at the provider is used up",
                       "check the account's plan and balance"},
    [FAILURE_MODEL] = {"the provider does not know the model", "check the endpoint's model"},
    [FAILURE_RATE] = {"the provider's rate limit is reached", NULL},
    [FAILURE_OVERLOAD] = {"the provider is overloaded", NULL},
    [FAILURE_SERVER] = {"the provider failed", NULL},
    [FAILURE_ANSWER] = {"the provider answered with an unexpected status", NULL},
    [FAILURE_GENERATION] = {"the model's answer failed the provider's own check", NULL},
    [FAILURE_TIMEOUT] = {"the provider timed out", NULL},
};

static struct sentence sentence_of(enum failure_kind kind, int status)
{
    if (kind == FAILURE_REQUEST && status == 404)
        return (struct sentence){"the provider does not know the path",
                                 "check the provider's base_url"};
    if (status >= 300 && status < 400)
        return (struct sentence){"the provider answered with a redirect, which is not followed",
                                 "check the provider's base_url"};
    return sentences[kind];
}

bool failure_of_signs(const struct failure_signs *signs, struct failure *failure)
{
    enum failure_kind kind = kind_of(signs);
    struct sentence sentence = sentence_of(kind, signs->status);
    const char *param = own_param(signs->param);
    char said[40] = "";

    if (signs->status > 0)
        snprintf(said, sizeof said, " (status %d)", signs->status);
    else if (kind == FAILURE_SERVER)
        snprintf(said, sizeof said, " while it was answering");
    if (kind == FAILURE_REQUEST && param != NULL && signs->status != 404) {
        failure_set(failure, kind, NULL, "%s because of '%s'%s", sentence.what, param, said);
        error_hint(&failure->error, "compare '%s' with what the provider accepts for this model",
                   param);
    } else {
        failure_set(failure, kind, sentence.hint, "%s%s", sentence.what, said);
    }
    failure->status = signs->status;
    failure->retry_after_ms = signs->retry_after_ms;
    failure->error.retry_after_s =
        (unsigned)((signs->retry_after_ms + 999) / 1000); /* bounded where it was read */
    return false;
}
