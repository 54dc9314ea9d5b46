#include "trial/rehearsal.h"

#include "base/clock.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "document/member.h"
#include "gateway/request_state.h"
#include "provider/http_head.h"

#include <ctype.h>

struct staging {
    struct arena *arena;
    const struct endpoint *endpoint;
    const struct endpoint_test *test;
    enum rehearsal_source source;
    struct playback playback;
    struct recorder recorder;
    struct rehearsal *out;
};

/* --- the call ------------------------------------------------------------------------------------
 */

static struct text body_of(const struct staging *s)
{
    struct buffer out = buffer_in(s->arena);

    buffer_put(&out, TEXT("{\"input\":"));
    json_put_cell(&out, s->test->document, s->test->input);
    if (s->test->stream)
        buffer_put(&out, TEXT(",\"stream\":true"));
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}

static struct text lower(struct text text, struct arena *arena)
{
    char *out = arena_bytes(arena, text.len + 1);

    for (size_t i = 0; i < text.len; i++)
        out[i] = (char)tolower((unsigned char)text.at[i]);
    return (struct text){out, text.len};
}

static void put_headers(const struct staging *s, struct trial_call *call)
{
    const struct document *document = s->test->document;
    uint32_t at = s->test->headers;
    struct http_header *headers;

    if (at == CELL_NONE)
        return;
    headers = ARENA_ARRAY(s->arena, struct http_header, document_cell(document, at)->size);
    call->headers = headers;
    for (uint32_t item = at + 1; item < document_next(document, at);
         item = document_next(document, item + 1))
        headers[call->header_count++] = (struct http_header){
            lower(document_text(document, item), s->arena), document_text(document, item + 1)};
}

/* NULL: a caller of no particular kind. */
static const struct token_record *caller_of(const struct staging *s)
{
    static const struct text all[] = {TEXT_INIT("*")};
    const struct test_caller *caller = &s->test->caller;
    const struct document *document = s->test->document;
    struct token_record *record;
    struct token_tag *tags;

    if (caller->name.len == 0 && caller->project.len == 0 && caller->tags == CELL_NONE)
        return NULL;
    record = ARENA_NEW(s->arena, struct token_record);
    *record =
        (struct token_record){TOKEN_DEFAULTS,   .name = caller->name, .scopes = all,
                              .scope_count = 1, .test = true,         .project = caller->project};
    if (caller->tags == CELL_NONE)
        return record;
    tags = ARENA_ARRAY(s->arena, struct token_tag, document_cell(document, caller->tags)->size);
    record->tags = tags;
    for (uint32_t at = caller->tags + 1; at < document_next(document, caller->tags);
         at = document_next(document, at + 1))
        tags[record->tag_count++] =
            (struct token_tag){document_text(document, at), document_text(document, at + 1)};
    return record;
}

static struct tape *tape_of(struct staging *s, const struct recording *recording)
{
    switch (s->source) {
    case SOURCE_RECORDING:
        playback_init(&s->playback, recording, s->arena);
        return &s->playback.tape;
    case SOURCE_RECORD:
        recorder_init(&s->recorder, s->arena);
        return &s->recorder.tape;
    default:
        return NULL;
    }
}

/* --- what came of it -----------------------------------------------------------------------------
 */

static bool read(const struct staging *s, struct text text, struct document *out)
{
    static const struct json_limits limits = {.depth = 900, .nodes = JSON_UNLIMITED};

    return json_read(text, &limits, s->arena, out, NULL, NULL);
}

static void take_error(const struct document *document, struct outcome *out)
{
    uint32_t error = document_member(document, 0, TEXT("error"));

    out->error = document;
    out->error_at = error != CELL_NONE ? error : 0;
}

/* The envelope, or the bare output. */
static void take_whole(const struct staging *s, bool bare, struct text body, struct outcome *out)
{
    struct document *document = ARENA_NEW(s->arena, struct document);

    if (!read(s, body, document)) {
        out->content = body;
    } else if (out->status != 200) {
        take_error(document, out);
    } else if (bare) {
        out->content = body;
        out->output = document;
    } else {
        out->content = member_text(document, 0, "content");
        out->output_at = document_member(document, 0, TEXT("output"));
        out->output = out->output_at != CELL_NONE ? document : NULL;
    }
}

