#include "store/store_fixture.h"

#include "unit.h"

static struct webhook_record event_of(struct arena *arena, const char *webhook, unsigned number,
                                      int64_t at_ms)
{
    return (struct webhook_record){.state = WEBHOOK_WAITING,
                                   .webhook = text_of(webhook),
                                   .at_ms = at_ms,
                                   .id = arena_printf(arena, "evt_%026u", number),
                                   .type = TEXT("budget"),
                                   .created_ms = at_ms,
                                   .since_ms = at_ms,
                                   .body = TEXT("{\"id\":1}")};
}

/* How many there was no place for. */
static uint64_t put(struct fixture *fixture, const char *webhook, unsigned number, int64_t at_ms)
{
    struct store_command *command = store_command_new(STORE_WEBHOOK_PUT);
    struct webhook_record *webhooks = ARENA_ARRAY(&command->arena, struct webhook_record, 1);
    uint64_t dropped;

    webhooks[0] = event_of(&command->arena, webhook, number, at_ms);
    command->webhooks = webhooks;
    command->webhook_count = 1;
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    dropped = command->purged;
    store_command_free(command);
    return dropped;
}

static struct store_command *next(struct fixture *fixture, const char *webhook)
{
    struct store_command *command = store_command_new(STORE_WEBHOOK_NEXT);

    command->webhook.webhook = text_of(webhook);
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    return command;
}

static void expect_next(struct fixture *fixture, const char *webhook, const char *id)
{
    struct store_command *command = next(fixture, webhook);

    if (id == NULL)
        EXPECT_EQ(command->webhook_count, 0);
    else
        EXPECT_TEXT(command->webhooks[0].id, id);
    store_command_free(command);
}

/* What became of the one that is next. */
static void settle(struct fixture *fixture, const char *webhook, enum webhook_act act,
                   int64_t now_ms)
{
    struct store_command *found = next(fixture, webhook);
    struct store_command *command = store_command_new(STORE_WEBHOOK_SETTLE);

    command->webhook = found->webhooks[0];
    command->webhook.tries++;
    command->webhook.status = 503;
    command->webhook.reason = TEXT("status 503");
    command->webhook_act = act;
    command->now_ms = now_ms;
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    store_command_free(command);
    store_command_free(found);
}

static uint64_t count(struct fixture *fixture, enum webhook_state state, const char *webhook)
{
    struct store_command *command = store_command_new(STORE_WEBHOOK_COUNT);
    struct store_census census;
    uint64_t found;

    command->webhook.state = state;
    command->webhook.webhook = text_of(webhook);
    store_wait(fixture->store, command);
    found = command->entries;
    store_command_free(command);
    EXPECT(store_verify_lmdb(fixture->store, &census, NULL));
    return found;
}

static uint64_t act_on_dead(struct fixture *fixture, enum store_kind kind, const char *webhook,
                            struct text id, int64_t now_ms)
{
    struct store_command *command = store_command_new(kind);
    uint64_t changed;

