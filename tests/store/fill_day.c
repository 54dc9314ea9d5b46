/* Fills a store with what a busy day of this repository's endpoints leaves there: rows of the
 * request log, usage, roll-ups and what budgets were charged, written through the pages that a
 * worker's ledger fills, and the tokens that called.
 *
 *   fill_day FOLDER [REQUESTS [HOURS [END]]]
 *
 * 100,000 requests by default, over the 24 hours before END (RFC 3339; now by default). The same
 * arguments make the same requests. There is an hour in which a provider fails, and one token that
 * begins to spend much more in the last sixth. No server may have the store open. */
#include "auth/token.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/id.h"
#include "calendar/period.h"
#include "gateway/ledger_page.h"
#include "journal/journal.h"
#include "store/store_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS_A_PAGE = 80, TOKENS = 12, HOUR_MS = 3600000 };

/* --- what there is
 * ------------------------------------------------------------------------------------------- */

static const struct made_endpoint {
    const char *slug, *model;
    unsigned share;          /* of the requests, in percent */
    unsigned prompt, answer; /* tokens, about */
    unsigned ms;             /* about */
    bool stream;
} endpoints[] = {
    {"summarize", "gpt-4.1-mini", 30, 900, 180, 1400, false},
    {"support-chat", "gpt-4.1-mini", 24, 1400, 150, 1100, true},
    {"classify-ticket", "gpt-4.1-nano", 18, 350, 20, 420, false},
    {"translate", "gpt-4.1-mini", 12, 500, 450, 2100, false},
    {"extract-invoice", "gpt-4.1", 8, 1800, 380, 3200, false},
    {"moderate", "gpt-4.1-nano", 5, 200, 12, 300, false},
    {"product-copy", "gpt-4.1", 3, 420, 600, 4800, true},
};
enum { ENDPOINTS = sizeof endpoints / sizeof *endpoints };

static const struct price {
    const char *model;
    int64_t input, output; /* nano-dollars a token */
} prices[] = {
    {"gpt-4.1-mini", 400, 1600},
    {"gpt-4.1-nano", 100, 400},
    {"gpt-4.1", 2000, 8000},
    {"claude-haiku-4-5", 1000, 5000},
};

static const struct outcome {
    const char *code;
    int status;
    enum rollup_sum sum;
    bool calls;
    unsigned share; /* of 10,000 requests */
} outcomes[] = {
    {"input_schema_violation", 422, ROLLUP_INVALID_INPUT, false, 140},
    {"output_schema_violation", 422, ROLLUP_INVALID_OUTPUT, true, 90},
    {"rate_limit_exceeded", 429, ROLLUP_LIMITED, false, 60},
    {"upstream_timeout", 504, ROLLUP_ERRORS, true, 25},
    {"upstream_failed", 502, ROLLUP_ERRORS, true, 30},
    {"client_closed_request", 499, ROLLUP_REFUSED, true, 20},
};

static const char *const teams[] = {"search", "billing", "support", "growth", "mobile"};
static const char *const surfaces[] = {"slug", "slug", "slug", "chat", "responses", "mcp"};

/* --- dice
 * ------------------------------------------------------------------------------------------------
 */

static uint64_t dice_state = 0x5851F42D4C957F2D;

static unsigned dice(unsigned bound)
{
    dice_state = dice_state * 6364136223846793005 + 1442695040888963407;
    return (unsigned)((dice_state >> 33) % bound);
}

/* About `middle`, sometimes four times as much. */
static unsigned about(unsigned middle)
{
    double sum = 0;

    for (int i = 0; i < 4; i++)
        sum += dice(1000) / 1000.0 - 0.5;
    return (unsigned)(middle * exp(sum * 0.9)) + 1;
}

/* --- a request
 * --------------------------------------------------------------------------------------------- */

struct filling {
    struct store *store;
    struct ledger_page *page;
    size_t rows;
    struct arena arena; /* of one request */
    struct text token_ids[TOKENS];
    int64_t begin_ms, end_ms;
    uint64_t spent;
};

