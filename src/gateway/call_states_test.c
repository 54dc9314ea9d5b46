#include "gateway/call_states.h"

#include "base/buffer.h"
#include "unit.h"

#include <pthread.h>

static const struct call_owner alice = {TEXT_INIT("tok_a"), TEXT_INIT("chat")};

static struct chat_part call(const char *id, const char *name, const char *state)
{
    return (struct chat_part){.type = CHAT_CALL,
                              .id = text_of(id),
                              .name = text_of(name),
                              .text = TEXT("{}"),
                              .state = text_of(state),
                              .state_of = state != NULL ? "gemini" : NULL};
}

static struct chat_part said(enum chat_part_type type, const char *text, const char *state)
{
    return (struct chat_part){.type = type,
                              .text = text_of(text),
                              .state = text_of(state),
                              .state_of = state != NULL ? "anthropic" : NULL};
}

static struct chat_message user(const char *text)
{
    return (struct chat_message){.role = CHAT_USER, .text = text_of(text)};
}

/* Keeps an answer to the one message "hi". */
static void keep(struct call_states *states, const struct call_owner *owner,
                 const struct chat_part *parts, size_t count, uint64_t now_ms)
{
    const struct chat_message hi = user("hi");

    call_states_keep(states, owner, &hi, 1, parts, count, now_ms);
}

/* The parts of an assistant message after it was told again behind `first`, as a line. */
static struct text told_again(struct call_states *states, const struct call_owner *owner,
                              const char *first, const struct chat_part *parts, size_t count,
                              uint64_t now_ms, struct arena *arena)
{
    static const char *const types[] = {"text", "image", "call", "result", "thought"};
    struct chat_message messages[] = {user(first), {.role = CHAT_ASSISTANT}};
    struct buffer out = buffer_in(arena);

    messages[1].parts = parts;
    messages[1].part_count = count;
    for (size_t i = 0; i < count; i++)
        if (parts[i].type == CHAT_TEXT)
            messages[1].text = parts[i].text;
    call_states_restore(states, owner, messages, 2, arena, now_ms);
    for (size_t i = 0; i < messages[1].part_count; i++) {
        const struct chat_part *part = &messages[1].parts[i];

        buffer_printf(&out, "%s%s %.*s%.*s", i > 0 ? ", " : "", types[part->type],
                      TEXT_ARG(part->id), TEXT_ARG(part->text));
        if (part->state.len > 0)
            buffer_printf(&out, " (%s %.*s)", part->state_of, TEXT_ARG(part->state));
    }
    return buffer_text(&out);
}

TEST(thoughts_and_states_are_put_back_where_they_stood)
{
    struct arena arena = {0};
    struct call_states *states = call_states_new(NULL);
    const struct chat_part answer[] = {
        said(CHAT_REASONING, "hm", "\"sig\""), said(CHAT_TEXT, "Let me ", NULL),
        said(CHAT_TEXT, "look.", "\"t\""),     call("c1", "get", "\"s1\""),
        said(CHAT_REASONING, "oh", NULL),      call("c2", "put", NULL)};
    struct chat_part again[] = {said(CHAT_TEXT, "Let me look.", NULL), call("c1", "get", NULL),
                                call("c2", "put", NULL)};

    keep(states, &alice, answer, 6, 1000);
    EXPECT_TEXT(told_again(states, &alice, "hi", again, 3, 2000, &arena),
                "thought hm (anthropic \"sig\"), text Let me , text look. (anthropic \"t\"), "
                "call c1{} (gemini \"s1\"), thought oh, call c2{}");
    again[1].text = TEXT("{\"a\": 1}"); /* the client's word counts */
    again[0].text = TEXT("Other words.");
    EXPECT_TEXT(told_again(states, &alice, "hi", again, 3, 2000, &arena),
                "thought hm (anthropic \"sig\"), text Other words., "
                "call c1{\"a\": 1} (gemini \"s1\"), thought oh, call c2{}");
    EXPECT_TEXT(told_again(states, &alice, "hi", again + 1, 1, 2000, &arena),
                "thought hm (anthropic \"sig\"), call c1{\"a\": 1} (gemini \"s1\"), thought oh");
    call_states_free(states);
    arena_release(&arena);
}