/* One event of a stream of ours: chat chunks, and at most one error. */
static void take_event(const struct staging *s, struct text data, struct buffer *content,
                       struct outcome *out)
{
    struct document *document = ARENA_NEW(s->arena, struct document);
    uint32_t delta;

    if (!read(s, data, document))
        return; /* [DONE] */
    if (document_member(document, 0, TEXT("error")) != CELL_NONE)
        take_error(document, out);
    delta = document_at(document, 0, TEXT("/choices/0/delta/content"));
    if (delta != CELL_NONE && document_cell(document, delta)->type == CELL_STRING)
        buffer_put(content, document_text(document, delta));
}

static void take_stream(const struct staging *s, const struct request *request, struct text body,
                        struct outcome *out)
{
    struct buffer content = buffer_in(s->arena);
    struct document *document = ARENA_NEW(s->arena, struct document);

    while (body.len > 0) {
        struct text line = text_split(&body, '\n');

        if (text_starts(line, TEXT("data: ")))
            take_event(s, text_after(line, strlen("data: ")), &content, out);
    }
    out->content = buffer_text(&content);
    if (out->error != NULL)
        out->status = error_row(request->error.code)->status;
    else if (s->endpoint->output != NULL && read(s, out->content, document))
        out->output = document;
}

static struct outcome outcome_of(const struct staging *s, const struct request *request,
                                 const struct trial_reply *reply)
{
    struct outcome out = {
        .status = reply->status,
        .route = arena_copy(s->arena, request->rule_name),
        .cost_nano = request->calls > 0 ? request->cost_nano : 0,
        .completion_tokens = request->usage.completion_tokens,
        .latency_ms = -1,
    };
    struct text body = arena_copy(s->arena, reply->body);

    if (s->source >= SOURCE_LIVE && request->calls > 0)
        out.latency_ms = (int64_t)(s->out->duration_us / 1000);
    if (reply->streamed)
        take_stream(s, request, body, &out);
    else
        take_whole(s, request->return_output && request->has_output, body, &out);
    return out;
}

static void no_run(struct rehearsal *out, struct text problem, const char *help)
{
    out->end = REHEARSAL_NO_RUN;
    out->problem = problem;
    out->help = text_of(help);
}

static void tell_miss(const struct staging *s, const struct recording *recording)
{
    const struct playback *playback = &s->playback;
    const struct difference *difference = &playback->difference;

    if (recording == NULL)
        no_run(s->out, TEXT("nothing was recorded for this test"),
               "'pinion test --record' calls the provider and records what it says; with --dev the "
               "built-in demo answers");
    else if (playback->differs)
        no_run(s->out,
               arena_printf(s->arena,
                            "the recording was made for another request: %.*s was %.*s and is "
                            "%.*s",
                            TEXT_ARG(difference->pointer), TEXT_ARG(difference->before),
                            TEXT_ARG(difference->after)),
               "where the change is meant, record the test again: 'pinion test --record'");
    else
        no_run(s->out,
               arena_printf(s->arena,
                            "provider '%.*s' is asked once more than when the test was recorded",
                            TEXT_ARG(playback->missed_provider)),
               "where that is meant, record the test again: 'pinion test --record'");
}

static void judge_outcome(struct staging *s, const struct outcome *outcome)
{
    struct rehearsal *out = s->out;
    struct verdict_on *verdicts =
        ARENA_ARRAY(s->arena, struct verdict_on, s->test->assertion_count);

    out->status = outcome->status;
    out->route = outcome->route;
    out->cost_nano = outcome->cost_nano;
    out->verdict_count = judge(s->test, outcome, s->arena, verdicts);
    out->verdicts = verdicts;
    for (size_t i = 0; i < out->verdict_count; i++)
        if (!verdicts[i].passed)
            out->end = REHEARSAL_FAILED;
}