struct made {
    int64_t wall_ms;
    const struct made_endpoint *endpoint;
    const struct outcome *outcome; /* NULL: it was answered */
    struct text token;
    unsigned token_index;
    bool cached, failed_over;
    int64_t input, output, cost;
    uint64_t took_us, upstream_us;
    const char *surface, *provider, *model;
};

static int64_t cost_of(const char *model, int64_t input, int64_t output)
{
    for (size_t i = 0; i < sizeof prices / sizeof *prices; i++)
        if (strcmp(prices[i].model, model) == 0)
            return prices[i].input * input + prices[i].output * output;
    NEVER("a model without a price");
}

static const struct made_endpoint *pick_endpoint(void)
{
    unsigned n = dice(100);

    for (size_t i = 0; i < ENDPOINTS; i++) {
        if (n < endpoints[i].share)
            return &endpoints[i];
        n -= endpoints[i].share;
    }
    return &endpoints[0];
}

/* In the hour of trouble, two thirds in, a third of the calls fail. */
static const struct outcome *pick_outcome(const struct filling *filling, int64_t wall_ms)
{
    int64_t trouble_ms = filling->begin_ms + (filling->end_ms - filling->begin_ms) * 2 / 3;
    unsigned n = dice(10000);

    if (wall_ms >= trouble_ms && wall_ms < trouble_ms + HOUR_MS && dice(3) == 0)
        return &outcomes[4];
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        if (n < outcomes[i].share)
            return &outcomes[i];
        n -= outcomes[i].share;
    }
    return NULL;
}

static struct made make(const struct filling *filling, int64_t wall_ms)
{
    struct made made = {.wall_ms = wall_ms, .endpoint = pick_endpoint()};
    bool late = wall_ms > filling->end_ms - (filling->end_ms - filling->begin_ms) / 6;

    made.outcome = pick_outcome(filling, wall_ms);
    made.token_index = late && dice(4) == 0 ? 7 : dice(dice(2) == 0 ? TOKENS : 4);
    made.token = filling->token_ids[made.token_index];
    made.surface = surfaces[dice(sizeof surfaces / sizeof *surfaces)];
    made.took_us = 150 + dice(400);
    made.cached = made.outcome == NULL && dice(20) == 0;
    if (made.cached || (made.outcome != NULL && !made.outcome->calls))
        return made;
    made.failed_over = made.outcome == NULL && dice(120) == 0;
    made.provider = made.failed_over ? "anthropic" : "openai";
    made.model = made.failed_over ? "claude-haiku-4-5" : made.endpoint->model;
    made.upstream_us = (uint64_t)about(made.endpoint->ms) * 1000 + dice(1000);
    if (made.outcome != NULL && made.outcome->status == 504)
        made.upstream_us = 20000000 + dice(50000);
    made.took_us += made.upstream_us;
    if (made.outcome != NULL && made.outcome->status >= 500)
        return made;
    made.input =
        about(late && made.token_index == 7 ? 4 * made.endpoint->prompt : made.endpoint->prompt);
    made.output = about(made.endpoint->answer);
    made.cost = cost_of(made.model, made.input, made.output);
    return made;
}

/* --- what it leaves
 * ----------------------------------------------------------------------------------------- */

static void put_usage(struct filling *filling, const struct made *made, struct text day)
{
    struct usage_record usage = {.names = {[USAGE_DAY] = day,
                                           [USAGE_PROJECT] = TEXT("default"),
                                           [USAGE_ENDPOINT] = text_of(made->endpoint->slug),
                                           [USAGE_PROVIDER] = text_of(made->provider),
                                           [USAGE_MODEL] = text_of(made->model),
                                           [USAGE_TOKEN] = made->token},
                                 .all = {[USAGE_CALLS] = 1,
                                         [USAGE_ERRORS] = made->cost == 0,
                                         [USAGE_INPUT] = made->input,
                                         [USAGE_OUTPUT] = made->output,
                                         [USAGE_COST] = made->cost,
                                         [USAGE_BILLED] = made->cost}};

    ledger_page_use(filling->page, &usage);
    if (made->cost > 0)
        ledger_page_settle(
            filling->page,
            arena_printf(&filling->arena, "organisation/%.*s", TEXT_ARG(text_first(day, 7))),
            made->cost);
}

