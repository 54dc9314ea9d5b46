#include "cache/answers.h"

#include "cache/answer.h"
#include "together.h"

enum { ROOM = 1 << 20, ANY = 0 };

static const struct cache_key one = {"one"}, other = {"other"};
static struct {
    struct answers *answers;
    struct loop *loop;
} on;

struct asker {
    struct seat *seat;
    enum answers_verdict verdict;
    struct kept_answer *kept;
    unsigned told;
};

static void note(void *context)
{
    ((struct asker *)context)->told++;
}

static void open_scene(void)
{
    on.answers = answers_new(ROOM);
    on.loop = loop_open();
    EXPECT(on.loop != NULL);
}

static void close_scene(void)
{
    loop_dispatch(on.loop);
    EXPECT_EQ(answers_stats(on.answers).flights, 0);
    answers_free(on.answers);
    loop_close(on.loop);
}

static void ask_as(struct asker *asker, const struct cache_key *key, bool live)
{
    *asker = (struct asker){0};
    asker->verdict =
        answers_ask(on.answers, key, 0, ANY, &(struct seat_asker){on.loop, note, asker, live},
                    &asker->kept, &asker->seat);
}

static void ask(struct asker *asker)
{
    ask_as(asker, &one, false);
}

static void leave(struct asker *asker)
{
    answers_leave(on.answers, asker->seat);
    kept_answer_release(asker->kept);
    *asker = (struct asker){0};
}

static struct kept_answer *new_answer(const struct cache_key *key)
{
    return kept_answer_new(&(struct kept_answer){
        .key = *key, .expires_ms = 1000, .endpoint = TEXT("e"), .bytes = TEXT("seven")});
}

static bool land(struct asker *leader, bool kept)
{
    struct kept_answer *answer = new_answer(&one);

    kept = answers_land(on.answers, leader->seat, answer, 1, kept, 0);
    kept_answer_release(answer);
    return kept;
}

static void crash(struct asker *leader, enum flight_error whose)
{
    struct error error = {0};

    error_set(&error, ERROR_UPSTREAM_FAILED, NULL, "broken");
    answers_fail(on.answers, leader->seat, &error, whose, TEXT("more"));
}

static enum seat_state state_of(struct asker *asker)
{
    struct seat_view view;

    seat_look(asker->seat, &view);
    return view.state;
}

static void say(struct asker *leader, const char *text)
{
    struct buffer step = {0};

    step_write(&step, &(struct chat_event){.type = CHAT_EVENT_TEXT, .text = text_of(text)});
    seat_say(leader->seat, 2, buffer_text(&step));
    buffer_release(&step);
}

static void expect_heard(struct asker *asker, size_t most, const char *expected)
{
    struct buffer steps = {0}, heard = {0};
    struct chat_event event;
    struct text rest;

    seat_read(asker->seat, most, &steps);
    rest = buffer_text(&steps);
    while (step_read(&rest, &event))
        buffer_put(&heard, event.text);
    EXPECT_EQ(rest.len, 0);
    EXPECT_TEXT(buffer_text(&heard), expected);
    buffer_release(&steps);
    buffer_release(&heard);
}

TEST(of_those_who_ask_the_same_one_leads_and_the_others_get_its_answer)
{
    struct asker a, b, c, late, stranger;
    struct seat_view view;

    open_scene();
    ask(&a), ask(&b), ask(&c);
    ask_as(&stranger, &other, false);
    EXPECT_EQ(a.verdict, ANSWERS_LEADS);
    EXPECT_EQ(b.verdict, ANSWERS_JOINED);
    EXPECT_EQ(c.verdict, ANSWERS_JOINED);
    EXPECT_EQ(stranger.verdict, ANSWERS_LEADS);
    EXPECT_EQ(seat_others(a.seat), 2);
    EXPECT_EQ(answers_stats(on.answers).flights, 2);
    EXPECT_EQ(answers_stats(on.answers).waiting, 2);
    EXPECT_EQ(state_of(&b), SEAT_WAITS);
    EXPECT(land(&a, true));
    loop_dispatch(on.loop);
    EXPECT_EQ(b.told, 1);
    seat_look(b.seat, &view);
    EXPECT_EQ(view.state, SEAT_ANSWERED);
    EXPECT_EQ(view.place, 1);
    EXPECT_TEXT(view.answer->bytes, "seven");
    ask(&late);
    EXPECT_EQ(late.verdict, ANSWERS_KEPT);
    EXPECT_TEXT(late.kept->bytes, "seven");
    leave(&late), leave(&a), leave(&b), leave(&c), leave(&stranger);
    close_scene();
}

TEST(an_answer_that_is_not_kept_is_still_everybodys_who_waits)
{
    struct asker a, b, late;

    open_scene();
    ask(&a), ask(&b);
    EXPECT(!land(&a, false));
    EXPECT_EQ(state_of(&b), SEAT_ANSWERED);
    ask(&late);
    EXPECT_EQ(late.verdict, ANSWERS_LEADS);
    leave(&a), leave(&b), leave(&late);
    close_scene();
}