    command->webhook.webhook = text_of(webhook);
    command->webhook.id = id;
    command->now_ms = now_ms;
    store_wait(fixture->store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    EXPECT(!command->more);
    changed = command->purged;
    store_command_free(command);
    return changed;
}

TEST(each_receiver_has_a_queue_of_its_own_in_the_order_of_when_they_are_due)
{
    struct fixture fixture;

    fixture_open(&fixture);
    expect_next(&fixture, "ops", NULL);
    put(&fixture, "ops", 1, 500);
    put(&fixture, "ops", 2, 300);
    put(&fixture, "op", 3, 100);
    put(&fixture, "opsy", 4, 100);
    store_close(fixture.store);
    fixture_reopen(&fixture, (size_t)256 << 20);
    expect_next(&fixture, "ops", "evt_00000000000000000000000002");
    expect_next(&fixture, "op", "evt_00000000000000000000000003");
    settle(&fixture, "ops", WEBHOOK_AGAIN, 900);
    expect_next(&fixture, "ops", "evt_00000000000000000000000001");
    settle(&fixture, "ops", WEBHOOK_DELIVERED, 0);
    expect_next(&fixture, "ops", "evt_00000000000000000000000002");
    EXPECT_EQ(count(&fixture, WEBHOOK_WAITING, ""), 3);
    EXPECT_EQ(count(&fixture, WEBHOOK_WAITING, "ops"), 1);
    fixture_close(&fixture);
}

TEST(one_that_is_given_up_is_kept_and_can_be_sent_again_as_if_it_were_new)
{
    struct fixture fixture;
    struct store_command *command;

    fixture_open(&fixture);
    put(&fixture, "ops", 1, 100);
    put(&fixture, "ops", 2, 200);
    settle(&fixture, "ops", WEBHOOK_GIVEN_UP, 5000);
    settle(&fixture, "ops", WEBHOOK_GIVEN_UP, 6000);
    expect_next(&fixture, "ops", NULL);
    EXPECT_EQ(count(&fixture, WEBHOOK_DEAD, ""), 2);
    EXPECT_EQ(act_on_dead(&fixture, STORE_WEBHOOK_RETRY, "other", (struct text){0}, 7000), 0);
    EXPECT_EQ(act_on_dead(&fixture, STORE_WEBHOOK_RETRY, "", TEXT("evt_00000000000000000000000002"),
                          7000),
              1);
    command = next(&fixture, "ops");
    EXPECT_TEXT(command->webhooks[0].id, "evt_00000000000000000000000002");
    EXPECT(command->webhooks[0].at_ms == 7000 && command->webhooks[0].since_ms == 7000);
    EXPECT(command->webhooks[0].created_ms == 200 && command->webhooks[0].tries == 0);
    EXPECT_TEXT(command->webhooks[0].reason, "status 503");
    store_command_free(command);
    EXPECT_EQ(act_on_dead(&fixture, STORE_WEBHOOK_FORGET, "ops", (struct text){0}, 7000), 1);
    EXPECT_EQ(count(&fixture, WEBHOOK_DEAD, ""), 0);
    EXPECT_EQ(count(&fixture, WEBHOOK_WAITING, ""), 1);
    fixture_close(&fixture);
}

TEST(an_attempt_at_one_that_has_gone_meanwhile_changes_nothing)
{
    struct fixture fixture;
    struct store_command *found, *command = store_command_new(STORE_WEBHOOK_SETTLE);

    fixture_open(&fixture);
    put(&fixture, "ops", 1, 100);
    found = next(&fixture, "ops");
    settle(&fixture, "ops", WEBHOOK_DELIVERED, 0);
    command->webhook = found->webhooks[0];
    command->webhook_act = WEBHOOK_AGAIN;
    EXPECT_EQ(fixture_run(&fixture, command), ERROR_NONE);
    store_command_free(found);
    EXPECT_EQ(count(&fixture, WEBHOOK_WAITING, ""), 0);
    fixture_close(&fixture);
}

TEST(a_receiver_that_takes_nothing_fills_no_store)
{
    struct fixture fixture;

    fixture_open(&fixture);
    for (unsigned i = 0; i < WEBHOOK_WAITING_MAX; i++)
        EXPECT_EQ(put(&fixture, "ops", i, 100 + i), 0);
    EXPECT_EQ(put(&fixture, "ops", WEBHOOK_WAITING_MAX, 1), 1);
    EXPECT_EQ(put(&fixture, "other", 1, 1), 0);
    EXPECT_EQ(count(&fixture, WEBHOOK_WAITING, "ops"), WEBHOOK_WAITING_MAX);
    for (unsigned i = 0; i < 300; i++)
        settle(&fixture, "ops", WEBHOOK_GIVEN_UP, 10000 + i);
    EXPECT_EQ(count(&fixture, WEBHOOK_DEAD, "ops"), 300);
    fixture_close(&fixture);
}

TEST(dead_ones_are_listed_in_pages_and_old_ones_go)
{
    struct fixture fixture;
    struct text after = {0};
    struct arena arena = {0};
    size_t seen = 0;
    bool more = true;

    fixture_open(&fixture);
    for (unsigned i = 0; i < 25; i++) {
        put(&fixture, i % 2 ? "a" : "b", i, 100 + i);
        settle(&fixture, i % 2 ? "a" : "b", WEBHOOK_GIVEN_UP, 500 + i);
    }
    while (more) {
        struct store_command *command = store_command_new(STORE_WEBHOOK_LIST);

        command->webhook.state = WEBHOOK_DEAD;
        command->most = 10;
        command->after = arena_copy(&command->arena, after);
        store_wait(fixture.store, command);
        EXPECT(command->webhook_count == 10 || !command->more);
        for (size_t i = 0; i < command->webhook_count; i++)
            EXPECT_TEXT(command->webhooks[i].webhook, seen++ < 12 ? "a" : "b");
        after = arena_copy(&arena, command->last);
        more = command->more;
        store_command_free(command);
    }
    EXPECT_EQ(seen, 25);
    EXPECT_EQ(
        act_on_dead(&fixture, STORE_WEBHOOK_PURGE, "", (struct text){0}, WEBHOOK_KEPT_MS + 510),
        10);
    EXPECT_EQ(count(&fixture, WEBHOOK_DEAD, ""), 15);
    arena_release(&arena);
    fixture_close(&fixture);
}
