#include "store/store_fixture.h"

#include "unit.h"

enum { NOON = 29000000 }; /* 2025-02-20T05:20Z, in minutes: not the begin of an hour */

static struct rollup_cell cell_of(int64_t minute, const char *endpoint, const char *token)
{
    struct rollup_cell cell = {
        .minute = minute,
        .day = minute - minute % 1440,
        .names = {[ROLLUP_ENDPOINT] = text_of(endpoint),
                  [ROLLUP_TOKEN] = text_of(token),
                  [ROLLUP_PROJECT] = TEXT("default"),
                  [ROLLUP_STATUS] = TEXT("200"),
                  [ROLLUP_SURFACE] = TEXT("slug")},
        .sums.sums = {[ROLLUP_CALLS] = 1, [ROLLUP_INPUT] = 100, [ROLLUP_COST] = 7},
    };

    cell.sums.took[rollup_range(40000)] = 1;
    return cell;
}

static struct store_command *append_of(const struct rollup_cell *cells, size_t count)
{
    struct store_command *command = store_command_new(STORE_LEDGER_APPEND);
    struct ledger_entries *entries = ARENA_NEW(&command->arena, struct ledger_entries);
    struct rollup_cell *copy = ARENA_ARRAY(&command->arena, struct rollup_cell, count);

    if (count > 0)
        memcpy(copy, cells, count * sizeof *cells);
    *entries = (struct ledger_entries){.rollups = copy, .rollup_count = count};
    command->ledger = entries;
    return command;
}

static void put(struct fixture *fixture, struct rollup_cell cell)
{
    EXPECT_EQ(fixture_run(fixture, append_of(&cell, 1)), ERROR_NONE);
}

/* What is found, as one text: "key: calls cost; ..." with the time in front where there are steps.
 */
static struct text ask(struct fixture *fixture, struct rollup_query query, enum rollup_step step,
                       int64_t from, int64_t until, struct arena *arena)
{
    struct store_command *command = store_command_new(STORE_ROLLUP_READ);
    const struct rollup_span span = {step, from, until};
    struct buffer out = buffer_in(arena);

    query.spans = &span;
    query.span_count = 1;
    if (query.most == 0)
        query.most = 1000;
    command->rollup_query = query;
    do
        store_wait(fixture->store, command);
    while (command->rollup_page.more);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    if (command->rollup_page.too_many)
        buffer_put(&out, TEXT("too many: "));
    for (size_t i = 0; i < command->rollup_page.count && i < 8; i++) {
        const struct rollup_point *point = &command->rollup_page.points[i];

        if (query.stepped)
            buffer_printf(&out, "%lld ", (long long)(point->at - NOON));
        buffer_printf(&out, "%.*s: %lld %lld; ", TEXT_ARG(point->key),
                      (long long)point->sums[ROLLUP_CALLS], (long long)point->sums[ROLLUP_COST]);
    }
    if (command->rollup_page.count > 8)
        buffer_printf(&out, "... %zu", command->rollup_page.count);
    store_command_free(command);
    return buffer_text(&out);
}

TEST(a_request_is_counted_under_each_of_its_names_by_itself)
{
    struct rollup_cell failed = cell_of(NOON, "summarize", "tok_2");
    struct arena arena = {0};
    struct fixture fixture;

    fixture_open(&fixture);
    put(&fixture, cell_of(NOON, "summarize", "tok_1"));
    put(&fixture, cell_of(NOON, "translate", "tok_1"));
    failed.names[ROLLUP_STATUS] = TEXT("502");
    put(&fixture, failed);
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_ENDPOINT}, ROLLUP_MINUTE,
                    NOON, NOON + 1, &arena),
                "summarize: 2 14; translate: 1 7; ");
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_TOKEN}, ROLLUP_HOUR,
                    NOON - 60, NOON + 1, &arena),
                "tok_1: 2 14; tok_2: 1 7; ");
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_STATUS, .classes = true},
                    ROLLUP_DAY, 0, NOON + 1, &arena),
                "2xx: 2 14; 5xx: 1 7; ");
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_TOKEN, .only = TEXT("tok_2")},
                    ROLLUP_HOUR, 0, NOON + 1, &arena),
                "tok_2: 1 7; ");
    EXPECT_TEXT(
        ask(&fixture,
            (struct rollup_query){.kind = ROLLUP_BY_ENDPOINT_TOKEN, .group = TEXT("translate")},
            ROLLUP_HOUR, 0, NOON + 1, &arena),
        "tok_1: 1 7; ");
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_PROVIDER}, ROLLUP_HOUR, 0,
                    NOON + 1, &arena),
                "");
    arena_release(&arena);
    fixture_close(&fixture);
}