TEST(nothing_is_put_back_for_another_token_endpoint_conversation_or_call)
{
    static const struct call_owner others[] = {{TEXT_INIT("tok_b"), TEXT_INIT("chat")},
                                               {TEXT_INIT("tok_a"), TEXT_INIT("chat2")},
                                               {TEXT_INIT("tok_ac"), TEXT_INIT("hat")}};
    struct arena arena = {0};
    struct call_states *states = call_states_new(NULL);
    const struct chat_part answer[] = {call("c1", "get", "\"s\"")};
    const struct chat_part again[] = {call("c1", "get", NULL)}, other[] = {call("c2", "get", NULL)};
    const struct chat_part renamed[] = {call("c1", "put", NULL)};

    keep(states, &alice, answer, 1, 0);
    for (size_t i = 0; i < 3; i++)
        EXPECT_TEXT(told_again(states, &others[i], "hi", again, 1, 0, &arena), "call c1{}");
    EXPECT_TEXT(told_again(states, &alice, "ho", again, 1, 0, &arena), "call c1{}");
    EXPECT_TEXT(told_again(states, &alice, "hi", other, 1, 0, &arena), "call c2{}");
    EXPECT_TEXT(told_again(states, &alice, "hi", renamed, 1, 0, &arena), "call c1{}");
    EXPECT_TEXT(told_again(states, &alice, "hi", again, 1, 0, &arena), "call c1{} (gemini \"s\")");
    call_states_free(states);
    arena_release(&arena);
}

TEST(each_message_of_a_long_turn_finds_its_own)
{
    struct arena arena = {0};
    struct call_states *states = call_states_new(NULL);
    const struct chat_part first[] = {call("call_0", "get", "\"one\"")};
    const struct chat_part second[] = {call("call_0", "get", "\"two\"")};
    const struct chat_part told[] = {call("call_0", "get", NULL)};
    const struct chat_part result[] = {
        {.type = CHAT_RESULT, .id = TEXT_INIT("call_0"), .text = TEXT_INIT("7")}};
    struct chat_message talk[5] = {
        user("hi"),
        {.role = CHAT_ASSISTANT, .parts = told, .part_count = 1},
        {.role = CHAT_TOOL, .parts = result, .part_count = 1},
        {.role = CHAT_ASSISTANT, .parts = told, .part_count = 1},
        {.role = CHAT_TOOL, .parts = result, .part_count = 1},
    };

    call_states_keep(states, &alice, talk, 1, first, 1, 0);
    call_states_restore(states, &alice, talk, 3, &arena, 0); /* as it is sent to the provider ... */
    call_states_keep(states, &alice, talk, 3, second, 1, 0);
    talk[1].parts = told; /* ... and told again by the client */
    call_states_restore(states, &alice, talk, 5, &arena, 0);
    EXPECT_TEXT(talk[1].parts[0].state, "\"one\"");
    EXPECT_TEXT(talk[3].parts[0].state, "\"two\"");
    call_states_free(states);
    arena_release(&arena);
}

TEST(answers_without_anything_to_keep_are_not_kept)
{
    struct call_states *states = call_states_new(NULL);
    const struct chat_part no_state[] = {said(CHAT_TEXT, "x", NULL), call("c", "get", NULL)};
    const struct chat_part no_call[] = {said(CHAT_REASONING, "hm", "\"s\"")};

    keep(states, &alice, no_state, 2, 0);
    keep(states, &alice, no_call, 1, 0);
    keep(states, &alice, NULL, 0, 0);
    EXPECT_EQ(call_states_count(states), 0);
    call_states_free(states);
}