static void put_rollups(struct filling *filling, const struct made *made, int64_t day)
{
    struct rollup_event event = {
        .minute = made->wall_ms / 60000,
        .day = day,
        .names = {[ROLLUP_ENDPOINT] = text_of(made->endpoint->slug),
                  [ROLLUP_PROVIDER] = text_of(made->provider),
                  [ROLLUP_MODEL] = text_of(made->model)},
        .attempt = true,
        .sums = {[ROLLUP_CALLS] = 1,
                 [ROLLUP_INPUT] = made->input,
                 [ROLLUP_OUTPUT] = made->output,
                 [ROLLUP_COST] = made->cost,
                 [ROLLUP_BILLED] = made->cost},
        .timed = true,
        .took_us = made->upstream_us,
    };

    event.sums[ROLLUP_ERRORS] = made->provider != NULL && made->cost == 0;
    if (made->provider != NULL)
        ledger_page_roll(filling->page, &event);
    event.attempt = false;
    event.sums[ROLLUP_ERRORS] = 0;
    event.took_us = made->took_us;
    event.names[ROLLUP_PROVIDER] = event.names[ROLLUP_MODEL] = (struct text){0};
    event.names[ROLLUP_TOKEN] = made->token;
    event.names[ROLLUP_PROJECT] = TEXT("default");
    event.names[ROLLUP_SURFACE] = text_of(made->surface);
    event.names[ROLLUP_STATUS] =
        arena_printf(&filling->arena, "%d", made->outcome != NULL ? made->outcome->status : 200);
    event.names[ROLLUP_TAGS] =
        arena_printf(&filling->arena, "team=%s\nenv=%s", teams[made->token_index % 5],
                     made->token_index % 3 == 0 ? "staging" : "production");
    event.sums[ROLLUP_CACHED] = made->cached;
    if (made->outcome != NULL)
        event.sums[made->outcome->sum] = 1;
    ledger_page_roll(filling->page, &event);
}

/* One attempt, or two of which the first failed. */
static void list_attempts(struct filling *filling, const struct made *made,
                          struct journal_entry *entry)
{
    struct journal_attempt *list = ARENA_ARRAY(&filling->arena, struct journal_attempt, 2);
    struct journal_attempt *last = list + made->failed_over;

    entry->attempt_list = list;
    entry->attempt_count = (size_t)made->failed_over + 1;
    if (made->failed_over)
        list[0] = (struct journal_attempt){.number = 1,
                                           .provider = TEXT("openai"),
                                           .model = text_of(made->endpoint->model),
                                           .status = 503,
                                           .reason = TEXT("overloaded"),
                                           .duration_us = 90000,
                                           .began_us = 140};
    *last = (struct journal_attempt){.number = (int)entry->attempt_count,
                                     .provider = text_of(made->provider),
                                     .model = text_of(made->model),
                                     .status = made->cost > 0 ? 200 : 500,
                                     .duration_us = made->upstream_us,
                                     .began_us = 150,
                                     .first_us = made->upstream_us / 3,
                                     .usage_known = made->cost > 0,
                                     .input_tokens = made->input,
                                     .output_tokens = made->output,
                                     .cost_nano = made->cost};
    if (made->cost == 0)
        last->reason = made->outcome->status == 504 ? TEXT("timeout") : TEXT("server_error");
    entry->attempts = (int)entry->attempt_count;
}