TEST(an_attempt_is_counted_by_provider_and_model_only)
{
    struct rollup_cell attempt = cell_of(NOON, "summarize", "");
    struct arena arena = {0};
    struct fixture fixture;

    fixture_open(&fixture);
    attempt.attempt = true;
    attempt.names[ROLLUP_PROVIDER] = TEXT("openai");
    attempt.names[ROLLUP_MODEL] = TEXT("gpt-4.1-mini");
    put(&fixture, attempt);
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_ENDPOINT}, ROLLUP_MINUTE, 0,
                    NOON + 1, &arena),
                "");
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_MODEL}, ROLLUP_MINUTE, 0,
                    NOON + 1, &arena),
                "gpt-4.1-mini: 1 7; ");
    EXPECT_TEXT(
        ask(&fixture,
            (struct rollup_query){.kind = ROLLUP_BY_ENDPOINT_PROVIDER, .group = TEXT("summarize")},
            ROLLUP_DAY, 0, NOON + 1, &arena),
        "openai: 1 7; ");
    arena_release(&arena);
    fixture_close(&fixture);
}

TEST(steps_are_the_buckets_that_have_something_within_the_span)
{
    struct arena arena = {0};
    struct fixture fixture;

    fixture_open(&fixture);
    for (int minute = -2; minute <= 300; minute += 100)
        put(&fixture, cell_of(NOON + minute, "summarize", "tok_1"));
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_ENDPOINT, .stepped = true},
                    ROLLUP_MINUTE, NOON - 2, NOON + 198, &arena),
                "-2 summarize: 1 7; 98 summarize: 1 7; ");
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_ENDPOINT, .stepped = true},
                    ROLLUP_HOUR, NOON - 60, NOON + 400, &arena),
                "-20 summarize: 1 7; 40 summarize: 1 7; 160 summarize: 1 7; 280 summarize: 1 7; ");
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_ENDPOINT}, ROLLUP_MINUTE, 0,
                    INT32_MAX, &arena),
                "summarize: 4 28; ");
    arena_release(&arena);
    fixture_close(&fixture);
}

TEST(tags_are_counted_by_the_values_of_each_name)
{
    struct rollup_cell cell = cell_of(NOON, "summarize", "tok_1");
    struct arena arena = {0};
    struct fixture fixture;

    fixture_open(&fixture);
    cell.names[ROLLUP_TAGS] = TEXT("team=search\nenv=a=b\nempty=");
    put(&fixture, cell);
    cell.names[ROLLUP_TAGS] = TEXT("team=ads");
    put(&fixture, cell);
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_TAG, .group = TEXT("team")},
                    ROLLUP_MINUTE, NOON, NOON + 1, &arena),
                "ads: 1 7; search: 1 7; ");
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_TAG, .group = TEXT("env")},
                    ROLLUP_MINUTE, NOON, NOON + 1, &arena),
                "a=b: 1 7; ");
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_TAG, .group = TEXT("empty")},
                    ROLLUP_MINUTE, NOON, NOON + 1, &arena),
                ": 1 7; ");
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_TAG, .groups = true},
                    ROLLUP_MINUTE, NOON, NOON + 1, &arena),
                "empty: 1 7; env: 1 7; team: 2 14; ");
    EXPECT_TEXT(
        ask(&fixture,
            (struct rollup_query){.kind = ROLLUP_BY_TAG, .groups = true, .only = TEXT("env")},
            ROLLUP_MINUTE, NOON, NOON + 1, &arena),
        "env: 1 7; ");
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_TAG, .group = TEXT("tea")},
                    ROLLUP_MINUTE, NOON, NOON + 1, &arena),
                "");
    arena_release(&arena);
    fixture_close(&fixture);
}

TEST(names_beyond_the_most_of_a_bucket_are_other_and_nothing_is_lost)
{
    enum { TOKENS = 300, TAGS = 60 };
    static struct rollup_cell cells[TOKENS];
    struct store_census census;
    struct arena arena = {0};
    struct fixture fixture;

    fixture_open(&fixture);
    for (int i = 0; i < TOKENS; i++) {
        cells[i] = cell_of(NOON, "summarize", arena_printf(&arena, "tok_%03d", i).at);
        cells[i].names[ROLLUP_TAGS] = arena_printf(&arena, "name_%02d=x\nuser=%d", i % TAGS, i);
    }
    EXPECT_EQ(fixture_run(&fixture, append_of(cells, TOKENS)), ERROR_NONE);
    EXPECT_EQ(fixture_run(&fixture, append_of(cells, TOKENS)), ERROR_NONE);
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_TOKEN, .only = ROLLUP_OTHER},
                    ROLLUP_MINUTE, 0, NOON + 1, &arena),
                "other: 400 2800; ");
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_TOKEN, .only = ROLLUP_OTHER},
                    ROLLUP_HOUR, 0, NOON + 1, &arena),
                ""); /* an hour has more places */
    EXPECT_TEXT(ask(&fixture,
                    (struct rollup_query){
                        .kind = ROLLUP_BY_TAG, .group = TEXT("user"), .only = ROLLUP_OTHER},
                    ROLLUP_MINUTE, 0, NOON + 1, &arena),
                "other: 400 2800; ");
    /* 49 names and "user", which came second, have the places of tags. */
    EXPECT_TEXT(ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_TAG, .group = ROLLUP_OTHER},
                    ROLLUP_DAY, 0, NOON + 1, &arena),
                "other: 110 770; ");
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    arena_release(&arena);
    fixture_close(&fixture);
}