TEST(an_hour_after_its_last_use_an_answer_is_forgotten)
{
    struct arena arena = {0};
    struct call_states *states = call_states_new(NULL);
    const struct chat_part answer[] = {call("c", "get", "\"s\"")},
                           again[] = {call("c", "get", NULL)};
    const uint64_t hour_ms = 3600000;

    keep(states, &alice, answer, 1, 0);
    EXPECT_TEXT(told_again(states, &alice, "hi", again, 1, hour_ms - 1, &arena),
                "call c{} (gemini \"s\")");
    EXPECT_TEXT(told_again(states, &alice, "hi", again, 1, 2 * hour_ms - 2, &arena),
                "call c{} (gemini \"s\")");
    EXPECT_TEXT(told_again(states, &alice, "hi", again, 1, 3 * hour_ms - 2, &arena), "call c{}");
    EXPECT_EQ(call_states_count(states), 0);
    call_states_free(states);
    arena_release(&arena);
}

TEST(the_answer_unused_longest_makes_room)
{
    struct arena arena = {0};
    struct call_states *states = call_states_new(&(struct call_states_limits){.entries = 2});
    const struct chat_part a[] = {call("a", "get", "\"s\"")}, b[] = {call("b", "get", "\"s\"")};
    const struct chat_part c[] = {call("c", "get", "\"s\"")};

    keep(states, &alice, a, 1, 0);
    keep(states, &alice, b, 1, 0);
    keep(states, &alice, b, 1, 0); /* replaces itself */
    told_again(states, &alice, "hi", a, 1, 0, &arena);
    keep(states, &alice, c, 1, 0);
    EXPECT_EQ(call_states_count(states), 2);
    {
        const struct chat_part asked[] = {call("b", "get", NULL)};

        EXPECT_TEXT(told_again(states, &alice, "hi", asked, 1, 0, &arena), "call b{}");
    }
    call_states_free(states);
    arena_release(&arena);
}

TEST(bytes_are_bounded_of_one_answer_and_of_all)
{
    static char long_state[3000];
    struct call_states *states =
        call_states_new(&(struct call_states_limits){.bytes = 10000, .answer_bytes = 4000});
    struct chat_part part = call("0", "get", "\"s\"");
    char id[2] = "0";

    memset(long_state, '1', sizeof long_state);
    part.state = (struct text){long_state, sizeof long_state};
    for (; id[0] < '9'; id[0]++) {
        part.id = text_of(id);
        keep(states, &alice, &part, 1, 0);
        EXPECT(call_states_count(states) <= 3);
    }
    EXPECT_EQ(call_states_count(states), 3);
    part.name = (struct text){long_state, sizeof long_state};
    part.id = TEXT("too long");
    keep(states, &alice, &part, 1, 0);
    EXPECT_EQ(call_states_count(states), 3);
    call_states_free(states);
}

static void *keep_and_restore(void *context)
{
    struct call_states *states = context;
    const struct chat_part answer[] = {said(CHAT_REASONING, "hm", NULL), call("c", "get", "\"s\"")};
    const struct chat_part again[] = {call("c", "get", NULL)};

    for (uint64_t i = 0; i < 500; i++) {
        struct arena arena = {0};
        struct text told;

        keep(states, &alice, answer, 2, i * 10);
        told = told_again(states, &alice, "hi", again, 1, i * 10, &arena);
        EXPECT(told.len == strlen("call c{}") ||
               text_equal(told, TEXT("thought hm, call c{} (gemini \"s\")")));
        arena_release(&arena);
    }
    return NULL;
}

TEST(threads_share_it)
{
    struct call_states *states = call_states_new(&(struct call_states_limits){.ttl_ms = 100});
    pthread_t threads[4];

    for (size_t i = 0; i < 4; i++)
        EXPECT(pthread_create(&threads[i], NULL, keep_and_restore, states) == 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    EXPECT(call_states_count(states) <= 1);
    call_states_free(states);
}
