/* POST /admin/v1/tests and /admin/v1/tests/judge: the tests of an endpoint, as it is in the folder
 * or as a draft has it, run against what was recorded for them or against the built-in demo.
 * Providers are never called by it: a call that is paid for is a call of somebody's (try.c), and
 * what it was answered can be judged here. */
#include "admin/admin.h"
#include "admin/draft.h"
#include "admin/order.h"
#include "auth/token_json.h"
#include "document/json_write.h"
#include "document/member.h"
#include "gateway/paths.h"
#include "gateway/shared_config.h"
#include "trial/recordings.h"
#include "trial/rehearsal.h"

struct testing {
    struct draft_order draft; /* first */
    struct text test;         /* only the one of that name; empty: all */
    enum rehearsal_source source;
    struct rehearsal_answer answer; /* to be judged */
};

static const char *const source_words[] = {
    [SOURCE_RECORDING] = "recording", [SOURCE_DEMO] = "demo"};

/* --- one test
 * ------------------------------------------------------------------------------------ */

static void put_place(const struct endpoint_test *test, struct buffer *out)
{
    json_put_text(out, "file", test->document->file);
    json_put_count(out, "line", document_range(test->document, test->at).start.line);
}

/* What its author has a caller send. */
static void put_call(const struct endpoint_test *test, struct buffer *out)
{
    json_put_name(out, "call");
    buffer_put(out, TEXT("{\"body\":{\"input\":"));
    json_put_cell(out, test->document, test->input);
    if (test->stream)
        buffer_put(out, TEXT(",\"stream\":true"));
    buffer_put_byte(out, '}');
    if (test->headers != CELL_NONE) {
        json_put_name(out, "headers");
        json_put_cell(out, test->document, test->headers);
    }
    buffer_put_byte(out, '}');
}

/* `recording` says of what there is of one: "there", "stale" (of another request), "missing",
 * "malformed", or "none" where the test asks no provider. */
static const char *recording_word(const struct rehearsal *it, bool there, bool malformed)
{
    if (malformed)
        return "malformed";
    if (there)
        return it->end == REHEARSAL_NO_RUN || it->stale > 0 ? "stale" : "there";
    return it->end == REHEARSAL_NO_RUN ? "missing" : "none";
}

static void run_test(struct job *job, struct config *config, const struct endpoint_test *test,
                     struct buffer *out)
{
    const struct testing *order = job->order;
    struct rehearsal_way way = {.source = order->source, .scratch = job->gateway->store_folder};
    struct arena scratch = {0};
    struct recording recording;
    struct error err = {0};
    struct rehearsal it;
    bool there = false, read;

    read = recordings_read(job->gateway->folder, config->endpoints[0].slug, test->name, &scratch,
                           &recording, &there, &err);
    way.recording = there && read ? &recording : NULL;
    rehearse(config, &config->endpoints[0], test, &way, &scratch, &it);
    if (!read && it.end == REHEARSAL_NO_RUN) {
        it.problem = text_of(err.message);
        it.help = text_of(err.hint);
    }
    rehearsal_put(&it, out);
    out->len--; /* the brace: there is more to say */
    if (order->source == SOURCE_RECORDING)
        json_put_text(out, "recording", text_of(recording_word(&it, there, !read)));
    put_place(test, out);
    put_call(test, out);
    buffer_put_byte(out, '}');
    arena_release(&scratch);
}

/* --- the answer to one
 * --------------------------------------------------------------------------- */

static const struct endpoint_test *find(const struct endpoint *endpoint, struct text name)
{
    for (size_t i = 0; i < endpoint->test_count; i++)
        if (text_equal(endpoint->tests[i].name, name))
            return &endpoint->tests[i];
    return NULL;
}

static void judge_answer(struct job *job, struct config *config)
{
    const struct testing *order = job->order;
    const struct endpoint_test *test = find(&config->endpoints[0], order->test);
    struct buffer out = buffer_in(&job->arena);
    struct rehearsal it;

    if (test == NULL) {
        error_set(&job->error, ERROR_INVALID_REQUEST, "/test", "there is no test '%.*s'",
                  TEXT_ARG(text_cut(order->test, 64)));
        return;
    }
    rehearsal_judge(&config->endpoints[0], test, &order->answer, &job->arena, &it);
    rehearsal_put(&it, &out);
    job->status = 200;
    job->body = buffer_text(&out);
}

/* --- all of them
 * --------------------------------------------------------------------------------- */

static void run_all(struct job *job, struct config *config)
{
    const struct testing *order = job->order;
    const struct endpoint *endpoint = &config->endpoints[0];
    struct buffer out = buffer_in(&job->arena);

    buffer_put(&out, TEXT("{\"object\":\"tests\""));
    json_put_text(&out, "endpoint", endpoint->slug);
    json_put_text(&out, "source", text_of(source_words[order->source]));
    json_put_name(&out, "tests");
    buffer_put_byte(&out, '[');
    for (size_t i = 0; i < endpoint->test_count; i++) {
        if (order->test.len > 0 && !text_equal(order->test, endpoint->tests[i].name))
            continue;
        if (atomic_load_explicit(&job->gateway->draining, memory_order_relaxed)) {
            error_set(&job->error, ERROR_SHUTTING_DOWN, NULL, "the gateway is shutting down");
            return;
        }
        if (out.at[out.len - 1] != '[')
            buffer_put_byte(&out, ',');
        run_test(job, config, &endpoint->tests[i], &out);
    }
    buffer_put(&out, TEXT("]}"));
    job->status = 200;
    job->body = buffer_text(&out);
}

