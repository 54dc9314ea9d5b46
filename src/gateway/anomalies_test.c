/* Notes as they are made of what a store has added up, and told. */
#include "gateway/anomalies.h"

#include "base/log.h"
#include "store/store_fixture.h"

#include "unit.h"

#include <fcntl.h>

enum { NOW = 29000160, HOUR = 60, DAYS = 8 }; /* minutes since 1970; it begins an hour */

struct scene {
    struct fixture fixture;
    struct log *log;
    struct log_observer observer;
    struct anomalies *anomalies;
    struct buffer told; /* lines */
    size_t told_count;
    int sink;
};

static bool is_note(void *context, enum log_level level, const char *event)
{
    (void)context;
    (void)level;
    return strcmp(event, "note") == 0;
}

static void keep_line(void *context, const char *event, struct text line)
{
    struct scene *scene = context;

    (void)event;
    scene->told.len = 0;
    buffer_put(&scene->told, line);
    scene->told_count++;
}

static struct rollup_cell cell_of(int64_t minute, uint64_t calls, uint64_t errors, uint64_t ms)
{
    struct rollup_cell cell = {
        .minute = minute,
        .day = minute - minute % 1440,
        .names = {[ROLLUP_ENDPOINT] = TEXT("summarize"), [ROLLUP_STATUS] = TEXT("200")},
        .sums.sums = {[ROLLUP_CALLS] = (int64_t)calls,
                      [ROLLUP_ERRORS] = (int64_t)errors,
                      [ROLLUP_COST] = (int64_t)calls * 20000000},
    };

    cell.sums.took[rollup_range(ms * 1000)] = calls;
    return cell;
}