TEST(of_all_groups_together_there_are_so_many_names_and_the_others_are_counted_in_their_group)
{
    enum { NAMES = 8, VALUES = 200 };
    static struct rollup_cell cells[VALUES];
    struct arena arena = {0};
    struct fixture fixture;
    struct text found;

    fixture_open(&fixture);
    for (int i = 0; i < VALUES; i++) {
        struct buffer tags = buffer_in(&arena);

        for (int n = 0; n < NAMES; n++)
            buffer_printf(&tags, "%sname_%d=%d", n > 0 ? "\n" : "", n, i);
        cells[i] = cell_of(NOON, "summarize", "tok_1");
        cells[i].names[ROLLUP_TAGS] = buffer_text(&tags);
    }
    EXPECT_EQ(fixture_run(&fixture, append_of(cells, VALUES)), ERROR_NONE);
    found = ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_TAG, .groups = true},
                ROLLUP_MINUTE, 0, INT32_MAX, &arena);
    EXPECT_TEXT(text_first(found, 34), "name_0: 200 1400; name_1: 200 1400");
    EXPECT_TEXT(ask(&fixture,
                    (struct rollup_query){
                        .kind = ROLLUP_BY_TAG, .group = TEXT("name_7"), .only = ROLLUP_OTHER},
                    ROLLUP_MINUTE, 0, INT32_MAX, &arena),
                "other: 138 966; "); /* 500 places are 62 for the last of eight */
    EXPECT_TEXT(ask(&fixture,
                    (struct rollup_query){
                        .kind = ROLLUP_BY_TAG, .group = TEXT("name_7"), .only = ROLLUP_OTHER},
                    ROLLUP_HOUR, 0, INT32_MAX, &arena),
                "");
    arena_release(&arena);
    fixture_close(&fixture);
}

/* One name of many, in all minutes; true when one short read was enough. */
static bool is_one_read(struct fixture *fixture, const char *token, int64_t calls)
{
    const struct rollup_span span = {ROLLUP_MINUTE, 0, INT32_MAX};
    struct store_command *command = store_command_new(STORE_ROLLUP_READ);
    bool one;

    command->rollup_query = (struct rollup_query){.kind = ROLLUP_BY_TOKEN,
                                                  .only = text_of(token),
                                                  .spans = &span,
                                                  .span_count = 1,
                                                  .most = 1};
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    one = !command->rollup_page.more;
    while (command->rollup_page.more)
        store_wait(fixture->store, command);
    EXPECT_EQ(command->rollup_page.count, 1);
    EXPECT_EQ(command->rollup_page.points[0].sums[ROLLUP_CALLS], calls);
    store_command_free(command);
    return one;
}

TEST(many_records_are_read_in_several_short_reads_to_the_same_sums)
{
    enum { MINUTES = 60, TOKENS = 100 };
    static struct rollup_cell cells[TOKENS];
    struct store_command *command;
    struct arena arena = {0};
    struct fixture fixture;
    int64_t calls = 0;
    int reads = 0;

    fixture_open(&fixture);
    for (int minute = 0; minute < MINUTES; minute++) {
        for (int i = 0; i < TOKENS; i++)
            cells[i] = cell_of(NOON + minute, "summarize", arena_printf(&arena, "tok_%d", i).at);
        EXPECT_EQ(fixture_run(&fixture, append_of(cells, TOKENS)), ERROR_NONE);
    }
    for (int stepped = 0; stepped <= 1; stepped++) {
        const struct rollup_span span = {ROLLUP_MINUTE, 0, INT32_MAX};

        command = store_command_new(STORE_ROLLUP_READ);
        command->rollup_query = (struct rollup_query){.kind = ROLLUP_BY_TOKEN,
                                                      .spans = &span,
                                                      .span_count = 1,
                                                      .stepped = stepped == 1,
                                                      .most = MINUTES * TOKENS};
        for (calls = 0, reads = 0; reads == 0 || command->rollup_page.more; reads++)
            store_wait(fixture.store, command);
        EXPECT_EQ(command->error.code, ERROR_NONE);
        EXPECT(!command->rollup_page.too_many);
        EXPECT(reads >= 3 && reads <= 5);
        EXPECT_EQ(command->rollup_page.count, stepped == 1 ? MINUTES * TOKENS : TOKENS);
        for (size_t i = 0; i < command->rollup_page.count; i++)
            calls += command->rollup_page.points[i].sums[ROLLUP_CALLS];
        EXPECT_EQ(calls, MINUTES * TOKENS);
        store_command_free(command);
    }
    EXPECT(is_one_read(&fixture, "tok_0", MINUTES)); /* others are not looked at */
    EXPECT(is_one_read(&fixture, "tok_50", MINUTES));
    EXPECT_TEXT(
        text_first(ask(&fixture,
                       (struct rollup_query){.kind = ROLLUP_BY_TOKEN, .stepped = true, .most = 99},
                       ROLLUP_HOUR, 0, INT32_MAX, &arena),
                   10),
        "too many: ");
    arena_release(&arena);
    fixture_close(&fixture);
}

