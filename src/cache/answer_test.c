#include "cache/answer.h"

#include "unit.h"

static const char *known_dialect(struct text name)
{
    return text_equal(name, TEXT("openai")) ? "openai" : NULL;
}

static const struct chat_part parts[] = {
    {.type = CHAT_REASONING,
     .text = TEXT_INIT("hm"),
     .state = TEXT_INIT("{\"s\":1}"),
     .state_of = "openai"},
    {.type = CHAT_TEXT, .text = TEXT_INIT("At "), .state = TEXT_INIT("1"), .state_of = "elsewhere"},
    {.type = CHAT_TEXT, .text = TEXT_INIT("nine.")},
    {.type = CHAT_CALL,
     .text = TEXT_INIT("{}"),
     .id = TEXT_INIT("call_1"),
     .name = TEXT_INIT("look")},
};
static const struct chat_answer whole = {
    .id = TEXT_INIT("x"),
    .model = TEXT_INIT("gpt"),
    .content = TEXT_INIT("At nine."),
    .parts = parts,
    .part_count = 4,
    .finish = CHAT_FINISH_TOOL_CALLS,
    .usage = {.prompt_tokens = 9, .reported = true},
};

TEST(an_answer_comes_back_as_it_was_without_what_it_used)
{
    struct arena arena = {0};
    struct buffer bytes = buffer_in(&arena);
    struct chat_answer got;

    answer_write(&bytes, &whole);
    EXPECT(answer_read(buffer_text(&bytes), known_dialect, &arena, &got));
    EXPECT_TEXT(got.model, "gpt");
    EXPECT_TEXT(got.content, "At nine.");
    EXPECT_EQ(got.finish, CHAT_FINISH_TOOL_CALLS);
    EXPECT_EQ(got.part_count, 4);
    EXPECT_TEXT(got.parts[0].text, "hm");
    EXPECT_TEXT(got.parts[0].state, "{\"s\":1}");
    EXPECT_STR(got.parts[0].state_of, "openai");
    EXPECT_TEXT(got.parts[3].id, "call_1");
    EXPECT_TEXT(got.parts[3].name, "look");
    EXPECT_TEXT(got.parts[3].text, "{}");
    EXPECT_EQ(got.usage.prompt_tokens, 0);
    EXPECT_EQ(got.id.len, 0);
    arena_release(&arena);
}

TEST(vectors_come_back_as_they_were)
{
    static const float first[] = {0.25F, -0.5F, 3e-9F}, second[] = {1, 2, -0.0F};
    static const float *const vectors[] = {first, second};
    const struct chat_answer embedded = {
        .model = TEXT("m"), .vectors = vectors, .vector_count = 2, .dimensions = 3};
    struct arena arena = {0};
    struct buffer bytes = buffer_in(&arena);
    struct chat_answer got;

    answer_write(&bytes, &embedded);
    EXPECT(answer_read(buffer_text(&bytes), known_dialect, &arena, &got));
    EXPECT_TEXT(got.model, "m");
    EXPECT_EQ(got.vector_count, 2);
    EXPECT_EQ(got.dimensions, 3);
    for (size_t i = 0; i < 2; i++)
        EXPECT_EQ(memcmp(got.vectors[i], vectors[i], sizeof first), 0);
    for (size_t len = 0; len < bytes.len; len++)
        EXPECT(!answer_read(text_first(buffer_text(&bytes), len), known_dialect, &arena, &got));
    buffer_put_byte(&bytes, 0);
    EXPECT(!answer_read(buffer_text(&bytes), known_dialect, &arena, &got));
    arena_release(&arena);
}

TEST(numbers_that_are_none_are_no_vectors)
{
    static const char bytes[] = "\2\0\0\0\0\1\0\0\0\1\0\0\0\0\0\300\177", /* NaN */
        none[] = "\2\0\0\0\0\0\0\0\0\377\377\377\377";
    struct arena arena = {0};
    struct chat_answer got;

    EXPECT(!answer_read((struct text){bytes, sizeof bytes - 1}, known_dialect, &arena, &got));
    EXPECT(!answer_read((struct text){none, sizeof none - 1}, known_dialect, &arena, &got));
    arena_release(&arena);
}

