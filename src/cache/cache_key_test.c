#include "cache/cache_key.h"

#include "document/json_read.h"
#include "unit.h"

static struct {
    struct arena arena;
    struct chat_params params;
    struct cache_question question;
    struct chat_message messages[2];
    struct chat_part parts[2];
    struct chat_tool tool;
    struct document parameters, input;
    struct chat chat;
} on;

static void open_call(void)
{
    memset(&on, 0, sizeof on);
    on.params.json[CHAT_PARAM_TEMPERATURE] = TEXT("0");
    on.question = (struct cache_question){.tenant = TEXT("acme"),
                                          .version = TEXT("v1"),
                                          .provider = TEXT("openai"),
                                          .model = TEXT("m"),
                                          .params = &on.params};
    on.parts[0] = (struct chat_part){.type = CHAT_TEXT, .text = TEXT("what is it?")};
    on.parts[1] = (struct chat_part){
        .type = CHAT_IMAGE, .data = TEXT("AAAA"), .media_type = TEXT("image/png")};
    on.messages[0] = (struct chat_message){.role = CHAT_SYSTEM, .text = TEXT("be brief")};
    on.messages[1] = (struct chat_message){.role = CHAT_USER, .parts = on.parts, .part_count = 2};
    EXPECT(json_read(TEXT("{\"type\":\"object\"}"), NULL, &on.arena, &on.parameters, NULL, NULL));
    on.tool = (struct chat_tool){.name = TEXT("look"), .parameters = &on.parameters};
    on.chat = (struct chat){
        .messages = on.messages, .message_count = 2, .tools = &on.tool, .tool_count = 1};
}

static struct cache_key key(void)
{
    struct cache_key made;

    cache_key_make(&on.question, &on.chat, &on.arena, &made);
    return made;
}

static bool same(struct cache_key a, struct cache_key b)
{
    return cache_key_equal(&a, &b);
}

#define DIFFERS(change)                                                                            \
    do {                                                                                           \
        struct cache_key before_change;                                                            \
        open_call();                                                                               \
        before_change = key();                                                                     \
        change;                                                                                    \
        EXPECT(!same(before_change, key()));                                                       \
        arena_release(&on.arena);                                                                  \
    } while (0)

TEST(the_same_call_has_the_same_key)
{
    struct cache_key first;

    open_call();
    first = key();
    arena_release(&on.arena);
    open_call();
    EXPECT(same(first, key()));
    arena_release(&on.arena);
}

TEST(whose_answer_it_may_be_makes_a_difference)
{
    DIFFERS(on.question.tenant = TEXT("other"));
    DIFFERS(on.question.token_id = TEXT("tok_1"));
    DIFFERS(on.question.version = TEXT("v2"));
    DIFFERS(on.question.provider = TEXT("mistral"));
    DIFFERS(on.question.model = TEXT("n"));
    DIFFERS(on.question.streamed = true);
    DIFFERS(on.params.json[CHAT_PARAM_SEED] = TEXT("0"));
    DIFFERS(on.params.json[CHAT_PARAM_TEMPERATURE] = TEXT("1"));
}

TEST(everything_that_a_provider_is_told_makes_a_difference)
{
    DIFFERS(on.messages[0].text = TEXT("be long"));
    DIFFERS(on.messages[0].role = CHAT_USER);
    DIFFERS(on.chat.message_count = 1);
    DIFFERS(on.parts[0].text = TEXT("what is that?"));
    DIFFERS(on.parts[1].data = TEXT("AAAB"));
    DIFFERS(on.parts[1].media_type = TEXT("image/gif"));
    DIFFERS(on.parts[1].detail = TEXT("low"));
    DIFFERS(on.messages[1].part_count = 1);
    DIFFERS(on.tool.name = TEXT("see"));
    DIFFERS(on.tool.description = TEXT("looks"));
    DIFFERS(on.tool.strict = true);
    DIFFERS(on.tool.parameters = NULL);
    DIFFERS(on.chat.tool_count = 0);
    DIFFERS(on.chat.choice = CHAT_CHOICE_REQUIRED);
    DIFFERS(on.chat.choice_name = TEXT("look"));
    DIFFERS(on.chat.one_call = true);
}

TEST(what_is_wanted_of_vectors_makes_a_difference)
{
    DIFFERS(on.chat.embeds = true);
    DIFFERS(on.chat.embeds = true; before_change = key(); on.chat.dimensions = 256);
    DIFFERS(on.chat.embeds = true; before_change = key(); on.chat.token_texts = true);
}

TEST(texts_are_not_taken_for_their_neighbours)
{
    DIFFERS((on.question.tenant = TEXT("acm"), on.question.token_id = TEXT("e")));
    DIFFERS((on.question.provider = TEXT("open"), on.question.model = TEXT("aim")));
}

TEST(a_document_counts_as_such_only_where_it_is_the_whole_text)
{
    struct cache_key first;

    open_call();
    EXPECT(json_read(TEXT("{\"a\":1,\"b\":2}"), NULL, &on.arena, &on.input, NULL, NULL));
    on.question.document = &on.input;
    on.question.written = on.parts[0].text = TEXT("{\"a\":1,\"b\":2}");
    first = key();
    EXPECT(json_read(TEXT("{\"b\":2, \"a\":1}"), NULL, &on.arena, &on.input, NULL, NULL));
    on.question.written = on.parts[0].text = TEXT("{\"b\":2,\"a\":1}");
    EXPECT(same(first, key()));
    EXPECT(json_read(TEXT("{\"b\":1, \"a\":1}"), NULL, &on.arena, &on.input, NULL, NULL));
    EXPECT(!same(first, key()));
    on.parts[0].text = TEXT("{\"a\":1,\"b\":2}"); /* a text that is merely alike */
    EXPECT(!same(first, key()));
    arena_release(&on.arena);
}