/* A row of the request log, which adds where there is room. */
static enum error_code put_row(struct fixture *fixture, size_t bytes)
{
    struct store_command *command = append_of(NULL, 0);
    struct ledger_entries *entries = (struct ledger_entries *)(uintptr_t)command->ledger;
    struct buffer rows = buffer_in(&command->arena);
    size_t at = log_row_begin(&rows);

    memset(buffer_reserve(&rows, bytes), 'x', bytes);
    rows.len += bytes;
    log_row_end(&rows, at, 1000, 5, 200);
    entries->rows = buffer_text(&rows);
    entries->row_count = 1;
    entries->newest_ms = 1000;
    return fixture_run(fixture, command);
}

TEST(a_full_store_leaves_out_minutes_and_counts_hours_and_days)
{
    const struct rollup_query by_token = {.kind = ROLLUP_BY_TOKEN};
    enum error_code code = ERROR_NONE;
    struct arena arena = {0};
    struct fixture fixture;

    fixture_make_folder(&fixture);
    fixture_reopen(&fixture, (size_t)2 << 20);
    put(&fixture, cell_of(NOON, "summarize", "tok_1"));
    for (int i = 0; i < 1000 && code == ERROR_NONE; i++)
        code = put_row(&fixture, 10000);
    EXPECT_EQ(code, ERROR_STORAGE_FULL);
    for (int i = 0; i < 300; i++)
        put(&fixture, cell_of(NOON + 1 + i % 30, "summarize", "tok_1"));
    EXPECT_TEXT(ask(&fixture, by_token, ROLLUP_MINUTE, 0, INT32_MAX, &arena), "tok_1: 1 7; ");
    EXPECT_TEXT(ask(&fixture, by_token, ROLLUP_HOUR, 0, INT32_MAX, &arena), "tok_1: 301 2107; ");
    EXPECT_TEXT(ask(&fixture, by_token, ROLLUP_DAY, 0, INT32_MAX, &arena), "tok_1: 301 2107; ");
    arena_release(&arena);
    fixture_close(&fixture);
}

TEST(what_is_kept_no_longer_is_purged_bucket_by_bucket)
{
    const int64_t now = NOON + (int64_t)500 * 1440;
    const int ages_h[] = {1, 47, 49, 24 * 89, 24 * 91, 24 * 399, 24 * 401};
    const char *const kept[] = {"2", "4", "6"};
    struct store_census census;
    struct arena arena = {0};
    struct fixture fixture;
    uint64_t purged = 1;

    fixture_open(&fixture);
    for (size_t i = 0; i < sizeof ages_h / sizeof *ages_h; i++)
        put(&fixture, cell_of(now - ages_h[i] * 60, "summarize", "tok_1"));
    while (purged > 0) {
        struct store_command *command = store_command_new(STORE_LOG_PURGE);

        command->now_ms = now * 60000;
        store_wait(fixture.store, command);
        EXPECT_EQ(command->error.code, ERROR_NONE);
        purged = command->purged;
        store_command_free(command);
    }
    for (int step = 0; step < ROLLUP_STEP_COUNT; step++)
        EXPECT(text_equal(
            ask(&fixture, (struct rollup_query){.kind = ROLLUP_BY_TOKEN}, (enum rollup_step)step, 0,
                INT32_MAX, &arena),
            arena_printf(&arena, "tok_1: %s %d; ", kept[step], 7 * (kept[step][0] - '0'))));
    EXPECT(store_verify_lmdb(fixture.store, &census, NULL));
    EXPECT(census.rollups > 0);
    arena_release(&arena);
    fixture_close(&fixture);
}