static void put(struct scene *scene, const struct rollup_cell *cells, size_t count)
{
    struct store_command *command = store_command_new(STORE_LEDGER_APPEND);
    struct ledger_entries *entries = ARENA_NEW(&command->arena, struct ledger_entries);

    *entries = (struct ledger_entries){.rollups = cells, .rollup_count = count};
    command->ledger = entries;
    store_wait(scene->fixture.store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    store_command_free(command);
}

/* Days of a hundred calls in each hour, of which one fails. */
static void put_past(struct scene *scene)
{
    static struct rollup_cell cells[DAYS * 24];

    for (int64_t i = 0; i < DAYS * 24; i++)
        cells[i] = cell_of(NOW - (i + 1) * HOUR - 50, 100, 1, 800);
    put(scene, cells, DAYS * 24);
}

/* Two calls in each minute; of those from a minute on, as many fail. */
static void put_hour(struct scene *scene, int64_t from, int64_t failing, uint64_t errors,
                     uint64_t ms)
{
    static struct rollup_cell cells[HOUR];

    for (int64_t i = 0; i < HOUR; i++)
        cells[i] =
            cell_of(from + i, 2, from + i >= failing ? errors : 0, from + i >= failing ? ms : 800);
    put(scene, cells, HOUR);
}

static void look(struct scene *scene, int64_t minute)
{
    anomalies_look(scene->anomalies, minute * 60000 + 1000);
}

static struct store_command *notes(struct scene *scene)
{
    struct store_command *command = store_command_new(STORE_NOTE_LIST);

    store_wait(scene->fixture.store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    return command;
}

static bool has_told(const struct scene *scene, const char *what)
{
    struct text line = buffer_text(&scene->told);

    if (text_find(line, text_of(what)) < line.len)
        return true;
    print_message("'%s' is not in %.*s\n", what, TEXT_ARG(line));
    return false;
}

static void open_scene(struct scene *scene)
{
    *scene = (struct scene){.sink = open("/dev/null", O_WRONLY)};
    fixture_open(&scene->fixture);
    scene->log = log_open(scene->sink, 65536);
    scene->observer = (struct log_observer){is_note, keep_line, scene};
    log_observe(scene->log, &scene->observer);
    scene->anomalies = anomalies_new(scene->fixture.store, scene->log);
}

static void close_scene(struct scene *scene)
{
    anomalies_free(scene->anomalies);
    fixture_close(&scene->fixture);
    log_close(scene->log);
    close(scene->sink);
    buffer_release(&scene->told);
}

TEST(an_endpoint_that_fails_is_noted_with_what_is_usual_and_since_when)
{
    struct store_command *list;
    struct scene scene;

    open_scene(&scene);
    put_past(&scene);
    put_hour(&scene, NOW, NOW + 40, 2, 800);
    look(&scene, NOW + 55);
    EXPECT_EQ(scene.told_count, 0); /* it may have been a moment */
    look(&scene, NOW + 60);
    EXPECT_EQ(scene.told_count, 1);
    EXPECT(has_told(&scene, "\"level\":\"warn\",\"event\":\"note\",\"msg\":\"an endpoint is not as "
                            "usual\",\"note\":\"note_"));
    EXPECT(has_told(&scene, "\"endpoint\":\"summarize\",\"kind\":\"error_rate\""));
    EXPECT(has_told(&scene, "33.3 % of 120 calls in an hour failed, usually 1.0 %"));
    EXPECT(
        has_told(&scene, "\"look\":\"pinion logs list --status 5xx --endpoint summarize --from "));
    list = notes(&scene);
    EXPECT_EQ(list->note_count, 1);
    EXPECT_TEXT(list->notes[0].endpoint, "summarize");
    EXPECT_EQ(list->notes[0].since_ms, (NOW + INT64_C(40)) * 60000);
    EXPECT_EQ(list->notes[0].usual, 10000);
    EXPECT_EQ(list->notes[0].over_ms, 0);
    store_command_free(list);
    look(&scene, NOW + 61);
    EXPECT_EQ(scene.told_count, 1); /* once */
    close_scene(&scene);
}

TEST(what_is_noted_goes_on_after_a_restart_until_it_is_over)
{
    struct store_command *list;
    struct scene scene;

    open_scene(&scene);
    put_past(&scene);
    put_hour(&scene, NOW, NOW + 40, 2, 800);
    look(&scene, NOW + 55);
    look(&scene, NOW + 60);
    anomalies_free(scene.anomalies);
    scene.anomalies = anomalies_new(scene.fixture.store, scene.log);
    put_hour(&scene, NOW + 60, INT64_MAX, 0, 800);
    look(&scene, NOW + 65);
    look(&scene, NOW + 70);
    EXPECT_EQ(scene.told_count, 1);
    for (int64_t minute = 118; minute <= 120; minute++)
        look(&scene, NOW + minute);
    EXPECT_EQ(scene.told_count, 2);
    EXPECT(has_told(&scene,
                    "\"level\":\"info\",\"event\":\"note\",\"msg\":\"an endpoint is as usual "
                    "again\""));
    list = notes(&scene);
    EXPECT_EQ(list->note_count, 1);
    EXPECT_EQ(list->notes[0].over_ms, (NOW + INT64_C(120)) * 60000 + 1000);
    store_command_free(list);
    close_scene(&scene);
}

TEST(one_that_is_slow_is_noted_and_one_that_nobody_calls_any_more_is_over)
{
    struct scene scene;

    open_scene(&scene);
    put_past(&scene);
    put_hour(&scene, NOW, NOW + 30, 0, 9000);
    look(&scene, NOW + 55);
    look(&scene, NOW + 60);
    EXPECT_EQ(scene.told_count, 1);
    EXPECT(has_told(&scene, "\"kind\":\"latency\""));
    EXPECT(
        has_told(&scene, " ms is what 95 of 100 of 120 calls in an hour took at most, usually "));
    for (int64_t minute = 200; minute <= 202; minute++)
        look(&scene, NOW + minute);
    EXPECT_EQ(scene.told_count, 2);
    close_scene(&scene);
}

TEST(without_a_past_nothing_is_noted)
{
    struct scene scene;

    open_scene(&scene);
    put_hour(&scene, NOW, NOW, 2, 9000);
    look(&scene, NOW + 55);
    look(&scene, NOW + 60);
    EXPECT_EQ(scene.told_count, 0);
    close_scene(&scene);
}
