#include "unit.h"

#include "chat/gather.h"
#include "demo/demo.h"
#include "document/json_read.h"
#include "provider/dialect.h"
#include "provider/openai.h"
#include "provider/sse.h"

static struct arena arena;

static struct chat chat_of(const struct chat_message *messages, size_t count)
{
    return (struct chat){.model = TEXT_INIT("demo"), .messages = messages, .message_count = count};
}

static struct text whole(const struct chat *chat)
{
    const struct text *pieces;
    size_t count;

    demo_reply(chat, &arena, &pieces, &count);
    EXPECT_EQ(count, 1);
    return pieces[0];
}

static struct chat_answer answer_to(const struct chat *chat)
{
    struct chat_answer answer;
    struct failure failure = {0};

    if (!dialect_demo.answer(whole(chat), &arena, &answer, &failure))
        fail_msg("%s", failure.error.message);
    return answer;
}

TEST(a_free_answer_is_marked_and_quotes_the_caller)
{
    const struct chat_message messages[] = {
        {.role = CHAT_SYSTEM, .text = TEXT_INIT("Secret prompt.")},
        {.role = CHAT_USER, .text = TEXT_INIT("Template: One. Two. Three.")}};
    struct chat chat = chat_of(messages, 2);
    struct chat_answer answer;

    chat.caller_text = TEXT("One. Two. Three.");
    answer = answer_to(&chat);
    EXPECT_TEXT(answer.content, "[demo answer, no model] One. Two.");
    EXPECT_TEXT(answer.model, "demo (no model: extractive answers)");
    EXPECT(text_starts(answer.id, TEXT("chatcmpl-demo-")));
    EXPECT_EQ(answer.finish, CHAT_FINISH_STOP);
    EXPECT(answer.usage.reported);
    EXPECT_EQ(answer.usage.prompt_tokens,
              chat_estimate_tokens(messages[0].text) + chat_estimate_tokens(messages[1].text));
    EXPECT_EQ(answer.usage.completion_tokens, chat_estimate_tokens(answer.content));
    arena_release(&arena);
}

TEST(a_tool_is_called_when_it_must_be_and_only_then)
{
    static const struct chat_message messages[] = {{.role = CHAT_USER, .text = TEXT_INIT("Rain?")}};
    struct document schema;
    struct chat_tool tools[] = {{.name = TEXT_INIT("now")},
                                {.name = TEXT_INIT("get"), .parameters_at = 0}};
    struct chat chat = chat_of(messages, 1);
    struct chat_answer answer;

    EXPECT(json_read(TEXT("{\"type\": \"object\", \"properties\": {\"n\": {\"const\": 7}}, "
                          "\"required\": [\"n\"]}"),
                     NULL, &arena, &schema, NULL, NULL));
    tools[1].parameters = &schema;
    chat.tools = tools;
    chat.tool_count = 2;
    chat.choice = CHAT_CHOICE_AUTO;
    EXPECT_EQ(answer_to(&chat).finish, CHAT_FINISH_STOP);
    chat.choice = CHAT_CHOICE_REQUIRED;
    answer = answer_to(&chat);
    EXPECT_EQ(answer.finish, CHAT_FINISH_TOOL_CALLS);
    EXPECT_EQ(answer.part_count, 1);
    EXPECT_TEXT(answer.parts[0].name, "now");
    EXPECT_TEXT(answer.parts[0].text, "{}");
    chat.choice = CHAT_CHOICE_NAMED;
    chat.choice_name = TEXT("get");
    answer = answer_to(&chat);
    EXPECT_TEXT(answer.parts[0].name, "get");
    EXPECT_TEXT(answer.parts[0].text, "{\"n\":7}");
    EXPECT(answer.parts[0].id.len > 0);
    arena_release(&arena);
}

TEST(a_conversation_is_counted)
{
    const struct chat_message messages[] = {{.role = CHAT_SYSTEM, .text = TEXT_INIT("S.")},
                                            {.role = CHAT_USER, .text = TEXT_INIT("First.")},
                                            {.role = CHAT_ASSISTANT, .text = TEXT_INIT("Yes.")},
                                            {.role = CHAT_USER, .text = TEXT_INIT("Second.")}};
    struct chat chat = chat_of(messages, 4);

    EXPECT_TEXT(answer_to(&chat).content, "[demo answer, no model] Second. "
                                          "(2 earlier messages in this conversation)");
    arena_release(&arena);
}

TEST(nothing_said_is_answered_too)
{
    struct chat chat = chat_of(NULL, 0);
    struct chat_answer answer = answer_to(&chat);

    EXPECT_TEXT(answer.content, "[demo answer, no model] There was no text to answer.");
    EXPECT(answer.usage.reported);
    arena_release(&arena);
}