/* Nothing is sent, so that no secret is needed. */
static void with_endpoint(struct job *job, void (*then)(struct job *job, struct config *config))
{
    const struct testing *order = job->order;
    struct shared_config *current = gateway_hold_current(job->gateway);
    struct config_options options = job->gateway->config_options;
    struct config *config;

    options.offline = true;
    options.dev = order->source == SOURCE_DEMO;
    options.vault = NULL;
    config = draft_load(job, current->config, &options);
    if (config != NULL)
        then(job, config);
    config_free(config);
    shared_config_release(current);
}

static void run(struct job *job)
{
    with_endpoint(job, run_all);
}

static void judge_one(struct job *job)
{
    with_endpoint(job, judge_answer);
}

/* --- the orders
 * ---------------------------------------------------------------------------------- */

struct tests_order {
    struct text slug;
    struct config_draft draft;
    struct testing testing;
};

static bool read_source(struct request *request, const struct document *document,
                        struct testing *out)
{
    struct text source = text_of(source_words[SOURCE_RECORDING]);

    if (!order_text(request, document, "/source", &source))
        return false;
    out->source =
        text_equal(source, text_of(source_words[SOURCE_DEMO])) ? SOURCE_DEMO : SOURCE_RECORDING;
    return text_equal(source, text_of(source_words[out->source])) ||
           order_refuse(request, "/source", "'recording' or 'demo'");
}

static bool read(struct request *request, const struct text *names, size_t count,
                 struct document *document, struct tests_order *out)
{
    *out = (struct tests_order){0};
    return order_read(request, names, count, document) &&
           order_text(request, document, "/endpoint", &out->slug) &&
           order_text(request, document, "/test", &out->testing.test) &&
           draft_read(request, document, &out->draft);
}

/* {"status": 200, "body": {...}, "latency_ms": 812, "route": "default", "cost_usd": "0.0001"} */
static bool read_answer(struct request *request, const struct document *document,
                        struct rehearsal_answer *out)
{
    uint32_t status = document_at(document, 0, TEXT("/answer/status"));
    uint32_t body = document_at(document, 0, TEXT("/answer/body"));
    uint32_t tokens = document_at(document, 0, TEXT("/answer/body/usage/completion_tokens"));
    uint32_t latency = document_at(document, 0, TEXT("/answer/latency_ms"));
    uint32_t answer = document_member(document, 0, TEXT("answer"));
    struct buffer bytes = buffer_in(&request->arena);
    struct text cost;

    if (status == CELL_NONE || document->cells[status].type != CELL_INTEGER ||
        document->cells[status].integer < 100 || document->cells[status].integer > 599 ||
        body == CELL_NONE)
        return order_refuse(request, "/answer", "what was answered: status and body");
    json_put_cell(&bytes, document, body);
    *out = (struct rehearsal_answer){.status = (int)document->cells[status].integer,
                                     .body = buffer_text(&bytes),
                                     .route = member_text(document, answer, "route"),
                                     .cost_nano = -1,
                                     .latency_ms = -1};
    if (tokens != CELL_NONE && document->cells[tokens].type == CELL_INTEGER)
        out->completion_tokens = document->cells[tokens].integer;
    if (latency != CELL_NONE && document->cells[latency].type == CELL_INTEGER &&
        document->cells[latency].integer >= 0 && document->cells[latency].integer < INT32_MAX)
        out->latency_ms = document->cells[latency].integer;
    cost = member_text(document, answer, "cost_usd");
    return cost.len == 0 || token_read_usd(cost, &out->cost_nano) ||
           order_refuse(request, "/answer/cost_usd", "an amount such as \"0.000120000\"");
}

static void start(struct request *request, const struct tests_order *order,
                  void (*run_it)(struct job *job))
{
    struct job *job = draft_job(request, order->slug, &order->draft, run_it);
    struct testing *testing;

    if (job == NULL) {
        request_refuse(request);
        return;
    }
    testing = ARENA_NEW(&job->arena, struct testing);
    *testing = order->testing;
    testing->draft = *(struct draft_order *)job->order;
    testing->test = arena_copy(&job->arena, testing->test);
    testing->answer.body = arena_copy(&job->arena, testing->answer.body);
    testing->answer.route = arena_copy(&job->arena, testing->answer.route);
    job->order = testing;
    job_start(job);
}

void admin_run_tests(struct request *request, struct text none)
{
    static const struct text names[] = {TEXT_INIT("endpoint"), TEXT_INIT("draft"),
                                        TEXT_INIT("test"), TEXT_INIT("source")};
    struct tests_order order;
    struct document document;

    (void)none;
    if (read(request, names, sizeof names / sizeof *names, &document, &order) &&
        read_source(request, &document, &order.testing))
        start(request, &order, run);
    else
        request_refuse(request);
}

void admin_judge_test(struct request *request, struct text none)
{
    static const struct text names[] = {TEXT_INIT("endpoint"), TEXT_INIT("draft"),
                                        TEXT_INIT("test"), TEXT_INIT("answer")};
    struct tests_order order;
    struct document document;

    (void)none;
    if (read(request, names, sizeof names / sizeof *names, &document, &order) &&
        read_answer(request, &document, &order.testing.answer))
        start(request, &order, judge_one);
    else
        request_refuse(request);
}