static void describe(struct filling *filling, const struct made *made, struct journal_entry *entry)
{
    static const struct journal_violation missing = {.schema_path = TEXT_INIT("/required"),
                                                     .keyword = TEXT_INIT("required"),
                                                     .expected = TEXT_INIT("'title'"),
                                                     .got = TEXT_INIT("an object without it"),
                                                     .line = 1,
                                                     .column = 1};
    struct journal_stage *stages = ARENA_ARRAY(&filling->arena, struct journal_stage, 5);

    stages[0] = (struct journal_stage){"authenticate", 4, 9};
    stages[1] = (struct journal_stage){"read", 15, 21};
    stages[2] = (struct journal_stage){"check_input", 38, 12};
    stages[3] = (struct journal_stage){"render", 55, 18};
    stages[4] = (struct journal_stage){"call", 140, made->upstream_us};
    entry->stage_list = stages;
    entry->stage_count = made->upstream_us > 0 ? 5 : 3;
    if (made->outcome == NULL)
        return;
    entry->code = text_of(made->outcome->code);
    entry->error = arena_printf(&filling->arena, "%s, as this made-up request was to end",
                                made->outcome->code);
    if (made->outcome->status == 422) {
        entry->violation_list = &missing;
        entry->violation_count = 1;
    }
}

static void put_row(struct filling *filling, const struct made *made)
{
    const char *env = made->token_index % 3 == 0 ? "staging" : "production";
    const struct token_tag tags[] = {
        {TEXT("team"), text_of(teams[made->token_index % 5])},
        {TEXT("env"), text_of(env)},
    };
    struct arena *arena = &filling->arena;
    struct journal_entry entry = {
        .wall_ms = made->wall_ms,
        .request_id = id_new(arena, "req_", made->wall_ms - (int64_t)(made->took_us / 1000)),
        .trace_id = arena_printf(arena, "%016llx%016llx", (unsigned long long)dice_state,
                                 (unsigned long long)made->wall_ms),
        .span_id = arena_printf(arena, "%016llx", (unsigned long long)(dice_state ^ 77)),
        .method = TEXT("POST"),
        .path = arena_printf(arena, "/%s", made->endpoint->slug),
        .status = made->outcome != NULL ? made->outcome->status : 200,
        .version_number = 1,
        .surface = text_of(made->surface),
        .project = TEXT("default"),
        .endpoint = text_of(made->endpoint->slug),
        .version = TEXT("3f1c9a7be402d8c5"),
        .token_id = made->token,
        .rule = made->upstream_us > 0 ? TEXT("default") : TEXT(""),
        .provider = text_of(made->provider),
        .model = text_of(made->model),
        .stream = made->endpoint->stream,
        .usage_known = made->cost > 0,
        .usage_reported = true,
        .input_tokens = made->input,
        .output_tokens = made->output,
        .cost_nano = made->cost,
        .billed_nano = made->cost,
        .finish_reason = made->cost > 0 ? TEXT("stop") : TEXT(""),
        .cache = made->cached ? TEXT("hit") : TEXT(""),
        .first_token_us = made->upstream_us / 3,
        .upstream_us = made->upstream_us,
        .overhead_us = made->took_us - made->upstream_us,
        .duration_us = made->took_us,
        .bytes_in = 300 + dice(4000),
        .bytes_out = 200 + dice(2000),
        .tags = tags,
        .tag_count = 2,
    };
    size_t at = ledger_page_row_begin(filling->page);

    describe(filling, made, &entry);
    if (made->provider != NULL)
        list_attempts(filling, made, &entry);
    journal_format(&entry, &filling->page->rows);
    journal_make_row(&entry, &filling->page->rows);
    ledger_page_row_end(filling->page, at, entry.wall_ms, entry.duration_us, entry.status);
}

/* --- the whole
 * --------------------------------------------------------------------------------------------- */

static void run(struct filling *filling, struct store_command *command)
{
    store_wait(filling->store, command);
    if (command->error.code != ERROR_NONE) {
        fprintf(stderr, "fill_day: %s\n", command->error.message);
        exit(1);
    }
    store_command_free(command);
}

static void hand_over(struct filling *filling)
{
    run(filling, ledger_page_close(filling->page, 0));
    filling->page = ledger_page_new();
    filling->rows = 0;
}

