/* An answer that is sent on piece by piece is watched from its first byte, because it is the output
 * as it stands. One that is only read as a stream is searched for its JSON when it is complete;
 * there watching begins only where the JSON does, and only where it can be nothing else. */
#include "gateway/output_watch.h"

#include "document/json_repair.h"
#include "gateway/stages.h"

/* Nulls that stand for missing members are taken out of an answer, which a client that is sent it
 * piece by piece would have by then. */
struct text output_strict(const struct request *request, const struct target *target)
{
    const struct lowered *lowered = target->lowered;

    if (request->endpoint->output == NULL || lowered == NULL)
        return (struct text){0};
    return lowered->writes_nulls && stream_wanted(request) ? (struct text){0} : lowered->text;
}

/* Early cancelling pays where something can be tried again. */
static bool watched_early(const struct request *request)
{
    const struct invalid_rule *rule = &request->endpoint->invalid;

    return rule->early && (rule->reask > 0 || rule->next) && !request->body.stream;
}

/* What is missing is written as null, which is taken out before the answer is checked. */
static bool writes_nulls(const struct attempt *attempt)
{
    return attempt->chat.output_strict.len > 0 && attempt->target->lowered->writes_nulls;
}

bool output_watched(const struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;

    if (endpoint->output == NULL || request->chat.tool_count > 0)
        return false;
    if (request->body.stream)
        return endpoint->stream == STREAM_VALIDATED;
    return watched_early(request);
}

void output_watch_open(struct attempt *attempt)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct request *request = attempt->request;

    if (output_watched(request))
        attempt->watch.follower =
            schema_follow_open(request->endpoint->output, &limits, &request->arena);
}

static bool blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Whether this answer goes on being watched: one that is not to be sent on as it is may begin with
 * a fence or a sentence. */
static bool begins_as_json(const struct attempt *attempt, struct text text)
{
    size_t at = 0;

    while (at < text.len && blank(text.at[at]))
        at++;
    if (attempt->request->body.stream || at == text.len)
        return true;
    return text.at[at] == '{' || text.at[at] == '[';
}

/* What is wrong with the part that came: closed where it ends, and checked; what is merely missing
 * so far is not held against it. */
static const struct violations *violations_so_far(struct attempt *attempt, struct text part)
{
    struct request *request = attempt->request;
    static const char *const waiting[] = {"required",         "minItems", "minProperties",
                                          "minLength",        "contains", "minContains",
                                          "dependentRequired"};
    const struct json_repair_options options = {.complete = true};
    struct violations *violations = ARENA_NEW(&request->arena, struct violations);
    struct json_repair mended;
    struct document meant;
    size_t kept = 0;

    if (!json_repair(part, &options, &request->arena, &mended, NULL, NULL))
        return NULL;
    meant = mended.document;
    if (writes_nulls(attempt))
        schema_raise(attempt->target->lowered, &mended.document, &request->arena, &meant);
    schema_explain(request->endpoint->output, &meant, 0, &request->arena, violations);
    for (size_t i = 0; i < violations->listed; i++) {
        bool waits = false;

        for (size_t k = 0; k < sizeof waiting / sizeof *waiting; k++)
            waits |= text_equal(violations->items[i].keyword, text_of(waiting[k]));
        if (!waits)
            violations->items[kept++] = violations->items[i];
    }
    violations->listed = violations->total = kept;
    return kept > 0 && !violations->undecided ? violations : NULL;
}

enum { JSON_WHOLE, JSON_BEGUN, JSON_BROKEN };

/* What the text is by itself: JSON, the beginning of some, or neither. */
static int json_state(struct request *request, struct text part)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct document document;
    struct error err = {0};
    size_t offset = 0;

    if (json_read(part, &limits, &request->arena, &document, &offset, &err))
        return JSON_WHOLE;
    return offset == part.len ? JSON_BEGUN : JSON_BROKEN;
}

/* That the schema decided at that byte. The byte may be the first of a name that cannot be one, or
 * the one behind a number: then what is in front of it is looked at. */
static void fill_violation(struct attempt *attempt, struct text content, size_t byte,
                           struct failure *failure)
{
    struct request *request = attempt->request;
    const struct violation *first;

    failure->kind = FAILURE_OUTPUT;
    request->violations = violations_so_far(attempt, content);
    if (request->violations == NULL)
        request->violations = violations_so_far(attempt, text_first(content, byte));
    first = request->violations != NULL ? &request->violations->items[0] : NULL;
    error_set(&failure->error, ERROR_OUTPUT_SCHEMA_VIOLATION,
              first != NULL ? arena_terminated(&request->arena, first->instance_path) : NULL,
              "the model's answer could no longer satisfy the endpoint's schema from byte %zu "
              "on%s%.*s",
              byte, first != NULL ? ": " : "", first != NULL ? (int)first->message.len : 0,
              first != NULL ? first->message.at : "");
}

static void fill_not_json(size_t byte, struct failure *failure)
{
    failure->kind = FAILURE_OUTPUT;
    error_set(&failure->error, ERROR_OUTPUT_NOT_JSON, NULL,
              "the model's answer could no longer become valid JSON from byte %zu on", byte);
}

/* Whether what was decided at that byte may still turn out well, as the end of the answer will
 * tell: a value with something behind it, a slip that can be mended, a null that is to be taken
 * out. */
static bool may_be_mended(const struct attempt *attempt, bool json, struct text content,
                          size_t byte)
{
    struct request *request = attempt->request;

    if (request->body.stream)
        return false;
    if (json)
        return writes_nulls(attempt) && byte < content.len && content.at[byte] == 'n';
    return request->endpoint->invalid.repair ||
           json_state(request, text_first(content, byte)) == JSON_WHOLE;
}

bool output_watch_take(struct attempt *attempt, struct text text, size_t *out_good,
                       struct failure *failure)
{
    struct output_watch *watch = &attempt->watch;
    struct text content;
    size_t byte;
    bool json;

    *out_good = text.len;
    if (watch->follower == NULL || text.len == 0)
        return true;
    if (!watch->begun && !begins_as_json(attempt, text)) {
        watch->follower = NULL;
        return true;
    }
    for (size_t i = 0; i < text.len && !watch->begun; i++)
        watch->begun = !blank(text.at[i]);
    watch->taken += text.len;
    if (schema_follow(watch->follower, text) != FOLLOWING_NEVER)
        return true;
    byte = schema_follow_byte(watch->follower);
    *out_good = text_cut(text, byte - (watch->taken - text.len)).len;
    content = buffer_text(&attempt->gather.content);
    json = json_state(attempt->request, text_first(content, byte + 1)) != JSON_BROKEN;
    if (may_be_mended(attempt, json, content, byte)) {
        watch->follower = NULL;
        *out_good = text.len;
        return true;
    }
    if (json)
        fill_violation(attempt, content, byte, failure);
    else
        fill_not_json(byte, failure);
    return false;
}
