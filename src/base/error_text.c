#include "base/error_text.h"

#include "base/check.h"

#include <stddef.h>

// clang-format off
static const struct error_text texts[ERROR_CODE_COUNT] = {
    [ERROR_INVALID_JSON] = {
        "The body is not JSON, or names a member twice.",
        "Send UTF-8 JSON as RFC 8259 says; 'param' has the place where reading had to stop."},
    [ERROR_INVALID_REQUEST] = {
        "The request is understood, but something in it cannot be: 'message' says what, 'param' where.",
        "Correct what 'param' names."},
    [ERROR_UNKNOWN_FIELD] = {
        "The body has a member that nothing here would read. It may be misspelt, or not part of the input schema.",
        "Remove or rename it; 'hint' names what was probably meant."},
    [ERROR_TEMPLATE_ERROR] = {
        "The prompt could not be made of this input: with its values it grows beyond what may be sent.",
        "Send less; if it is usual input, the author should bound it in the input schema."},
    [ERROR_ROLE_NOT_ALLOWED] = {
        "The messages have a 'system' or 'developer' role, but the prompt belongs to the endpoint.",
        "Leave the message out; the author may write 'allow: [system]'."},
    [ERROR_PARAMETER_NOT_ALLOWED] = {
        "The body sets a parameter of the model that the endpoint pins.",
        "Leave it out; the author may name it under 'allow'."},
    [ERROR_INPUT_SCHEMA_VIOLATION] = {
        "The input does not satisfy the endpoint's input schema. Nothing was sent to a model, and nothing is charged.",
        "Correct what 'details.violations' lists: each names the place, what was expected and what was found."},
    [ERROR_METHOD_NOT_ALLOWED] = {
        "The path is known, but not with this method.",
        "Use one of those in the 'Allow' header; endpoints are called with POST."},
    [ERROR_BODY_TOO_LARGE] = {
        "The body has more bytes than 'limits.body' of pinion.yaml lets through.",
        "Send less, or have the operator raise the limit."},
    [ERROR_UNSUPPORTED_MEDIA_TYPE] = {
        "The body is not said to be JSON.",
        "Send 'Content-Type: application/json'."},
    [ERROR_HEAD_TOO_LARGE] = {
        "The request line and headers together are too large.",
        "Send fewer or shorter headers."},
    [ERROR_MISSING_TOKEN] = {
        "The request bears no token.",
        "Send 'Authorization: Bearer TOKEN'; 'pinion token create --scope SLUG' makes one."},
    [ERROR_INVALID_TOKEN] = {
        "The token is none that this gateway gave out, or is damaged.",
        "Look whether all of it was copied, and whether it belongs to this gateway."},
    [ERROR_EXPIRED_TOKEN] = {
        "The token was good until its time was over.",
        "Have it rotated ('pinion token rotate ID'), or a new one made."},
    [ERROR_REVOKED_TOKEN] = {
        "The token was revoked.",
        "Ask its owner for a new one."},
    [ERROR_SCOPE_DENIED] = {
        "The token is good, but does not reach this endpoint, verb, project or address.",
        "Use another token, or have 'pinion token update ID' widen it."},
    [ERROR_ORIGIN_DENIED] = {
        "A browser asked from a page whose origin is not allowed.",
        "Call from a server, or have the origin allowed."},
    [ERROR_RATE_LIMITED] = {
        "More was asked than the token may in this minute or hour, in requests or in tokens.",
        "Wait as long as 'Retry-After' says; the 'RateLimit' headers tell how much is left."},
    [ERROR_CONCURRENCY_LIMITED] = {
        "As many calls as the token may have at once are under way.",
        "Wait for one to end, as 'Retry-After' says."},
    [ERROR_ENDPOINT_NOT_FOUND] = {
        "There is no endpoint of this slug, or none that the token may call.",
        "'hint' names the nearest slug; 'pinion check' lists mistakes that keep an endpoint from being there."},
    [ERROR_MODEL_NOT_FOUND] = {
        "What 'model' names is no endpoint, alias or known model, or none that the token may use; or the provider does not know it.",
        "'hint' names the nearest; GET /v1/models lists what the token may use."},
    [ERROR_ENDPOINT_SUNSET] = {
        "The endpoint was deprecated, and the day has passed until which it could be called.",
        "Call what takes its place: the error's hint names it where the token may call it."},
    [ERROR_ROUTE_NOT_FOUND] = {
        "Nothing is served under this path.",
        "Endpoints are called by POST /SLUG."},
    [ERROR_TOKEN_NOT_FOUND] = {
        "There is no token of this id or name.",
        "'pinion token list' shows which there are."},
    [ERROR_VERSION_NOT_FOUND] = {
        "The endpoint never had this version, or it is no longer kept.",
        "'pinion history SLUG' lists the versions."},
    [ERROR_RULE_NOT_FOUND] = {
        "The endpoint has no routing rule of this name that is watched.",
        "'pinion canary SLUG' shows which there are."},
    [ERROR_LOG_NOT_FOUND] = {
        "The log has no request of this id; rows go when their time or the log's room is over.",
        "'pinion logs list' shows which there are."},
    [ERROR_TOKEN_IS_REVOKED] = {
        "A token that was revoked cannot be changed or rotated.",
        "Make a new one."},
    [ERROR_PROJECT_NOT_FOUND] = {
        "There is no project of this name or id.",
        "Projects stand under 'projects' in pinion.yaml."},
    [ERROR_SECRET_NOT_FOUND] = {
        "No secret is sealed under this name.",
        "'pinion secret list' shows which there are."},
    [ERROR_BACKUP_NOT_FOUND] = {
        "There is no backup of this name.",
        "'pinion backup list' shows which there are."},
    [ERROR_BACKUP_CONFLICT] = {
        "Another backup or restore is under way, or one of that name is there.",
        "Wait for it, or choose another name."},
    [ERROR_SESSION_NOT_FOUND] = {
        "There is no session of this id, or it is another token's or endpoint's.",
        "Begin one with a call without 'session_id'; its id is in 'meta.session_id'."},
    [ERROR_RESPONSE_NOT_FOUND] = {
        "There is no stored response of this id: it is another token's, it has been deleted or has "
        "expired, or it was not stored.",
        "Ask for one that was answered with '\"store\": true' within the time that 'responses' in "
        "pinion.yaml gives them."},
    [ERROR_PREVIOUS_RESPONSE_NOT_FOUND] = {
        "The response that 'previous_response_id' names, or one that it goes on from, is not "
        "stored, or not any more.",
        "Send the whole conversation as 'input', without 'previous_response_id'."},
    [ERROR_THREAD_UNSUPPORTED] = {
        "A call of Messages has a 'thread': a conversation that the server is to hold between calls. None is held here.",
        "Send the whole conversation without it, as the tool runners of Anthropic's SDKs then do; or use a session."},
    [ERROR_ITEM_NOT_FOUND] = {
        "An item of 'input' refers to one by an id that is not stored, or not any more.",
        "Send the item itself; with the AI SDK: providerOptions: {openai: {store: false}}."},
    [ERROR_SESSION_EXPIRED] = {
        "The session waited longer for this turn than its 'ttl'.",
        "Begin a new one."},
    [ERROR_SESSION_BUSY] = {
        "Another turn of the session is under way, and as many wait as may.",
        "Send the turn again, as 'Retry-After' says."},
    [ERROR_IDEMPOTENCY_IN_PROGRESS] = {
        "The call with this Idempotency-Key is still under way.",
        "Repeat it with the same key, as 'Retry-After' says."},
    [ERROR_IDEMPOTENCY_KEY_REUSED] = {
        "The Idempotency-Key was used with another body.",
        "Use a new key for each different call."},
    [ERROR_OUTCOME_UNKNOWN] = {
        "The process ended while the call with this key was under way, so that nobody knows whether the model was asked.",
        "Decide whether it may be done twice; then use a new key."},
    [ERROR_SESSION_FULL] = {
        "The session has as many messages or tokens as it may, and 'on_full' is 'reject'.",
        "Begin a new session, or rewind or fork this one."},
    [ERROR_MONTHLY_BUDGET_EXCEEDED] = {
        "The call could cost more than is left of the month's budget. The model was not asked.",
        "Wait for the next month, or have the budget raised; 'pinion budget' shows which one it is."},
    [ERROR_DAILY_BUDGET_EXCEEDED] = {
        "The call could cost more than is left of the day's budget. The model was not asked.",
        "Wait for the next day, or have the budget raised; 'pinion budget' shows which one it is."},
    [ERROR_REQUEST_TOKENS_EXCEEDED] = {
        "The prompt and the longest answer together have more tokens than one call may.",
        "Send less, or have 'request_tokens' raised."},
    [ERROR_PRICE_UNKNOWN] = {
        "The call counts against a budget, but the price of its model is not known.",
        "Add the model to 'prices' in pinion.yaml."},
    [ERROR_OUTPUT_LIMIT_EXCEEDED] = {
        "The model's answer has more bytes than are read of one.",
        "Ask for less, or set a lower 'max_tokens'."},
    [ERROR_OUTPUT_SCHEMA_VIOLATION] = {
        "The model's answer does not satisfy the output schema, after all that 'on_invalid_output' says was tried.",
        "'details.violations' says what did not fit. Say it more plainly in the prompt, loosen the schema, or add 'reask' or a failover target."},
    [ERROR_OUTPUT_NOT_JSON] = {
        "The endpoint has an output schema, but the model answered with something that is no JSON.",
        "As for output_schema_violation."},
    [ERROR_OUTPUT_TRUNCATED] = {
        "The answer ended at the token limit before it was whole.",
        "Raise 'max_tokens', or ask for less."},
    [ERROR_GUARDRAIL_BLOCKED] = {
        "A guardrail found something in the input, or in the model's answer, that is not let through. 'details' has its kind, where it was and by which rule, and never what it was.",
        "Leave it out of the input, or ask in another way; 'docs/guardrails.md' says what is looked for."},
    [ERROR_UPSTREAM_FAILED] = {
        "The provider answered with an error, and so did every target after it.",
        "'details.attempts' says what each did; 'docs/faults.md' what each reason means."},
    [ERROR_UPSTREAM_INVALID_RESPONSE] = {
        "The provider's answer is not what its API promises.",
        "Try again; if it lasts, look whether 'kind' and 'base_url' of the provider are right."},
    [ERROR_UPSTREAM_AUTH_FAILED] = {
        "The provider refuses the credential it was given.",
        "The operator should look at the provider's 'key': 'pinion check --online' tries it."},
    [ERROR_UPSTREAM_UNREACHABLE] = {
        "No connection to the provider could be made.",
        "Look at its 'base_url' and the network."},
    [ERROR_UPSTREAM_TLS] = {
        "The provider's certificate was not trusted, or no secure connection came about.",
        "Look at its 'base_url'; a private authority is named by 'ca_file'."},
    [ERROR_UPSTREAM_DNS] = {
        "The provider's name could not be resolved.",
        "Look at its 'base_url' and the resolver."},
    [ERROR_UPSTREAM_BLOCKED] = {
        "The provider's address is private or this machine's own, which is not allowed.",
        "If it is meant, set 'allow_private: true' for the provider."},
    [ERROR_UPSTREAM_PROTOCOL] = {
        "The provider broke the rules of HTTP.",
        "Look whether something else answers at its 'base_url'."},
    [ERROR_UPSTREAM_TOO_LARGE] = {
        "The provider's answer is larger than is read.",
        "Ask for less, or set a lower 'max_tokens'."},
    [ERROR_UPSTREAM_TRUNCATED] = {
        "The provider's answer ended before it was whole.",
        "Try again."},
    [ERROR_UPSTREAM_REJECTED] = {
        "The provider refuses the request as it is: the model may not exist, or not take a parameter.",
        "'details.attempts' says why; the author should look at 'model' and 'params'."},
    [ERROR_CONTEXT_LENGTH_EXCEEDED] = {
        "The prompt has more tokens than the model takes.",
        "Send less; the author may add a failover target with 'on: [context_length]', or route long inputs elsewhere."},
    [ERROR_UPSTREAM_RATE_LIMITED] = {
        "The provider says that this gateway asks too much.",
        "Wait as 'Retry-After' says; more keys or a failover target with 'on: [rate_limit]' help."},
    [ERROR_UPSTREAM_OVERLOADED] = {
        "The provider says that it is overloaded.",
        "Try again; a failover target helps."},
    [ERROR_UPSTREAM_TIMEOUT] = {
        "The provider did not begin, or not end, in time.",
        "Try again; 'timeout' says how long is waited, and a failover target with 'on: [timeout]' helps."},
    [ERROR_INTERNAL] = {
        "Something went wrong here that should not.",
        "Report it with the request's id."},
    [ERROR_OVERLOADED] = {
        "This process has as much to do as it takes on.",
        "Try again, as 'Retry-After' says."},
    [ERROR_SHUTTING_DOWN] = {
        "This process is about to end and takes no new calls.",
        "Try again: another answers."},
    [ERROR_STORAGE_FULL] = {
        "The disk or the store has no room left.",
        "The operator should make room; 'pinion doctor' says where."},
    [ERROR_STORAGE_ERROR] = {
        "The store could not be read or written.",
        "The operator should look at the log and run 'pinion doctor'."},
    [ERROR_RECORD_DAMAGED] = {
        "A record of the store is damaged and was not used.",
        "The operator should run 'pinion doctor', and restore a backup."},
    [ERROR_AUDIT_BROKEN] = {
        "The audit log has been changed or cut.",
        "'pinion audit verify' says where; restore a backup, and find out who did it."},
    [ERROR_MASTER_KEY_UNUSABLE] = {
        "The key that opens sealed secrets is missing, or is not the one that they were sealed with.",
        "Look at 'master_key' of pinion.yaml or PINION_MASTER_KEY."},
    [ERROR_CLIENT_CLOSED] = {
        "The caller went away before the answer was there. It stands only in logs and metrics.",
        "Nothing; look at the caller's timeout if there are many."},
    [ERROR_CONFIG_INVALID] = {
        "The configuration has mistakes; the one that was in use stays in use.",
        "'pinion check' says what they are and where."},
    [ERROR_FILE_UNREADABLE] = {
        "A file that a command was given cannot be read or written.",
        "Look at its name and permissions."},
};
// clang-format on

const struct error_text *error_text_of(enum error_code code)
{
    CHECK((unsigned)code < ERROR_CODE_COUNT);
    return &texts[code];
}
