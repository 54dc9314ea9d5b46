#include "gateway/canaries.h"

#include "store/store_fixture.h"

#include <pthread.h>

#include "unit.h"

static const struct route_rule rule = {.name = TEXT_INIT("new"), .watch = 1};
static const struct canary_rule watched = {
    .watch = {.refusals = true, .refused_most = 0.05, .min_calls = 10, .window_ms = 600000},
    .digest = {7}};
static const struct endpoint endpoint = {.slug = TEXT_INIT("sum"),
                                         .rules = {.items = &rule, .count = 1},
                                         .canaries = &watched,
                                         .canary_count = 1};
static const struct config config = {
    .endpoints = &endpoint, .endpoint_count = 1, .canary_count = 1};

struct scene {
    struct fixture fixture;
    struct canaries *canaries;
    struct canary_table table;
};

static void open_canaries(struct scene *scene)
{
    scene->canaries = canaries_new(scene->fixture.store, NULL);
    canaries_load(scene->canaries);
    canary_table_init(&scene->table, scene->canaries, &config);
}

static void open_scene(struct scene *scene)
{
    fixture_open(&scene->fixture);
    open_canaries(scene);
}

/* The store answers what it was asked before it closes. */
static void restart(struct scene *scene)
{
    canary_table_release(&scene->table);
    store_close(scene->fixture.store);
    canaries_free(scene->canaries);
    fixture_reopen(&scene->fixture, (size_t)256 << 20);
    open_canaries(scene);
}

static void close_scene(struct scene *scene)
{
    canary_table_release(&scene->table);
    fixture_close(&scene->fixture);
    canaries_free(scene->canaries);
}

static enum canary_why note(struct scene *scene, enum watch_side side, bool refused)
{
    const struct watch_call call = {.refused = refused, .cost_nano = 5};

    return canary_note(scene->table.items[0], &watched.watch, side, &call, 1000, 2000);
}

static struct canary_sight look(struct scene *scene)
{
    struct canary_sight sight;

    canary_look(scene->table.items[0], &watched.watch, 1000, &sight);
    return sight;
}

enum { THREADS = 4, CALLS = 500 };

static void *call_often(void *scene)
{
    for (int i = 0; i < CALLS; i++) {
        EXPECT_EQ(note(scene, WATCH_TAKEN, i % 50 == 0), CANARY_FINE);
        EXPECT_EQ(note(scene, WATCH_REST, false), CANARY_FINE);
    }
    return NULL;
}

TEST(no_call_is_lost_whichever_thread_it_was_answered_in)
{
    struct scene scene;
    struct canary_sight sight;
    pthread_t threads[THREADS];

    open_scene(&scene);
    for (int i = 0; i < 200; i++)
        note(&scene, WATCH_TAKEN, false); /* so that the first refusals are few */
    for (int i = 0; i < THREADS; i++)
        EXPECT_EQ(pthread_create(&threads[i], NULL, call_often, &scene), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    sight = look(&scene);
    EXPECT(!sight.off);
    EXPECT_EQ(sight.counts[WATCH_TAKEN].calls, THREADS * CALLS + 200);
    EXPECT_EQ(sight.counts[WATCH_TAKEN].refused, THREADS * CALLS / 50);
    EXPECT_EQ(sight.counts[WATCH_REST].calls, THREADS * CALLS);
    close_scene(&scene);
}

TEST(a_rule_trips_once_and_stays_off_until_it_is_armed_again)
{
    const struct audit_event act = {.action = AUDIT_CANARY_REARM, .object = TEXT("sum/new")};
    struct error err = {0};
    struct scene scene;
    bool changed;

    open_scene(&scene);
    for (int i = 0; i < 9; i++)
        EXPECT_EQ(note(&scene, WATCH_TAKEN, true), CANARY_FINE);
    EXPECT(!canary_is_off(scene.table.items[0]));
    EXPECT_EQ(note(&scene, WATCH_TAKEN, true), CANARY_REFUSED);
    EXPECT(canary_is_off(scene.table.items[0]));
    EXPECT_EQ(note(&scene, WATCH_TAKEN, true), CANARY_FINE); /* it was under way: no second time */
    restart(&scene);
    EXPECT(canary_is_off(scene.table.items[0]));
    EXPECT_EQ(look(&scene).record.taken.refused, 10);
    EXPECT_EQ(look(&scene).record.off_ms, 2000);
    EXPECT(look(&scene).saved);
    EXPECT(canary_rearm(scene.table.items[0], &act, &changed, &err) && changed);
    EXPECT(!canary_is_off(scene.table.items[0]));
    EXPECT_EQ(look(&scene).counts[WATCH_TAKEN].calls, 0);
    EXPECT(canary_rearm(scene.table.items[0], &act, &changed, &err) && !changed);
    restart(&scene);
    EXPECT(!canary_is_off(scene.table.items[0]));
    close_scene(&scene);
}

TEST(what_is_off_is_known_when_its_configuration_comes_again)
{
    struct scene scene;

    open_scene(&scene);
    for (int i = 0; i < 10; i++)
        note(&scene, WATCH_TAKEN, true);
    canary_table_release(&scene.table);
    canary_table_init(&scene.table, scene.canaries, &config);
    EXPECT(canary_is_off(scene.table.items[0]));
    close_scene(&scene);
}