static void conclude(struct staging *s, const struct recording *recording,
                     const struct outcome *outcome)
{
    struct rehearsal *out = s->out;

    if (s->source == SOURCE_RECORDING && s->playback.missed) {
        out->status = outcome->status;
        out->route = outcome->route;
        out->cost_nano = outcome->cost_nano;
        tell_miss(s, recording);
        return;
    }
    judge_outcome(s, outcome);
    if (s->source == SOURCE_RECORDING) {
        out->exchanges = s->playback.play_count;
        out->stale = recording != NULL ? recording->count - s->playback.play_count : 0;
    } else if (s->source == SOURCE_RECORD) {
        out->exchanges = s->recorder.count;
        out->incomplete = s->recorder.overflowed;
        out->recorded = (struct recording){s->endpoint->slug, s->test->name, s->recorder.items,
                                           s->recorder.count};
    }
}

struct rehearsal rehearsal_kept(const struct rehearsal *it, struct arena *arena)
{
    struct verdict_on *verdicts = ARENA_ARRAY(arena, struct verdict_on, it->verdict_count);
    struct rehearsal kept = *it;

    for (size_t i = 0; i < it->verdict_count; i++) {
        verdicts[i] = it->verdicts[i];
        verdicts[i].expected = arena_copy(arena, verdicts[i].expected);
        verdicts[i].got = arena_copy(arena, verdicts[i].got);
        verdicts[i].note = arena_copy(arena, verdicts[i].note);
    }
    kept.verdicts = verdicts;
    kept.problem = arena_copy(arena, it->problem);
    kept.help = arena_copy(arena, it->help);
    kept.route = arena_copy(arena, it->route);
    kept.recorded = (struct recording){0};
    return kept;
}

void rehearse(struct config *config, const struct endpoint *endpoint,
              const struct endpoint_test *test, const struct rehearsal_way *way,
              struct arena *arena, struct rehearsal *out)
{
    struct staging s = {
        .arena = arena, .endpoint = endpoint, .test = test, .source = way->source, .out = out};
    struct trial_call call = {.slug = endpoint->slug, .until = STAGE_COUNT};
    struct trial_options options = {.at_ms = test->at_ms, .scratch = way->scratch};
    struct error err = {0};
    struct trial_reply reply;
    struct request *request;
    struct outcome outcome;
    struct trial *trial;
    uint64_t start_us;

    *out = (struct rehearsal){.endpoint = endpoint, .test = test, .cost_nano = -1};
    options.caller = caller_of(&s);
    options.transport.tape = way->tape != NULL ? way->tape : tape_of(&s, way->recording);
    trial = trial_open(config, &options, &err);
    if (trial == NULL) {
        no_run(out, arena_copy(arena, text_of(err.message)),
               arena_terminated(arena, text_of(err.hint)));
        return;
    }
    call.body = body_of(&s);
    put_headers(&s, &call);
    start_us = clock_monotonic_us();
    request = trial_call(trial, &call, &reply);
    out->duration_us = clock_monotonic_us() - start_us;
    outcome = outcome_of(&s, request, &reply);
    trial_end(trial);
    trial_close(trial);
    conclude(&s, way->recording, &outcome);
}

void rehearsal_judge(const struct endpoint *endpoint, const struct endpoint_test *test,
                     const struct rehearsal_answer *answer, struct arena *arena,
                     struct rehearsal *out)
{
    struct staging s = {
        .arena = arena, .endpoint = endpoint, .test = test, .source = SOURCE_LIVE, .out = out};
    struct outcome outcome = {
        .status = answer->status,
        .route = answer->route,
        .cost_nano = answer->cost_nano,
        .completion_tokens = answer->completion_tokens,
        .latency_ms = answer->latency_ms,
    };

    *out = (struct rehearsal){.endpoint = endpoint,
                              .test = test,
                              .duration_us =
                                  answer->latency_ms > 0 ? (uint64_t)answer->latency_ms * 1000 : 0,
                              .exchanges = 1};
    take_whole(&s, endpoint->respond_output && endpoint->output != NULL && answer->status == 200,
               answer->body, &outcome);
    judge_outcome(&s, &outcome);
}
