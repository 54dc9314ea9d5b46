#include "session/turns.h"

#include "together.h"

#include <stdatomic.h>

static const struct session_key mine = {TEXT_INIT("ses_1"), TEXT_INIT("chat"), TEXT_INIT("tok_1")};

/* Who was told that its turn has come, one character each. */
static struct scene {
    struct turns *turns;
    struct loop *loop;
    char told[16];
} on;

struct asker {
    char name;
    struct turn *turn;
    bool waits;
};

static void begin(void *context)
{
    on.told[strlen(on.told)] = ((struct asker *)context)->name;
}

static void open_scene(void)
{
    on = (struct scene){turns_new(), loop_open(), ""};
    EXPECT(on.loop != NULL);
}

static void close_scene(void)
{
    loop_dispatch(on.loop);
    EXPECT_EQ(turns_count(on.turns), 0);
    loop_close(on.loop);
    turns_free(on.turns);
}

static struct asker enter(char name, const struct session_key *session, size_t most)
{
    struct asker asker = {.name = name};

    asker.turn = turn_enter(on.turns, session, most, &(struct turn_asker){on.loop, begin, NULL},
                            &asker.waits);
    return asker;
}

/* An asker that may be told. */
static void enter_at(struct asker *asker, char name)
{
    asker->name = name;
    asker->turn =
        turn_enter(on.turns, &mine, 8, &(struct turn_asker){on.loop, begin, asker}, &asker->waits);
    EXPECT(asker->turn != NULL);
}

TEST(the_first_turn_begins_at_once_and_the_others_in_the_order_in_which_they_came)
{
    struct asker askers[4];

    open_scene();
    for (int i = 0; i < 4; i++)
        enter_at(&askers[i], (char)('a' + i));
    EXPECT(!askers[0].waits && askers[1].waits && askers[3].waits);
    loop_dispatch(on.loop);
    EXPECT_STR(on.told, "");
    for (int i = 0; i < 4; i++) {
        turn_leave(askers[i].turn);
        loop_dispatch(on.loop);
        EXPECT_EQ(strlen(on.told), i < 3 ? i + 1 : 3);
    }
    EXPECT_STR(on.told, "bcd");
    close_scene();
}

TEST(one_that_gives_up_waiting_is_passed_over)
{
    struct asker askers[4];

    open_scene();
    for (int i = 0; i < 4; i++)
        enter_at(&askers[i], (char)('a' + i));
    turn_leave(askers[1].turn);
    turn_leave(askers[3].turn); /* the end of the line */
    enter_at(&askers[3], 'e');
    turn_leave(askers[0].turn);
    loop_dispatch(on.loop);
    turn_leave(askers[2].turn);
    loop_dispatch(on.loop);
    EXPECT_STR(on.told, "ce");
    turn_leave(askers[3].turn);
    close_scene();
}

TEST(one_that_leaves_while_it_is_being_told_is_not_told_and_the_next_is)
{
    struct asker askers[3];

    open_scene();
    for (int i = 0; i < 3; i++)
        enter_at(&askers[i], (char)('a' + i));
    turn_leave(askers[0].turn);
    turn_leave(askers[1].turn);
    loop_dispatch(on.loop);
    EXPECT_STR(on.told, "c");
    turn_leave(askers[2].turn);
    close_scene();
}

TEST(only_so_many_wait)
{
    struct asker first, second, third, fourth;

    open_scene();
    first = enter('a', &mine, 0);
    EXPECT(first.turn != NULL && !first.waits);
    EXPECT(enter('b', &mine, 0).turn == NULL);
    second = enter('b', &mine, 2);
    third = enter('c', &mine, 2);
    EXPECT(second.turn != NULL && third.turn != NULL);
    EXPECT(enter('d', &mine, 2).turn == NULL);
    turn_leave(third.turn);
    fourth = enter('d', &mine, 2);
    EXPECT(fourth.turn != NULL && fourth.waits);
    turn_leave(fourth.turn);
    turn_leave(second.turn);
    turn_leave(first.turn);
    first = enter('a', &mine, 0);
    EXPECT(first.turn != NULL && !first.waits);
    turn_leave(first.turn);
    turn_leave(NULL);
    close_scene();
}

TEST(what_another_token_or_endpoint_calls_by_the_same_id_is_in_nobodys_way)
{
    static const struct session_key others[] = {
        {TEXT_INIT("ses_1"), TEXT_INIT("chat"), TEXT_INIT("tok_2")},
        {TEXT_INIT("ses_1"), TEXT_INIT("chat2"), TEXT_INIT("tok_1")},
        {TEXT_INIT("ses_2"), TEXT_INIT("chat"), TEXT_INIT("tok_1")},
        {TEXT_INIT("2ses_1"), TEXT_INIT("chat"), TEXT_INIT("tok_1")},
    };
    struct asker first, other[4];

    open_scene();
    first = enter('a', &mine, 0);
    for (size_t i = 0; i < 4; i++) {
        other[i] = enter('b', &others[i], 0);
        EXPECT(other[i].turn != NULL && !other[i].waits);
    }
    EXPECT_EQ(turns_count(on.turns), 5);
    for (size_t i = 0; i < 4; i++)
        turn_leave(other[i].turn);
    turn_leave(first.turn);
    close_scene();
}

/* --- threads -------------------------------------------------------------------------------------
 */

enum { THREADS = 4, TURNS = 400, SESSIONS = 3 };

struct crowd {
    pthread_barrier_t start;
    struct turns *turns;
    _Atomic int inside[SESSIONS], done, given_up;
};

/* One thread's asker, which takes turn after turn. */
struct visitor {
    struct crowd *crowd;
    struct loop *loop;
    struct turn *turn;
    int session;
    bool waits, begun;
};

static void visit(void *context)
{
    ((struct visitor *)context)->begun = true;
}

static void *take_turns(void *shared)
{
    static const char *const ids[SESSIONS] = {"ses_a", "ses_b", "ses_c"};
    struct crowd *crowd = shared;
    struct visitor visitor = {.crowd = crowd, .loop = loop_open()};
    const struct turn_asker asker = {visitor.loop, visit, &visitor};

    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < TURNS; i++) {
        struct session_key key = mine;

        visitor.session = i % SESSIONS;
        visitor.begun = false;
        key.id = text_of(ids[visitor.session]);
        visitor.turn = turn_enter(crowd->turns, &key, THREADS, &asker, &visitor.waits);
        assert_non_null(visitor.turn);
        if (visitor.waits && i % 7 == 0) { /* told or not: it does not wait to hear */
            turn_leave(visitor.turn);
            atomic_fetch_add(&crowd->given_up, 1);
            continue;
        }
        while (visitor.waits && !visitor.begun)
            loop_turn(visitor.loop, 1000);
        assert_int_equal(atomic_fetch_add(&crowd->inside[visitor.session], 1), 0);
        atomic_fetch_add(&crowd->done, 1);
        assert_int_equal(atomic_fetch_sub(&crowd->inside[visitor.session], 1), 1);
        turn_leave(visitor.turn);
    }
    loop_dispatch(visitor.loop);
    loop_close(visitor.loop);
    return NULL;
}

TEST(of_all_threads_one_is_inside_and_everybody_comes_in)
{
    struct crowd crowd = {.turns = turns_new()};

    run_together(THREADS, &crowd.start, take_turns, &crowd);
    EXPECT_EQ(crowd.done + crowd.given_up, THREADS * TURNS);
    EXPECT_EQ(turns_count(crowd.turns), 0);
    turns_free(crowd.turns);
}