TEST(a_state_whose_dialect_is_not_known_is_left_out)
{
    struct arena arena = {0};
    struct buffer bytes = buffer_in(&arena);
    struct chat_answer got;

    answer_write(&bytes, &whole);
    EXPECT(answer_read(buffer_text(&bytes), known_dialect, &arena, &got));
    EXPECT_EQ(got.parts[1].state.len, 0);
    EXPECT(got.parts[1].state_of == NULL);
    arena_release(&arena);
}

TEST(an_answer_without_parts_has_none_again)
{
    const struct chat_answer plain = {
        .content = TEXT("hi"), .refusal = TEXT("no"), .finish = CHAT_FINISH_STOP};
    struct arena arena = {0};
    struct buffer bytes = buffer_in(&arena);
    struct chat_answer got;

    answer_write(&bytes, &plain);
    EXPECT(answer_read(buffer_text(&bytes), known_dialect, &arena, &got));
    EXPECT(got.parts == NULL);
    EXPECT_TEXT(got.content, "hi");
    EXPECT_TEXT(got.refusal, "no");
    arena_release(&arena);
}

TEST(an_answer_that_ended_at_a_stop_sequence_has_it_again)
{
    const struct chat_answer stopped = {
        .content = TEXT("hi"), .stop = TEXT("END"), .finish = CHAT_FINISH_STOP};
    struct arena arena = {0};
    struct buffer bytes = buffer_in(&arena);
    struct chat_answer got;

    answer_write(&bytes, &stopped);
    EXPECT(answer_read(buffer_text(&bytes), known_dialect, &arena, &got));
    EXPECT_TEXT(got.content, "hi");
    EXPECT_TEXT(got.stop, "END");
    arena_release(&arena);
}

TEST(what_was_cut_lengthened_or_is_of_another_form_is_no_answer)
{
    struct arena arena = {0};
    struct buffer bytes = buffer_in(&arena);
    struct chat_answer got;

    answer_write(&bytes, &whole);
    for (size_t len = 0; len < bytes.len; len++)
        EXPECT(!answer_read(text_first(buffer_text(&bytes), len), known_dialect, &arena, &got));
    buffer_put_byte(&bytes, 0);
    EXPECT(!answer_read(buffer_text(&bytes), known_dialect, &arena, &got));
    bytes.len--;
    bytes.at[0] = 99;
    EXPECT(!answer_read(buffer_text(&bytes), known_dialect, &arena, &got));
    arena_release(&arena);
}

TEST(steps_follow_one_another)
{
    const struct chat_event events[] = {
        {.type = CHAT_EVENT_START, .model = TEXT("gpt")},
        {.type = CHAT_EVENT_TEXT, .text = TEXT("At ")},
        {.type = CHAT_EVENT_USAGE},
        {.type = CHAT_EVENT_CALL, .call = 1, .id = TEXT("call_1"), .name = TEXT("look")},
        {.type = CHAT_EVENT_ARGUMENTS, .call = 1, .text = TEXT("{}")},
    };
    struct arena arena = {0};
    struct buffer bytes = buffer_in(&arena);
    struct chat_event got;
    struct text rest;

    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        step_write(&bytes, &events[i]);
    rest = buffer_text(&bytes);
    EXPECT(step_read(&rest, &got) && got.type == CHAT_EVENT_START);
    EXPECT_TEXT(got.model, "gpt");
    EXPECT(step_read(&rest, &got) && got.type == CHAT_EVENT_TEXT);
    EXPECT_TEXT(got.text, "At ");
    EXPECT(step_read(&rest, &got) && got.type == CHAT_EVENT_CALL && got.call == 1);
    EXPECT_TEXT(got.id, "call_1");
    EXPECT_TEXT(got.name, "look");
    EXPECT_EQ(step_bytes(text_first(rest, rest.len - 1)), 0);
    EXPECT(step_read(&rest, &got) && got.type == CHAT_EVENT_ARGUMENTS);
    EXPECT_TEXT(got.text, "{}");
    EXPECT(!step_read(&rest, &got) && rest.len == 0);
    arena_release(&arena);
}
