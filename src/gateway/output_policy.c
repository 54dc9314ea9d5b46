/* What follows an answer that cannot be used (product.md section 4): the same target is told what
 * was wrong, or the next one is asked, as long as the endpoint wants it and time and money last; or
 * the caller learns why not. What a client has begun to receive is final. */
#include "base/clock.h"
#include "gateway/reserve.h"
#include "gateway/stages.h"
#include "journal/metrics.h"

enum { ECHO_BYTES = 16 * 1024 }; /* of an answer that is held up to its model */

static struct attempt *last_attempt(const struct request *request)
{
    struct attempt *attempt = request->attempts;

    if (request->winner != NULL)
        return request->winner;
    while (attempt->next != NULL)
        attempt = attempt->next;
    return attempt;
}

/* Where a lease has to be waited for first, the call will. */
static bool affordable(struct request *request, const struct target *target)
{
    int64_t limit = request->endpoint->invalid.max_nano, spent = account_spent(request);
    bool refused = false;

    if (limit > 0 && (spent < 0 || spent >= limit))
        return false;
    return reserve_covered_now(request, target, &refused) || !refused;
}

static bool may_go_on(struct request *request)
{
    return !request->streaming && !request->share.said && !request->gone &&
           request->plan.calls < PLAN_CALLS_MAX &&
           retry_in_time(&retry_pace_default, loop_now_ms(request->worker->loop), 0,
                         request->plan.deadline_ms);
}

/* Asking again helps a model that slipped, not one that was cut off or declined. */
static bool may_reask(struct request *request, const struct target *target)
{
    return request->reasks < request->endpoint->invalid.reask &&
           request->answer.finish != CHAT_FINISH_LENGTH && request->answer.refusal.len == 0 &&
           affordable(request, target);
}

static struct text complaint(struct request *request)
{
    struct buffer out = buffer_in(&request->arena);

    buffer_put(&out, TEXT("That answer cannot be used. Answer again with nothing but JSON that "
                          "satisfies the schema. What was wrong:\n"));
    if (request->violations != NULL)
        violations_write_lines(request->violations, &out);
    else
        buffer_printf(&out, "- %s%s%s\n", request->error.message,
                      request->error.at[0] != '\0' ? ", at " : "", request->error.at);
    return buffer_text(&out);
}

/* The conversation as it was rendered, the answer, and what is wrong with it. */
static void reask(struct request *request)
{
    size_t count = request->rendered_count;
    struct chat_message *messages = ARENA_ARRAY(&request->arena, struct chat_message, count + 2);
    struct text said = text_cut(request->answer.content, ECHO_BYTES);

    memcpy(messages, request->chat.messages, count * sizeof *messages);
    if (text_trim(said).len > 0)
        messages[count++] = (struct chat_message){.role = CHAT_ASSISTANT, .text = said};
    messages[count++] = (struct chat_message){.role = CHAT_USER, .text = complaint(request)};
    request->chat.messages = messages;
    request->chat.message_count = count;
    request->reasks++;
}

static bool ask_next(struct request *request, const struct attempt *refused)
{
    size_t place = plan_next_place(&request->plan, ON_INVALID);

    if (!request->endpoint->invalid.next || place == SIZE_MAX ||
        !affordable(request, &request->endpoint->failover[place - 1]))
        return false;
    call_next_target(request, place);
    call_say_failover(request, refused);
    return true;
}

static void say(struct request *request, const struct attempt *attempt, const char *what)
{
    const struct trace_words ids = trace_words_of(&request->trace);
    struct arena *arena = &request->arena;

    log_event(request->worker->gateway->log, LOG_WARN, "invalid_output", what, "request_id",
              arena_terminated(arena, request->id), "trace_id", ids.trace_id, "span_id",
              ids.span_id, "endpoint", arena_terminated(arena, request->endpoint->slug), "provider",
              arena_terminated(arena, attempt->target->provider->name), "model",
              arena_terminated(arena, attempt->target->model), "code",
              error_row(request->error.code)->word, NULL);
}

static enum verdict start_over(struct request *request)
{
    request->error = (struct error){0};
    request->violations = NULL;
    request->answer = (struct chat_answer){0};
    request->answered = false;
    request->output = (struct document){0};
    request->plan.tried_keys = 0;
    return AGAIN;
}

enum verdict output_refused(struct request *request)
{
    const struct text labels[] = {request->endpoint->slug, TEXT("output")};
    struct attempt *attempt;

    if (request->shadow == NULL)
        metric_add(request->worker->metrics, METRIC_SCHEMA_VIOLATIONS, labels, 1);
    if (request->share.known) /* there is nobody to ask again */
        return FAIL;
    attempt = last_attempt(request);
    attempt->failure = (struct failure){
        .kind = FAILURE_OUTPUT, .status = attempt->status, .error = request->error};
    if (!may_go_on(request))
        return FAIL;
    if (may_reask(request, attempt->target)) {
        say(request, attempt, "an answer does not fit; the same target is asked again");
        reask(request);
        return start_over(request);
    }
    if (!ask_next(request, attempt))
        return FAIL;
    say(request, attempt, "an answer does not fit; the next target is asked");
    return start_over(request);
}