TEST(when_a_leader_fails_one_takes_over_and_the_others_go_on_waiting)
{
    struct asker a, b, c;

    open_scene();
    ask(&a), ask(&b), ask(&c);
    crash(&a, FLIGHT_OWN);
    leave(&a);
    loop_dispatch(on.loop);
    EXPECT_EQ(state_of(&b), SEAT_LEADS);
    EXPECT_EQ(state_of(&c), SEAT_WAITS);
    EXPECT_EQ(b.told, 1);
    EXPECT_EQ(c.told, 0);
    EXPECT(land(&b, true));
    EXPECT_EQ(state_of(&c), SEAT_ANSWERED);
    leave(&b), leave(&c);
    close_scene();
}

TEST(what_two_providers_calls_in_a_row_fail_with_is_told_to_all)
{
    struct asker a, b, c, d;
    struct seat_view view;

    open_scene();
    ask(&a), ask(&b), ask(&c), ask(&d);
    crash(&a, FLIGHT_PROVIDER), leave(&a);
    EXPECT_EQ(state_of(&b), SEAT_LEADS);
    crash(&b, FLIGHT_PROVIDER), leave(&b);
    seat_look(c.seat, &view);
    EXPECT_EQ(view.state, SEAT_FAILED);
    EXPECT_STR(view.error->message, "broken");
    EXPECT_TEXT(view.details, "more");
    EXPECT_EQ(state_of(&d), SEAT_FAILED);
    ask(&a);
    EXPECT_EQ(a.verdict, ANSWERS_LEADS);
    leave(&a), leave(&c), leave(&d);
    close_scene();
}

TEST(what_would_fail_again_is_told_to_all_at_once)
{
    struct asker a, b, c;

    open_scene();
    ask(&a), ask(&b), ask(&c);
    crash(&a, FLIGHT_ALL);
    EXPECT_EQ(state_of(&b), SEAT_FAILED);
    EXPECT_EQ(state_of(&c), SEAT_FAILED);
    leave(&a), leave(&b), leave(&c);
    close_scene();
}

TEST(a_leader_that_leaves_without_a_word_is_followed_by_the_next)
{
    struct asker a, b, c;

    open_scene();
    ask(&a), ask(&b), ask(&c);
    leave(&a);
    EXPECT_EQ(state_of(&b), SEAT_LEADS);
    leave(&b); /* told, and gone before it arrives */
    EXPECT_EQ(state_of(&c), SEAT_LEADS);
    leave(&c);
    ask(&a);
    EXPECT_EQ(a.verdict, ANSWERS_LEADS);
    leave(&a);
    close_scene();
}

TEST(who_listens_hears_every_step_from_the_first_on_at_its_own_pace)
{
    struct asker a, early, late;
    struct seat_view view;

    open_scene();
    ask(&a);
    ask_as(&early, &one, true);
    say(&a, "At "), say(&a, "nine");
    loop_dispatch(on.loop);
    EXPECT_EQ(early.told, 1);
    expect_heard(&early, 1, "At ");
    ask_as(&late, &one, true);
    loop_dispatch(on.loop);
    EXPECT_EQ(late.told, 1);
    say(&a, ".");
    expect_heard(&late, 1000, "At nine.");
    expect_heard(&early, 1000, "nine.");
    seat_look(early.seat, &view);
    EXPECT_EQ(view.unread, 0);
    EXPECT_EQ(view.place, 2);
    land(&a, true);
    EXPECT_EQ(state_of(&early), SEAT_ANSWERED);
    leave(&a), leave(&early), leave(&late);
    close_scene();
}

TEST(who_has_heard_a_beginning_fails_with_it_and_the_others_begin_anew)
{
    struct asker a, heard, waits;
    struct seat_view view;

    open_scene();
    ask(&a);
    ask_as(&heard, &one, true);
    ask_as(&waits, &one, true);
    say(&a, "At ");
    expect_heard(&heard, 1000, "At ");
    crash(&a, FLIGHT_PROVIDER);
    seat_look(heard.seat, &view);
    EXPECT_EQ(view.state, SEAT_FAILED);
    EXPECT_STR(view.error->message, "broken");
    EXPECT_EQ(state_of(&waits), SEAT_LEADS);
    expect_heard(&waits, 1000, "");
    say(&waits, "By ");
    expect_heard(&heard, 1000, "");
    land(&waits, true);
    EXPECT_EQ(state_of(&heard), SEAT_FAILED);
    leave(&a), leave(&heard), leave(&waits);
    close_scene();
}

