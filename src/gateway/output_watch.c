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

/* Early cancelling pays where something can be tried again; where nulls are to be taken out, what
 * is written is not yet what is checked. */
static bool watched_early(const struct request *request, const struct target *target)
{
    const struct invalid_rule *rule = &request->endpoint->invalid;

    return rule->early && (rule->reask > 0 || rule->next) && !request->body.stream &&
           !(target->lowered != NULL && target->lowered->writes_nulls &&
             target->lowered->text.len > 0);
}

bool output_watched(const struct request *request, const struct target *target)
{
    const struct endpoint *endpoint = request->endpoint;

    if (endpoint->output == NULL || request->chat.tool_count > 0)
        return false;
    if (request->body.stream)
        return endpoint->stream == STREAM_VALIDATED;
    return watched_early(request, target);
}

void output_watch_open(struct attempt *attempt)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct request *request = attempt->request;

    if (output_watched(request, attempt->target))
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
static const struct violations *violations_so_far(struct request *request, struct text part)
{
    static const char *const waiting[] = {"required",         "minItems", "minProperties",
                                          "minLength",        "contains", "minContains",
                                          "dependentRequired"};
    const struct json_repair_options options = {.complete = true};
    struct violations *violations = ARENA_NEW(&request->arena, struct violations);
    struct json_repair mended;
    size_t kept = 0;

    if (!json_repair(part, &options, &request->arena, &mended, NULL, NULL))
        return NULL;
    schema_explain(request->endpoint->output, &mended.document, 0, &request->arena, violations);
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

static void fill_failure(struct attempt *attempt, size_t byte, struct failure *failure)
{
    struct request *request = attempt->request;
    struct text content = buffer_text(&attempt->gather.content);

    request->violations = violations_so_far(request, content);
    failure->kind = FAILURE_OUTPUT;
    if (request->violations == NULL) {
        error_set(&failure->error, ERROR_OUTPUT_NOT_JSON, NULL,
                  "the model's answer could no longer become valid JSON from byte %zu on", byte);
        return;
    }
    error_set(&failure->error, ERROR_OUTPUT_SCHEMA_VIOLATION,
              arena_terminated(&request->arena, request->violations->items[0].instance_path),
              "the model's answer could no longer satisfy the endpoint's schema from byte %zu on: "
              "%.*s",
              byte, TEXT_ARG(request->violations->items[0].message));
}

bool output_watch_take(struct attempt *attempt, struct text text, size_t *out_good,
                       struct failure *failure)
{
    struct output_watch *watch = &attempt->watch;
    size_t byte;

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
    fill_failure(attempt, byte, failure);
    /* What may be mended is not lost: the end of the answer will tell. */
    if (failure->error.code == ERROR_OUTPUT_NOT_JSON && !attempt->request->body.stream &&
        attempt->request->endpoint->invalid.repair) {
        watch->follower = NULL;
        *out_good = text.len;
        return true;
    }
    return false;
}