/* They have no secret that anybody knows; but a server wants the key that such are checked with. */
static void add_tokens(struct filling *filling, const char *folder)
{
    static const struct text scopes[] = {TEXT_INIT("*")};
    static struct arena arena;
    struct token_key key;
    struct error err = {0};

    if (!token_key_load(arena_printf(&arena, "%s/token.key", folder).at, true, &key, &err)) {
        fprintf(stderr, "fill_day: %s: %s\n", err.at, err.message);
        exit(1);
    }

    for (unsigned i = 0; i < TOKENS; i++) {
        struct store_command *command = store_command_new(STORE_TOKEN_PUT);
        struct token_record *token = &command->token;

        filling->token_ids[i] = arena_printf(&arena, "tok_%026u", i + 1);
        *token = (struct token_record){
            .id = filling->token_ids[i],
            .name = arena_printf(&command->arena, "%s %s", teams[i % 5],
                                 i % 3 == 0 ? "staging"
                                 : i < 5    ? "web"
                                            : "batch"),
            .hint = TEXT("wxyz"),
            .scopes = scopes,
            .scope_count = 1,
            .created_ms = filling->begin_ms,
            .revision = 1,
            .verbs = VERBS_DEFAULT,
            .budget = {TOKEN_UNLIMITED, TOKEN_UNLIMITED},
        };
        memset(token->digest, 0xD0 + (int)i, sizeof token->digest);
        command->audit =
            audit_event_copy(&command->arena, &(struct audit_event){.wall_ms = filling->begin_ms,
                                                                    .actor = AUDIT_BY_OWNER,
                                                                    .action = AUDIT_TOKEN_CREATE,
                                                                    .object = token->id});
        run(filling, command);
    }
}

/* More by day than by night: how far into the span the n-th of them is. */
static int64_t time_of(const struct filling *filling, size_t n, size_t count)
{
    double part = ((double)n + 0.5) / (double)count, days;
    int64_t length = filling->end_ms - filling->begin_ms;

    days = part * (double)length / (24.0 * HOUR_MS);
    days += 0.12 * sin(days * 2 * M_PI) / (2 * M_PI);
    if (days * 24.0 * HOUR_MS > (double)length - 1)
        days = part * (double)length / (24.0 * HOUR_MS);
    return filling->begin_ms + (int64_t)(days * 24.0 * HOUR_MS);
}

static void fill(struct filling *filling, size_t count)
{
    struct period day = {0};

    filling->page = ledger_page_new();
    for (size_t i = 0; i < count; i++) {
        struct made made = make(filling, time_of(filling, i, count));

        if (made.wall_ms >= day.until_ms)
            period_at(NULL, PERIOD_DAY, made.wall_ms, &day);
        if (made.provider != NULL)
            put_usage(filling, &made, text_of(day.name));
        put_rollups(filling, &made, day.from_ms / 60000);
        put_row(filling, &made);
        filling->spent += (uint64_t)made.cost;
        if (++filling->rows == ROWS_A_PAGE)
            hand_over(filling);
        arena_clear(&filling->arena);
    }
    hand_over(filling);
    ledger_page_free(filling->page);
}

int main(int argc, char **argv)
{
    size_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 100000;
    int64_t hours = argc > 3 ? strtoll(argv[3], NULL, 10) : 24;
    struct filling filling = {.end_ms = clock_wall_ms()};
    struct error err = {0};
    uint64_t began_us = clock_monotonic_us();

    if (argc < 2 || argc > 5 || count == 0 || hours <= 0 || hours > 9000 ||
        (argc > 4 && !clock_parse_rfc3339(text_of(argv[4]), &filling.end_ms))) {
        fprintf(stderr, "usage: fill_day FOLDER [REQUESTS [HOURS [END]]]\n");
        return 2;
    }
    filling.begin_ms = filling.end_ms - hours * HOUR_MS;
    filling.store = store_open_lmdb(text_of(argv[1]), &err);
    if (filling.store == NULL) {
        fprintf(stderr, "fill_day: %s: %s\n", argv[1], err.message);
        return 1;
    }
    add_tokens(&filling, argv[1]);
    fill(&filling, count);
    printf("{\"requests\":%zu,\"cost_nano\":%llu,\"store_bytes\":%llu,\"ms\":%llu}\n", count,
           (unsigned long long)filling.spent,
           (unsigned long long)store_stats(filling.store).used_bytes,
           (unsigned long long)(clock_monotonic_us() - began_us) / 1000);
    store_close(filling.store);
    arena_release(&filling.arena);
    return 0;
}