TEST(a_leader_is_told_when_somebody_comes_and_when_somebody_goes)
{
    struct asker a, b;

    open_scene();
    ask(&a), ask(&b);
    loop_dispatch(on.loop);
    EXPECT_EQ(a.told, 1);
    leave(&b);
    loop_dispatch(on.loop);
    EXPECT_EQ(a.told, 2);
    EXPECT_EQ(seat_others(a.seat), 0);
    leave(&a);
    close_scene();
}

TEST(nothing_that_was_begun_before_a_purge_is_kept_after_it)
{
    struct asker a, b;
    struct kept_answer *answer = new_answer(&other);
    uint64_t purges;

    open_scene();
    purges = answers_purges(on.answers);
    ask(&a);
    EXPECT_EQ(answers_purge(on.answers, TEXT(""), TEXT("")), 0);
    EXPECT(!land(&a, true));
    EXPECT(!answers_keep(on.answers, answer, purges, 0));
    ask(&b);
    EXPECT_EQ(b.verdict, ANSWERS_LEADS);
    EXPECT(land(&b, true));
    EXPECT(answers_keep(on.answers, answer, purges + 1, 0));
    EXPECT_EQ(answers_stats(on.answers).entries, 2);
    EXPECT_EQ(answers_purge(on.answers, TEXT("e"), TEXT("")), 2);
    leave(&a), leave(&b);
    kept_answer_release(answer);
    close_scene();
}

TEST(who_comes_when_enough_wait_makes_the_call_for_itself)
{
    enum { WAITING_MAX = 4096 };
    static struct asker all[WAITING_MAX];
    struct asker one_more;

    open_scene();
    for (size_t i = 0; i < WAITING_MAX; i++)
        ask(&all[i]);
    EXPECT_EQ(all[WAITING_MAX - 1].verdict, ANSWERS_JOINED);
    ask(&one_more);
    EXPECT_EQ(one_more.verdict, ANSWERS_CROWDED);
    for (size_t i = WAITING_MAX; i-- > 0;)
        leave(&all[i]);
    close_scene();
}

/* --- many threads
 * --------------------------------------------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 300 };

static struct {
    struct answers *answers;
    _Atomic unsigned calls, answered;
} many;

struct listener {
    struct loop *loop;
    struct seat *seat;
    bool done;
};

static void hear(void *context)
{
    struct listener *me = context;
    struct seat_view view;

    seat_look(me->seat, &view);
    me->done = view.state != SEAT_WAITS;
}

static void lead(struct seat *seat, const struct cache_key *key, unsigned round)
{
    struct kept_answer *answer = new_answer(key);
    struct error error = {.code = ERROR_UPSTREAM_FAILED};

    atomic_fetch_add(&many.calls, 1);
    for (int i = 0; i < 10; i++) {
        struct buffer step = {0};

        step_write(&step, &(struct chat_event){.type = CHAT_EVENT_TEXT, .text = TEXT("word ")});
        seat_say(seat, 0, buffer_text(&step));
        buffer_release(&step);
    }
    if (round % 7 == 0)
        answers_fail(many.answers, seat, &error, FLIGHT_OWN, TEXT(""));
    else
        answers_land(many.answers, seat, answer, 0, round % 3 == 0, 0);
    kept_answer_release(answer);
}

static void call_once(struct listener *me, unsigned round)
{
    const struct cache_key key = {{(unsigned char)(round / 16), 1}};
    struct kept_answer *kept;
    struct seat_view view = {0};
    struct buffer steps = {0};
    enum answers_verdict verdict =
        answers_ask(many.answers, &key, 0, 0,
                    &(struct seat_asker){me->loop, hear, me, round % 2 == 0}, &kept, &me->seat);

    me->done = verdict != ANSWERS_JOINED;
    while (!me->done)
        loop_turn(me->loop, 100);
    if (verdict == ANSWERS_KEPT) {
        kept_answer_release(kept);
        atomic_fetch_add(&many.answered, 1);
        return;
    }
    seat_look(me->seat, &view);
    if (view.state == SEAT_LEADS)
        lead(me->seat, &key, round);
    seat_read(me->seat, 1000, &steps);
    buffer_release(&steps);
    answers_leave(many.answers, me->seat);
    atomic_fetch_add(&many.answered, 1);
}

static void *call_often(void *start)
{
    struct listener me = {.loop = loop_open()};

    EXPECT(me.loop != NULL);
    pthread_barrier_wait(start);
    for (unsigned round = 0; round < ROUNDS; round++)
        call_once(&me, round);
    loop_dispatch(me.loop);
    loop_close(me.loop);
    return NULL;
}

TEST(threads_that_ask_the_same_all_get_an_end)
{
    pthread_barrier_t start;

    many.answers = answers_new(ROOM);
    run_together(THREADS, &start, call_often, &start);
    EXPECT_EQ(many.answered, THREADS * ROUNDS);
    EXPECT(many.calls <= THREADS * ROUNDS);
    EXPECT_EQ(answers_stats(many.answers).flights, 0);
    answers_free(many.answers);
}