TEST(the_same_chat_has_the_same_answer)
{
    const struct chat_message message = {.role = CHAT_USER, .text = TEXT_INIT("One.")};
    const struct chat_message other = {.role = CHAT_USER, .text = TEXT_INIT("Two.")};
    struct chat chat = chat_of(&message, 1), another = chat_of(&other, 1);
    struct text first = whole(&chat);

    EXPECT(text_equal(first, whole(&chat)));
    EXPECT(!text_equal(answer_to(&chat).id, answer_to(&another).id));
    arena_release(&arena);
}

TEST(max_tokens_cuts_a_free_answer_and_says_so)
{
    const struct chat_message message = {.role = CHAT_USER,
                                         .text = TEXT_INIT("A long sentence with many words.")};
    struct chat chat = chat_of(&message, 1);
    struct chat_answer answer;

    chat.params.json[CHAT_PARAM_MAX_TOKENS] = TEXT("7");
    answer = answer_to(&chat);
    EXPECT_TEXT(answer.content, "[demo answer, no model] A lo");
    EXPECT_EQ(answer.finish, CHAT_FINISH_LENGTH);
    EXPECT_EQ(answer.usage.completion_tokens, 7);
    arena_release(&arena);
}

/* Reads a streamed reply: every piece is one event. */
static struct text streamed(struct chat chat, struct chat_usage *last_usage, size_t *out_events)
{
    const struct text *pieces;
    struct chat_gather gather = {.arena = &arena};
    struct openai_stream memory = {0};
    struct framing_reader reader;
    struct chat_answer answer;
    size_t count;

    chat.stream = true;
    demo_reply(&chat, &arena, &pieces, &count);
    framing_init(&reader, FRAMING_SSE, &arena);
    for (size_t i = 0; i < count; i++) {
        struct text piece = pieces[i];
        struct wire_event event;
        struct chat_events steps = {0};
        struct failure failure = {0};
        struct error err = {0};

        EXPECT(framing_next(&reader, &piece, &event, &err));
        EXPECT_EQ(piece.len, 0);
        if (!dialect_demo.event(&memory, &event, &arena, &arena, &steps, &failure))
            fail_msg("%s in %.*s", failure.error.message, TEXT_ARG(event.data));
        for (size_t step = 0; step < steps.count; step++)
            gather_take(&gather, &steps.items[step]);
        EXPECT_EQ(gather.done, i + 1 == count);
    }
    gather_answer(&gather, &answer);
    EXPECT_EQ(answer.finish, CHAT_FINISH_STOP);
    *last_usage = answer.usage;
    *out_events = count;
    return answer.content;
}

TEST(a_stream_has_the_same_content_in_words)
{
    const struct chat_message messages[] = {
        {.role = CHAT_USER,
         .text = TEXT_INIT("Caf\u00E9 \"quoted\" \\ \U0001F600\U0001F600 \u4ECA\u65E5\u306F.")}};
    struct chat chat = chat_of(messages, 1);
    struct chat_answer answer = answer_to(&chat);
    struct chat_usage usage = {0};
    size_t events;

    EXPECT(text_equal(streamed(chat, &usage, &events), answer.content));
    EXPECT_EQ(usage.prompt_tokens, answer.usage.prompt_tokens);
    EXPECT_EQ(usage.completion_tokens, answer.usage.completion_tokens);
    EXPECT_EQ(events, 1 + 9 + 3); /* role; nine words; finish, usage, end */
    arena_release(&arena);
}

TEST(a_long_answer_is_streamed_in_few_pieces)
{
    struct document schema;
    struct chat chat = chat_of(NULL, 0);
    struct chat_usage usage = {0};
    struct text content;
    size_t events;

    EXPECT(json_read(TEXT("{\"type\":\"string\",\"minLength\":60000}"), NULL, &arena, &schema, NULL,
                     NULL));
    chat.output_schema = &schema;
    chat.caller_text =
        TEXT("One sentence. "
             "\u4ECA\u65E5\u306F\u4ECA\u65E5\u306F\u4ECA\u65E5\u306F\u4ECA\u65E5\u306F\u3002");
    content = streamed(chat, &usage, &events);
    EXPECT(content.len > 60000);
    EXPECT(events <= 1010);
    EXPECT(text_equal(content, answer_to(&chat).content));
    arena_release(&arena);
}

TEST(an_output_schema_is_answered_with_json)
{
    struct document schema, output;
    struct chat chat = chat_of(NULL, 0);
    struct chat_answer answer;

    EXPECT(json_read(TEXT("{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\"},"
                          "\"words\":{\"type\":\"integer\"}},\"required\":[\"title\",\"words\"]}"),
                     NULL, &arena, &schema, NULL, NULL));
    chat.output_schema = &schema;
    chat.caller_text = TEXT("The library opens at nine.");
    answer = answer_to(&chat);
    EXPECT_TEXT(answer.content, "{\"title\":\"The library opens at nine\",\"words\":5}");
    EXPECT(json_read(answer.content, NULL, &arena, &output, NULL, NULL));
    arena_release(&arena);
}
