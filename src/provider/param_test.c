#include "unit.h"

#include "provider/param.h"

static struct chat with(enum chat_param param, const char *json)
{
    struct chat chat = {0};

    chat.params.json[param] = text_of(json);
    return chat;
}

TEST(numbers_are_read_however_they_are_written)
{
    static const struct {
        const char *json;
        bool set;
        double value;
    } rows[] = {
        {"0.25", true, 0.25}, {"1", true, 1}, {"1e0", true, 1}, {"", false, 0}, {"\"1\"", false, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena = {0};
        struct chat chat = with(CHAT_PARAM_TEMPERATURE, rows[i].json);
        double value = 0;

        EXPECT_EQ(param_number(&chat, CHAT_PARAM_TEMPERATURE, &arena, &value), rows[i].set);
        EXPECT(value == rows[i].value);
        arena_release(&arena);
    }
}

TEST(a_word_is_read_without_its_quotes)
{
    struct arena arena = {0};
    struct chat chat = with(CHAT_PARAM_REASONING_EFFORT, "\"low\"");

    EXPECT_TEXT(param_word(&chat, CHAT_PARAM_REASONING_EFFORT, &arena), "low");
    EXPECT_EQ(param_word(&(struct chat){0}, CHAT_PARAM_REASONING_EFFORT, &arena).len, 0);
    arena_release(&arena);
}

TEST(stops_are_a_list_whether_one_was_written_or_several)
{
    static const struct {
        const char *json, *all, *visible;
    } rows[] = {
        {"\"END\"", "[\"END\"]", "[\"END\"]"},
        {"[\"a\", \"\\n\", \"\\u0022\"]", "[\"a\",\"\\n\",\"\\\"\"]", "[\"a\",\"\\\"\"]"},
        {"[\" \"]", "[\" \"]", ""},
        {"", "", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena = {0};
        struct chat chat = with(CHAT_PARAM_STOP, rows[i].json);

        EXPECT_TEXT(param_stops(&chat, true, &arena), rows[i].all);
        EXPECT_TEXT(param_stops(&chat, false, &arena), rows[i].visible);
        arena_release(&arena);
    }
}
