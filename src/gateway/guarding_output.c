/* What a model answers: event by event while it streams, and whole once it is complete. What was
 * masked on its way there stands in it again; what must not be said is not; and what is left still
 * satisfies the endpoint's schema. */
#include "gateway/guarding.h"

#include "document/json_read.h"
#include "gateway/stages.h"

#include <stdio.h>

bool guarding_is_late(const struct request *request)
{
    return request->guarding != NULL && guard_policy_on(&request->guarding->policy, GUARD_OUTPUT);
}

static bool content_is_json(const struct request *request)
{
    return request->endpoint->output != NULL;
}

/* --- a stream ------------------------------------------------------------------------------------
 */

static struct guard_channel *call_channel(struct guarding *guarding, uint32_t call)
{
    struct arena *arena = guarding->output.arena;

    if (call >= GUARD_CALLS_MAX)
        return NULL;
    if (call >= guarding->call_room) {
        size_t room = guarding->call_room > 0 ? guarding->call_room : 4;
        struct guard_channel **calls;

        while (room <= call)
            room *= 2;
        calls = ARENA_ARRAY(arena, struct guard_channel *, room);
        if (guarding->call_room > 0)
            memcpy(calls, guarding->calls, guarding->call_room * sizeof *calls);
        guarding->calls = calls;
        guarding->call_room = room;
    }
    if (guarding->calls[call] == NULL)
        guarding->calls[call] = ARENA_NEW(arena, struct guard_channel);
    return guarding->calls[call];
}

/* NULL: the event has no text that is shown. */
static struct guard_channel *channel_of(struct request *request, const struct chat_event *event,
                                        bool *out_json)
{
    struct guarding *guarding = request->guarding;

    *out_json = true;
    switch (event->type) {
    case CHAT_EVENT_TEXT:
        *out_json = content_is_json(request);
        return &guarding->content;
    case CHAT_EVENT_REFUSAL:
        *out_json = false;
        return &guarding->refusal;
    case CHAT_EVENT_CALL:
    case CHAT_EVENT_ARGUMENTS:
        return call_channel(guarding, event->call);
    default:
        return NULL;
    }
}

static bool shows(const struct chat_event *event)
{
    return event->type == CHAT_EVENT_TEXT || event->type == CHAT_EVENT_REFUSAL ||
           event->type == CHAT_EVENT_CALL || event->type == CHAT_EVENT_ARGUMENTS;
}

void guarding_begin_answer(struct request *request)
{
    struct guarding *guarding = request->guarding;

    if (guarding == NULL || !guarding->streamed || request->streaming)
        return;
    guarding->content = guarding->refusal = (struct guard_channel){0};
    guarding->calls = NULL;
    guarding->call_room = 0;
    guarding->output.chars = 0;
    guarding->streamed = false;
}

static void send_on(struct request *request, const struct chat_event *event, struct text text)
{
    struct chat_event shown = *event;

    shown.text = text;
    if (text.len > 0 || event->type == CHAT_EVENT_CALL)
        stream_event(request, &shown);
}

bool guarding_stream_event(struct request *request, const struct chat_event *event,
                           struct failure *failure)
{
    struct guarding *guarding = request->guarding;
    struct guard_channel *channel;
    bool json;

    if (!guarding_is_late(request) || !shows(event)) {
        stream_event(request, event);
        return true;
    }
    channel = channel_of(request, event, &json);
    if (channel == NULL)
        return true;
    if (!channel->begun)
        channel->stream = (struct guard_stream){.guard = &guarding->output, .json = json};
    channel->begun = guarding->streamed = true;
    if (!guarding->output.blocked) {
        guarding->piece.len = 0;
        guard_stream_put(&channel->stream, event->text, &guarding->piece);
        send_on(request, event, buffer_text(&guarding->piece));
    }
    if (!guarding->output.blocked || share_has_others(request))
        return true;
    failure->kind = FAILURE_GUARD;
    guarding_refuse(&guarding->output, NULL, &failure->error);
    return false;
}

static bool end_channel(struct request *request, struct guard_channel *channel,
                        const struct chat_event *event)
{
    struct guarding *guarding = request->guarding;
    bool good;

    if (channel == NULL || !channel->begun)
        return true;
    guarding->piece.len = 0;
    good = guard_stream_end(&channel->stream, &guarding->piece);
    send_on(request, event, buffer_text(&guarding->piece));
    return good;
}

/* What was held back until its text ended. */
static bool end_stream(struct request *request)
{
    struct guarding *guarding = request->guarding;
    struct chat_event event = {.type = CHAT_EVENT_TEXT};
    bool good = end_channel(request, &guarding->content, &event);

    event.type = CHAT_EVENT_REFUSAL;
    good = good && end_channel(request, &guarding->refusal, &event);
    event.type = CHAT_EVENT_ARGUMENTS;
    for (size_t i = 0; good && i < guarding->call_room; i++) {
        event.call = (uint32_t)i;
        good = end_channel(request, guarding->calls[i], &event);
    }
    return good;
}

/* --- a whole answer ------------------------------------------------------------------------------
 */

/* Of what is looked at a second time nothing is counted twice. */
static struct guard uncounted(const struct request *request)
{
    struct guard guard = request->guarding->output;

    guard.tally_count = 0;
    guard.chars = guard.effort = 0;
    guard.blocked = guard.changed = false;
    return guard;
}

static bool guard_parts(struct request *request, struct guard *guard, struct chat_answer *answer)
{
    struct chat_part *parts = ARENA_ARRAY(&request->arena, struct chat_part, answer->part_count);
    struct guard again = uncounted(request);
    bool good = true;

    again.soft = true; /* nothing of it is let through that the whole would not have been */
    for (size_t i = 0; answer->parts != NULL && i < answer->part_count && good; i++) {
        parts[i] = answer->parts[i];
        if (parts[i].type == CHAT_CALL)
            good = guard_text(guard, parts[i].text, true, (struct text){0}, &parts[i].text);
        else if (parts[i].type == CHAT_TEXT) /* looked at with the content, which it is part of */
            guard_text(&again, parts[i].text, content_is_json(request), (struct text){0},
                       &parts[i].text);
    }
    if (answer->parts != NULL)
        answer->parts = parts;
    return good;
}

static bool guard_answer(struct request *request, struct guard *guard, struct chat_answer *answer)
{
    return guard_text(guard, answer->content, content_is_json(request), (struct text){0},
                      &answer->content) &&
           guard_text(guard, answer->refusal, false, (struct text){0}, &answer->refusal) &&
           guard_parts(request, guard, answer);
}

static bool still_fits(struct request *request, struct text text)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};

    return json_read(text, &limits, &request->arena, &request->output, NULL, NULL) &&
           schema_check(request->endpoint->output, &request->output, 0, &request->arena);
}

/* What only the second look has found. */
static bool refuse_output(struct request *request, const struct guard *again)
{
    struct guard *guard = &request->guarding->output;

    if (guard->tally_count == GUARD_TALLIES_MAX)
        guard->tally_count--;
    guard->tallies[guard->tally_count++] = again->tallies[again->tally_count - 1];
    guard->blocked = true;
    request->has_output = false;
    guarding_refuse(guard, NULL, &request->error);
    return false;
}

/* The value that the answer holds, which may be written otherwise there: JSON that stood in a
 * string has escapes of its own. */
static bool guard_output(struct request *request)
{
    struct guard again = uncounted(request);
    struct text source = text_trim(request->output.source), text;

    if (!request->has_output)
        return true;
    if (!guard_text(&again, source, true, (struct text){0}, &text))
        return refuse_output(request, &again);
    if (text.at == source.at || still_fits(request, text))
        return true;
    request->has_output = false;
    error_set(&request->error, ERROR_GUARDRAIL_BLOCKED, NULL,
              "what guardrails left of the model's answer no longer satisfies the endpoint's "
              "schema");
    error_hint(&request->error,
               "allow placeholders such as [EMAIL_1] in the schema, or use pii: restore");
    return false;
}

/* In its place; what nothing was found in is left as it is. */
static void guard_words(struct request *request, char *words, size_t room)
{
    struct text left = guarding_stored(request, text_of(words), false);

    if (left.at != words)
        snprintf(words, room, "%.*s", TEXT_ARG(text_cut(left, room - 1)));
}

/* Why there is no answer may be said in the model's own words: the names of members that it made
 * up.
 */
static void guard_error(struct request *request)
{
    struct error *error = &request->error;
    struct violations *violations;

    guard_words(request, error->at, sizeof error->at);
    guard_words(request, error->message, sizeof error->message);
    request->share.details = guarding_stored(request, request->share.details, true);
    if (request->violations == NULL)
        return;
    violations = ARENA_NEW(&request->arena, struct violations);
    *violations = *request->violations;
    for (size_t i = 0; i < violations->listed; i++) {
        struct violation *it = &violations->items[i];

        it->instance_path = guarding_stored(request, it->instance_path, false);
        it->message = guarding_stored(request, it->message, false);
    }
    request->violations = violations;
}

/* Whether the error is about what a model wrote. */
static bool tells_of_answer(const struct error *error)
{
    return strcmp(error_row(error->code)->type, "output_schema_error") == 0;
}

enum verdict stage_guard_output(struct request *request)
{
    struct guarding *guarding = request->guarding;
    struct guard again, *guard;

    if (!guarding_is_late(request) || request->idempotency.known != NULL)
        return NEXT;
    if (request->error.code != ERROR_NONE) {
        if (tells_of_answer(&request->error))
            guard_error(request);
        return NEXT;
    }
    guarding->given = request->answer;
    guarding->has_given = true;
    again = uncounted(request);
    guard = guarding->streamed ? &again : &guarding->output;
    if ((guarding->streamed && !end_stream(request)) ||
        !guard_answer(request, guard, &request->answer)) {
        guarding_refuse(&guarding->output, NULL, &request->error);
        return FAIL;
    }
    return guard_output(request) ? NEXT : FAIL;
}

/* --- what is kept --------------------------------------------------------------------------------
 */

const struct chat_answer *guarding_given(const struct request *request)
{
    return request->guarding != NULL && request->guarding->has_given ? &request->guarding->given
                                                                     : &request->answer;
}

size_t guarding_shown(const struct request *request, bool refusal, size_t shown_bytes)
{
    if (!guarding_is_late(request))
        return shown_bytes;
    return (size_t)(refusal ? request->guarding->refusal : request->guarding->content).stream.taken;
}

struct text guarding_stored(struct request *request, struct text text, bool json)
{
    struct guard guard;

    if (!guarding_is_late(request))
        return text;
    guard = uncounted(request);
    guard.keep = guard.soft = true;
    guard_text(&guard, text, json, (struct text){0}, &text);
    return text;
}

const struct chat_part *guarding_stored_parts(struct request *request,
                                              const struct chat_answer *answer)
{
    struct chat_part *parts;

    if (!guarding_is_late(request))
        return answer->parts;
    parts = ARENA_ARRAY(&request->arena, struct chat_part, answer->part_count);
    for (size_t i = 0; i < answer->part_count; i++) {
        parts[i] = answer->parts[i];
        parts[i].text = guarding_stored(
            request, parts[i].text,
            parts[i].type == CHAT_CALL || (parts[i].type == CHAT_TEXT && content_is_json(request)));
    }
    return parts;
}
